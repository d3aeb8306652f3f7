"""The report of promises: by metric and strength, in both times, in the seller's own months."""

from typing import Any

import pytest

from tests.api.conftest import Api, Clock

NOVEMBER = {"from": "2026-11-01T00:00:00Z", "to": "2026-12-01T00:00:00Z"}
NOTHING = {
    "total": 0,
    "met": 0,
    "breached": 0,
    "missed": 0,
    "late": 0,
    "excused": 0,
    "open": 0,
    "cancelled": 0,
    "percent": None,
    "kept_percent": None,
    "reached": None,
    "p50": {"elapsed_seconds": None, "business_seconds": None},
    "p90": {"elapsed_seconds": None, "business_seconds": None},
}


async def buy_gold(api: Api, clock: Clock, account_id: str = "c-1") -> str:
    clock.move_to("2026-11-19T08:00:00Z")
    account = await api.make_account(account_id)
    await api.buy(account, "corporate.gold")
    return account


async def report(api: Api, **asked: Any) -> list[dict[str, Any]]:
    reply = await api.get("/v1/reports/sla", params=NOVEMBER | asked)
    assert reply.status_code == 200, reply.text
    rows: list[dict[str, Any]] = reply.json()["rows"]
    return rows


async def test_what_was_kept_by_metric_and_strength_in_both_times(api: Api, clock: Clock) -> None:
    account = await buy_gold(api, clock)
    # Opened on Thursday at 10:00 in Berlin, answered after 1 and 3 hours, and on Friday at 9:30:
    # 23.5 hours by the clock, 7.5 in business hours.
    for ticket, answered in (
        ("HD-1", "2026-11-19T10:00:00Z"),
        ("HD-2", "2026-11-19T12:00:00Z"),
        ("HD-3", "2026-11-20T08:30:00Z"),
    ):
        clock.move_to("2026-11-19T09:00:00Z")
        await api.open(account, ticket, severity=1, at="2026-11-19T09:00:00Z")
        clock.move_to(answered)
        await api.post(f"{account}/tickets/{ticket}/replies", {"by": "agent"})
    first, resolution = await report(api)
    assert first == NOTHING | {
        "metric": "first_response",
        "strength": "guaranteed",
        "total": 3,
        "met": 3,
        "kept_percent": 100.0,
        "p50": {"elapsed_seconds": 3 * 3600, "business_seconds": 3 * 3600},
        "p90": {"elapsed_seconds": 84_600, "business_seconds": 27_000},
    }
    assert resolution == NOTHING | {
        "metric": "resolution",
        "strength": "target",
        "total": 3,
        "open": 3,
    }


async def test_guarantees_targets_and_best_effort_each_have_their_own_column(
    api: Api, clock: Clock
) -> None:
    account = await buy_gold(api, clock)
    for ticket, severity in (("HD-1", 1), ("HD-2", 1), ("HD-3", 4), ("HD-4", 1)):
        await api.open(account, ticket, severity=severity)
    await api.post(f"{account}/tickets/HD-2/resolution", {"outcome": "withdrawn"})
    await api.post(f"{account}/tickets/HD-4/resolution", {"outcome": "duplicate"})
    clock.move_to("2026-11-25T09:00:00Z")
    excuse = {"reason": "Our mail server was down.", "actor": "Ada"}
    path = f"{account}/tickets/HD-1/deadlines/resolution/excuse"
    assert (await api.post(path, excuse)).status_code == 200
    rows = {(row["metric"], row["strength"]): row for row in await report(api)}
    # HD-1 has its answer breached and its resolution missed; HD-3 waits for an answer no more.
    assert rows["first_response", "guaranteed"] == NOTHING | {
        "metric": "first_response",
        "strength": "guaranteed",
        "total": 2,
        "breached": 2,
        "cancelled": 2,
        "kept_percent": 0.0,
    }
    assert rows["resolution", "target"] == NOTHING | {
        "metric": "resolution",
        "strength": "target",
        "total": 1,
        "missed": 1,
        "excused": 1,
        "cancelled": 2,
    }
    assert len(rows) == 2
    (best_effort,) = await report(api, strength="best_effort")
    assert (best_effort["metric"], best_effort["open"]) == ("resolution", 1)
    assert len(await report(api, strength="guaranteed,target,best_effort")) == 3


async def test_best_effort_that_is_late_is_reported_only_if_asked_for(
    api: Api, clock: Clock
) -> None:
    clock.move_to("2026-11-02T08:00:00Z")
    account = await api.make_account()
    proof = {"status": "paid", "reference": "product-subscription-118"}
    await api.buy(account, "corporate.professional", payment=proof)
    await api.open(account, severity=4)
    clock.advance(days=25)
    await api.post(f"{account}/tickets/HD-1/replies", {"by": "agent"})
    assert await report(api) == []
    rows = await report(api, strength="best_effort", metric="first_response")
    assert [(row["total"], row["met"], row["late"]) for row in rows] == [(1, 0, 1)]


async def test_several_groups_and_filters(api: Api, clock: Clock) -> None:
    account = await buy_gold(api, clock)
    other = await buy_gold(api, clock, "c-2")
    await api.open(account, "HD-1", severity=1, channel="email")
    await api.open(account, "HD-2", severity=2, channel="chat")
    await api.open(other, "HD-1", severity=1, channel="email")
    asked = {"metric": "first_response"}
    rows = await report(api, group_by="account,channel,catalog,plan", **asked)
    assert [
        (row["account"], row["channel"], row["catalog"], row["plan"], row["total"]) for row in rows
    ] == [
        ("c-1", "chat", "corporate", "gold", 1),
        ("c-1", "email", "corporate", "gold", 1),
        ("c-2", "email", "corporate", "gold", 1),
    ]
    rows = await report(api, group_by="severity", **asked)
    assert [(row["severity"], row["total"]) for row in rows] == [(1, 2), (2, 1)]
    assert [row["total"] for row in await report(api, account_id="c-2", **asked)] == [1]
    assert [row["total"] for row in await report(api, severity=2, **asked)] == [1]
    assert await report(api, plan="enterprise", **asked) == []
    assert await report(api, catalog="livecart", **asked) == []


async def test_months_are_those_of_the_catalogue_or_of_the_zone_asked_for(
    api: Api, clock: Clock
) -> None:
    clock.move_to("2026-10-31T09:00:00Z")
    account = await api.make_account()
    await api.buy(account, "corporate.gold")
    # Half past midnight on 1 November in Berlin is still October in UTC.
    clock.move_to("2026-10-31T23:30:00Z")
    await api.open(account, severity=1)
    asked = {
        "from": "2026-10-01T00:00:00+01:00",
        "to": "2026-12-01T00:00:00+01:00",
        "group_by": "month",
        "metric": "first_response",
    }
    assert [row["month"] for row in await report(api, **asked)] == ["2026-11"]
    assert [row["month"] for row in await report(api, timezone="UTC", **asked)] == ["2026-10"]
    assert [row["month"] for row in await report(api, timezone="+02:00", **asked)] == ["2026-11"]
    rows = await report(api, **asked | {"from": "2026-11-01T00:00:00+01:00"})
    assert [row["month"] for row in rows] == ["2026-11"]


async def test_a_clock_is_of_the_month_in_which_it_began(api: Api, clock: Clock) -> None:
    """Asked on 30 November, answered at half past midnight on 1 December: November's."""
    account = await buy_gold(api, clock)
    clock.move_to("2026-11-30T15:00:00+01:00")
    await api.open(account, severity=1)
    clock.move_to("2026-12-01T00:30:00+01:00")
    await api.post(f"{account}/tickets/HD-1/replies", {"by": "agent"})
    asked = {"group_by": "month", "metric": "first_response", "to": "2027-01-01T00:00:00+01:00"}
    assert [(row["month"], row["met"]) for row in await report(api, **asked)] == [("2026-11", 1)]
    # So the months of a period are those of what the period has.
    assert await report(api, **asked | {"from": "2026-12-01T00:00:00+01:00"}) == []
    document = (await api.get("/openapi.json")).json()["paths"]["/v1/reports/sla"]["get"]
    assert "in which it began" in document["description"]


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"group_by": "customer"}, "invalid_request"),
        ({"group_by": "plan,"}, "invalid_request"),
        ({"strength": "typical"}, "invalid_request"),
        ({"timezone": "CET", "group_by": "month"}, "invalid_period"),
        ({"timezone": "Mars/X"}, "invalid_period"),
        ({"timezone": "Mars/X", "group_by": "plan"}, "invalid_period"),
        ({"to": "2026-10-01T00:00:00Z"}, "invalid_period"),
        ({"from": "1950-01-01T00:00:00Z", "group_by": "month"}, "invalid_period"),
        ({"gruop_by": "plan"}, "invalid_request"),
    ],
)
async def test_what_cannot_be_reported_is_refused(
    api: Api, asked: dict[str, str], code: str
) -> None:
    reply = await api.get("/v1/reports/sla", params=NOVEMBER | asked)
    assert (reply.status_code, reply.json()["code"]) == (422, code), reply.text


async def test_an_account_that_is_not_there_is_no_empty_report(api: Api) -> None:
    reply = await api.get("/v1/reports/sla", params=NOVEMBER | {"account_id": "nobody"})
    assert reply.json()["code"] in ("account_unknown", "unknown_filter"), reply.text
    assert reply.status_code in (404, 422)


async def test_as_csv_the_columns_are_flat(api: Api, clock: Clock) -> None:
    account = await buy_gold(api, clock)
    clock.move_to("2026-11-19T09:00:00Z")
    await api.open(account, severity=1)
    clock.move_to("2026-11-19T10:00:00Z")
    await api.post(f"{account}/tickets/HD-1/replies", {"by": "agent"})
    asked = NOVEMBER | {"group_by": "month,plan", "metric": "first_response"}
    reply = await api.get("/v1/reports/sla", params=asked, headers={"Accept": "text/csv"})
    assert reply.headers["content-type"].startswith("text/csv")
    columns = (
        "metric,strength,month,plan,total,met,breached,missed,late,excused,open,cancelled,percent,"
        "kept_percent,reached,p50_elapsed_seconds,p50_business_seconds,p90_elapsed_seconds,"
        "p90_business_seconds"
    )
    assert reply.text.splitlines() == [
        columns,
        "first_response,guaranteed,2026-11,gold,1,1,0,0,0,0,0,0,,100.0,,3600,3600,3600,3600",
    ]


async def test_a_share_that_is_to_be_kept_is_judged_by_what_was(api: Api, clock: Clock) -> None:
    document = (await api.get("/v1/catalogs/corporate")).json()["document"]
    document.pop("examples", None)
    document["plans"]["gold"].pop("matrix", None)
    document["plans"]["gold"]["promises"] = [
        {
            "metric": "first_response",
            "strength": "target",
            "percent": 75,
            "clauses": [{"within": "PT1H"}],
        }
    ]
    assert (await api.put("/v1/catalogs/corporate", document)).status_code == 201
    account = await buy_gold(api, clock)
    for number, minutes in enumerate((10, 20, 30, 90)):
        clock.move_to("2026-11-19T09:00:00Z")
        await api.open(account, f"HD-{number}", severity=1, at="2026-11-19T09:00:00Z")
        clock.advance(minutes=minutes)
        await api.post(f"{account}/tickets/HD-{number}/replies", {"by": "agent"})
    (row,) = await report(api)
    assert (row["met"], row["missed"], row["percent"]) == (3, 1, 75)
    assert (row["kept_percent"], row["reached"]) == (75.0, True)
    listed = (await api.get("/v1/offers", params={"plan": "gold"})).json()["data"]
    assert listed[0]["promises"][0]["text"] == (
        "First response within 1 hour, as a target, with reasonable efforts, for 75 percent of"
        " requests."
    )
    faulty = document["plans"]["gold"]["promises"][0] | {"strength": "best_effort"}
    document["plans"]["gold"]["promises"] = [faulty]
    refused = await api.put("/v1/catalogs/corporate", document)
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["pointer"] == "/plans/gold/promises/0/percent"
