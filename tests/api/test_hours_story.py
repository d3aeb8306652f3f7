"""Two stories from empty accounts: an agency's year by the hour, and an urgent incident's chat."""

from typing import Any

import pytest

from tests.api.conftest import Api, Clock

pytestmark = pytest.mark.usefixtures("ledger_adds_up")

MARA = {"actor": "mara"}


async def buy_starter(api: Api) -> tuple[str, str]:
    """Quote Starter for a year at 2,000.00 a month and buy it; the account, the subscription."""
    account = await api.make_account()
    asked = {
        "offer": "agency.starter",
        "contract_months": 12,
        "price": {"amount": 200_000, "currency": "EUR"},
    }
    quote = (await api.post(f"{account}/quotes", asked)).json()
    # 12 × 2,000.00 less 10 percent.
    assert quote["total"] == {"amount": 2_160_000, "currency": "EUR"}
    order = {
        "order_id": "SO-1",
        "quote_id": quote["quote_id"],
        "expected_total": quote["total"],
        "payment": {"status": "paid"},
    }
    bought = await api.post(f"{account}/purchases", order)
    assert bought.status_code == 201, bought.text
    return account, bought.json()["subscription"]["id"]


async def work(api: Api, account: str, work_id: str, minutes: int, **more: Any) -> Any:
    """Log work on HD-1; the reply."""
    body = {"work_id": work_id, "minutes": minutes, "by": "jon"} | more
    return await api.post(f"{account}/tickets/HD-1/work", body)


async def test_A4_A5_A6_A7_a_year_of_starter(api: Api, clock: Clock) -> None:
    # Bought on Tuesday 24 November, 08:00: months turn on the 24th, weeks on Mondays at 00:00.
    account, subscription = await buy_starter(api)
    assert (await api.units(account, "minute"))["upcoming"] == 11 * 2400
    await api.open(account, severity=4)

    # 20 hours in the first week; the 21st is refused until Monday.
    clock.move_to("2026-11-26T18:00:00+00:00")
    assert (await work(api, account, "W-1", 1200, at="2026-11-25T08:00:00Z")).status_code == 201
    refused = (await work(api, account, "W-2", 60)).json()
    assert (refused["code"], refused["resets_at"]) == ("cap_reached", "2026-11-30T00:00:00Z")

    # The shop launches this week: above the cap is billed, as agreed.
    agreed = {
        "reference": "launch",
        "kind": "raise_cap",
        "subscription_id": subscription,
        "until": "2026-11-30T00:00:00Z",
        "reason": "Launch",
    } | MARA
    assert (await api.post(f"{account}/agreements", agreed)).status_code == 201
    billed = (await work(api, account, "W-2", 60, over_cap="bill")).json()
    assert billed["overage_minutes"] == 60

    # The second week takes the month's other 20 hours; the 41st hour is overage.
    clock.move_to("2026-12-02T18:00:00+00:00")
    assert (await work(api, account, "W-3", 1200, at="2026-12-01T08:00:00Z")).status_code == 201
    clock.move_to("2026-12-08T18:00:00+00:00")
    over = (await work(api, account, "W-4", 60, at="2026-12-08T09:00:00Z")).json()
    assert (over["overage_minutes"], over["ticket"]["charge"]["overage"]) == (60, 120)

    # A month's hours end with it: of January's none is used, and all are lost.
    clock.move_to("2027-01-24T08:00:00+00:00")
    units = await api.units(account, "minute")
    assert (units["used"], units["expired"], units["available"]) == (2400, 2400, 2400)

    # Two months are joined: 80 hours at once, and no more than 40 of them in a week.
    joined = {
        "reference": "new-theme",
        "kind": "join_months",
        "subscription_id": subscription,
        "months": 2,
        "reason": "A new theme",
    } | MARA
    assert (await api.post(f"{account}/agreements", joined)).status_code == 201
    assert (await api.units(account, "minute"))["available"] == 4800
    clock.move_to("2027-01-28T18:00:00+00:00")
    assert (await work(api, account, "W-5", 2400, at="2027-01-25T08:00:00Z")).status_code == 201
    refused = (await work(api, account, "W-6", 1)).json()
    assert (refused["code"], refused["limit"]) == ("cap_reached", 2400)
    # The other 40 hours may wait for the second month.
    clock.move_to("2027-03-20T18:00:00+00:00")
    assert (await work(api, account, "W-6", 2400, at="2027-03-18T08:00:00Z")).status_code == 201
    assert (await api.units(account, "minute"))["available"] == 0

    await api.post(f"{account}/tickets/HD-1/resolution", {"outcome": "solved"})
    year = {"from": "2026-11-24T00:00:00Z", "to": "2027-11-24T00:00:00Z"}
    report = (await api.get(f"{account}/overage", params=year)).json()
    assert [(line["ticket_id"], line["minutes"]) for line in report["data"]] == [("HD-1", 120)]


async def test_S4_S7_an_urgent_incident_with_an_hour_of_chat(api: Api, clock: Clock) -> None:
    account = await api.make_account()
    await api.buy(account, "xcart-support.incident-urgent")
    # Friday evening: engineers are in, and answer within two of their hours.
    clock.move_to("2026-11-27T16:00:00+00:00")
    opened = await api.open(account, urgent=True, topic="php-mysql-errors")
    assert opened["deadlines"][0]["due_at"] == "2026-11-27T18:00:00Z"
    ticket = f"{account}/tickets/HD-1"
    saturday = {"session_id": "CHAT-1", "kind": "chat", "starts_at": "2026-11-28T08:00:00Z"}
    refused = await api.post(f"{ticket}/sessions", saturday)
    assert refused.status_code == 409
    monday = refused.json()["alternatives"][0]
    assert monday == "2026-11-30T06:00:00Z"  # 9:00 at GMT+3
    booked = await api.post(f"{ticket}/sessions", saturday | {"starts_at": monday})
    assert booked.status_code == 201
    clock.move_to("2026-11-30T06:00:00+00:00")
    await api.post(f"{ticket}/sessions/CHAT-1/start")
    clock.advance(minutes=61)
    ended = (await api.post(f"{ticket}/sessions/CHAT-1/end")).json()
    assert (ended["minutes"], ended["over_minutes"], ended["ended_by"]) == (60, 1, "limit")
    resolved = (await api.post(f"{ticket}/resolution", {"outcome": "solved"})).json()
    assert (resolved["charge"]["status"], resolved["charge"]["used"]) == ("settled", 1)
    assert (await api.units(account))["available"] == 0
