"""Entries as they are read: of a whole account one by one, a page of them, or a ticket's."""

from collections.abc import AsyncIterator, Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import and_, bindparam, exists, not_, or_, select

from app.db.accounts.account_reads import TicketMovement
from app.db.accounts.locked_accounts import LockedAccount
from app.db.engine.compiled import Statement
from app.db.engine.unit_of_work import Db
from app.db.tables import entries, tallies, tickets
from app.domain.ledger.entries import Entry
from app.domain.ledger.ledger import TicketUse, fold_ticket_entries
from app.domain.ledger.verification import ChargeRow, TallyRow

# In the order of the value's fields.
ENTRY_COLUMNS = (
    entries.c.sequence,
    entries.c.kind,
    entries.c.lot_id,
    entries.c.tally_id,
    entries.c.unit,
    entries.c.amount,
    entries.c.granted,
    entries.c.held,
    entries.c.used,
    entries.c.revoked,
    entries.c.lot_granted,
    entries.c.lot_held,
    entries.c.lot_used,
    entries.c.lot_revoked,
    entries.c.tally_granted,
    entries.c.tally_held,
    entries.c.tally_used,
    entries.c.tally_revoked,
    entries.c.valid_from,
    entries.c.expires_at,
    entries.c.effective_at,
    entries.c.clock_at,
    entries.c.recorded_at,
    entries.c.ticket_id,
    entries.c.order_id,
    entries.c.reference,
    entries.c.cause,
    entries.c.reason,
    entries.c.actor,
)
_ALL = Statement(
    select(*ENTRY_COLUMNS)
    .where(entries.c.account_id == bindparam("account_id"))
    .order_by(entries.c.sequence)
)
_PAGE = Statement(
    select(*ENTRY_COLUMNS)
    .where(
        entries.c.account_id == bindparam("account_id"),
        entries.c.sequence > bindparam("after"),
        entries.c.sequence <= bindparam("sequence"),
    )
    .order_by(entries.c.sequence)
    .limit(bindparam("limit"))
)
_BY_LOT = Statement(
    select(*ENTRY_COLUMNS)
    .where(
        entries.c.account_id == bindparam("account_id"),
        entries.c.lot_id.is_not(None),
    )
    .order_by(entries.c.lot_id, entries.c.effective_at, entries.c.sequence)
)
_OF_TICKET = and_(
    entries.c.account_id == bindparam("account_id"),
    entries.c.ticket_id == tickets.c.ticket_id,
)
_BY_TICKET = Statement(
    select(
        tickets.c.ticket_id,
        tickets.c.charge_amount,
        tickets.c.overage_amount,
        or_(tickets.c.status != "resolved", tickets.c.charge_status == "held").label("may_hold"),
        entries.c.sequence,
        entries.c.lot_id,
        entries.c.held,
        entries.c.used,
        entries.c.kind,
        entries.c.amount,
    )
    .select_from(tickets.outerjoin(entries, _OF_TICKET))
    .where(tickets.c.account_id == bindparam("account_id"))
    .order_by(tickets.c.ticket_id, entries.c.sequence)
)
_WITHOUT_TICKET = Statement(
    select(entries.c.ticket_id)
    .distinct()
    .where(
        entries.c.account_id == bindparam("account_id"),
        entries.c.ticket_id.is_not(None),
        not_(
            exists().where(
                tickets.c.account_id == bindparam("account_id"),
                tickets.c.ticket_id == entries.c.ticket_id,
            )
        ),
    )
)
_TALLIES = Statement(
    select(
        tallies.c.tally_id,
        tallies.c.catalog,
        tallies.c.site,
        tallies.c.unit,
        tallies.c.counted,
        tallies.c.granted,
        tallies.c.held,
        tallies.c.used,
        tallies.c.revoked,
    ).where(tallies.c.account_id == bindparam("account_id"))
)
# In the order of the fields of a ticket's movement.
MOVEMENT_COLUMNS = (
    entries.c.sequence,
    entries.c.lot_id,
    entries.c.held,
    entries.c.used,
    entries.c.effective_at,
)
_TICKET_ENTRIES = Statement(
    select(*MOVEMENT_COLUMNS)
    .where(
        entries.c.account_id == bindparam("account_id"),
        entries.c.ticket_id == bindparam("ticket_id"),
    )
    .order_by(entries.c.sequence)
)


def read_entry(row: Any) -> Entry:
    """Return an entry's row, of `ENTRY_COLUMNS`, as a value."""
    return Entry(*row)


async def stream_entries(db: Db, account_id: str) -> AsyncIterator[Entry]:
    """Yield the account's entries in the order of their sequence."""
    async for row in db.stream(_ALL, account_id=account_id):
        yield Entry(*row)


async def stream_entries_by_lot(db: Db, account_id: str) -> AsyncIterator[Entry]:
    """Yield the account's entries lot by lot, each lot's by effective time, then sequence."""
    async for row in db.stream(_BY_LOT, account_id=account_id):
        yield Entry(*row)


async def stream_charges(
    db: Db, account_id: str
) -> AsyncIterator[tuple[ChargeRow, list[tuple[int, UUID, int, int]], int]]:
    """Yield each ticket's stored charge, the entries that moved lots for it, and its overage.

    The entries are (sequence, lot, held, used), as `fold_ticket_entries` takes them.
    """
    current: ChargeRow | None = None
    moved: list[tuple[int, UUID, int, int]] = []
    overage = 0
    async for row in db.stream(_BY_TICKET, account_id=account_id):
        if current is None or current.ticket_id != row["ticket_id"]:
            if current is not None:
                yield current, moved, overage
            current, moved, overage = ChargeRow(*tuple(row)[:4]), [], 0
        if row["lot_id"] is not None:
            moved.append((row["sequence"], row["lot_id"], row["held"], row["used"]))
        elif row["kind"] == "overage":
            overage += row["amount"]
    if current is not None:
        yield current, moved, overage


async def list_unknown_tickets(db: Db, account_id: str) -> list[str]:
    """Return the ids of tickets that entries name and that are not there."""
    rows = await db.rows(_WITHOUT_TICKET, account_id=account_id)
    return [row["ticket_id"] for row in rows]


async def load_tallies(db: Db, account_id: str) -> dict[int, TallyRow]:
    """Return the account's stored tallies by id."""
    rows = await db.rows(_TALLIES, account_id=account_id)
    return {row["tally_id"]: TallyRow(*row) for row in rows}


async def list_entries(
    db: Db, account_id: str, *, after: int, sequence: int, limit: int
) -> list[Entry]:
    """Return the entries numbered above `after`, up to `sequence`."""
    rows = await db.rows(_PAGE, account_id=account_id, after=after, sequence=sequence, limit=limit)
    return [Entry(*row) for row in rows]


async def load_ticket_uses(db: Db, account: LockedAccount, ticket_id: str) -> dict[UUID, TicketUse]:
    """Return what a ticket holds and has used of each lot: the fold of its entries."""
    return fold_movements(await _load_movements(db, account, ticket_id))


def fold_movements(moved: Iterable[TicketMovement]) -> dict[UUID, TicketUse]:
    """Return what a ticket's entries, in order, add up to for each lot."""
    return fold_ticket_entries(
        (each.sequence, each.lot_id, each.held, each.used)
        for each in moved
        if each.lot_id is not None
    )


async def last_ticket_entry_at(db: Db, account: LockedAccount, ticket_id: str) -> datetime | None:
    """Return when the last movement of a ticket's charge took effect, None before any."""
    moved = await _load_movements(db, account, ticket_id)
    return max((each.effective_at for each in moved), default=None)


async def load_lot_movements(
    db: Db, account: LockedAccount, ticket_id: str
) -> list[tuple[UUID, TicketMovement]]:
    """Return a ticket's entries that moved lots, in order, each with its lot."""
    moved = await _load_movements(db, account, ticket_id)
    return [(each.lot_id, each) for each in moved if each.lot_id is not None]


async def _load_movements(db: Db, account: LockedAccount, ticket_id: str) -> list[TicketMovement]:
    """Return a ticket's entries in order; they are read once while the account is locked."""
    if ticket_id not in account.movements:
        rows = await db.rows(_TICKET_ENTRIES, account_id=account.account_id, ticket_id=ticket_id)
        account.movements[ticket_id] = [TicketMovement(*row) for row in rows]
    return account.movements[ticket_id]
