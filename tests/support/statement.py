"""Helpers of the tests of statement, shared with others."""

from typing import Any

from tests.api.conftest import Api
from tests.support.entries import PARTS


async def read(api: Api, account: str, **asked: Any) -> Any:
    params = {name.rstrip("_"): value for name, value in asked.items()}
    reply = await api.get(f"{account}/statement", params=params)
    assert reply.status_code == 200, reply.text
    return reply.json()


def require_tied(statement: Any) -> None:
    """Opening, and every line of the three parts, is closing; what is held is in progress.

    Of what is unlimited before or after there is no number to compare.
    """
    sums = {unit: dict(totals) for unit, totals in statement["opening"].items()}
    for part in ("modifications", "in_progress", "resolved"):
        for line in statement[part]:
            for name in PARTS:
                if sums[line["unit"]][name] is not None:
                    sums[line["unit"]][name] += line["change"][name]
    for unit, totals in statement["closing"].items():
        for name in ("granted", "available"):
            assert (totals[name] is None) == totals["unlimited"]
        opening = statement["opening"][unit]
        counted = [name for name in PARTS if None not in (opening[name], totals[name])]
        assert {name: sums[unit][name] for name in counted} == {
            name: totals[name] for name in counted
        }
        captured = [line["amount"] for line in statement["in_progress"] if line["unit"] == unit]
        assert totals["held"] == sum(captured)
