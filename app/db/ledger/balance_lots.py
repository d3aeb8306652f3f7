"""Lots as a balance needs them: as they were left by the account's entries up to a cut.

No lot is read that ended long before the cut, or was granted after it.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    Select,
    Uuid,
    and_,
    any_,
    bindparam,
    literal_column,
    or_,
    select,
    true,
    union_all,
)

from app.db.engine.compiled import Statement
from app.db.engine.unit_of_work import Db
from app.db.ledger.lot_ends import REACHES
from app.db.ledger.stored_lots import LOT_COLUMNS, read_lot
from app.db.tables import entries, lots, tickets
from app.domain.ledger.ledger import Lot
from app.domain.values import replace

_ENDED_AT_FIRST = 100
_OF_ACCOUNT = entries.c.account_id == bindparam("account_id")


def _with_last_entry(found: Any) -> Select[Any]:
    """Return a statement of lots, each with the running values of its last entry by the cut."""
    found = found.subquery("found")
    last = (
        select(
            entries.c.lot_granted,
            entries.c.lot_held,
            entries.c.lot_used,
            entries.c.lot_revoked,
            entries.c.expires_at.label("lot_expires_at"),
        )
        .where(
            _OF_ACCOUNT,
            entries.c.lot_id == found.c.lot_id,
            entries.c.sequence <= bindparam("cut"),
        )
        .order_by(entries.c.sequence.desc())
        .limit(1)
        .lateral("last")
    )
    return select(*found.c, *last.c).select_from(found.outerjoin(last, true()))


_GRANTED = select(*LOT_COLUMNS).where(
    lots.c.account_id == bindparam("account_id"),
    lots.c.granted_sequence <= bindparam("cut"),
)
_BY_ID = Statement(
    _with_last_entry(
        select(*LOT_COLUMNS).where(
            lots.c.account_id == bindparam("account_id"),
            lots.c.lot_id == any_(bindparam("lot_ids", type_=ARRAY(Uuid))),
        )
    )
)
# Each part reads an index from the cut's clock on, and no further than such a lot can reach.
_NOT_ENDED = Statement(
    _with_last_entry(
        union_all(
            *(
                _GRANTED.where(
                    lots.c.reach_days == literal_column(str(days)),
                    lots.c.furthest_end > bindparam("since"),
                    lots.c.furthest_end <= bindparam(f"until_{days}", type_=lots.c.created_at.type),
                )
                for days in REACHES
            ),
            _GRANTED.where(
                lots.c.reach_days.is_(None),
                or_(lots.c.furthest_end > bindparam("since"), lots.c.furthest_end.is_(None)),
            ),
        )
    )
)
_ENDED = Statement(
    _with_last_entry(
        _GRANTED.where(lots.c.furthest_end <= bindparam("since"))
        .order_by(lots.c.furthest_end.desc(), lots.c.lot_id)
        .limit(bindparam("limit"))
        .offset(bindparam("offset"))
    )
)
_HELD_BY_UNSETTLED = Statement(
    select(entries.c.lot_id)
    .distinct()
    .select_from(tickets)
    .join(entries, and_(_OF_ACCOUNT, entries.c.ticket_id == tickets.c.ticket_id))
    .where(
        tickets.c.account_id == bindparam("account_id"),
        or_(
            tickets.c.status != literal_column("'resolved'"),
            tickets.c.charge_status == literal_column("'held'"),
        ),
        entries.c.held > 0,
        entries.c.sequence <= bindparam("cut"),
    )
)


async def load_lots_not_ended(
    db: Db, account_id: str, cut: int, clock_at: datetime | None, late: Sequence[Any]
) -> list[Lot]:
    """Return the lots granted by the cut and not ended before it, and those moved `late`."""
    by_lot: dict[UUID, list[Any]] = {}
    for entry in late:
        by_lot.setdefault(entry["lot_id"], []).append(entry)
    rows: list[Any] = []
    if clock_at is not None:
        until = {f"until_{days}": clock_at + timedelta(days=days) for days in REACHES}
        rows += await db.rows(_NOT_ENDED, account_id=account_id, cut=cut, since=clock_at, **until)
    missing = by_lot.keys() - {row["lot_id"] for row in rows}
    if missing:
        rows += await db.rows(_BY_ID, account_id=account_id, cut=cut, lot_ids=list(missing))
    return [fold_lot(row, by_lot.get(row["lot_id"], ())) for row in rows]


async def load_ended_holding(
    db: Db, account_id: str, cut: int, clock_at: datetime, held: int, *, known: set[UUID]
) -> list[Lot]:
    """Return the lots ended before the cut that hold `held` units.

    Those that tickets hold to this day are found by the tickets. What was settled since was held
    by a ticket that was open then, so its lot is soon found, the last ended first.
    """
    by_ticket = await db.rows(_HELD_BY_UNSETTLED, account_id=account_id, cut=cut)
    lot_ids = {row["lot_id"] for row in by_ticket} - known
    rows = await db.rows(_BY_ID, account_id=account_id, cut=cut, lot_ids=list(lot_ids))
    found = [fold_lot(row, ()) for row in rows if row["lot_held"]]
    held -= sum(lot.held for lot in found)
    known = known | lot_ids
    offset, limit = 0, _ENDED_AT_FIRST
    while held:
        rows = await db.rows(
            _ENDED, account_id=account_id, cut=cut, since=clock_at, offset=offset, limit=limit
        )
        more = [fold_lot(row, ()) for row in rows if row["lot_held"] and row["lot_id"] not in known]
        found += more
        held -= sum(lot.held for lot in more)
        if len(rows) < limit:
            break
        offset, limit = offset + limit, limit * 4
    return found


def fold_lot(row: Any, late: Iterable[Any]) -> Lot:
    """Return a lot as its last entry by the cut left it, and the backdated ones after it."""
    lot = read_lot(row)
    counted = lot.granted is not None
    known = row["lot_held"] is not None
    lot = replace(
        lot,
        granted=(row["lot_granted"] or 0) if counted else None,
        held=row["lot_held"] or 0,
        used=row["lot_used"] or 0,
        revoked=row["lot_revoked"] or 0,
        expires_at=row["lot_expires_at"] if known else lot.expires_at,
    )
    for entry in late:
        lot = replace(
            lot,
            granted=(lot.granted or 0) + entry["granted"] if counted else None,
            held=lot.held + entry["held"],
            used=lot.used + entry["used"],
            revoked=lot.revoked + entry["revoked"],
            expires_at=entry["expires_at"]
            if entry["kind"] in ("grant", "extend")
            else lot.expires_at,
        )
    return lot
