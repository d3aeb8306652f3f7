"""Balances of an account at an instant, as of a sequence: read from the entries.

`clock_at` never falls along the sequence, so one look at an index finds the last entry before
which everything was effective by then: the cut. The running totals in it and in each lot's last
entry are the fold of all that went before, and only entries backdated across the instant are
added one by one. So the cost does not grow with the account's history (docs/laws.md, laws 1 and 7).
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import (
    bindparam,
    select,
    true,
    union_all,
)

from app.db.engine.compiled import Statement
from app.db.engine.unit_of_work import Db
from app.db.ledger.balance_lots import load_ended_holding, load_lots_not_ended
from app.db.tables import FAR_BACKDATED, entries, tallies
from app.domain.ledger.ledger import Lot
from app.domain.time.backdating import BACK
from app.domain.values import State, Value

# As the index of what is backdated by more has it.
_LATE = BACK


class TallyState(State):
    """The running totals of one kind of units."""

    catalog: str
    site: str | None
    unit: str
    counted: bool
    granted: int = 0
    held: int = 0
    used: int = 0
    revoked: int = 0


class AccountState(Value):
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
            FAR_BACKDATED,
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
    found = await load_lots_not_ended(db, account_id, cut, clock_at, late)
    live = [lot for lot in found if not lot.has_ended(at)]
    ended = [lot for lot in found if lot.has_ended(at) and lot.held]
    held_before = sum(each.held for each in tallied) - sum(lot.held for lot in (*live, *ended))
    if held_before and clock_at is not None:
        ended += await load_ended_holding(
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
