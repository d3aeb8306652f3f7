"""Tickets, what happened to them, and their clocks as they stand after it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    Text,
    and_,
    bindparam,
    or_,
    select,
    tuple_,
    update,
)
from sqlalchemy.dialects.postgresql import insert

from app.db.accounts.accounts import LockedAccount, Tally, TicketMovement
from app.db.engine.compiled import Statement
from app.db.engine.database import Db
from app.db.engine.row_arrays import Nested
from app.db.ledger.entries import MOVEMENT_COLUMNS
from app.db.ledger.stored_lots import LOT_COLUMNS
from app.db.tables import accounts, deadlines, entries, lots, tallies, ticket_events, tickets
from app.domain.access.refusals import Refusal
from app.domain.ledger.ledger import Lot


class TicketUnknown(Refusal):
    """The account has no such ticket."""

    kind = "unknown"
    code = "ticket_unknown"
    title = "There is no such ticket"


_INSERT = Statement(insert(tickets))
_THIS_TICKET = and_(
    tickets.c.account_id == bindparam("account_id"), tickets.c.ticket_id == bindparam("ticket_id")
)
_FIND = Statement(select(tickets).where(_THIS_TICKET))
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
    .where(_THIS_TICKET)
    .values({name: bindparam(name) for name in (*_STATE_COLUMNS, "version")})
)
_INSERT_EVENT = Statement(insert(ticket_events))
# What belongs to a ticket, beside its row: of a page of tickets too, in one round trip.
_EVENTS = Nested(
    "of_events",
    select(ticket_events)
    .where(
        ticket_events.c.account_id == tickets.c.account_id,
        ticket_events.c.ticket_id == tickets.c.ticket_id,
    )
    .order_by(ticket_events.c.number)
    .correlate(tickets),
)
_CLOCKS = Nested(
    "of_clocks",
    select(deadlines)
    .where(
        deadlines.c.account_id == tickets.c.account_id,
        deadlines.c.ticket_id == tickets.c.ticket_id,
    )
    .correlate(tickets),
)
_MOVEMENTS = Nested(
    "of_movements",
    select(*MOVEMENT_COLUMNS)
    .where(
        entries.c.account_id == tickets.c.account_id,
        entries.c.ticket_id == tickets.c.ticket_id,
    )
    .order_by(entries.c.sequence)
    .correlate(tickets),
)
_LOT_IDS = (
    select(entries.c.lot_id)
    .where(
        entries.c.account_id == tickets.c.account_id,
        entries.c.ticket_id == tickets.c.ticket_id,
    )
    .correlate(tickets)
)
_LOTS = Nested(
    "of_lots",
    select(*LOT_COLUMNS)
    .where(lots.c.account_id == tickets.c.account_id, lots.c.lot_id.in_(_LOT_IDS))
    .correlate(tickets),
)
_TALLIES = Nested(
    "of_tallies",
    select(tallies.c.tally_id, tallies.c.granted, tallies.c.held, tallies.c.used, tallies.c.revoked)
    .where(
        tallies.c.account_id == tickets.c.account_id,
        tallies.c.tally_id.in_(
            select(lots.c.tally_id)
            .where(lots.c.account_id == tickets.c.account_id, lots.c.lot_id.in_(_LOT_IDS))
            .correlate(tickets)
        ),
    )
    .correlate(tickets),
)
_SEQUENCE = (
    select(accounts.c.sequence)
    .where(accounts.c.account_id == tickets.c.account_id)
    .correlate(tickets)
    .scalar_subquery()
    .label("of_sequence")
)
WHOLE = select(tickets, _EVENTS.column, _MOVEMENTS.column, _LOTS.column, _SEQUENCE)
_FIND_WHOLE = Statement(WHOLE.where(_THIS_TICKET))
_FIND_TO_CHANGE = Statement(WHOLE.add_columns(_CLOCKS.column, _TALLIES.column).where(_THIS_TICKET))
_LIST = Statement(
    WHOLE.where(
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


class WholeTicket(dict[str, Any]):
    """A ticket's row, by its columns, with what belongs to it.

    `events` are what happened to it, in the order it was reported; `movements` its entries, and
    `lots` those that they moved; `clocks` as they are stored, read where it is to be changed.
    `sequence` is its account's.
    """

    __slots__ = ("clocks", "events", "lots", "movements", "sequence")

    def __init__(self, row: Mapping[str, Any], *, events: list[Mapping[str, Any]]) -> None:
        super().__init__(row)
        self.events = events
        self.movements: list[TicketMovement] = []
        self.lots: dict[UUID, Lot] = {}
        self.clocks: list[Mapping[str, Any]] = []
        self.sequence = 0


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


async def find_whole_ticket(db: Db, account_id: str, ticket_id: str) -> WholeTicket | None:
    """Return a ticket with what belongs to it, or None."""
    row = await db.row(_FIND_WHOLE, account_id=account_id, ticket_id=ticket_id)
    return None if row is None else read_whole_ticket(row)


async def load_whole_ticket(db: Db, account_id: str, ticket_id: str) -> WholeTicket:
    """Return a ticket with what belongs to it, or refuse with `ticket_unknown`."""
    ticket = await find_whole_ticket(db, account_id, ticket_id)
    if ticket is None:
        raise TicketUnknown(f"There is no ticket {ticket_id!r}.")
    return ticket


async def load_ticket_to_change(db: Db, account: LockedAccount, ticket_id: str) -> WholeTicket:
    """Return a ticket of an account that is held, with all that a change of it needs.

    The account knows the ticket's movements, lots and tallies from then on. Refuses
    `ticket_unknown`.
    """
    row = await db.row(_FIND_TO_CHANGE, account_id=account.account_id, ticket_id=ticket_id)
    if row is None:
        raise TicketUnknown(f"There is no ticket {ticket_id!r}.")
    ticket = read_whole_ticket(row)
    ticket.clocks = _CLOCKS.read(ticket.pop(_CLOCKS.label))
    account.movements[ticket_id] = ticket.movements
    account.lots |= ticket.lots
    for tally_id, *totals in ticket.pop(_TALLIES.label):
        account.totals[tally_id] = Tally(*totals)
    return ticket


def read_whole_ticket(row: Any) -> WholeTicket:
    """Return a row of `WHOLE` as a ticket."""
    values = dict(row)
    ticket = WholeTicket(values, events=_EVENTS.read(values[_EVENTS.label]))
    del ticket[_EVENTS.label]
    ticket.movements = [TicketMovement(*each) for each in ticket.pop(_MOVEMENTS.label)]
    ticket.lots = {each[0]: Lot(*each) for each in ticket.pop(_LOTS.label)}
    ticket.sequence = ticket.pop("of_sequence")
    return ticket


async def list_tickets(
    db: Db,
    account_id: str,
    *,
    status: str | None,
    after: tuple[datetime, str],
    limit: int,
) -> list[WholeTicket]:
    """Return the account's tickets in the order they were opened."""
    rows = await db.rows(
        _LIST,
        account_id=account_id,
        status=status,
        after_at=after[0],
        after_id=after[1],
        limit=limit,
    )
    return [read_whole_ticket(row) for row in rows]


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
