"""Entry filters: how far a period reaches, and which lots and tickets are of a catalogue."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Text,
    Uuid,
    any_,
    bindparam,
    func,
    literal_column,
    select,
)

from app.db.engine.compiled import Statement
from app.db.engine.unit_of_work import Db
from app.db.tables import entries, lots, tickets

_BEFORE = bindparam("before", type_=entries.c.clock_at.type)
_LAST_BY_CLOCK = (
    select(entries.c.sequence)
    .where(entries.c.account_id == bindparam("account_id"), entries.c.clock_at < _BEFORE)
    .order_by(entries.c.clock_at.desc(), entries.c.sequence.desc())
    .limit(literal_column("1"))
    .scalar_subquery()
)
_LAST_BACKDATED = (
    select(func.max(entries.c.sequence))
    .where(
        entries.c.account_id == bindparam("account_id"),
        entries.c.effective_at < entries.c.clock_at,
        entries.c.clock_at >= _BEFORE,
        entries.c.effective_at < _BEFORE,
    )
    .scalar_subquery()
)
_NONE: ColumnElement[int] = literal_column("0")
_LAST_BEFORE = Statement(
    select(
        func.coalesce(_LAST_BY_CLOCK, _NONE).label("by_clock"),
        func.greatest(
            func.coalesce(_LAST_BY_CLOCK, _NONE), func.coalesce(_LAST_BACKDATED, _NONE)
        ).label("by_effect"),
    )
)
_LOTS_OF_CATALOG = Statement(
    select(lots.c.lot_id).where(
        lots.c.account_id == bindparam("account_id"),
        lots.c.lot_id == any_(bindparam("lot_ids", type_=ARRAY(Uuid))),
        lots.c.catalog == bindparam("catalog"),
    )
)
_TICKETS_OF_CATALOG = Statement(
    select(tickets.c.ticket_id).where(
        tickets.c.account_id == bindparam("account_id"),
        tickets.c.ticket_id == any_(bindparam("ticket_ids", type_=ARRAY(Text))),
        tickets.c.catalog == bindparam("catalog"),
    )
)


async def find_last_before(db: Db, account_id: str, before: datetime) -> tuple[int, int]:
    """Return the number of the last entry recorded before an instant, by the account's clock.

    And that of the last one that takes effect before it, whenever it was recorded; 0 for none.
    """
    row = await db.row(_LAST_BEFORE, account_id=account_id, before=before)
    return (0, 0) if row is None else (row["by_clock"], row["by_effect"])


async def choose_of_catalog(
    db: Db, account_id: str, catalog: str, *, lot_ids: Iterable[UUID], ticket_ids: Iterable[str]
) -> tuple[set[UUID], set[str]]:
    """Return those of the lots, and those of the tickets, that are of a catalogue."""
    of_lots, of_tickets = list(lot_ids), list(ticket_ids)
    asked = {"account_id": account_id, "catalog": catalog}
    found = await db.rows(_LOTS_OF_CATALOG, lot_ids=of_lots, **asked) if of_lots else []
    over = await db.rows(_TICKETS_OF_CATALOG, ticket_ids=of_tickets, **asked) if of_tickets else []
    return {row["lot_id"] for row in found}, {row["ticket_id"] for row in over}
