"""Whole tickets: one statement reads a ticket with its events, clocks, movements and lots."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Select,
    Text,
    bindparam,
    or_,
    select,
    tuple_,
)

from app.db.accounts.account_reads import RunningTally, TicketMovement
from app.db.accounts.accounts import BEGINNING
from app.db.accounts.locked_accounts import (
    STATE,
    LockedAccount,
    take_with,
)
from app.db.engine.compiled import Statement
from app.db.engine.row_arrays import RowArray
from app.db.engine.unit_of_work import Db
from app.db.ledger.entries import MOVEMENT_COLUMNS
from app.db.ledger.stored_lots import ENDING_AFTER, LOT_COLUMNS, load_lots_since
from app.db.promises.clocks import CLOCK
from app.db.tables import accounts, deadlines, entries, lots, tallies, ticket_events, tickets
from app.db.tickets.tickets import THIS_TICKET, TICKET, TICKET_EVENT, TicketUnknown
from app.domain.ledger.ledger import Lot
from app.domain.promises.stored_clocks import StoredClock
from app.domain.tickets.archived_tickets import require_not_archived
from app.domain.tickets.tickets import Ticket, TicketEvent, TicketStatus
from app.domain.values import Value, field, replace

# What belongs to a ticket, beside its row: of a page of tickets too, in one round trip.
EVENTS = RowArray(
    "of_events",
    select(*TICKET_EVENT.columns)
    .where(
        ticket_events.c.account_id == bindparam("account_id"),
        ticket_events.c.ticket_id == tickets.c.ticket_id,
    )
    .order_by(ticket_events.c.number)
    .correlate(tickets),
)
_CLOCKS = RowArray(
    "of_clocks",
    select(*CLOCK.columns)
    .where(
        deadlines.c.account_id == bindparam("account_id"),
        deadlines.c.ticket_id == tickets.c.ticket_id,
    )
    .correlate(tickets),
)
_MOVEMENTS = RowArray(
    "of_movements",
    select(*MOVEMENT_COLUMNS)
    .where(
        entries.c.account_id == bindparam("account_id"),
        entries.c.ticket_id == tickets.c.ticket_id,
    )
    .order_by(entries.c.sequence)
    .correlate(tickets),
)
_LOT_IDS = (
    select(entries.c.lot_id)
    .where(
        entries.c.account_id == bindparam("account_id"),
        entries.c.ticket_id == tickets.c.ticket_id,
    )
    .correlate(tickets)
)
_LOTS = RowArray(
    "of_lots",
    select(*LOT_COLUMNS)
    .where(lots.c.account_id == bindparam("account_id"), lots.c.lot_id.in_(_LOT_IDS))
    .correlate(tickets),
)
_TALLIES = RowArray(
    "of_tallies",
    select(tallies.c.tally_id, tallies.c.granted, tallies.c.held, tallies.c.used, tallies.c.revoked)
    .where(
        tallies.c.account_id == bindparam("account_id"),
        tallies.c.tally_id.in_(
            select(lots.c.tally_id)
            .where(lots.c.account_id == bindparam("account_id"), lots.c.lot_id.in_(_LOT_IDS))
            .correlate(tickets)
        ),
    )
    .correlate(tickets),
)
_SEQUENCE = (
    select(accounts.c.sequence)
    .where(accounts.c.account_id == bindparam("account_id"))
    .correlate(tickets)
    .scalar_subquery()
    .label("of_sequence")
)
WHOLE = select(*TICKET.columns, EVENTS.column, _MOVEMENTS.column, _LOTS.column, _SEQUENCE)
# What its plan has left in the account, too: the lots that have not ended by `since`.
_POOL = RowArray(
    "of_pool",
    select(*LOT_COLUMNS)
    .where(
        ENDING_AFTER,
        lots.c.catalog == tickets.c.catalog,
        lots.c.plan == tickets.c.plan,
    )
    .correlate(tickets),
)
WITH_POOL = WHOLE.add_columns(_POOL.column)
_FIND_WHOLE = Statement(WITH_POOL.where(THIS_TICKET))
TO_CHANGE = WITH_POOL.add_columns(_CLOCKS.column, _TALLIES.column).where(THIS_TICKET)
_FIND_TO_CHANGE = Statement(TO_CHANGE)


def with_account(ticket: Select[Any]) -> Statement:
    """Return what reads a ticket together with its account, as it is read without a lock.

    The columns of both have other names.
    """
    of_account = accounts.c.account_id == bindparam("account_id")
    return Statement(ticket.add_columns(*STATE).join_from(tickets, accounts, of_account))


_TAKE_TO_CHANGE = with_account(TO_CHANGE)
_LATEST = datetime.max.replace(tzinfo=UTC)
_OPENED = (tickets.c.opened_at, tickets.c.ticket_id)
_AFTER = tuple_(
    bindparam("after_at", type_=tickets.c.opened_at.type), bindparam("after_id", type_=Text)
)


def _asked(column: ColumnElement[Any]) -> ColumnElement[bool]:
    wanted: ColumnElement[Any] = bindparam(column.name, type_=Text)
    return or_(wanted.is_(None), column == wanted)


_LISTED = WHOLE.where(
    tickets.c.account_id == bindparam("account_id"),
    tickets.c.archived_in.is_(None),
    _asked(tickets.c.status),
    _asked(tickets.c.catalog),
    _asked(tickets.c.plan),
    tickets.c.opened_at >= bindparam("from_", type_=tickets.c.opened_at.type),
    tickets.c.opened_at < bindparam("to", type_=tickets.c.opened_at.type),
).limit(bindparam("limit"))
_OLDEST_FIRST = Statement(_LISTED.where(tuple_(*_OPENED) > _AFTER).order_by(*_OPENED))
_NEWEST_FIRST = Statement(
    _LISTED.where(tuple_(*_OPENED) < _AFTER).order_by(*(part.desc() for part in _OPENED))
)


class TicketFilter(Value):
    """Which of an account's tickets are asked for; those opened in [from_, to)."""

    status: TicketStatus | None = None
    catalog: str | None = None
    plan: str | None = None
    from_: datetime | None = None
    to: datetime | None = None


class WholeTicket(Value):
    """A ticket with what belongs to it.

    `events` are what happened to it, in the order it was reported; `movements` its entries, and
    `lots` those that they moved; `clocks` as they are stored, read where it is to be changed.
    `pool` has the lots of its plan that have not ended, where they were read. `sequence` is its
    account's.
    """

    ticket: Ticket
    events: Sequence[TicketEvent]
    movements: list[TicketMovement]
    lots: dict[UUID, Lot]
    sequence: int
    clocks: Sequence[StoredClock] = field(default=())
    pool: Sequence[Lot] = field(default=())


async def find_whole_ticket(db: Db, account_id: str, ticket_id: str) -> WholeTicket | None:
    """Return a ticket with what belongs to it, or None. Refuses `ticket_archived`."""
    record = await db.row(
        _FIND_WHOLE, account_id=account_id, ticket_id=ticket_id, since=db.read_clock()
    )
    return None if record is None else _read_with_pool(record)


async def load_whole_ticket(db: Db, account_id: str, ticket_id: str) -> WholeTicket:
    """Return a ticket with what belongs to it.

    Refuses `ticket_unknown` and `ticket_archived`.
    """
    whole = await find_whole_ticket(db, account_id, ticket_id)
    if whole is None:
        raise TicketUnknown(f"There is no ticket {ticket_id!r}.")
    return whole


async def take_ticket(db: Db, account_id: str, ticket_id: str) -> tuple[LockedAccount, WholeTicket]:
    """Take the account's row, and return a ticket with all that a change of it needs.

    Refuses `account_unknown` and `ticket_unknown`. One statement where the row is not locked.
    """
    account, record = await take_with(
        db,
        account_id,
        take=_TAKE_TO_CHANGE,
        find=_FIND_TO_CHANGE,
        ticket_id=ticket_id,
        since=db.read_clock(),
    )
    return account, read_to_change(account, record, ticket_id)


def read_to_change(account: LockedAccount, record: Any, ticket_id: str) -> WholeTicket:
    """Return a record of `TO_CHANGE`; the account knows what belongs to it from then on.

    Refuses `ticket_unknown` where there is none, and `ticket_archived`.
    """
    if record is None:
        raise TicketUnknown(f"There is no ticket {ticket_id!r}.")
    clocks = _CLOCKS.read_as(StoredClock, record[_CLOCKS.label])
    whole = replace(_read_with_pool(record), clocks=clocks)
    account.movements[whole.ticket.ticket_id] = whole.movements
    account.lots |= whole.lots
    for tally_id, *totals in record[_TALLIES.label]:
        account.totals[tally_id] = RunningTally(*totals)
    return whole


def _read_with_pool(record: Any) -> WholeTicket:
    whole = replace(read_whole_ticket(record), pool=_POOL.read_as(Lot, record[_POOL.label]))
    require_not_archived(whole.ticket)
    return whole


def read_whole_ticket(record: Any) -> WholeTicket:
    """Return a record of `WHOLE` as a ticket with what belongs to it."""
    return WholeTicket(
        ticket=TICKET.read(record),
        events=EVENTS.read_as(TicketEvent, record[EVENTS.label]),
        movements=_MOVEMENTS.read_as(TicketMovement, record[_MOVEMENTS.label]),
        lots={lot.lot_id: lot for lot in _LOTS.read_as(Lot, record[_LOTS.label])},
        sequence=record["of_sequence"],
    )


async def list_tickets(
    db: Db,
    account_id: str,
    asked: TicketFilter,
    *,
    after: tuple[datetime, str] | None,
    ascending: bool,
    limit: int,
) -> list[WholeTicket]:
    """Return those of the account's tickets that are asked for, by when they were opened.

    Without those that were archived.
    """
    if after is None:
        after = (BEGINNING if ascending else _LATEST, "")
    records = await db.rows(
        _OLDEST_FIRST if ascending else _NEWEST_FIRST,
        account_id=account_id,
        status=asked.status,
        catalog=asked.catalog,
        plan=asked.plan,
        from_=asked.from_ or BEGINNING,
        to=asked.to or _LATEST,
        after_at=after[0],
        after_id=after[1],
        limit=limit,
    )
    found = [read_whole_ticket(record) for record in records]
    if not any(whole.ticket.plan for whole in found):
        return found
    # What they draw upon is read once for all of them.
    pools: dict[tuple[str, str], list[Lot]] = {}
    for lot in await load_lots_since(db, account_id, db.read_clock()):
        pools.setdefault((lot.catalog, lot.plan), []).append(lot)
    return [
        replace(whole, pool=pools.get((whole.ticket.catalog, whole.ticket.plan or ""), ()))
        for whole in found
    ]
