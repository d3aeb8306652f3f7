"""Rollover: a share of a month's hours at most lasts on when it turns, for so long."""

from typing import Any

import pytest

from tests.api.conftest import Api, Clock
from tests.support.other_sellers import FOLDER, TOML

pytestmark = pytest.mark.usefixtures("ledger_adds_up")

FEBRUARY = "2027-02-01T09:00:00-06:00"
MARCH = "2027-03-15T09:00:00-06:00"
APRIL = "2027-04-15T09:00:00-06:00"
HOUR = 60


async def publish(api: Api, carries_over: str) -> None:
    """Publish seller 5 with 40 hours a month that carry over so."""
    text = (FOLDER / "seller-5.toml").read_text()
    head, _, rest = text.partition("[offers.monthly-40]\n")
    text = f"{head}[offers.monthly-40]\ncarries_over = {carries_over}\n{rest}"
    reply = await api.http.put("/v1/catalogs/seller-5", content=text, headers=TOML)
    assert reply.status_code == 201, reply.text


async def begin(api: Api, clock: Clock, months: int | None = 3) -> str:
    """Begin an account's months with February, by one contract; and a ticket to work on."""
    clock.move_to("2027-02-01T00:00:00-06:00")
    account = await api.make_account()
    contract: dict[str, Any] = {} if months is None else {"contract_months": months}
    await api.buy(account, "seller-5.monthly-40", region="central", **contract)
    await api.open(account, "HD-1")
    return account


async def work(api: Api, account: str, work_id: str, hours: int, at: str) -> None:
    body = {"work_id": work_id, "minutes": hours * HOUR, "at": at, "by": "mara"}
    reply = await api.post(f"{account}/tickets/HD-1/work", body)
    assert reply.status_code == 201, reply.text


async def hours_at(api: Api, account: str, at: str) -> float:
    left = await api.units(account, "minute", at=at)
    assert left["granted"] == sum(
        left[part] for part in ("available", "held", "used", "expired", "revoked")
    )
    return float(left["available"] / HOUR)


async def test_40_percent_of_40_hours_for_one_month(api: Api, clock: Clock) -> None:
    await publish(api, '{ share = "2/5", for = "P1M" }')
    account = await begin(api, clock)
    clock.move_to("2027-02-02T16:00:00-06:00")
    await work(api, account, "W-1", 8, "2027-02-02T08:00:00-06:00")
    # 32 hours are left, of which 16 come along to March, besides its own 40; none to April.
    assert await hours_at(api, account, "2027-02-20T00:00:00Z") == 32
    assert await hours_at(api, account, MARCH) == 16 + 40
    assert await hours_at(api, account, APRIL) == 16 + 40  # March's own
    clock.move_to(MARCH)
    assert await hours_at(api, account, MARCH) == 16 + 40
    seen = await hours_at(api, account, "2027-02-20T00:00:00Z")
    assert seen == 32
    # Worked on in March, what came along goes first.
    clock.move_to("2027-03-16T09:00:00-05:00")
    await work(api, account, "W-2", 8, "2027-03-15T08:00:00-05:00")
    assert await hours_at(api, account, "2027-03-20T00:00:00Z") == 8 + 40
    clock.move_to(APRIL)
    assert await hours_at(api, account, APRIL) == 16 + 40


async def test_a_late_correction_in_february(api: Api, clock: Clock) -> None:
    await publish(api, '{ share = "2/5", for = "P1M" }')
    account = await begin(api, clock)
    clock.move_to("2027-02-02T16:00:00-06:00")
    await work(api, account, "W-1", 8, "2027-02-02T08:00:00-06:00")
    clock.move_to(MARCH)
    # Twenty hours from 8:00 on, of which eleven are of the night: 25.5 count.
    for minutes, left in ((20 * HOUR, 14.5), (8 * HOUR, 16)):
        corrected = await api.post(
            f"{account}/tickets/HD-1/work/W-1/correction",
            {"minutes": minutes, "reason": "Counted anew", "actor": "mara"},
        )
        assert corrected.status_code == 200, corrected.text
        assert await hours_at(api, account, MARCH) == left + 40


async def test_work_of_february_that_is_written_down_in_march(api: Api, clock: Clock) -> None:
    await publish(api, '{ share = "2/5", for = "P1M" }')
    account = await begin(api, clock)
    clock.move_to("2027-02-02T16:00:00-06:00")
    await work(api, account, "W-1", 8, "2027-02-02T08:00:00-06:00")
    clock.move_to(MARCH)
    body = {"work_id": "W-2", "minutes": 20 * HOUR, "at": "2027-02-23T03:00:00-06:00"}
    late = await api.post(f"{account}/tickets/HD-1/work", body | {"by": "mara"})
    assert late.json()["minutes"] == 25.5 * HOUR, late.text
    assert await hours_at(api, account, MARCH) == 6.5 + 40


async def test_what_carries_over_is_shown(api: Api) -> None:
    await publish(api, '{ share = "2/5", for = "P1M" }')
    offers = (await api.get("/v1/offers", params={"catalog": "seller-5"})).json()["data"]
    shown = {each["offer"]: each for each in offers}
    assert shown["seller-5.monthly-40"]["carry_over"] == {"share": "2/5", "lasts": "P1M"}
    assert shown["seller-5.monthly-40"]["carries_over"] is True
    assert shown["seller-5.monthly-20"]["carry_over"] is None
    page = await api.get("/v1/catalogs/seller-5/comparison", headers={"Accept": "text/html"})
    assert "40 percent at most carry over, for 1 month" in page.text


async def test_a_renewal_carries_it_on(api: Api, clock: Clock) -> None:
    """Month by month: what February leaves lasts into March where that is bought in time."""
    await publish(api, '{ share = "2/5", for = "P1M" }')
    account = await begin(api, clock, None)
    clock.move_to("2027-02-20T00:00:00-06:00")
    assert await hours_at(api, account, MARCH) == 0
    renewal = f"{account}/purchases/SO-1/renewal"
    body = {"order_id": "SO-2", "payment": {"status": "paid"}}
    dry = await api.post(renewal, body, params={"dry_run": "true"})
    assert dry.status_code == 201
    assert (await api.post(renewal, body)).status_code == 201
    assert await hours_at(api, account, "2027-02-21T00:00:00-06:00") == 40
    assert await hours_at(api, account, MARCH) == 16 + 40
    summary = (await api.get(f"{account}/summary", params={"at": MARCH})).json()
    assert summary["text"] == "Monthly hours until 31 March 2027: 56 of 56 hours left."
    assert await hours_at(api, account, APRIL) == 0
    late = await api.post(f"{account}/purchases/SO-2/renewal", body | {"order_id": "SO-3"})
    assert late.status_code == 201
    assert await hours_at(api, account, APRIL) == 16 + 40


async def test_whole_months_for_two(api: Api, clock: Clock) -> None:
    await publish(api, '{ for = "P2M" }')
    account = await begin(api, clock, 4)
    assert await hours_at(api, account, "2027-02-10T00:00:00Z") == 40
    assert await hours_at(api, account, MARCH) == 80
    assert await hours_at(api, account, APRIL) == 120
    assert await hours_at(api, account, "2027-05-15T00:00:00Z") == 120
    page = await api.get("/v1/catalogs/seller-5/comparison", headers={"Accept": "text/html"})
    assert "Carries over for 2 months" in page.text


async def test_held_units_return_to_where_they_came_from(api: Api, clock: Clock) -> None:
    await publish(api, '{ share = "2/5", for = "P1M" }')
    account = await begin(api, clock)
    await api.open(account, "HD-2", amount=30 * HOUR)
    assert await hours_at(api, account, MARCH) == 10 + 40
    clock.move_to(MARCH)
    withdrawn = await api.post(f"{account}/tickets/HD-2/resolution", {"outcome": "withdrawn"})
    returns = withdrawn.json()["charge"]["returns"]
    assert {each["to"]: each["amount"] for each in returns} == {
        "expired": 24 * HOUR,
        "lot": 6 * HOUR,
    }
    assert await hours_at(api, account, MARCH) == 16 + 40
