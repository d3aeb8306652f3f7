"""Balances of the present, in one statement: read from the entries, as those of the past are.

Nothing follows the last entry, so no other has to be looked for: each kind of units, and each
lot that had not ended by then, is as its own last entry left it.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import and_, bindparam, literal_column, or_, select, true

from app.db.accounts.accounts import AccountUnknown
from app.db.engine.compiled import Statement
from app.db.engine.unit_of_work import Db
from app.db.ledger.balance_lots import load_ended_holding
from app.db.ledger.balances import AccountState, TallyState
from app.db.ledger.stored_lots import LOT_COLUMNS
from app.db.tables import accounts, entries, lots, tallies
from app.domain.ledger.ledger import Lot
from app.domain.values import Value


class KnownState(Value):
    """An account's units at `at`, of its movements up to `sequence`."""

    at: datetime
    sequence: int
    state: AccountState


_LAST_OF_TALLY = (
    select(
        entries.c.tally_granted,
        entries.c.tally_held,
        entries.c.tally_used,
        entries.c.tally_revoked,
    )
    .where(
        entries.c.account_id == bindparam("account_id"),
        entries.c.tally_id == tallies.c.tally_id,
    )
    .order_by(entries.c.sequence.desc())
    .limit(literal_column("1"))
    .lateral("last_of_tally")
)
_LAST_OF_LOT = (
    select(
        entries.c.lot_granted,
        entries.c.lot_held,
        entries.c.lot_used,
        entries.c.lot_revoked,
        entries.c.expires_at,
    )
    .where(
        entries.c.account_id == bindparam("account_id"),
        entries.c.lot_id == lots.c.lot_id,
    )
    .order_by(entries.c.sequence.desc())
    .limit(literal_column("1"))
    .lateral("last_of_lot")
)
_MOVED = {
    "granted": _LAST_OF_LOT.c.lot_granted,
    "held": _LAST_OF_LOT.c.lot_held,
    "used": _LAST_OF_LOT.c.lot_used,
    "revoked": _LAST_OF_LOT.c.lot_revoked,
    "expires_at": _LAST_OF_LOT.c.expires_at,
}
_TALLY_COLUMNS = (
    tallies.c.catalog.label("tally_catalog"),
    tallies.c.site.label("tally_site"),
    tallies.c.unit.label("tally_unit"),
    tallies.c.counted,
    *_LAST_OF_TALLY.c,
)
_PRESENT = Statement(
    select(
        accounts.c.sequence,
        accounts.c.effective_at,
        tallies.c.tally_id.label("counts_in"),
        *_TALLY_COLUMNS,
        *(_MOVED.get(each.name, each).label(f"of_{each.name}") for each in LOT_COLUMNS),
    )
    .select_from(
        accounts.outerjoin(
            tallies.join(_LAST_OF_TALLY, true()), tallies.c.account_id == bindparam("account_id")
        ).outerjoin(
            lots.join(_LAST_OF_LOT, true()),
            and_(
                lots.c.account_id == bindparam("account_id"),
                lots.c.tally_id == tallies.c.tally_id,
                or_(lots.c.furthest_end > accounts.c.effective_at, lots.c.furthest_end.is_(None)),
            ),
        )
    )
    .where(accounts.c.account_id == bindparam("account_id"))
    .order_by(tallies.c.tally_id)
)
_TALLY_AT = 3
_LOT_AT = _TALLY_AT + len(_TALLY_COLUMNS)


async def load_present_state(db: Db, account_id: str, *, now: datetime) -> KnownState:
    """Return what the account has `now`, or at its last effective time where that is later.

    Refuses with `account_unknown`.
    """
    rows = await db.rows(_PRESENT, account_id=account_id)
    if not rows:
        raise AccountUnknown(f"There is no account {account_id!r}.")
    sequence, effective_at, *_ = rows[0]
    at = max(now, effective_at)
    tallied, found = _read(rows)
    live = [lot for lot in found if not lot.has_ended(at)]
    ended = [lot for lot in found if lot.has_ended(at) and lot.held]
    held_before = sum(each.held for each in tallied) - sum(lot.held for lot in (*live, *ended))
    if held_before:
        known = {lot.lot_id for lot in found}
        ended += await load_ended_holding(
            db, account_id, sequence, effective_at, held_before, known=known
        )
    return KnownState(at, sequence, AccountState(tallied, live, ended))


def _read(rows: Sequence[Any]) -> tuple[list[TallyState], list[Lot]]:
    tallied: dict[int, TallyState] = {}
    found: list[Lot] = []
    for row in rows:
        values = tuple(row)
        tally_id = values[_TALLY_AT - 1]
        if tally_id is not None and tally_id not in tallied:
            tallied[tally_id] = TallyState(*values[_TALLY_AT:_LOT_AT])
        if values[_LOT_AT] is not None:
            found.append(Lot(*values[_LOT_AT:]))
    return list(tallied.values()), found
