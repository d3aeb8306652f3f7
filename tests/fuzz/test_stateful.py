"""The running service against its own document, one request after the other.

What one operation answers is what the next one asks about: Schemathesis finds out of the
document which fields of a reply are whose places in a request.
"""

import time
from contextlib import suppress
from typing import Any

from hypothesis import HealthCheck, Phase, settings
from hypothesis.errors import Flaky
from schemathesis.core.failures import FailureGroup

from tests.fuzz.requests import CHECKS, KEY, SECONDS, schema

HEADERS = {"Authorization": f"Bearer {KEY}"}
STORIES = settings(
    max_examples=10 if SECONDS is None else 50,
    stateful_step_count=12,
    deadline=None,
    derandomize=SECONDS is None,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


def test_no_reply_of_a_story_is_outside_the_document(service: str) -> None:
    found: list[str] = []

    class Story(schema.as_state_machine()):  # type: ignore[misc]
        def get_call_kwargs(self, case: Any) -> dict[str, Any]:  # noqa: ARG002
            return {"base_url": service, "headers": HEADERS}

        def validate_response(self, response: Any, case: Any, **options: Any) -> None:
            try:
                case.validate_response(response, checks=CHECKS, transport_kwargs=options)
            except FailureGroup as failures:
                found.append("\n".join(map(str, failures.exceptions)))
                raise

    assert schema.statistic.transitions.total > 500
    ends_at = time.monotonic() + (SECONDS or 0) / 2
    while not found:
        # The service remembers, so the same requests need not have the same answers again:
        # Hypothesis cannot tell stories twice, and need not.
        with suppress(Flaky, FailureGroup):
            Story.run(settings=STORIES)
        if time.monotonic() >= ends_at:
            break
    assert found == []
