"""The report of units: what became of them by plan and month, and what is owed yet."""

from typing import Any

from tests.api.conftest import Api, Clock

YEAR = {"from": "2026-11-01T00:00:00+01:00", "to": "2027-12-31T00:00:00+01:00"}


async def report(api: Api, **asked: Any) -> list[dict[str, Any]]:
    reply = await api.get("/v1/reports/usage", params=YEAR | asked)
    assert reply.status_code == 200, reply.text
    rows: list[dict[str, Any]] = reply.json()["rows"]
    return rows


def numbers(row: dict[str, Any]) -> tuple[int, ...]:
    names = ("granted", "used", "returned", "expired", "revoked", "overage", "owed")
    return tuple(row[name] for name in names)


async def test_points_that_were_bought_used_given_back_and_expired(api: Api, clock: Clock) -> None:
    clock.move_to("2026-11-02T10:00:00Z")
    account = await api.make_account()
    await api.buy(account, "xcart-points.300")
    # Level 2 and level 3 are 25 and 40 points; the second turns out to be a bug.
    await api.open(account, "HD-1", category="level-2")
    await api.post(f"{account}/tickets/HD-1/resolution", {"outcome": "solved"})
    clock.move_to("2026-12-10T10:00:00Z")
    await api.open(account, "HD-2", category="level-3")
    await api.post(f"{account}/tickets/HD-2/resolution", {"outcome": "solved"})
    refund = {"amount": 15, "reason": "Too much", "actor": "Ada"}
    assert (await api.post(f"{account}/tickets/HD-2/refund", refund)).status_code == 200
    await api.open(account, "HD-3", category="level-1")  # held: still owed
    clock.move_to("2027-01-15T10:00:00Z")
    (row,) = await report(api)
    assert (row["catalog"], row["plan"], row["unit"]) == ("xcart-points", "points", "point")
    assert numbers(row) == (300, 65, 15, 0, 0, 0, 250)
    november, december, january = await report(api, group_by="month")
    assert [row["month"] for row in (november, december, january)] == [
        "2026-11",
        "2026-12",
        "2027-01",
    ]
    assert numbers(november) == (300, 25, 0, 0, 0, 0, 275)
    assert numbers(december) == (0, 40, 15, 0, 0, 0, 250)
    assert numbers(january) == (0, 0, 0, 0, 0, 0, 250)
    # Points end two years after the day of purchase; what is held then is owed yet. What comes
    # back afterwards has expired, and is granted again for a while.
    clock.move_to("2028-11-10T10:00:00Z")
    later = {"from": "2028-01-01T00:00:00Z", "to": "2029-01-01T00:00:00Z"}
    (row,) = await report(api, **later)
    assert numbers(row) == (0, 0, 0, 240, 0, 0, 10)
    await api.post(f"{account}/tickets/HD-3/resolution", {"outcome": "withdrawn"})
    (row,) = await report(api, **later)
    assert numbers(row) == (10, 0, 0, 250, 0, 0, 10)
    balance = (await api.get(f"{account}/balance")).json()["units"]["point"]
    assert (balance["granted"], balance["used"], balance["expired"]) == (310, 50, 250)
    assert balance["available"] == 10


async def test_months_of_incidents_are_granted_as_they_begin_and_expire_as_they_end(
    api: Api, clock: Clock
) -> None:
    clock.move_to("2026-11-15T10:00:00+01:00")
    account = await api.make_account()
    bought = await api.buy(account, "corporate.gold")
    clock.move_to("2027-01-20T10:00:00+01:00")
    await api.open(account, severity=1)
    rows = await report(api, group_by="plan,month", catalog="corporate")
    assert [(row["plan"], row["month"], *numbers(row)) for row in rows] == [
        ("gold", "2026-11", 4, 0, 0, 0, 0, 0, 4),
        ("gold", "2026-12", 4, 0, 0, 4, 0, 0, 4),
        ("gold", "2027-01", 4, 0, 0, 4, 0, 0, 4),
    ]
    cancelled = await api.post(
        f"{account}/purchases/{bought['order_id']}/cancellation",
        {"refund": "none", "reason": "Not needed any more", "actor": "Ada"},
    )
    assert cancelled.status_code == 200, cancelled.text
    (row,) = await report(api, catalog="corporate")
    balance = (await api.get(f"{account}/balance")).json()["units"]["incident"]
    assert row["granted"] - row["used"] - row["expired"] - row["revoked"] == row["owed"]
    assert row["owed"] == balance["available"] + balance["held"]


async def test_unlimited_units_are_counted_by_their_uses(api: Api, clock: Clock) -> None:
    clock.move_to("2026-11-15T10:00:00+01:00")
    account = await api.make_account()
    await api.buy(account, "livecart.standard-1m")
    await api.open(account, "HD-1", catalog="livecart")
    await api.post(f"{account}/tickets/HD-1/resolution", {"outcome": "solved"})
    (row,) = await report(api)
    assert (row["plan"], row["unlimited"], row["used"]) == ("standard", True, 1)
    assert (row["granted"], row["expired"], row["owed"]) == (None, None, None)


async def test_hours_beyond_the_allowance_are_overage(api: Api, clock: Clock) -> None:
    clock.move_to("2026-11-02T10:00:00+01:00")
    account = await api.make_account()
    quoted = await api.post(
        f"{account}/quotes",
        {
            "offer": "agency.starter",
            "contract_months": 6,
            "price": {"amount": 100_000, "currency": "EUR"},
        },
    )
    assert quoted.status_code == 201, quoted.text
    order = {"quote_id": quoted.json()["quote_id"], "payment": {"status": "paid"}}
    bought = await api.post(f"{account}/purchases", order | {"order_id": "SO-1"})
    assert bought.status_code == 201, bought.text
    await api.open(account, "HD-1", severity=1)
    for number, day in enumerate((2, 9, 16)):
        at = f"2026-11-{day:02}T10:00:00+01:00"
        clock.move_to(f"2026-11-{day + 4:02}T10:00:00+01:00")
        work = {"work_id": f"W-{number}", "minutes": 1_000, "at": at, "by": "ines"}
        done = await api.post(f"{account}/tickets/HD-1/work", work)
        assert done.status_code == 201, done.text
    (row,) = await report(api)
    assert (row["unit"], row["granted"], row["used"], row["overage"]) == (
        "minute",
        2_400,
        2_400,
        600,
    )


async def test_as_csv_and_without_sandboxes(api: Api, clock: Clock) -> None:
    clock.move_to("2026-11-02T10:00:00Z")
    account = await api.make_account()
    await api.buy(account, "xcart-points.60")
    await api.put("/v1/accounts/sand", {"name": "Sand", "sandbox": True})
    await api.buy("/v1/accounts/sand", "xcart-points.60")
    reply = await api.get("/v1/reports/usage", params=YEAR, headers={"Accept": "text/csv"})
    assert reply.text.splitlines() == [
        "catalog,plan,unit,unlimited,granted,used,returned,expired,revoked,overage,owed",
        "xcart-points,points,point,false,60,0,0,0,0,0,60",
    ]
    (row,) = await report(api, sandbox="true")
    assert row["granted"] == 120


async def test_what_cannot_be_reported_is_refused(api: Api) -> None:
    for asked in ({"group_by": "account"}, {"form": "2026"}, {"to": "2026-01-01T00:00:00Z"}):
        reply = await api.get("/v1/reports/usage", params=YEAR | asked)
        assert reply.status_code == 422, reply.text


async def test_a_sandboxs_month_ends_at_its_own_clock(api: Api) -> None:
    account = "/v1/accounts/c-sand"
    await api.put(account, {"name": "Try", "sandbox": True})
    await api.buy(account, "corporate.gold")
    assert (await api.post(f"{account}/clock", {"to": "2027-02-10T10:00:00Z"})).status_code == 200
    await api.open(account, catalog="corporate", severity=1)
    await api.post(f"{account}/tickets/HD-1/resolution", {"outcome": "solved"})
    assert await report(api, group_by="month") == []
    rows = await report(api, group_by="month", sandbox=True)
    assert [(row["month"], *numbers(row)) for row in rows] == [
        ("2026-11", 4, 0, 0, 0, 0, 0, 4),
        ("2026-12", 4, 0, 0, 4, 0, 0, 4),
        ("2027-01", 4, 0, 0, 4, 0, 0, 4),
        ("2027-02", 0, 1, 0, 0, 0, 0, 3),
    ]
