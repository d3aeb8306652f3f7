"""Deciding anew who pays for an open ticket, and the disputes over what it cost."""

from typing import Any

import pytest

from tests.api.conftest import Api, Clock
from tests.support.charge_rules import act, buy_hours
from tests.support.coverage_answers import hold_role
from tests.support.sessions import express, talk

ANEW = {"reason": "A package bought since", "actor": "Ada"}


async def test_N11_minutes_logged_on_demand_are_in_the_package_bought_since(
    api: Api, clock: Clock
) -> None:
    account = await api.make_account()
    await api.open(account, catalog="agency")
    worked = await act(api, account, "work", work_id="W-1", minutes=45, by="Ada")
    assert (worked["ticket"]["charge"]["overage"], worked["ticket"]["charge"]["used"]) == (45, 0)
    clock.advance(days=1)
    await buy_hours(api, account, minutes=2400)
    covered = await act(api, account, "coverage", **ANEW)
    assert covered["coverage"]["plan"] == "starter"
    assert covered["coverage"]["on_demand"] is False
    charge = covered["charge"]
    assert (charge["status"], charge["used"], charge["overage"]) == ("settled", 45, 0)
    assert covered["remaining"]["available"] == 2355
    assert (await api.units(account, "minute"))["used"] == 45
    month = {"from": "2026-11-01T00:00:00Z", "to": "2026-12-01T00:00:00Z"}
    billed = (await api.get(f"{account}/overage", params=month)).json()
    assert billed["total_minutes"] == 0
    # What is worked and corrected from now on is the package's too.
    corrected = await act(
        api, account, "work/W-1/correction", minutes=30, reason="Mistyped", actor="Ada"
    )
    assert corrected["ticket"]["charge"]["used"] == 30


async def test_N11_what_is_corrected_upwards_is_the_packages_too(api: Api, clock: Clock) -> None:
    account = await api.make_account()
    await api.open(account, catalog="agency")
    await act(api, account, "work", work_id="W-1", minutes=60, by="Ada")
    clock.advance(hours=3)
    await buy_hours(api, account, minutes=2400)
    await act(api, account, "coverage", **ANEW)
    why = {"reason": "Mistyped", "actor": "Ada"}
    for minutes in (30, 90):
        corrected = await act(api, account, "work/W-1/correction", minutes=minutes, **why)
        charge = corrected["ticket"]["charge"]
        assert (charge["used"], charge["overage"]) == (minutes, 0)
    # And so is work of before that is logged only now.
    late: dict[str, Any] = {
        "work_id": "W-2",
        "minutes": 15,
        "by": "Ada",
        "at": "2026-11-24T08:30:00Z",
    }
    logged = await act(api, account, "work", **late)
    assert (logged["ticket"]["charge"]["used"], logged["overage_minutes"]) == (105, 0)


async def test_N11_a_wrong_plan_gives_back_what_it_held_in_one_step(api: Api, clock: Clock) -> None:
    account = await api.make_account()
    await api.buy(account, "livecart.standard-1y", "SO-1")
    await api.buy(account, "livecart.express-1y", "SO-2")
    opened = await api.open(account, plan="standard")
    assert opened["coverage"]["plan"] == "standard"
    clock.advance(hours=1)
    covered = await act(api, account, "coverage", plan="express", reason="Wrong", actor="Ada")
    assert covered["coverage"]["plan"] == "express"
    assert (covered["charge"]["status"], covered["charge"]["held"]) == ("held", 1)
    # Its promises count from the opening, at which the plan ran already.
    first = covered["deadlines"][0]
    assert (first["metric"], first["due_at"]) == ("first_response", "2026-11-24T12:00:00Z")
    lots = (await api.get(f"{account}/balance")).json()["lots"]
    assert {lot["plan"]: lot["held"] for lot in lots} == {"standard": 0, "express": 1}
    # And what happens afterwards is the new plan's.
    read = (await api.get(f"{account}/tickets/HD-1")).json()
    assert read["deadlines"] == covered["deadlines"]
    answered = await act(api, account, "replies", by="agent")
    assert answered["deadlines"][0]["status"] == "met"
    resolved = await act(api, account, "resolution", outcome="solved")
    assert resolved["charge"]["used"] == 1


async def test_promises_of_a_plan_bought_since_count_from_then(api: Api, clock: Clock) -> None:
    account = await api.make_account()
    await api.buy(account, "livecart.standard-1y", "SO-1")
    await api.open(account)
    clock.advance(days=1)
    await api.buy(account, "livecart.express-1y", "SO-2")
    covered = await act(api, account, "coverage", **ANEW)
    first = covered["deadlines"][0]
    assert (first["status"], first["due_at"]) == ("running", "2026-11-25T12:00:00Z")


async def test_what_no_plan_pays_for_anew_moves_nothing(api: Api) -> None:
    account = await api.make_account()
    await api.buy(account, "xcart-points.60")
    await api.open(account, category="level-2")
    before = (await api.get(f"{account}/balance")).json()
    body = {"plan": "nothing", "reason": "?", "actor": "Ada"}
    reply = await api.post(f"{account}/tickets/HD-1/coverage", body)
    assert (reply.status_code, reply.json()["code"]) == (422, "unknown_plan")
    assert (await api.get(f"{account}/balance")).json() == before
    helpdesk = await hold_role(api, "helpdesk")
    reply = await helpdesk.post(f"{account}/tickets/HD-1/coverage", ANEW)
    assert reply.json()["required"] == "ledger:write"
    await act(api, account, "resolution", outcome="solved")
    reply = await api.post(f"{account}/tickets/HD-1/coverage", ANEW)
    assert (reply.status_code, reply.json()["code"]) == (409, "ticket_resolved")


async def test_an_incident_becomes_points_by_its_category(api: Api) -> None:
    account = await api.make_account()
    await api.buy(account, "livecart.express-1y", "SO-1")
    await api.open(account, catalog="livecart")
    await api.buy(account, "xcart-points.60", "SO-2")
    body = {"catalog": "xcart-points", "category": "level-2"} | ANEW
    covered = await act(api, account, "coverage", **body)
    charge = covered["charge"]
    assert (charge["unit"], charge["held"], covered["category"]) == ("point", 25, "level-2")
    assert (await api.units(account))["available"] == 15


@pytest.mark.parametrize(
    ("opened", "anew", "held"),
    [
        ({"category": "level-4"}, {"category": "bug"}, 0),
        ({"category": "level-1"}, {"category": "patch"}, 40),
        ({"category": "level-4"}, {"category": "level-0"}, 0),
        (
            {"category": "transfer-aspe", "variables": {"stores": 1}},
            {"variables": {"stores": 3}},
            300,
        ),
        (
            {"category": "transfer-aspe", "variables": {"stores": 1}},
            {"category": "level-1"},
            10,
        ),
        ({"category": "level-1"}, {}, 10),
    ],
)
async def test_what_is_priced_anew_costs_what_the_rate_card_says(
    api: Api, opened: dict[str, Any], anew: dict[str, Any], held: int
) -> None:
    account = await api.make_account()
    await api.buy(account, "xcart-points.1200")
    await api.open(account, **opened)
    covered = await act(api, account, "coverage", reason="Wrong row", actor="Ada", **anew)
    assert covered["charge"]["held"] == held
    assert (await api.units(account, "point"))["held"] == held
    solved = await act(api, account, "resolution", outcome="solved")
    assert solved["charge"]["used"] == held


async def test_a_bug_costs_nothing_however_long_it_was_talked_about(api: Api, clock: Clock) -> None:
    account, ticket = await express(api)
    await talk(api, clock, ticket, "chat", "S-1", minutes=25)
    covered = await act(api, account, "coverage", category="bug", reason="A bug", actor="Ada")
    assert (covered["charge"]["held"], covered["charge"]["status"]) == (0, "returned")
    assert (await api.units(account))["available"] == 15


async def test_P6_disputes_are_listed_told_of_and_decided(api: Api, clock: Clock) -> None:
    for number in (1, 2):
        account = await api.make_account(f"c-{number}")
        await api.buy(account, "xcart-points.60")
        await api.open(account, category="level-2")
        await act(api, account, "resolution", outcome="solved")
        clock.advance(minutes=1)
        await act(api, account, "dispute", reason="It was your bug")
    path = "/v1/accounts/c-1/tickets/HD-1/dispute/decision"
    decision = {"refund_amount": 10, "reason": "In part", "actor": "Ada"}
    assert (await api.post(path, decision)).status_code == 200
    listed = await disputes(api)
    assert [each["account_id"] for each in listed] == ["c-2", "c-1"]
    assert [each["account_id"] for each in await disputes(api, status="open")] == ["c-2"]
    [decided] = await disputes(api, status="decided", catalog="xcart-points")
    assert decided["charge"] == {
        "status": "partly_refunded",
        "unit": "point",
        "amount": 15,
        "overage": 0,
    }
    assert (decided["refund_amount"], decided["decision"]) == (10, "In part")
    assert decided["account_name"] == "Nordwind Handel GmbH"
    assert await disputes(api, catalog="livecart") == []
    told = (await api.get("/v1/events", params={"account_id": "c-1"})).json()["data"]
    types = [event["type"] for event in told]
    assert [each for each in types if each != "account.summary_changed"][-3:] == [
        "ticket.disputed",
        "ticket.refunded",
        "ticket.dispute_decided",
    ]
    bound = {"name": "one", "role": "viewer", "account_id": "c-1"}
    key = (await api.post("/v1/api-keys", bound)).json()
    if "secret" in key:
        assert (await api.holding(key["secret"]).get("/v1/disputes")).status_code == 404


async def disputes(api: Api, **asked: Any) -> Any:
    reply = await api.get("/v1/disputes", params=asked)
    assert reply.status_code == 200, reply.text
    return reply.json()["data"]


async def test_what_was_logged_is_not_what_a_ticket_was_put_at(api: Api) -> None:
    account = await api.make_account()
    await buy_hours(api, account, minutes=2400)
    await api.open(account)
    await act(api, account, "work", work_id="W-1", minutes=90, by="Ada")
    await act(api, account, "coverage", **ANEW)
    why = {"reason": "Mistyped", "actor": "Ada"}
    corrected = await act(api, account, "work/W-1/correction", minutes=60, **why)
    assert corrected["ticket"]["charge"]["expected_overage"] == 0
    part = {"ticket_id": "HD-2", "subject": "Another question"}
    split = await api.post(f"{account}/tickets/HD-1/split", {"tickets": [part]})
    assert split.json()["tickets"][1]["charge"]["held"] == 0
    again = await act(api, account, "coverage", **ANEW)
    assert (again["charge"]["used"], again["charge"]["held"]) == (60, 0)


@pytest.mark.parametrize(("asked", "held"), [(120, 120), (None, 0)])
async def test_minutes_are_put_at_minutes_and_not_at_incidents(
    api: Api, asked: int | None, held: int
) -> None:
    account = await api.make_account()
    await buy_hours(api, account, minutes=2400)
    await api.buy(account, "livecart.express-1y", "SO-9")
    await api.open(account, catalog="agency", amount=asked)
    await act(api, account, "coverage", catalog="livecart", **ANEW)
    covered = await act(api, account, "coverage", catalog="agency", **ANEW)
    assert (covered["charge"]["unit"], covered["charge"]["held"]) == ("minute", held)


async def test_billed_minutes_that_were_given_back_are_not_charged_anew(
    api: Api, clock: Clock
) -> None:
    account = await api.make_account()
    await api.open(account, catalog="agency")
    await act(api, account, "work", work_id="W-1", minutes=90, by="Ada")
    await act(api, account, "resolution", outcome="solved")
    await act(api, account, "refund", amount=30, reason="Too slow", actor="Ada")
    await act(api, account, "reopening", reason="Again")
    covered = await act(api, account, "coverage", catalog="agency", **ANEW)
    assert covered["charge"]["overage"] == 60
    clock.advance(hours=1)
    await buy_hours(api, account, minutes=2400)
    covered = await act(api, account, "coverage", **ANEW)
    assert (covered["charge"]["used"], covered["charge"]["overage"]) == (60, 0)
