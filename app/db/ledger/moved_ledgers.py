"""An account's ledger as another's: every entry once more, after the other's own.

Entries are never changed or removed, so those that there were stay under the account's former
id, where nothing reads them any more. In the other account they take effect when they did and
are known from now on: what was asked of its past as known at a sequence has the same answer.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Integer,
    any_,
    bindparam,
    cast,
    func,
    literal_column,
    select,
)

from app.db.accounts.account_moves import copy_rows, remove_rows
from app.db.accounts.locked_accounts import LockedAccount
from app.db.engine.compiled import Statement
from app.db.engine.unit_of_work import Db
from app.db.ledger.entries import load_tallies
from app.db.tables import clock_repairs, entries, lots, tallies
from app.domain.ledger.moved_ledgers import TallyMove, map_tallies

_BUCKETS = ("granted", "held", "used", "revoked")
_map = (
    func.unnest(
        bindparam("tally_from", type_=ARRAY(Integer)),
        bindparam("tally_to", type_=ARRAY(Integer)),
        *(bindparam(f"base_{name}", type_=ARRAY(BigInteger)) for name in _BUCKETS),
    )
    .table_valued("tally_from", "tally_to", *_BUCKETS)
    .render_derived(name="tally_map")
)
_offset = bindparam("offset", type_=BigInteger)
_COPY_ENTRIES = copy_rows(
    entries,
    {
        "sequence": entries.c.sequence + _offset,
        "tally_id": _map.c.tally_to,
        "clock_at": bindparam("clock_at", type_=entries.c.clock_at.type),
        **{
            f"tally_{name}": entries.c[f"tally_{name}"] + func.coalesce(_map.c[name], 0)
            for name in _BUCKETS
        },
    },
    source=entries.outerjoin(_map, _map.c.tally_from == entries.c.tally_id),
)
_COPY_LOTS = copy_rows(
    lots,
    {"tally_id": _map.c.tally_to, "granted_sequence": lots.c.granted_sequence + _offset},
    source=lots.join(_map, _map.c.tally_from == lots.c.tally_id),
)
_COPY_TALLIES = copy_rows(
    tallies,
    {
        "tally_id": _map.c.tally_to,
        **{name: tallies.c[name] + _map.c[name] for name in _BUCKETS},
    },
    source=tallies.join(_map, _map.c.tally_from == tallies.c.tally_id),
)
_stamp: Any = func.jsonb_array_elements(clock_repairs.c.stamps).column_valued("stamp")
_stamped: Any = cast(_stamp.op("->>")(literal_column("'sequence'")), BigInteger)
_COPY_REPAIRS = copy_rows(
    clock_repairs,
    {
        "stamps": select(
            func.coalesce(
                func.jsonb_agg(
                    func.jsonb_set(
                        _stamp,
                        literal_column("'{sequence}'::text[]"),
                        func.to_jsonb(_stamped + _offset),
                    )
                ),
                literal_column("'[]'::jsonb"),
            )
        )
        .correlate(clock_repairs)
        .scalar_subquery()
    },
)
_REMOVE = tuple(remove_rows(each) for each in (clock_repairs, lots, tallies))
_REPLACED = Statement(
    tallies.delete().where(
        tallies.c.account_id == bindparam("account_id"),
        tallies.c.tally_id == any_(bindparam("tally_ids", type_=ARRAY(Integer))),
    )
)


async def move_ledger(
    db: Db, source: LockedAccount, target: LockedAccount, *, clock_at: datetime
) -> tuple[int, int]:
    """Write an account's entries, lots and totals as another's; count the entries and the lots.

    Both rows are locked. What the other account had of the same kind of units is counted on.
    """
    of_source = await load_tallies(db, source.account_id)
    of_target = await load_tallies(db, target.account_id)
    moves = map_tallies(of_source.values(), of_target.values(), last=target.tallies)
    values: dict[str, Any] = {
        "from_account": source.account_id,
        "to_account": target.account_id,
        "offset": target.sequence,
        "clock_at": clock_at,
        **_write_map(moves),
    }
    copied = await db.execute(_COPY_ENTRIES, **values)
    lots_moved = await db.execute(_COPY_LOTS, **values)
    # Those that are counted on are written again, as all others are.
    joined = [each.to_id for each in moves if each.to_id in of_target]
    await db.execute(_REPLACED, account_id=target.account_id, tally_ids=joined)
    await db.execute(_COPY_TALLIES, **values)
    await db.execute(_COPY_REPAIRS, **values)
    for statement in _REMOVE:
        await db.execute(statement, from_account=source.account_id)
    target.sequence += source.sequence
    target.tallies = max([target.tallies, *(each.to_id for each in moves)])
    target.clock_at = clock_at
    target.totals.clear()
    return copied, lots_moved


def _write_map(moves: Sequence[TallyMove]) -> dict[str, list[int]]:
    return {
        "tally_from": [each.from_id for each in moves],
        "tally_to": [each.to_id for each in moves],
        **{f"base_{name}": [getattr(each, name) for each in moves] for name in _BUCKETS},
    }
