"""Billed minutes given back: they are billed no more, before anything returns to a plan."""

from typing import Any

import pytest

from app.services.catalog.catalogs import packaged_documents
from tests.api.conftest import Api, Clock
from tests.support.work import hours, log

pytestmark = pytest.mark.usefixtures("ledger_adds_up")

BY = {"reason": "The work was ours to do", "actor": "mara"}


async def use_up(api: Api, clock: Clock) -> str:
    """Work 130 minutes in three weeks on a plan that has 100, and solve it; the account's path."""
    account = await hours(api, 100)
    await api.open(account)
    for number, minutes in enumerate((50, 50, 30)):
        reply = await log(api, account, minutes, f"W-{number}")
        assert reply.status_code == 201, reply.text
        clock.advance(days=7)
    solved = await api.post(f"{account}/tickets/HD-1/resolution", {"outcome": "solved"})
    charge = solved.json()["charge"]
    assert (charge["used"], charge["overage"], charge["status"]) == (100, 30, "overage")
    return account


async def read_billed(api: Api, account: str) -> dict[str, int]:
    period = {"from": "2026-11-24T00:00:00Z", "to": "2027-01-24T00:00:00Z"}
    report = (await api.get(f"{account}/overage", params=period)).json()
    return {each["unit"]: each["amount"] for each in report["data"]}


async def refund(api: Api, account: str, **more: Any) -> Any:
    return await api.post(f"{account}/tickets/HD-1/refund", BY | more)


async def test_a_part_is_first_of_what_is_billed(api: Api, clock: Clock) -> None:
    account = await use_up(api, clock)
    assert await read_billed(api, account) == {"minute": 30}
    part = (await refund(api, account, amount=20)).json()["charge"]
    assert (part["used"], part["overage"], part["status"]) == (100, 10, "overage")
    assert await read_billed(api, account) == {"minute": 10}
    more = (await refund(api, account, amount=40)).json()["charge"]
    assert (more["used"], more["overage"], more["status"]) == (70, 0, "partly_refunded")
    assert await read_billed(api, account) == {}
    too_much = await refund(api, account, amount=71)
    assert (too_much.status_code, too_much.json()["code"]) == (409, "refund_exceeds_charge")


async def test_all_is_what_is_billed_and_what_is_used(api: Api, clock: Clock) -> None:
    account = await use_up(api, clock)
    charge = (await refund(api, account, cause="vendor_defect")).json()["charge"]
    assert (charge["used"], charge["overage"], charge["status"]) == (0, 0, "refunded")
    assert await read_billed(api, account) == {}


async def test_a_dispute_of_what_is_only_billed_is_decided(api: Api, clock: Clock) -> None:
    account = await api.make_account()
    await api.open(account, catalog="agency")
    await log(api, account, 90)
    ticket = f"{account}/tickets/HD-1"
    await api.post(f"{ticket}/resolution", {"outcome": "solved"})
    await api.post(f"{ticket}/dispute", {"reason": "It was an hour"})
    decided = await api.post(f"{ticket}/dispute/decision", BY | {"refund_amount": 30})
    assert decided.status_code == 200, decided.text
    assert decided.json()["charge"]["overage"] == 60
    clock.advance(days=1)
    assert await read_billed(api, account) == {"minute": 60}


@pytest.mark.parametrize("outcome", ["solved", "vendor_defect"])
async def test_time_without_a_plan_is_time_also_where_plans_count_incidents(
    api: Api, clock: Clock, outcome: str
) -> None:
    document = packaged_documents()["livecart"]
    rates = [{"per_hour": {"amount": 18_000, "currency": "EUR"}}]
    policies = document["policies"] | {"without_plan": "on_demand", "rates": rates}
    await api.put("/v1/catalogs/livecart", document | {"policies": policies})
    account = await api.make_account()
    await api.open(account, catalog="livecart")
    await log(api, account, 90)
    await api.post(f"{account}/tickets/HD-1/resolution", {"outcome": outcome})
    if outcome == "solved":
        assert (await refund(api, account, amount=30)).json()["charge"]["overage"] == 60
    clock.advance(days=1)
    billed = {"minute": 60} if outcome == "solved" else {}
    assert await read_billed(api, account) == billed
