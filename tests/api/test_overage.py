"""Overage: what is billed for a period agrees with the entries, and corrections are on record."""

from typing import Any

from tests.api.conftest import Api, Clock

DECEMBER = {"from": "2026-12-01T00:00:00Z", "to": "2027-01-01T00:00:00Z"}


async def on_demand(api: Api, *ticket_ids: str) -> str:
    """Open tickets of an account without a package; its path."""
    account = await api.make_account()
    for ticket_id in ticket_ids:
        await api.open(account, ticket_id, catalog="agency")
    return account


async def log(api: Api, ticket: str, work_id: str, minutes: int, *, at: str) -> Any:
    body = {"work_id": work_id, "minutes": minutes, "by": "jon", "at": at}
    reply = await api.post(f"{ticket}/work", body)
    assert reply.status_code == 201, reply.text
    return reply.json()


async def test_A5_time_is_reported_by_ticket_for_a_period(api: Api, clock: Clock) -> None:
    account = await on_demand(api, "HD-1", "HD-2")
    clock.move_to("2026-12-31T12:00:00+00:00")
    await log(api, f"{account}/tickets/HD-1", "W-1", 30, at="2026-11-30T12:00:00Z")  # November's
    await log(api, f"{account}/tickets/HD-1", "W-2", 45, at="2026-12-01T00:00:00Z")
    await log(api, f"{account}/tickets/HD-1", "W-3", 15, at="2026-12-20T09:00:00Z")
    await log(api, f"{account}/tickets/HD-2", "W-4", 60, at="2026-12-31T11:00:00Z")
    report = (await api.get(f"{account}/overage", params=DECEMBER)).json()
    assert [(line["ticket_id"], line["minutes"]) for line in report["data"]] == [
        ("HD-1", 60),
        ("HD-2", 60),
    ]
    assert report["total_minutes"] == 120
    assert report["data"][0] | {"minutes": 60} == {
        "ticket_id": "HD-1",
        "subject": "Checkout fails",
        "catalog": "agency",
        "plan": None,
        "on_demand": True,
        "minutes": 60,
        "unit": "minute",
        "amount": 60,
        "worked": 60,
        "rated_minutes": 60,
        "rate": None,
        "price": None,
        "money": None,
    }


async def test_a_correction_is_in_the_report_and_the_old_one_stays_known(
    api: Api, clock: Clock
) -> None:
    account = await on_demand(api, "HD-1")
    clock.move_to("2026-12-10T12:00:00+00:00")
    await log(api, f"{account}/tickets/HD-1", "W-1", 90, at="2026-12-10T09:00:00Z")
    before = (await api.get(f"{account}/overage", params=DECEMBER)).json()
    wrong = {"minutes": 60, "reason": "Lunch", "actor": "mara"}
    await api.post(f"{account}/tickets/HD-1/work/W-1/correction", wrong)
    after = (await api.get(f"{account}/overage", params=DECEMBER)).json()
    assert (before["total_minutes"], after["total_minutes"]) == (90, 60)
    known = DECEMBER | {"sequence": str(before["sequence"])}
    assert (await api.get(f"{account}/overage", params=known)).json() == before
    entries = (await api.get(f"{account}/entries")).json()["data"]
    assert [(each["kind"], each["amount"]) for each in entries] == [
        ("overage", 90),
        ("overage", -30),
    ]
    assert (entries[1]["reason"], entries[1]["actor"]) == ("Lunch", "mara")


async def test_the_rate_that_a_plan_publishes_prices_it(api: Api, clock: Clock) -> None:
    catalog = (await api.get("/v1/catalogs/agency")).json()["document"]
    catalog["plans"]["starter"]["overage_rate"] = {"amount": 9500, "currency": "EUR"}
    published = await api.put("/v1/catalogs/agency", catalog)
    assert published.status_code in (200, 201), published.text
    account = await api.make_account()
    grant = {
        "reference": "g-1",
        "catalog": "agency",
        "plan": "starter",
        "unit": "minute",
        "amount": 60,
        "reason": "Trial",
        "actor": "mara",
    }
    await api.post(f"{account}/grants", grant)
    await api.open(account)
    clock.advance(days=7)
    body = {"work_id": "W-1", "minutes": 30, "by": "jon", "at": "2026-11-24T08:00:00Z"}
    await api.post(f"{account}/tickets/HD-1/work", body)
    body = {"work_id": "W-2", "minutes": 50, "by": "jon"}
    billed = (await api.post(f"{account}/tickets/HD-1/work", body)).json()
    assert billed["overage_minutes"] == 20
    report = (await api.get(f"{account}/overage", params=DECEMBER)).json()
    # 20 minutes at 95.00 an hour are 31.666…: 31.67.
    assert report["data"][0]["rate"] == {"amount": 9500, "currency": "EUR"}
    assert report["data"][0]["money"] == {"amount": 3167, "currency": "EUR"}


async def test_it_is_a_table_too(api: Api, clock: Clock) -> None:
    account = await on_demand(api, "HD-1")
    clock.move_to("2026-12-10T12:00:00+00:00")
    await log(api, f"{account}/tickets/HD-1", "W-1", 90, at="2026-12-10T09:00:00Z")
    table = await api.get(f"{account}/overage", params=DECEMBER, headers={"Accept": "text/csv"})
    assert table.headers["Content-Type"].startswith("text/csv")
    money = "rate_amount,rate_currency,money_amount,money_currency"
    assert table.text.splitlines() == [
        f"ticket_id,subject,catalog,plan,on_demand,minutes,{money},worked,unit,amount,price_amount,price_currency,rated_minutes",
        "HD-1,Checkout fails,agency,,true,90,,,,,90,minute,90,,,90",
    ]


async def test_a_period_has_a_beginning_and_an_end(api: Api) -> None:
    account = await api.make_account()
    assert (await api.get(f"{account}/overage")).status_code == 422
    back = {"from": DECEMBER["to"], "to": DECEMBER["from"]}
    refused = await api.get(f"{account}/overage", params=back)
    assert refused.json()["code"] == "empty_period"
