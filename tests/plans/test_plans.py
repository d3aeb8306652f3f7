"""No statement that is run all day reads a growing table as a whole, or far more than it needs."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from app.db.engine.unit_of_work import Db
from app.db.events import deliveries as delivery_rows
from app.db.events import webhooks as rows
from app.services.access import idempotency
from app.services.events import attempts, deliveries, events, notices
from tests.api.conftest import Api
from tests.plans.explaining import ExplainingConnection

A = "/v1/accounts/c-1-77"
GROWN = "/v1/accounts/grown"

Ask = Callable[[Api], Awaitable[Any]]


def read(path: str, **asked: str) -> Ask:
    return lambda api: api.get(path, params=asked)


def write(path: str, body: dict[str, Any]) -> Ask:
    return lambda api: api.post(path, body, headers={"Idempotency-Key": path})


TICKET = {"subject": "Checkout fails"}
OPERATIONS: dict[str, Ask] = {
    "ask_coverage": write(f"{A}/coverage", TICKET),
    "open_ticket": write(f"{A}/tickets", TICKET | {"ticket_id": "new"}),
    "open_ticket after a long past": write(f"{GROWN}/tickets", TICKET | {"ticket_id": "new"}),
    "open_ticket again": write(f"{A}/tickets", TICKET | {"ticket_id": "HD-5"}),
    "get_ticket": read(f"{A}/tickets/HD-5"),
    "get_ticket after a long past": read(f"{GROWN}/tickets/HD-300-5"),
    "list_tickets": read(f"{A}/tickets"),
    "list_tickets after a long past": read(f"{GROWN}/tickets"),
    "reply_to_ticket": write(f"{A}/tickets/HD-5/replies", {"by": "agent"}),
    "pause_ticket": write(f"{A}/tickets/HD-5/pause", {"waiting_on": "customer"}),
    "revise_charge": write(
        f"{A}/tickets/HD-5/charge/revision", {"amount": 2, "reason": "more work"}
    ),
    "resolve_ticket": write(f"{A}/tickets/HD-6/resolution", {"outcome": "solved"}),
    "refund_ticket": write(f"{A}/tickets/HD-1/refund", {"reason": "late", "actor": "ines"}),
    "get_balance": read(f"{A}/balance"),
    "get_balance after a long past": read(f"{GROWN}/balance"),
    "get_balance of two years ago": read(f"{GROWN}/balance", at="2024-11-24T08:00:00Z"),
    "list_entries": read(f"{GROWN}/entries"),
    "list_lots": read(f"{GROWN}/lots"),
    "get_ticket_deadlines": read(f"{A}/tickets/HD-5/deadlines"),
    "read_queue": read("/v1/queue"),
    "list_deadlines": read("/v1/deadlines"),
    "list_deadlines that run": read("/v1/deadlines", status="running"),
    "list_deadlines that were met": read("/v1/deadlines", status="met"),
    "list_deadlines that are breached": read("/v1/deadlines", status="breached"),
    "list_deadlines at risk": read("/v1/deadlines", at_risk="true"),
    "list_events": read("/v1/events", account_id="grown"),
    "list_events of all accounts": read("/v1/events"),
    "place_purchase": write(
        f"{A}/purchases",
        {"order_id": "SO-9", "offer": "livecart.express-1y", "payment": {"status": "paid"}},
    ),
    "list_purchases": read(f"{A}/purchases"),
    "list_subscriptions": read(f"{A}/subscriptions"),
    "list_accounts": read("/v1/accounts"),
    "get_account": read(A),
}


async def relay(db: Db) -> int:
    await events.sequence_events(db)
    made = await deliveries.relay_events(db)
    assert made > 0
    return made


async def prune_events(db: Db) -> int:
    return await events.prune_events(db, kept=timedelta(days=90))


async def announce_first(db: Db) -> int:
    due = await notices.find_due(db)
    return await notices.record_due(db, due[0])


async def find_endpoint(db: Db) -> UUID:
    (endpoint,) = await rows.list_enabled_webhooks(db)
    return endpoint.webhook_id


async def begin_attempts(db: Db) -> object:
    return await attempts.continue_deliveries(
        db,
        await find_endpoint(db),
        ended=[],
        under_way=0,
        time_limit=timedelta(seconds=15),
        draw_chance=lambda: 0.5,
    )


async def release_next(db: Db) -> None:
    await delivery_rows.release_heads(db, await find_endpoint(db), ["grown"], now=db.read_clock())


async def put_in_order(db: Db) -> None:
    await delivery_rows.put_in_order(db, await find_endpoint(db))


async def find_undelivered(db: Db) -> object:
    return await delivery_rows.list_undelivered_accounts(db, await find_endpoint(db), ["grown"])


async def list_failed(db: Db) -> object:
    return await deliveries.list_deliveries(
        db, await find_endpoint(db), after=None, ascending=False, limit=50, status="failed"
    )


async def list_newest(db: Db) -> object:
    return await deliveries.list_deliveries(
        db, await find_endpoint(db), after=None, ascending=False, limit=50, status=None
    )


POLLS: dict[str, Callable[[Db], Awaitable[object]]] = {
    "order new events": events.sequence_events,
    "make deliveries of new events": relay,
    "look for endpoints with something due": attempts.list_due_webhooks,
    "begin attempts at what is due": begin_attempts,
    "let the next of an account be sent": release_next,
    "put what waits in order": put_in_order,
    "look for whose events are not delivered": find_undelivered,
    "list deliveries": list_newest,
    "list deliveries that failed": list_failed,
    "look for whom something is to be told": notices.find_due,
    "tell it": announce_first,
    "prune old replies": idempotency.prune_keys,
    "prune old events": prune_events,
}
NEEDED = {
    "ix_tickets_queue": "read_queue",
    "ix_tickets_account_id_opened_at_ticket_id": "list_tickets after a long past",
    "ix_deadlines_in_order": "list_deadlines",
    "ix_deadlines_status_in_order": "list_deadlines that are breached",
    "ix_deadlines_unbreakable": "list_deadlines that run",
    "ix_entries_account_id_ticket_id_sequence": "get_ticket after a long past",
    "ix_lots_account_id_reach_days_furthest_end": "get_balance of two years ago",
    "ix_events_position": "list_events of all accounts",
}


@pytest.mark.parametrize("operation", list(OPERATIONS))
async def test_no_operation_reads_more_than_it_needs(api: Api, operation: str) -> None:
    reply = await OPERATIONS[operation](api)
    assert reply.status_code in (200, 201), reply.text
    assert ExplainingConnection.found
    assert faults() == []


@pytest.mark.parametrize("poll", list(POLLS))
async def test_no_worker_reads_more_than_it_needs(api: Api, poll: str) -> None:
    await api.open(A, "just-now")
    ExplainingConnection.found.clear()
    async with api.app.state.database.transaction() as db:
        await POLLS[poll](db)
    assert ExplainingConnection.found
    assert faults() == []


@pytest.mark.parametrize("index", list(NEEDED))
async def test_an_index_that_is_missing_shows(api: Api, index: str) -> None:
    async with api.app.state.database.connection() as connection:
        await connection.execute(f"DROP INDEX {index}")
    reply = await OPERATIONS[NEEDED[index]](api)
    assert reply.status_code in (200, 201), reply.text
    assert faults() != []


# The queue's first page counts all that is open, which here are three tickets of four; and looks
# through contacts where it is asked for a requester's.
COUNTED = (
    "the whole of tickets is read: WITH counted AS",
    "the whole of contacts is read: WITH counted AS",
)


def faults() -> list[str]:
    """Return what is wrong, each with the statement that it is wrong with."""
    found = [f"{fault}: {each.sql}" for each in ExplainingConnection.found for fault in each.faults]
    return [fault for fault in found if not fault.startswith(COUNTED)]
