"""What an account had at an instant, as known at a sequence: read from the entries.

`clock_at` never falls along the sequence, so one look at an index finds the last entry before
which everything was effective by then; the running totals in it and in each live lot's last
entry are the fold of all that went before. Only entries backdated since are added one by one.
So the cost does not grow with the account's history (DESIGN §2, laws 1 and 7).
"""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import and_, bindparam, func, or_, select, true

from app.db.database import Db, Statement
from app.db.ledger import LOT_COLUMNS, read_lot
from app.db.tables import entries, lots, tallies
from app.domain.ledger import Lot


@dataclass(slots=True)
class TallyState:
    """The running totals of one kind of units."""

    catalog: str
    site: str | None
    unit: str
    counted: bool
    granted: int
    held: int
    used: int
    revoked: int


@dataclass(frozen=True, slots=True)
class AccountState:
    """An account's units at an instant: its tallies, and the lots not yet ended by then.

    `ended_holding` are lots whose term is over and that still hold.
    """

    tallies: list[TallyState]
    lots: list[Lot]
    ended_holding: list[Lot]


_CUT = Statement(
    select(entries.c.sequence)
    .where(
        entries.c.account_id == bindparam("account_id"),
        entries.c.clock_at <= bindparam("at"),
    )
    .order_by(entries.c.clock_at.desc(), entries.c.sequence.desc())
    .limit(1)
)
_LAST_TALLY = (
    select(
        entries.c.tally_granted,
        entries.c.tally_held,
        entries.c.tally_used,
        entries.c.tally_revoked,
    )
    .where(
        entries.c.account_id == tallies.c.account_id,
        entries.c.tally_id == tallies.c.tally_id,
        entries.c.sequence <= bindparam("cut"),
    )
    .order_by(entries.c.sequence.desc())
    .limit(1)
    .lateral("last")
)
_TALLIES = Statement(
    select(
        tallies.c.tally_id,
        tallies.c.catalog,
        tallies.c.site,
        tallies.c.unit,
        tallies.c.counted,
        func.coalesce(_LAST_TALLY.c.tally_granted, 0).label("granted"),
        func.coalesce(_LAST_TALLY.c.tally_held, 0).label("held"),
        func.coalesce(_LAST_TALLY.c.tally_used, 0).label("used"),
        func.coalesce(_LAST_TALLY.c.tally_revoked, 0).label("revoked"),
    )
    .select_from(tallies.outerjoin(_LAST_TALLY, true()))
    .where(tallies.c.account_id == bindparam("account_id"))
    .order_by(tallies.c.tally_id)
)
_LAST_LOT = (
    select(
        entries.c.lot_granted,
        entries.c.lot_held,
        entries.c.lot_used,
        entries.c.lot_revoked,
        entries.c.expires_at.label("lot_expires_at"),
    )
    .where(
        entries.c.account_id == lots.c.account_id,
        entries.c.lot_id == lots.c.lot_id,
        entries.c.sequence <= bindparam("cut"),
    )
    .order_by(entries.c.sequence.desc())
    .limit(1)
    .lateral("last")
)
_AS_OF = (
    *(column for column in LOT_COLUMNS),
    _LAST_LOT.c.lot_granted,
    _LAST_LOT.c.lot_held,
    _LAST_LOT.c.lot_used,
    _LAST_LOT.c.lot_revoked,
    _LAST_LOT.c.lot_expires_at,
)
_KNOWN = and_(
    lots.c.account_id == bindparam("account_id"),
    lots.c.granted_sequence <= bindparam("sequence"),
)
_NOT_ENDED = Statement(
    select(*_AS_OF)
    .select_from(lots.outerjoin(_LAST_LOT, true()))
    .where(_KNOWN, or_(lots.c.furthest_end > bindparam("at"), lots.c.furthest_end.is_(None)))
)
_ENDED = Statement(
    select(*_AS_OF)
    .select_from(lots.outerjoin(_LAST_LOT, true()))
    .where(_KNOWN, lots.c.furthest_end <= bindparam("at"))
)
_BACKDATED = Statement(
    select(
        entries.c.sequence,
        entries.c.kind,
        entries.c.lot_id,
        entries.c.tally_id,
        entries.c.granted,
        entries.c.held,
        entries.c.used,
        entries.c.revoked,
        entries.c.expires_at,
    )
    .where(
        entries.c.account_id == bindparam("account_id"),
        entries.c.sequence > bindparam("cut"),
        entries.c.sequence <= bindparam("sequence"),
        entries.c.effective_at < entries.c.clock_at,
        entries.c.effective_at <= bindparam("at"),
        entries.c.lot_id.is_not(None),
    )
    .order_by(entries.c.sequence)
)


async def load_account_state(
    db: Db, account_id: str, *, at: datetime, sequence: int
) -> AccountState:
    """Return the fold of the entries effective by `at`, of those numbered up to `sequence`."""
    cut = min(await db.value(_CUT, account_id=account_id, at=at) or 0, sequence)
    late = await db.rows(_BACKDATED, account_id=account_id, cut=cut, sequence=sequence, at=at)
    totals = {
        row["tally_id"]: TallyState(*tuple(row)[1:])
        for row in await db.rows(_TALLIES, account_id=account_id, cut=cut)
    }
    known = {"account_id": account_id, "cut": cut, "sequence": sequence, "at": at}
    live = _as_of(await db.rows(_NOT_ENDED, **known), late, cut)
    for row in late:
        _add(totals[row["tally_id"]], row)
    ended: list[Lot] = [lot for lot in live if lot.has_ended(at) and lot.held > 0]
    live = [lot for lot in live if not lot.has_ended(at)]
    held_elsewhere = sum(state.held for state in totals.values()) - sum(
        lot.held for lot in (*live, *ended)
    )
    if held_elsewhere:
        ended += [lot for lot in _as_of(await db.rows(_ENDED, **known), late, cut) if lot.held]
    return AccountState(list(totals.values()), live, ended)


def _as_of(rows: list[Any], late: list[Any], cut: int) -> list[Lot]:
    by_lot: dict[UUID, list[Any]] = {}
    for entry in late:
        by_lot.setdefault(entry["lot_id"], []).append(entry)
    found = []
    for row in rows:
        backdated = by_lot.get(row["lot_id"], [])
        if row["granted_sequence"] > cut and not backdated:
            continue
        lot = read_lot(row)
        counted = lot.granted is not None
        lot = replace(
            lot,
            granted=(row["lot_granted"] or 0) if counted else None,
            held=row["lot_held"] or 0,
            used=row["lot_used"] or 0,
            revoked=row["lot_revoked"] or 0,
            expires_at=lot.expires_at if row["lot_held"] is None else row["lot_expires_at"],
        )
        for entry in backdated:
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
        found.append(lot)
    return found


def _add(total: TallyState, entry: Any) -> None:
    total.granted += entry["granted"]
    total.held += entry["held"]
    total.used += entry["used"]
    total.revoked += entry["revoked"]
