"""The running service against its own document: no 500, and no reply that the document lacks.

Requests are made from `openapi.json`, valid ones and broken ones, with an admin key.
`make test-fuzz` makes more of them.
"""

from typing import Any

from hypothesis import HealthCheck, Phase, settings
from schemathesis import Case

from tests.fuzz.requests import ASKED, CHECKS, KEY, schema


@schema.parametrize()
@settings(
    deadline=None,
    derandomize=ASKED is None,
    database=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
def test_no_reply_is_outside_the_document(case: Case[Any], service: str) -> None:
    case.call_and_validate(
        base_url=service, headers={"Authorization": f"Bearer {KEY}"}, checks=CHECKS
    )
