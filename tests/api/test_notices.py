"""What the clock alone brings about is told when it is due: once, whoever looks, however late."""

import asyncio
from datetime import timedelta
from typing import Any

import asyncpg
import pytest
from fastapi import FastAPI

from app.db.engine.clocks import read_clock
from app.db.engine.database import Database
from app.services.events import notices
from app.worker.notices import record_due_notices
from tests.api.conftest import Api, Clock
from tests.support import cluster
from tests.support.agreements import buy_by_quote
from tests.support.brief_reads import statements_of
from tests.support.notices import GRANT, look, told, types
from tests.support.waiting import until
from tests.support.worker import work

_KILL_WAITING = """
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND wait_event_type = 'Lock'
"""


async def test_a_deadline_is_told_at_risk_and_then_breached(api: Api, clock: Clock) -> None:
    account = await api.make_account()
    await api.buy(account, "livecart.express-1y")
    ticket = await api.open(account, catalog="livecart")
    (shown,) = (each for each in ticket["deadlines"] if each["metric"] == "first_response")
    clock.move_to(shown["warn_at"])
    await look(api)
    assert await told(api, "deadline") == []
    clock.advance(microseconds=1)
    await look(api)
    (at_risk,) = await told(api, "deadline")
    clock.move_to(shown["breaches_after"])
    await look(api)
    clock.advance(microseconds=1)
    await look(api)
    await look(api)
    _, breached = await told(api, "deadline")
    common = {
        "ticket_id": "HD-1",
        "metric": "first_response",
        "spell": 0,
        "catalog": "livecart",
        "plan": "express",
        "severity": None,
        "strength": "guaranteed",
        "started_at": "2026-11-24T08:00:00Z",
        "warn_at": shown["warn_at"],
        "due_at": shown["due_at"],
        "breaches_after": shown["breaches_after"],
        "met_at": None,
        "missed_at": None,
    }
    assert at_risk == common | {
        "type": "deadline.at_risk",
        "timestamp": shown["warn_at"],
        "status": "running",
        "breached_at": None,
    }
    assert breached == common | {
        "type": "deadline.breached",
        "timestamp": shown["breaches_after"],
        "status": "breached",
        "breached_at": shown["breaches_after"],
    }


async def test_a_target_is_told_of_as_missed_and_best_effort_as_late(
    api: Api, clock: Clock
) -> None:
    account = await api.make_account()
    await api.buy(account, "corporate.gold")
    ticket = await api.open(account, severity=1)
    _, resolution = ticket["deadlines"]
    assert (resolution["strength"], resolution["status"]) == ("target", "running")
    await api.post(f"{account}/tickets/HD-1/replies", {"by": "agent"})
    last = resolution["breaches_after"]
    clock.move_to(last)
    clock.advance(microseconds=1)
    await look(api)
    await look(api)
    missed = (await told(api, "deadline"))[-1]
    assert (missed["type"], missed["timestamp"]) == ("deadline.missed", last)
    assert (missed["status"], missed["missed_at"]) == ("missed", last)
    assert missed["breached_at"] is None
    assert (await api.get("/v1/deadlines", params={"status": "breached"})).json()["data"] == []
    (listed,) = (await api.get("/v1/deadlines", params={"status": "missed"})).json()["data"]
    assert (listed["metric"], listed["status"]) == ("resolution", "missed")
    figures = (await api.get("/metrics")).text.splitlines()
    assert 'surety_deadlines{state="breached"} 0.0' in figures
    assert 'surety_deadlines{state="missed"} 1.0' in figures
    excuse = f"{account}/tickets/HD-1/deadlines/resolution/excuse"
    excused = await api.post(excuse, {"reason": "Our own outage.", "actor": "Ada"})
    assert excused.status_code == 200, excused.text
    assert excused.json()["deadlines"][1]["status"] == "missed"
    assert excused.json()["deadlines"][1]["excused"]["actor"] == "Ada"

    late = await api.make_account("c-late")
    proof = {"status": "paid", "reference": "product-subscription-118"}
    await api.buy(late, "corporate.professional", payment=proof)
    first = (await api.open(late, severity=4))["deadlines"][0]
    clock.move_to(first["due_at"])
    clock.advance(days=25)
    await api.post(f"{late}/tickets/HD-1/replies", {"by": "agent"})
    said = await told(api, "deadline", "c-late")
    assert [(each["type"], each["status"]) for each in said] == [("deadline.late", "late")]
    (listed,) = (await api.get("/v1/deadlines", params={"status": "late"})).json()["data"]
    assert (listed["metric"], listed["met_at"]) == ("first_response", said[0]["met_at"])


async def test_a_breach_that_nobody_looked_for_is_told_late_once(api: Api, clock: Clock) -> None:
    account = await api.make_account()
    await api.buy(account, "livecart.express-1y")
    await api.open(account, catalog="livecart")
    clock.advance(days=9)
    await look(api)
    await look(api)
    assert await types(api, "deadline") == ["deadline.breached"]
    # An answer that comes after it is none that keeps it, and nothing new.
    await api.post(f"{account}/tickets/HD-1/replies", {"by": "agent"})
    assert await types(api, "deadline") == ["deadline.breached"]


async def test_what_a_request_finds_out_is_told_by_the_request(api: Api, clock: Clock) -> None:
    account = await api.make_account()
    await api.buy(account, "livecart.express-1y")
    await api.open(account, catalog="livecart")
    clock.advance(days=9)
    await api.post(f"{account}/tickets/HD-1/replies", {"by": "agent"})
    assert await types(api, "deadline") == ["deadline.breached"]
    await look(api)
    assert await types(api, "deadline") == ["deadline.breached"]


async def test_a_paused_clock_is_told_of_when_it_runs_again(api: Api, clock: Clock) -> None:
    account = await api.make_account()
    await api.buy(account, "corporate.gold")
    await api.open(account, catalog="corporate", severity=1)
    await api.post(f"{account}/tickets/HD-1/replies", {"by": "agent"})
    before = await told(api, "deadline")
    await api.post(f"{account}/tickets/HD-1/pause", {"waiting_on": "customer"})
    clock.advance(days=60)
    await look(api)
    assert await told(api, "deadline") == before


async def test_units_are_told_of_two_weeks_before_they_expire_and_then(
    api: Api, clock: Clock
) -> None:
    account = await api.make_account()
    granted = await api.post(f"{account}/grants", GRANT | {"expires_at": "2027-01-01T00:00:00Z"})
    (lot,) = granted.json()["lots"]
    await api.open(account, catalog="livecart")
    clock.move_to("2026-12-17T23:59:59Z")
    await look(api)
    assert await told(api, "units.exp") == []
    clock.move_to("2026-12-18T00:00:00Z")
    await look(api)
    await look(api)
    about = {
        "lot_id": lot["id"],
        "catalog": "livecart",
        "plan": "express",
        "site": None,
        "subscription_id": lot["subscription_id"],
        "order_id": None,
        "unit": "incident",
        "expires_at": "2027-01-01T00:00:00Z",
        "sequence": 2,
    }
    expiring = {"type": "units.expiring", "timestamp": "2026-12-18T00:00:00Z", "amount": 2}
    assert await told(api, "units.exp") == [about | expiring]
    clock.move_to("2027-01-01T00:00:03Z")
    await look(api)
    await look(api)
    # What is held is not expired: it can still be settled.
    expired = {"type": "units.expired", "timestamp": "2027-01-01T00:00:00Z", "amount": 2}
    assert await told(api, "units.exp") == [about | expiring, about | expired]


async def test_a_lot_with_nothing_left_expires_without_a_word(api: Api, clock: Clock) -> None:
    account = await api.make_account()
    ends = {"expires_at": "2027-01-01T00:00:00Z", "amount": 1}
    await api.post(f"{account}/grants", GRANT | ends)
    await api.open(account, catalog="livecart")
    for instant in ("2026-12-20T00:00:00Z", "2027-01-02T00:00:00Z"):
        clock.move_to(instant)
        await look(api)
    assert await told(api, "units.exp") == []


async def test_units_that_came_back_in_the_last_days_expire_with_their_lot(
    api: Api, clock: Clock
) -> None:
    account = await api.make_account()
    ends = {"expires_at": "2027-01-01T00:00:00Z", "amount": 1}
    await api.post(f"{account}/grants", GRANT | ends)
    await api.open(account, catalog="livecart")
    clock.move_to("2026-12-20T00:00:00Z")
    await look(api)
    await api.post(f"{account}/tickets/HD-1/resolution", {"outcome": "withdrawn"})
    clock.move_to("2027-01-01T00:00:00Z")
    await look(api)
    assert [(each["type"], each["amount"]) for each in await told(api, "units.exp")] == [
        ("units.expired", 1)
    ]


async def test_what_comes_back_after_the_end_has_not_expired_at_it(api: Api, clock: Clock) -> None:
    """Whether a worker looks before or after that: the return itself says what became of it."""
    account = await api.make_account()
    ends = {"expires_at": "2027-01-01T00:00:00Z", "amount": 3}
    await api.post(f"{account}/grants", GRANT | ends)
    await api.open(account, catalog="livecart")
    clock.move_to("2027-01-02T00:00:00Z")
    await api.post(f"{account}/tickets/HD-1/resolution", {"outcome": "withdrawn"})
    await look(api)
    (expired,) = await told(api, "units.exp")
    assert (expired["type"], expired["amount"]) == ("units.expired", 2)


async def test_a_purchase_ends_with_its_term(api: Api, clock: Clock) -> None:
    account = await api.make_account()
    order = await api.buy(account, "livecart.standard-1m")
    clock.move_to(order["subscription"]["ends_at"])
    await look(api)
    await look(api)
    assert await told(api, "purchase.ended") == [
        {
            "type": "purchase.ended",
            "timestamp": order["subscription"]["ends_at"],
            "order_id": "SO-1",
            "catalog": "livecart",
            "offer": "livecart.standard-1m",
            "plan": "standard",
            "site": None,
            "subscription_id": order["subscription"]["id"],
            "starts_at": order["subscription"]["starts_at"],
            "ends_at": order["subscription"]["ends_at"],
        }
    ]


async def test_bought_cover_ends_and_the_plan_that_it_covered_goes_on(
    api: Api, clock: Clock
) -> None:
    account = await api.make_account()
    await api.buy(account, "corporate.gold", "SO-1")
    price = {"amount": 60_000, "currency": "EUR"}
    await buy_by_quote(api, account, "corporate.extended-cover", "SO-2", price=price)
    await buy_by_quote(api, account, "corporate.extended-cover", "SO-3", price=price)
    cancelled = {"refund": "none", "reason": "regret", "actor": "Maria"}
    await api.post(f"{account}/purchases/SO-3/cancellation", cancelled)
    clock.advance(days=29)
    await look(api)
    assert await told(api, "purchase.ended") == []
    clock.advance(days=1)
    await look(api)
    await look(api)
    (ended,) = await told(api, "purchase.ended")
    assert ended == {
        "type": "purchase.ended",
        "timestamp": "2026-12-24T08:00:00Z",
        "order_id": "SO-2",
        "catalog": "corporate",
        "offer": "corporate.extended-cover",
        "plan": None,
        "site": None,
        "subscription_id": ended["subscription_id"],
        "starts_at": "2026-11-24T08:00:00Z",
        "ends_at": "2026-12-24T08:00:00Z",
    }


async def test_a_cancelled_purchase_neither_ends_nor_expires(api: Api, clock: Clock) -> None:
    account = await api.make_account()
    await api.buy(account, "livecart.standard-1m")
    cancelled = {"refund": "none", "reason": "regret", "actor": "Maria"}
    reply = await api.post(f"{account}/purchases/SO-1/cancellation", cancelled)
    assert reply.status_code == 200
    clock.advance(days=40)
    await look(api)
    assert await types(api, "purchase") == ["purchase.activated", "purchase.cancelled"]
    assert await told(api, "units.exp") == []


async def test_a_look_where_nothing_is_due_is_one_statement(
    api: Api, app: FastAPI, clock: Clock
) -> None:
    account = await api.make_account()
    await api.buy(account, "livecart.standard-1m")
    clock.advance(days=90)
    await look(api)
    async with statements_of(app) as ran:
        await look(api)
    assert [each.lstrip("(").split()[0] for each in ran] == ["SELECT"]


async def test_several_workers_at_once_say_nothing_twice(
    api: Api, clock: Clock, published_url: str
) -> None:
    """Each has found the same to be due before any of them has told it."""
    for number in range(6):
        account = await api.make_account(f"c-{number}")
        await api.buy(account, "livecart.express-1y")
        for ticket in range(3):
            await api.open(account, f"HD-{ticket}", catalog="livecart")
    clock.advance(days=9)
    workers = [Database(published_url, clock=clock, pool_size=2) for _ in range(3)]
    for worker in workers:
        await worker.open()
    found = []
    for worker in workers:
        async with worker.transaction() as db:
            found.append(await notices.find_due(db))

    async def tell(worker: Database, due: Any) -> None:
        async with worker.transaction() as db:
            await notices.record_due(db, due)

    await asyncio.gather(
        *(tell(worker, each) for worker, due in zip(workers, found, strict=True) for each in due)
    )
    for worker in workers:
        await worker.close()
    for number in range(6):
        events = await told(api, "deadline", f"c-{number}")
        assert [event["type"] for event in events] == ["deadline.breached"] * 3
        assert {event["ticket_id"] for event in events} == {"HD-0", "HD-1", "HD-2"}


@pytest.mark.skipif(bool(cluster.PORTS), reason="the one that waits is on another node")
async def test_a_worker_killed_in_between_has_said_nothing(
    api: Api, clock: Clock, published_url: str
) -> None:
    account = await api.make_account()
    await api.buy(account, "livecart.express-1y")
    await api.open(account, catalog="livecart")
    clock.advance(days=9)
    in_the_way = await asyncpg.connect(published_url)
    held = in_the_way.transaction()
    await held.start()
    await in_the_way.execute("SELECT FROM deadlines WHERE account_id = 'c-1' FOR UPDATE")
    looking = asyncio.create_task(look(api))
    await until(lambda: in_the_way.fetchval(_KILL_WAITING))
    await looking
    await held.rollback()
    await in_the_way.close()
    assert await types(api, "deadline") == []
    await look(api)
    assert await types(api, "deadline") == ["deadline.breached"]


async def test_one_of_two_workers_is_killed_and_nothing_is_lost_or_said_twice(
    api: Api, clock: Clock, published_url: str
) -> None:
    """As processes, by the real clock: nine days ago everything here was promised within one."""
    clock.move_to(read_clock() - timedelta(days=9))
    many = 40
    for number in range(many):
        account = await api.make_account(f"c-{number}")
        await api.buy(account, "livecart.express-1y")
        await api.open(account, catalog="livecart")

    async def count() -> int:
        async with api.app.state.database.transaction() as db:
            found = await db.connection.fetchval(
                "SELECT count(*) FROM events WHERE type = 'deadline.breached'"
            )
            return int(found)

    async def all_are_counted() -> bool:
        return await count() == many

    with work(published_url) as killed, work(published_url):
        await until(count, within=60)
        killed.process.kill()
        await until(all_are_counted, within=60)
    for number in range(many):
        reply = await api.get("/v1/events", params={"account_id": f"c-{number}"})
        events = reply.json()["data"]
        assert [event["sequence"] for event in events] == [1, 2, 3, 4, 5, 6]
        assert events[-1]["type"] == "deadline.breached"


async def test_an_account_that_cannot_be_had_is_told_of_next_time_and_keeps_no_other_waiting(
    api: Api, clock: Clock, published_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    for account_id in ("c-1", "c-2"):
        account = await api.make_account(account_id)
        await api.buy(account, "livecart.express-1y")
        await api.open(account, catalog="livecart")
    clock.advance(days=9)
    hurried = Database(published_url, clock=clock, pool_size=4, lock_timeout_ms=100)
    await hurried.open()
    busy = await asyncpg.connect(published_url)
    held = busy.transaction()
    await held.start()
    await busy.execute("SELECT FROM accounts WHERE account_id = 'c-1' FOR UPDATE")
    await record_due_notices(hurried, asyncio.Event())
    assert [len(await told(api, "deadline", each)) for each in ("c-1", "c-2")] == [0, 1]
    (failed,) = [line.msg for line in caplog.records if line.levelname == "ERROR"]
    assert isinstance(failed, dict)
    assert (failed["event"], failed["account_id"]) == ("job_failed", "c-1")
    await held.rollback()
    await busy.close()
    await record_due_notices(hurried, asyncio.Event())
    await hurried.close()
    assert [len(await told(api, "deadline", each)) for each in ("c-1", "c-2")] == [1, 1]
