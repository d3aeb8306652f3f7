"""Tickets, what happened to them, and their clocks as they stand after it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Boolean,
    DateTime,
    Integer,
    Text,
    bindparam,
    delete,
    literal_column,
    or_,
    select,
    tuple_,
    update,
)
from sqlalchemy.dialects.postgresql import insert

from app.db.database import Db, Statement
from app.db.nested import Nested
from app.db.tables import deadlines, ticket_events, tickets
from app.domain.refusals import Refusal


class TicketUnknown(Refusal):
    """The account has no such ticket."""

    kind = "unknown"
    code = "ticket_unknown"
    title = "There is no such ticket"


_INSERT = Statement(insert(tickets))
_FIND = Statement(
    select(tickets).where(
        tickets.c.account_id == bindparam("account_id"),
        tickets.c.ticket_id == bindparam("ticket_id"),
    )
)
_LIST = Statement(
    select(tickets)
    .where(
        tickets.c.account_id == bindparam("account_id"),
        or_(
            bindparam("status", type_=Text).is_(None),
            tickets.c.status == bindparam("status", type_=Text),
        ),
        tuple_(tickets.c.opened_at, tickets.c.ticket_id)
        > tuple_(
            bindparam("after_at", type_=tickets.c.opened_at.type),
            bindparam("after_id", type_=Text),
        ),
    )
    .order_by(tickets.c.opened_at, tickets.c.ticket_id)
    .limit(bindparam("limit"))
)
_STATE_COLUMNS = (
    "status",
    "waiting_on",
    "outcome",
    "severity",
    "urgent",
    "category",
    "variables",
    "charge_status",
    "charge_unit",
    "charge_amount",
    "overage_amount",
    "dispute",
    "resolved_at",
    "last_event_at",
    "events",
    "due_at",
    "breaches_after",
    "promise_version",
    "plan",
    "extra_calendars",
    "promised",
)
_UPDATE = Statement(
    update(tickets)
    .where(
        tickets.c.account_id == bindparam("account_id"),
        tickets.c.ticket_id == bindparam("ticket_id"),
    )
    .values({name: bindparam(name) for name in (*_STATE_COLUMNS, "version")})
)
_INSERT_EVENT = Statement(insert(ticket_events))
_EVENTS_IN_ORDER = (
    select(ticket_events)
    .where(
        ticket_events.c.account_id == bindparam("account_id"),
        ticket_events.c.ticket_id == bindparam("ticket_id"),
    )
    .order_by(ticket_events.c.number)
)
_EVENTS = Statement(_EVENTS_IN_ORDER)
_NESTED_EVENTS = Nested("happened", _EVENTS_IN_ORDER)
_NESTED_CLOCKS = Nested(
    "clocks",
    select(deadlines).where(
        deadlines.c.account_id == bindparam("account_id"),
        deadlines.c.ticket_id == bindparam("ticket_id"),
    ),
)
_FIND_WHOLE = Statement(
    select(tickets, _NESTED_EVENTS.column, _NESTED_CLOCKS.column).where(
        tickets.c.account_id == bindparam("account_id"),
        tickets.c.ticket_id == bindparam("ticket_id"),
    )
)
_CLOCK_KEY = ("account_id", "ticket_id", "metric", "spell")
_REMOVE_CLOCK = Statement(
    delete(deadlines).where(*(deadlines.c[name] == bindparam(name) for name in _CLOCK_KEY))
)
_INSERT_CLOCK = Statement(insert(deadlines))
_CHANGE_CLOCK = Statement(
    update(deadlines)
    .where(*(deadlines.c[name] == bindparam(name) for name in _CLOCK_KEY))
    .values(
        {
            column.name: bindparam(column.name)
            for column in deadlines.columns
            if column.name not in _CLOCK_KEY
        }
    )
)
_QUEUE_ORDER = (
    literal_column("(status = 'paused')", Boolean),
    tickets.c.on_demand,
    literal_column("(NOT urgent)", Boolean),
    literal_column("coalesce(severity, 99)", Integer),
    literal_column("coalesce(rank, 99)", Integer),
    literal_column(
        "coalesce(breaches_after, '9999-12-31 00:00:00+00'::timestamptz)", DateTime(timezone=True)
    ),
    literal_column(
        "coalesce(due_at, '9999-12-31 00:00:00+00'::timestamptz)", DateTime(timezone=True)
    ),
    tickets.c.opened_at,
    tickets.c.account_id,
    tickets.c.ticket_id,
)
_OPEN = (
    select(tickets, *(part.label(f"key_{place}") for place, part in enumerate(_QUEUE_ORDER)))
    .where(
        tickets.c.status != literal_column("'resolved'", Text),
        or_(
            bindparam("catalog", type_=Text).is_(None),
            tickets.c.catalog == bindparam("catalog", type_=Text),
        ),
    )
    .order_by(*_QUEUE_ORDER)
    .limit(bindparam("limit"))
)
_QUEUE = Statement(_OPEN)
_QUEUE_AFTER = Statement(
    _OPEN.where(
        tuple_(*_QUEUE_ORDER)
        > tuple_(
            *(
                bindparam(f"after_{place}", type_=part.type)
                for place, part in enumerate(_QUEUE_ORDER)
            )
        )
    )
)

_OPEN_OF_CATALOG = Statement(
    select(tickets.c.account_id, tickets.c.ticket_id)
    .where(
        tickets.c.status != literal_column("'resolved'", Text),
        tickets.c.catalog == bindparam("catalog"),
        tuple_(tickets.c.account_id, tickets.c.ticket_id)
        > tuple_(
            bindparam("after_account", type_=Text),
            bindparam("after_ticket", type_=Text),
        ),
    )
    .order_by(tickets.c.account_id, tickets.c.ticket_id)
    .limit(bindparam("limit"))
)


@dataclass(frozen=True, slots=True)
class WholeTicket:
    """A ticket's row, what happened to it in the order it was reported, and its stored clocks."""

    row: Mapping[str, Any]
    events: list[Mapping[str, Any]]
    clocks: list[Mapping[str, Any]]


async def insert_ticket(db: Db, row: Mapping[str, Any]) -> None:
    """Write a new ticket."""
    await db.write(_INSERT, row=("ticket", row["account_id"], row["ticket_id"]), **row)


async def find_ticket(db: Db, account_id: str, ticket_id: str) -> Any | None:
    """Return a ticket's row, or None."""
    return await db.row(_FIND, account_id=account_id, ticket_id=ticket_id)


async def get_ticket(db: Db, account_id: str, ticket_id: str) -> Any:
    """Return a ticket's row, or refuse with `ticket_unknown`."""
    row = await find_ticket(db, account_id, ticket_id)
    if row is None:
        raise TicketUnknown(f"There is no ticket {ticket_id!r}.")
    return row


async def load_whole_ticket(db: Db, account_id: str, ticket_id: str) -> WholeTicket:
    """Return a ticket with its events and stored clocks, or refuse with `ticket_unknown`."""
    found = await db.row(_FIND_WHOLE, account_id=account_id, ticket_id=ticket_id)
    if found is None:
        raise TicketUnknown(f"There is no ticket {ticket_id!r}.")
    row = dict(found)
    events = _NESTED_EVENTS.read(row.pop("happened"))
    return WholeTicket(row, events, _NESTED_CLOCKS.read(row.pop("clocks")))


async def list_tickets(
    db: Db,
    account_id: str,
    *,
    status: str | None,
    after: tuple[datetime, str],
    limit: int,
) -> list[Any]:
    """Return the account's tickets in the order they were opened."""
    return await db.rows(
        _LIST,
        account_id=account_id,
        status=status,
        after_at=after[0],
        after_id=after[1],
        limit=limit,
    )


async def update_ticket(db: Db, ticket: Mapping[str, Any]) -> None:
    """Write a ticket's new state."""
    await db.write(
        _UPDATE,
        row=("ticket", ticket["account_id"], ticket["ticket_id"]),
        **{name: ticket[name] for name in (*_STATE_COLUMNS, "account_id", "ticket_id", "version")},
    )


async def insert_event(db: Db, event: Mapping[str, Any]) -> None:
    """Write what happened to a ticket."""
    await db.write(_INSERT_EVENT, **event)


async def load_events(db: Db, account_id: str, ticket_id: str) -> list[Any]:
    """Return a ticket's events in the order they were reported."""
    return await db.rows(_EVENTS, account_id=account_id, ticket_id=ticket_id)


async def insert_clocks(db: Db, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write the clocks of a new ticket."""
    await db.write_many(_INSERT_CLOCK, rows)


async def change_clocks(
    db: Db, before: Sequence[Mapping[str, Any]], after: Sequence[Mapping[str, Any]]
) -> None:
    """Write a ticket's clocks over what was kept of them: those that changed."""
    kept = {_clock_key(row): row for row in before}
    for row in after:
        known = kept.pop(_clock_key(row), None)
        if known != row:
            statement = _INSERT_CLOCK if known is None else _CHANGE_CLOCK
            await db.write(statement, row=("clock", *_clock_key(row)), **row)
    for key in kept:
        await db.write(
            _REMOVE_CLOCK, row=("clock", *key), **dict(zip(_CLOCK_KEY, key, strict=True))
        )


def _clock_key(row: Mapping[str, Any]) -> tuple[Any, ...]:
    return tuple(row[name] for name in _CLOCK_KEY)


async def load_queue(
    db: Db, *, catalog: str | None, after: tuple[Any, ...] | None, limit: int
) -> list[Any]:
    """Return open tickets in the order to work on them, after a place in it.

    A row's place is its `key_0` … `key_9`.
    """
    if after is None:
        return await db.rows(_QUEUE, catalog=catalog, limit=limit)
    places = {f"after_{place}": part for place, part in enumerate(after)}
    return await db.rows(_QUEUE_AFTER, catalog=catalog, limit=limit, **places)


async def list_open_of_catalog(
    db: Db, catalog: str, *, after: tuple[str, str], limit: int
) -> list[Any]:
    """Return the ids of a catalogue's open tickets, by account and ticket."""
    return await db.rows(
        _OPEN_OF_CATALOG,
        catalog=catalog,
        after_account=after[0],
        after_ticket=after[1],
        limit=limit,
    )
