"""Statements read: the entries of a period, and what tickets held at its end.

Entries are in the order of their clock, so that a period's are found by an index however long
the account's history is; those that were backdated into it are looked for beside them.
"""

from collections.abc import Iterable
from datetime import UTC, datetime

from sqlalchemy import (
    ARRAY,
    Text,
    and_,
    any_,
    bindparam,
    case,
    func,
    literal_column,
    or_,
    select,
)

from app.db.engine.compiled import Statement
from app.db.engine.unit_of_work import Db
from app.db.ledger.entries import ENTRY_COLUMNS
from app.db.tables import FAR_BACKDATED, entries, tickets
from app.domain.ledger.entries import Entry
from app.domain.ledger.statements import Key, StatementTicket, TicketUnits
from app.domain.time.backdating import BACK

_INSTANT = entries.c.clock_at.type
# How far back anybody may report; what is further back has an index of its own.
_LATE = BACK
_LATEST = datetime.max.replace(tzinfo=UTC)
_RELEASES_AT_A_TIME = 1_000

_WITHIN = and_(
    entries.c.account_id == bindparam("account_id"),
    entries.c.sequence <= bindparam("sequence"),
    entries.c.effective_at > bindparam("first", type_=_INSTANT),
    entries.c.effective_at <= bindparam("last", type_=_INSTANT),
)
_IN_TIME = select(*ENTRY_COLUMNS).where(
    _WITHIN,
    entries.c.clock_at > bindparam("first", type_=_INSTANT),
    entries.c.clock_at <= bindparam("last", type_=_INSTANT),
)
_SOON_AFTER = select(*ENTRY_COLUMNS).where(
    _WITHIN,
    entries.c.effective_at < entries.c.clock_at,
    entries.c.clock_at > bindparam("last", type_=_INSTANT),
    entries.c.clock_at <= bindparam("late", type_=_INSTANT),
)
_LONG_AFTER = select(*ENTRY_COLUMNS).where(
    _WITHIN,
    FAR_BACKDATED,
    entries.c.clock_at > bindparam("late", type_=_INSTANT),
)
_found = _IN_TIME.union_all(_SOON_AFTER, _LONG_AFTER).subquery("found")
_PERIOD = Statement(
    select(_found).order_by(_found.c.effective_at, _found.c.sequence).limit(bindparam("limit"))
)
_STATES = Statement(
    select(
        entries.c.ticket_id,
        entries.c.unit,
        func.sum(entries.c.held).label("held"),
        func.sum(entries.c.used).label("used"),
        func.sum(case((entries.c.kind == "overage", entries.c.amount), else_=0)).label("overage"),
    )
    .where(
        entries.c.account_id == bindparam("account_id"),
        entries.c.ticket_id == any_(bindparam("ticket_ids", type_=ARRAY(Text))),
        entries.c.sequence <= bindparam("sequence"),
        entries.c.effective_at <= bindparam("last", type_=_INSTANT),
        or_(entries.c.held != 0, entries.c.used != 0, entries.c.kind == "overage"),
    )
    .group_by(entries.c.ticket_id, entries.c.unit)
)
_MAY_HOLD_NOW = Statement(
    select(tickets.c.ticket_id).where(
        tickets.c.account_id == bindparam("account_id"),
        literal_column("(status <> 'resolved' OR charge_status = 'held')"),
    )
)
_RELEASED_AFTER = Statement(
    select(entries.c.sequence, entries.c.ticket_id)
    .where(
        entries.c.account_id == bindparam("account_id"),
        entries.c.sequence > bindparam("after"),
        entries.c.held < 0,
    )
    .order_by(entries.c.sequence)
    .limit(_RELEASES_AT_A_TIME)
)
_CUT = Statement(
    select(entries.c.sequence)
    .where(
        entries.c.account_id == bindparam("account_id"),
        entries.c.clock_at <= bindparam("last", type_=_INSTANT),
    )
    .order_by(entries.c.clock_at.desc(), entries.c.sequence.desc())
    .limit(1)
)
_TICKETS = Statement(
    select(
        tickets.c.ticket_id,
        tickets.c.subject,
        tickets.c.catalog,
        tickets.c.category,
        tickets.c.opened_at,
        tickets.c.outcome,
    ).where(
        tickets.c.account_id == bindparam("account_id"),
        tickets.c.ticket_id == any_(bindparam("ticket_ids", type_=ARRAY(Text))),
    )
)


async def load_period(
    db: Db, account_id: str, *, first: datetime, last: datetime, sequence: int, limit: int
) -> list[Entry]:
    """Return the entries effective after `first`, up to `last`, by effective time."""
    rows = await db.rows(
        _PERIOD,
        account_id=account_id,
        first=first,
        last=last,
        late=min(last, _LATEST - _LATE) + _LATE,
        sequence=sequence,
        limit=limit,
    )
    return [Entry(*row) for row in rows]


async def load_ticket_states(
    db: Db, account_id: str, ticket_ids: Iterable[str], *, last: datetime, sequence: int
) -> dict[Key, TicketUnits]:
    """Return what tickets held and had used at `last`, by (ticket, unit)."""
    rows = await db.rows(
        _STATES,
        account_id=account_id,
        ticket_ids=sorted(ticket_ids),
        last=last,
        sequence=sequence,
    )
    return {
        (row["ticket_id"], row["unit"]): TicketUnits(
            int(row["held"]), int(row["used"]), int(row["overage"])
        )
        for row in rows
    }


async def load_holding(
    db: Db, account_id: str, *, held: int, last: datetime, sequence: int
) -> dict[Key, TicketUnits]:
    """Return the tickets that held something at `last`, all units together `held`.

    They hold it still, or have released some since: those are looked for from `last` on, and
    no further than it takes to find all that was held.
    """
    found: dict[Key, TicketUnits] = {}
    if not held:
        return found
    rows = await db.rows(_MAY_HOLD_NOW, account_id=account_id)
    seen: set[str] = set()
    cut = await db.value(_CUT, account_id=account_id, last=last) or 0
    after = min(int(cut), sequence)
    while True:
        new = {row["ticket_id"] for row in rows} - seen - {None}
        seen |= new
        states = await load_ticket_states(db, account_id, new, last=last, sequence=sequence)
        found |= {key: state for key, state in states.items() if state.held}
        if sum(state.held for state in found.values()) == held:
            return found
        rows = await db.rows(_RELEASED_AFTER, account_id=account_id, after=after)
        if not rows:
            return found
        after = rows[-1]["sequence"]


async def load_statement_tickets(
    db: Db, account_id: str, ticket_ids: Iterable[str]
) -> dict[str, StatementTicket]:
    """Return what a statement says of these tickets, by id."""
    rows = await db.rows(_TICKETS, account_id=account_id, ticket_ids=sorted(ticket_ids))
    return {ticket.ticket_id: ticket for ticket in (StatementTicket(*row) for row in rows)}
