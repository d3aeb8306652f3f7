"""What an account had at an instant, as known at a sequence: read from the entries.

`clock_at` never falls along the sequence, so one look at an index finds the last entry before
which everything was effective by then: the cut. The running totals in it and in each lot's last
entry are the fold of all that went before, and only entries backdated across the instant are
added one by one. So the cost does not grow with the account's history (DESIGN §2, laws 1 and 7).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    Select,
    Uuid,
    any_,
    bindparam,
    literal_column,
    or_,
    select,
    true,
    union_all,
)

from app.db.database import Db, Statement
from app.db.ledger import LOT_COLUMNS, REACHES, read_lot
from app.db.tables import entries, lots, tallies
from app.domain.ledger import Lot

# As the index of what is backdated by more has it.
_LATE = timedelta(hours=72)
_ENDED_AT_FIRST = 100


@dataclass(slots=True)
class TallyState:
    """The running totals of one kind of units."""

    catalog: str
    site: str | None
    unit: str
    counted: bool
    granted: int = 0
    held: int = 0
    used: int = 0
    revoked: int = 0


@dataclass(frozen=True, slots=True)
class AccountState:
    """An account's units at an instant: its tallies, and the lots not yet ended by then.

    `ended_holding` are lots whose term is over and that still hold.
    """

    tallies: list[TallyState]
    lots: list[Lot]
    ended_holding: list[Lot]


_OF_ACCOUNT = entries.c.account_id == bindparam("account_id")
_ENTRY_CLOCK = Statement(
    select(entries.c.clock_at).where(_OF_ACCOUNT, entries.c.sequence == bindparam("sequence"))
)
_CUT = Statement(
    select(entries.c.sequence, entries.c.clock_at)
    .where(_OF_ACCOUNT, entries.c.clock_at <= bindparam("at"))
    .order_by(entries.c.clock_at.desc(), entries.c.sequence.desc())
    .limit(1)
)
_LAST_OF_TALLY = (
    select(
        entries.c.tally_granted,
        entries.c.tally_held,
        entries.c.tally_used,
        entries.c.tally_revoked,
    )
    .where(
        _OF_ACCOUNT,
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
        *_LAST_OF_TALLY.c,
    )
    .select_from(tallies.outerjoin(_LAST_OF_TALLY, true()))
    .where(tallies.c.account_id == bindparam("account_id"))
    .order_by(tallies.c.tally_id)
)


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
_BACKDATED = select(
    entries.c.sequence,
    entries.c.kind,
    entries.c.lot_id,
    entries.c.tally_id,
    entries.c.granted,
    entries.c.held,
    entries.c.used,
    entries.c.revoked,
    entries.c.expires_at,
).where(
    _OF_ACCOUNT,
    entries.c.sequence <= bindparam("sequence"),
    entries.c.effective_at <= bindparam("at"),
    entries.c.lot_id.is_not(None),
)
_BACKDATED_ACROSS = Statement(
    union_all(
        _BACKDATED.where(
            entries.c.effective_at < entries.c.clock_at,
            entries.c.clock_at > bindparam("at"),
            entries.c.clock_at <= bindparam("soon", type_=entries.c.clock_at.type),
        ),
        _BACKDATED.where(
            literal_column("clock_at - effective_at > interval '72 hours'"),
            entries.c.clock_at > bindparam("soon", type_=entries.c.clock_at.type),
        ),
    ).order_by("sequence")
)


async def find_entry_clock(db: Db, account_id: str, sequence: int) -> datetime | None:
    """Return the account's clock at an entry; None where there is no such entry."""
    found: datetime | None = await db.value(_ENTRY_CLOCK, account_id=account_id, sequence=sequence)
    return found


async def load_account_state(
    db: Db, account_id: str, *, at: datetime, sequence: int
) -> AccountState:
    """Return the fold of the entries effective by `at`, of those numbered up to `sequence`."""
    cut, clock_at = await _find_cut(db, account_id, at=at, sequence=sequence)
    late: list[Any] = []
    if cut < sequence:
        late = await db.rows(
            _BACKDATED_ACROSS, account_id=account_id, sequence=sequence, at=at, soon=at + _LATE
        )
    tallied = await _load_tallies(db, account_id, cut, late)
    found = await _load_lots(db, account_id, cut, clock_at, late)
    live = [lot for lot in found if not lot.has_ended(at)]
    ended = [lot for lot in found if lot.has_ended(at) and lot.held]
    held_before = sum(each.held for each in tallied) - sum(lot.held for lot in (*live, *ended))
    if held_before and clock_at is not None:
        ended += await _load_ended_holding(
            db, account_id, cut, clock_at, held_before, known={lot.lot_id for lot in found}
        )
    return AccountState(tallied, live, ended)


async def _find_cut(
    db: Db, account_id: str, *, at: datetime, sequence: int
) -> tuple[int, datetime | None]:
    """Return the last entry up to `sequence` of those that follow nothing after `at`."""
    clock_at = await find_entry_clock(db, account_id, sequence)
    if clock_at is None or clock_at <= at:
        return (0 if clock_at is None else sequence), clock_at
    row = await db.row(_CUT, account_id=account_id, at=at)
    return (0, None) if row is None else (row["sequence"], row["clock_at"])


async def _load_tallies(db: Db, account_id: str, cut: int, late: Iterable[Any]) -> list[TallyState]:
    """Return the totals of every kind of units that there was by then."""
    known: dict[int, TallyState] = {}
    unknown: dict[int, TallyState] = {}
    for row in await db.rows(_TALLIES, account_id=account_id, cut=cut):
        tally_id, *rest = tuple(row)
        if rest[-1] is None:
            unknown[tally_id] = TallyState(*rest[:4])
        else:
            known[tally_id] = TallyState(*rest)
    for entry in late:
        tally_id = entry["tally_id"]
        if tally_id not in known:
            known[tally_id] = unknown[tally_id]
        state = known[tally_id]
        state.granted += entry["granted"]
        state.held += entry["held"]
        state.used += entry["used"]
        state.revoked += entry["revoked"]
    return [known[tally_id] for tally_id in sorted(known)]


async def _load_lots(
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
    return [_fold(row, by_lot.get(row["lot_id"], ())) for row in rows]


async def _load_ended_holding(
    db: Db, account_id: str, cut: int, clock_at: datetime, held: int, *, known: set[UUID]
) -> list[Lot]:
    """Return the lots ended before the cut that hold `held` units, the last ended first.

    What is held is held by tickets that were open then, so it is soon found.
    """
    found: list[Lot] = []
    offset, limit = 0, _ENDED_AT_FIRST
    while held:
        rows = await db.rows(
            _ENDED, account_id=account_id, cut=cut, since=clock_at, offset=offset, limit=limit
        )
        holding = [_fold(row, ()) for row in rows if row["lot_held"] and row["lot_id"] not in known]
        found += holding
        held -= sum(lot.held for lot in holding)
        if len(rows) < limit:
            break
        offset, limit = offset + limit, limit * 4
    return found


def _fold(row: Any, late: Iterable[Any]) -> Lot:
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
