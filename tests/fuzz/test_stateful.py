"""The running service against its own document, one request after the other.

What one operation answers is what the next one asks about: Schemathesis finds out of the
document which fields of a reply are whose places in a request.
"""

import time
from typing import Any

from hypothesis import HealthCheck, Phase, settings

from tests.fuzz.requests import CHECKS, KEY, SECONDS, schema

HEADERS = {"Authorization": f"Bearer {KEY}"}


def test_no_reply_of_a_story_is_outside_the_document(service: str) -> None:
    class Story(schema.as_state_machine()):  # type: ignore[misc]
        def get_call_kwargs(self, case: Any) -> dict[str, Any]:  # noqa: ARG002
            return {"base_url": service, "headers": HEADERS}

        def validate_response(self, response: Any, case: Any, **options: Any) -> None:
            case.validate_response(response, checks=CHECKS, transport_kwargs=options)

    assert schema.statistic.transitions.total > 500
    ends_at = time.monotonic() + (SECONDS or 0) / 2
    while True:
        Story.run(
            settings=settings(
                max_examples=10 if SECONDS is None else 50,
                stateful_step_count=12,
                deadline=None,
                derandomize=SECONDS is None,
                database=None,
                phases=[Phase.generate],
                suppress_health_check=list(HealthCheck),
            )
        )
        if time.monotonic() >= ends_at:
            break
