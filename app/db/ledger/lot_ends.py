"""The ends of lots: the present one, the furthest ever, and how far from the grant that is.

A balance of long ago needs the lots that were live then and none that ended before, and finds
them by how far such a lot may reach; so the reach is kept with the lot.
"""

from datetime import datetime, timedelta

from sqlalchemy import and_, bindparam, select, update

from app.db.engine.compiled import Statement
from app.db.engine.unit_of_work import Db
from app.db.tables import entries, lots
from app.domain.events.notices import first_lot_notice
from app.domain.ledger.ledger import Lot

# In days: a month, a season, a year, five years, and some.
REACHES = (32, 128, 512, 2048)

THIS_LOT = and_(lots.c.account_id == bindparam("account_id"), lots.c.lot_id == bindparam("lot_id"))
_MOVE_END = Statement(
    update(lots)
    .where(THIS_LOT)
    .values(
        expires_at=bindparam("expires_at"),
        furthest_end=bindparam("furthest_end"),
        reach_days=bindparam("reach_days"),
        notify_at=bindparam("notify_at"),
    )
)
_FURTHEST_END = Statement(
    select(lots.c.furthest_end, entries.c.clock_at)
    .join(
        entries,
        and_(
            entries.c.account_id == bindparam("account_id"),
            entries.c.sequence == lots.c.granted_sequence,
        ),
    )
    .where(THIS_LOT)
)


def reach_days(ends: datetime | None, *, since: datetime) -> int | None:
    """Return the least of `REACHES` within which a lot granted at `since` ends; None: of none.

    `since` is the account's clock at the grant, so that no balance knows the lot before it.
    """
    if ends is None:
        return None
    return next((days for days in REACHES if ends - since <= timedelta(days=days)), None)


async def move_end(db: Db, account_id: str, lot: Lot) -> None:
    """Store a lot's end, which an entry has just moved."""
    known = await db.row(_FURTHEST_END, account_id=account_id, lot_id=lot.lot_id)
    if known is None:
        raise LookupError(f"lot {lot.lot_id} was never granted")
    ends = (known["furthest_end"], lot.expires_at)
    furthest = None if None in ends else max(ends)
    await db.execute(
        _MOVE_END,
        account_id=account_id,
        lot_id=lot.lot_id,
        expires_at=lot.expires_at,
        furthest_end=furthest,
        reach_days=reach_days(furthest, since=known["clock_at"]),
        notify_at=first_lot_notice(
            granted=lot.granted, valid_from=lot.valid_from, expires_at=lot.expires_at
        ),
    )
