"""Sandbox accounts: a clock of their own, moved by hand, and a year passed in one call."""

from datetime import timedelta
from typing import Any

from tests.api.conftest import TUESDAY, Api, Clock
from tests.support.notices import look, told


async def make_sandbox(api: Api, account_id: str = "c-1") -> str:
    path = f"/v1/accounts/{account_id}"
    reply = await api.put(path, {"name": "Nordwind Handel GmbH", "sandbox": True})
    assert reply.status_code == 201, reply.text
    return path


async def move(api: Api, account: str, to: str) -> Any:
    reply = await api.post(f"{account}/clock", {"to": to})
    assert reply.status_code == 200, reply.text
    return reply.json()


async def test_a_sandbox_begins_now_and_stands_still(api: Api, clock: Clock) -> None:
    account = await make_sandbox(api)
    clock.advance(days=3)
    await api.buy(account, "livecart.express-1y")
    ticket = await api.open(account)
    assert ticket["opened_at"] == "2026-11-24T08:00:00Z"
    assert (await api.get(f"{account}/balance")).json()["as_of"] == "2026-11-24T08:00:00Z"
    read = (await api.get(account)).json()
    assert (read["sandbox"], read["clock"]) == (True, "2026-11-24T08:00:00Z")


async def test_N8_eleven_months_pass_in_one_call_and_all_is_told_in_order(api: Api) -> None:
    account = await make_sandbox(api)
    await api.buy(account, "livecart.express-1y")
    ticket = await api.open(account)
    (first,) = ticket["deadlines"]
    moved = await move(api, account, "2027-10-24T08:00:00Z")
    events = await told(api, "")
    on_the_way = [(e["type"], e["timestamp"]) for e in events if e["timestamp"] > first["warn_at"]]
    assert [(e["type"], e["timestamp"]) for e in events if e["type"].startswith("deadline")] == [
        ("deadline.at_risk", first["warn_at"]),
        ("deadline.breached", first["breaches_after"]),
    ]
    assert on_the_way == [("deadline.breached", first["breaches_after"])]
    assert moved == {
        "account_id": "c-1",
        "clock": "2027-10-24T08:00:00Z",
        "recorded": 2,
        "sequence": ticket["sequence"],
    }
    moved = await move(api, account, "2027-11-24T08:00:00Z")
    ended = [(e["type"], e["timestamp"]) for e in await told(api, "")][len(events) :]
    assert ended == [
        ("units.expiring", "2027-11-10T08:00:00Z"),
        ("units.expired", "2027-11-24T08:00:00Z"),
        ("purchase.ended", "2027-11-24T08:00:00Z"),
    ]
    assert moved["recorded"] == 3
    totals = await api.units(account)
    assert (totals["expired"], totals["held"], totals["available"]) == (14, 1, 0)


async def test_events_say_that_they_are_of_a_sandbox(api: Api) -> None:
    sandbox = await make_sandbox(api, "c-1")
    real = await api.make_account("c-2")
    for account in (sandbox, real):
        await api.buy(account, "livecart.express-1y")
    for account_id, is_sandbox in (("c-1", True), ("c-2", False)):
        events = (await api.get("/v1/events", params={"account_id": account_id})).json()["data"]
        assert {event["sandbox"] for event in events} == {is_sandbox}


async def test_two_sandboxes_and_a_real_account_are_at_instants_of_their_own(
    api: Api, clock: Clock
) -> None:
    first, second = await make_sandbox(api, "c-1"), await make_sandbox(api, "c-2")
    real = await api.make_account("c-3")
    for account in (first, second, real):
        await api.buy(account, "livecart.express-1y")
        await api.open(account)
    await move(api, first, "2027-03-01T00:00:00Z")
    await move(api, second, "2026-11-25T00:00:00Z")
    clock.advance(minutes=1)
    as_of = [(await api.get(f"{each}/balance")).json()["as_of"] for each in (first, second, real)]
    assert as_of == ["2027-03-01T00:00:00Z", "2026-11-25T00:00:00Z", "2026-11-24T08:01:00Z"]
    assert [event["type"] for event in await told(api, "deadline", "c-3")] == []


async def test_a_worker_leaves_sandboxes_alone(api: Api, clock: Clock) -> None:
    sandbox, real = await make_sandbox(api, "c-1"), await api.make_account("c-2")
    for account in (sandbox, real):
        await api.buy(account, "livecart.express-1y")
        await api.open(account)
    clock.advance(days=400)
    await look(api)
    assert await told(api, "deadline", "c-1") == []
    assert len(await told(api, "deadline", "c-2")) == 1


async def test_a_move_is_refused_where_there_is_no_clock_or_it_would_go_back(api: Api) -> None:
    real, sandbox = await api.make_account("c-1"), await make_sandbox(api, "c-2")
    reply = await api.post(f"{real}/clock", {"to": "2027-01-01T00:00:00Z"})
    assert (reply.status_code, reply.json()["code"]) == (409, "not_sandbox")
    for to in (TUESDAY - timedelta(seconds=1), TUESDAY + timedelta(days=4_000)):
        reply = await api.post(f"{sandbox}/clock", {"to": to.isoformat()})
        assert (reply.status_code, reply.json()["code"]) == (409, "clock_not_forward")
    assert (await api.get(sandbox)).json()["clock"] == "2026-11-24T08:00:00Z"


async def test_an_account_stays_what_it_was_made(api: Api) -> None:
    real, sandbox = await api.make_account("c-1"), await make_sandbox(api, "c-2")
    for account, other in ((real, True), (sandbox, False)):
        reply = await api.put(account, {"name": "Nordwind", "sandbox": other})
        assert (reply.status_code, reply.json()["code"]) == (422, "sandbox_fixed")
        assert (await api.put(account, {"name": "Nordwind"})).status_code == 200


async def test_a_move_tried_without_keeping_it_moves_nothing(api: Api) -> None:
    sandbox = await make_sandbox(api)
    await api.buy(sandbox, "livecart.express-1y")
    before = await told(api, "")
    reply = await api.post(
        f"{sandbox}/clock", {"to": "2028-01-01T00:00:00Z"}, params={"dry_run": "true"}
    )
    assert (reply.json()["clock"], reply.json()["recorded"]) == ("2028-01-01T00:00:00Z", 3)
    assert await told(api, "") == before
    assert (await api.get(sandbox)).json()["clock"] == "2026-11-24T08:00:00Z"


async def test_what_ends_soon_goes_by_each_accounts_own_clock(api: Api, clock: Clock) -> None:
    ahead, behind = await make_sandbox(api), await make_sandbox(api, "c-2")
    for account in (ahead, behind):
        await api.buy(account, "livecart.standard-1m")
    await move(api, ahead, "2026-12-24T09:00:00Z")  # its month is over
    for days in (0, 60):  # everybody's clock, which the other sandbox's is behind of
        clock.advance(days=days)
        shown = (await api.get("/v1/subscriptions", params={"sandbox": "true"})).json()["data"]
        assert [(each["account_id"], each["status"]) for each in shown] == [("c-2", "active")]
        assert (await api.get("/v1/subscriptions")).json()["data"] == []
    asked = {"sandbox": "true", "ends_after": "2026-11-24T08:00:00Z"}
    every = (await api.get("/v1/subscriptions", params=asked)).json()["data"]
    assert {each["account_id"]: each["status"] for each in every} == {
        "c-1": "ended",
        "c-2": "active",
    }


async def test_links_of_a_sandbox_end_by_its_own_clock(api: Api) -> None:
    account = await make_sandbox(api)
    await move(api, account, "2027-06-01T00:00:00Z")
    stranger = api.holding(None)
    paths = []
    for kind, body in (("links", {"to": "summary"}), ("statement-links", {})):
        made = await api.post(f"{account}/{kind}", body | {"expires_in": "PT1H"})
        assert made.json()["expires_at"] == "2027-06-01T01:00:00Z"
        paths.append(made.json()["url"].removeprefix("http://127.0.0.1:8000"))
    assert [(await stranger.get(path)).status_code for path in paths] == [200, 200]
    await move(api, account, "2027-06-01T01:00:00Z")
    assert [(await stranger.get(path)).status_code for path in paths] == [404, 404]


async def test_a_clock_that_ran_out_is_broken_when_it_did_in_every_list(api: Api) -> None:
    account = await make_sandbox(api)
    await api.buy(account, "livecart.express-1y")
    await api.open(account)
    clock_of = {"sandbox": "true", "status": "breached"}
    await move(api, account, "2026-11-25T08:00:00Z")
    (own,) = (await api.get(f"{account}/tickets/HD-1")).json()["deadlines"]
    (listed,) = (await api.get("/v1/deadlines", params=clock_of)).json()["data"]
    assert (listed["status"], listed["breached_at"]) == ("breached", own["breached_at"])
    assert own["breached_at"] is not None
