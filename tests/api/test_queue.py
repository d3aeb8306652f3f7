"""The queue: what to work on, in an order that lets no promise lapse."""

import itertools
import random
from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.api.conftest import Api, Clock

# Tuesday 24 November 2026, 10:00 at LiveCart's.
TUESDAY = "2026-11-24T08:00:00Z"


async def read_queue(api: Api, **asked: Any) -> Any:
    reply = await api.get("/v1/queue", params=asked)
    assert reply.status_code == 200, reply.text
    return reply.json()


def ids(queue: Any) -> list[str]:
    return [each["ticket_id"] for each in queue["data"]]


async def customer(api: Api, name: str, offer: str, **more: Any) -> str:
    account = f"/v1/accounts/{name}"
    assert (await api.put(account, {"name": f"{name} Ltd"})).status_code == 201
    await api.buy(account, offer, f"SO-{name}", **more)
    return account


async def test_a_guarantee_that_ends_in_20_minutes_goes_before_better_plans(
    api: Api, clock: Clock
) -> None:
    standard = await customer(api, "c-standard", "livecart.standard-1y")
    express = await customer(api, "c-express", "livecart.express-1y")
    await api.open(standard, "HD-1")
    # 47 hours and 40 minutes on: the standard ticket's answer is due in 20 minutes.
    clock.advance(hours=47, minutes=40)
    for number in range(2, 5):
        await api.open(express, f"HD-{number}")
    await api.post(f"{express}/tickets/HD-4/replies", {"by": "agent"})
    assert ids(await read_queue(api)) == ["HD-1", "HD-2", "HD-3", "HD-4"]


async def test_what_is_needed_to_choose_stands_with_each_ticket(api: Api) -> None:
    account = await customer(api, "c-1042", "livecart.express-1y")
    await api.open(account, "HD-5001", channel="chat")
    (item,) = (await read_queue(api))["data"]
    assert item == {
        "ticket_id": "HD-5001",
        "account_id": "c-1042",
        "account_name": "c-1042 Ltd",
        "subject": "Checkout fails",
        "status": "open",
        "waiting_on": None,
        "unanswered": True,
        "channel": "chat",
        "severity": None,
        "urgent": False,
        "category": None,
        "topic": None,
        "site": None,
        "opened_at": TUESDAY,
        "at_risk": False,
        "next_deadline": {
            "metric": "first_response",
            "strength": "guaranteed",
            "status": "running",
            "due_at": "2026-11-24T12:00:00Z",
            "breaches_after": "2026-11-24T12:00:00Z",
        },
        "coverage": {
            "subscription_id": item["coverage"]["subscription_id"],
            "catalog": "livecart",
            "catalog_version": 1,
            "plan": "express",
            "priority": 1,
            "on_demand": False,
        },
        "charge": {"status": "held", "unit": "incident", "amount": 1, "held": 1, "overage": 0},
    }


async def test_counts_follow_the_clock_and_stand_on_the_first_page(api: Api, clock: Clock) -> None:
    account = await customer(api, "c-1", "livecart.express-1y")
    for number in range(1, 6):
        await api.open(account, f"HD-{number}")
    await api.post(f"{account}/tickets/HD-2/replies", {"by": "agent"})
    await api.post(f"{account}/tickets/HD-3/pause", {"waiting_on": "customer"})
    first = await read_queue(api, limit=2)
    assert first["counts"] == {
        "on_time": 3,
        "at_risk": 0,
        "breached": 0,
        "paused": 1,
        "no_deadline": 1,
        "missed": 0,
    }
    assert ids(first) == ["HD-1", "HD-4"]
    second = await read_queue(api, limit=2, cursor=first["next_cursor"])
    assert (ids(second), second["counts"]) == (["HD-5", "HD-2"], None)
    third = await read_queue(api, limit=2, cursor=second["next_cursor"])
    assert (ids(third), third["next_cursor"]) == (["HD-3"], None)
    # At 75 % of four hours they are at risk; after four, broken.
    clock.advance(hours=3)
    at_risk = await read_queue(api, at_risk=True)
    assert ids(at_risk) == ["HD-1", "HD-4", "HD-5"]
    assert all(each["at_risk"] for each in at_risk["data"])
    assert at_risk["counts"] == {
        "on_time": 0,
        "at_risk": 3,
        "breached": 0,
        "paused": 0,
        "no_deadline": 0,
        "missed": 0,
    }
    clock.advance(hours=1, seconds=1)
    late = await read_queue(api)
    assert (late["counts"]["at_risk"], late["counts"]["breached"]) == (0, 3)
    assert late["data"][0]["next_deadline"]["status"] == "breached"
    # What was broken is owed still, and stays first, until it is answered.
    await api.open(account, "HD-6")
    await api.post(f"{account}/tickets/HD-1/severity", {"urgent": False, "reason": "noted"})
    assert ids(await read_queue(api))[:4] == ["HD-1", "HD-4", "HD-5", "HD-6"]
    await api.post(f"{account}/tickets/HD-1/replies", {"by": "agent"})
    assert ids(await read_queue(api)) == ["HD-4", "HD-5", "HD-6", "HD-1", "HD-2", "HD-3"]


async def test_who_waits_again_goes_before_who_was_answered(api: Api, clock: Clock) -> None:
    account = await customer(api, "c-1", "livecart.standard-1y")
    for number in (1, 2):
        await api.open(account, f"HD-{number}")
        await api.post(f"{account}/tickets/HD-{number}/replies", {"by": "agent"})
    clock.advance(hours=1)
    # Nothing is promised for a later answer; but somebody waits for one.
    await api.post(f"{account}/tickets/HD-2/replies", {"by": "customer"})
    queue = await read_queue(api)
    assert ids(queue) == ["HD-2", "HD-1"]
    assert [each["unanswered"] for each in queue["data"]] == [True, False]
    assert queue["counts"]["no_deadline"] == 2


async def test_the_selection_is_by_catalogue_and_plan(api: Api) -> None:
    express = await customer(api, "c-1", "livecart.express-1y")
    standard = await customer(api, "c-2", "livecart.standard-1y")
    points = await customer(api, "c-3", "xcart-points.60")
    await api.open(express, "HD-1")
    await api.open(standard, "HD-2")
    await api.open(points, "HD-3", category="level-1")
    assert ids(await read_queue(api, catalog="livecart")) == ["HD-1", "HD-2"]
    chosen = await read_queue(api, catalog="livecart", plan="standard")
    assert (ids(chosen), sum(chosen["counts"].values())) == (["HD-2"], 1)
    nothing = await read_queue(api, plan="gold")
    assert (nothing["data"], sum(nothing["counts"].values())) == ([], 0)
    held = {each["ticket_id"]: each["charge"]["held"] for each in (await read_queue(api))["data"]}
    assert held == {"HD-1": 1, "HD-2": 1, "HD-3": 10}
    await api.post(f"{points}/tickets/HD-3/charge/revision", {"amount": 25, "reason": "More"})
    (item,) = (await read_queue(api, catalog="xcart-points"))["data"]
    assert item["charge"]["held"] == 25


async def test_a_sandbox_account_is_not_in_the_queue_unless_asked_for(api: Api) -> None:
    account = "/v1/accounts/c-sand"
    await api.put(account, {"name": "Sand", "sandbox": True})
    await api.buy(account, "livecart.standard-1y")
    await api.open(account, "HD-1")
    assert ids(await read_queue(api)) == []
    assert ids(await read_queue(api, sandbox=True)) == ["HD-1"]


async def test_a_sandboxs_promises_run_out_by_its_own_clock(api: Api, clock: Clock) -> None:
    for name in ("still", "ahead"):
        account = f"/v1/accounts/c-{name}"
        await api.put(account, {"name": name, "sandbox": True})
        await api.buy(account, "livecart.standard-1y")
        await api.open(account, "HD-1")
    moved = await api.post("/v1/accounts/c-ahead/clock", {"to": "2027-03-01T08:00:00Z"})
    assert moved.status_code == 200
    # Where nobody has moved the clock, 48 hours never pass.
    clock.advance(days=3)
    counts = (await read_queue(api, sandbox=True))["counts"]
    assert (counts["on_time"], counts["breached"]) == (1, 1)
    for asked in ({"order": "asc"}, {"order": "desc"}):
        for status, account_id in (("running", "c-still"), ("breached", "c-ahead")):
            params = asked | {"sandbox": True, "status": status}
            (found,) = (await api.get("/v1/deadlines", params=params)).json()["data"]
            assert (found["account_id"], found["status"]) == (account_id, status)
    period = {"from": "2026-11-01T00:00:00Z", "to": "2027-12-01T00:00:00Z", "sandbox": True}
    report = await api.get("/v1/reports/sla", params=period | {"group_by": "account"})
    rows = {each["account"]: each for each in report.json()["rows"]}
    assert (rows["c-still"]["open"], rows["c-still"]["breached"]) == (1, 0)
    assert (rows["c-ahead"]["open"], rows["c-ahead"]["breached"]) == (0, 1)


async def test_what_runs_out_is_listed_with_its_subject_and_its_customers_name(api: Api) -> None:
    account = await customer(api, "c-1042", "livecart.express-1y")
    await api.open(account, "HD-1", channel="phone")
    sand = "/v1/accounts/c-sand"
    await api.put(sand, {"name": "Sand", "sandbox": True})
    await api.buy(sand, "livecart.express-1y")
    await api.open(sand, "HD-2")
    for asked in ({}, {"status": "running"}, {"plan": "express"}):
        (found,) = (await api.get("/v1/deadlines", params=asked)).json()["data"]
        assert (found["subject"], found["channel"]) == ("Checkout fails", "phone")
        assert (found["account_id"], found["account_name"]) == ("c-1042", "c-1042 Ltd")
    both = (await api.get("/v1/deadlines", params={"sandbox": True})).json()["data"]
    assert {each["account_name"] for each in both} == {"c-1042 Ltd", "Sand"}
    none = (await api.get("/v1/deadlines", params={"plan": "standard"})).json()["data"]
    assert none == []


async def test_a_cursor_of_another_list_is_refused(api: Api) -> None:
    reply = await api.get("/v1/queue", params={"cursor": "WzEsMl0"})
    assert (reply.status_code, reply.json()["code"]) == (422, "invalid_cursor")


STEPS = ("open", "open", "open", "agent", "customer", "pause", "resume", "wait")
_OFFERS = ("livecart.express-1y", "livecart.standard-1y", "corporate.enterprise", "corporate.gold")


@pytest.mark.parametrize("seed", range(3))
async def test_no_guarantee_that_ends_first_is_behind(api: Api, clock: Clock, seed: int) -> None:
    """Of two tickets that are worked on, the one that is broken first is never behind."""
    accounts = [await customer(api, f"c-{seed}-{each}", each) for each in _OFFERS]
    opened: list[str] = []

    async def act(what: str, which: int, minutes: int) -> None:
        if what == "wait":
            clock.advance(minutes=minutes * 20)
        elif what == "open" or not opened:
            account = accounts[which % len(accounts)]
            severity = {"severity": which % 4 + 1} if "corporate" in account else {}
            ticket_id = f"HD-{len(opened)}"
            order = {"ticket_id": ticket_id, "subject": "Checkout fails", "channel": "ticket"}
            reply = await api.post(f"{account}/tickets", order | severity)
            if reply.status_code == 201:
                opened.append(f"{account}/tickets/{ticket_id}")
            else:
                assert reply.json()["code"] == "insufficient_units"
        else:
            path, body = {
                "agent": ("replies", {"by": "agent"}),
                "customer": ("replies", {"by": "customer"}),
                "pause": ("pause", {"waiting_on": "customer"}),
                "resume": ("resumption", {}),
            }[what]
            await api.post(f"{opened[which % len(opened)]}/{path}", body)
        clock.advance(minutes=minutes)

    for what, which, minutes in _steps(seed):
        await act(what, which, minutes)
    queue = (await read_queue(api, limit=200))["data"]
    assert len(queue) == len(opened)
    worked_on = [each for each in queue if each["status"] == "open"]
    ends = [_guarantee_ends(each) for each in worked_on]
    for earlier, later in itertools.pairwise(ends):
        assert earlier <= later
    assert all(each["status"] == "paused" for each in queue[len(worked_on) :])
    # The row says what the clocks say.
    for each in queue:
        reply = await api.get(
            f"/v1/accounts/{each['account_id']}/tickets/{each['ticket_id']}/deadlines"
        )
        owed = [
            found["breaches_after"]
            for found in reply.json()["deadlines"]
            if found["breaches_after"]
            and (
                found["status"] == "running"
                or (found["status"] in ("breached", "missed") and found["met_at"] is None)
            )
        ]
        shown = each["next_deadline"] and each["next_deadline"]["breaches_after"]
        assert shown == min(owed, default=None)
    pages = await _walk(api)
    assert pages == [each["ticket_id"] for each in queue]


def _steps(seed: int) -> list[tuple[str, int, int]]:
    chance = random.Random(seed)
    drawn = [(chance.choice(STEPS), chance.randint(0, 5), chance.randint(1, 40)) for _ in range(14)]
    return [("open", place, 7 + seed) for place in range(4)] + drawn


def _guarantee_ends(item: Any) -> datetime:
    owed = item["next_deadline"]
    if owed is None or owed["breaches_after"] is None:
        return datetime.max.replace(tzinfo=datetime.fromisoformat(TUESDAY).tzinfo) - timedelta(1)
    return datetime.fromisoformat(owed["breaches_after"])


async def _walk(api: Api) -> list[str]:
    found: list[str] = []
    cursor = None
    while True:
        page = await read_queue(api, limit=3, **({"cursor": cursor} if cursor else {}))
        found += ids(page)
        cursor = page["next_cursor"]
        if cursor is None:
            return found


async def test_a_target_that_was_missed_is_counted_apart_from_what_was_breached(
    api: Api, clock: Clock
) -> None:
    account = await api.make_account()
    await api.buy(account, "corporate.gold")
    await api.open(account, "HD-1", severity=1)
    answered = await api.post(f"{account}/tickets/HD-1/replies", {"by": "agent"})
    clock.move_to(answered.json()["deadlines"][1]["breaches_after"])
    clock.advance(seconds=1)
    queue = (await api.get("/v1/queue")).json()
    assert queue["data"][0]["next_deadline"]["strength"] == "target"
    assert (queue["counts"]["breached"], queue["counts"]["missed"]) == (0, 1)


async def test_a_ticket_is_at_risk_where_the_filter_says_so(api: Api, clock: Clock) -> None:
    account = await customer(api, "c-1", "livecart.express-1y")
    for number in (1, 2):
        await api.open(account, f"HD-{number}")
    await api.post(f"{account}/tickets/HD-2/pause", {"waiting_on": "customer"})
    clock.advance(hours=3)
    for wanted, found in ((True, ["HD-1"]), (False, ["HD-2"])):
        page = await read_queue(api, at_risk=wanted)
        assert [(each["ticket_id"], each["at_risk"]) for each in page["data"]] == [
            (ticket_id, wanted) for ticket_id in found
        ]
