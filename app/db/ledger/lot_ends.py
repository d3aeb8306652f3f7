"""The ends of lots: the present one, the furthest ever, and how far from the grant that is.

A balance of long ago needs the lots that were live then and none that ended before, and finds
them by how far such a lot may reach; so the reach is kept with the lot.
"""

from datetime import datetime, timedelta

from sqlalchemy import (
    and_,
    bindparam,
    case,
    func,
    literal_column,
    null,
    or_,
    select,
    true,
    update,
)
from sqlalchemy.dialects.postgresql import array

from app.db.accounts.locked_accounts import LockedAccount
from app.db.engine.compiled import Statement
from app.db.engine.unit_of_work import Db
from app.db.tables import entries, lots
from app.db.tables.base import INSTANT
from app.domain.events.notices import first_lot_notice
from app.domain.ledger.ledger import Lot

# In days: a month, a season, a year, five years, and some.
REACHES = (32, 128, 512, 2048)

THIS_LOT = and_(lots.c.account_id == bindparam("account_id"), lots.c.lot_id == bindparam("lot_id"))
_ENDS_AT = bindparam("ends_at", type_=INSTANT)
_FURTHEST_END = case(
    (or_(lots.c.furthest_end.is_(None), _ENDS_AT.is_(None)), null()),
    else_=func.greatest(lots.c.furthest_end, _ENDS_AT),
)
_reaches = (
    func.unnest(array([literal_column(str(days)) for days in REACHES]))
    .table_valued("days")
    .render_derived(name="reaches")
)
_REACH = (
    select(func.min(_reaches.c.days))
    .select_from(entries.join(_reaches, true()))
    .where(
        entries.c.account_id == bindparam("account_id"),
        entries.c.sequence == lots.c.granted_sequence,
        _FURTHEST_END - entries.c.clock_at <= _reaches.c.days * literal_column("interval '1 day'"),
    )
    .correlate(lots)
    .scalar_subquery()
)
# With the lot's buckets, which an entry that moves an end may have moved as well.
_MOVE_END = Statement(
    update(lots)
    .where(THIS_LOT)
    .values(
        held=bindparam("held"),
        used=bindparam("used"),
        revoked=bindparam("revoked"),
        expires_at=_ENDS_AT,
        furthest_end=_FURTHEST_END,
        reach_days=_REACH,
        notify_at=bindparam("notify_at"),
    )
)


def reach_days(ends: datetime | None, *, since: datetime) -> int | None:
    """Return the least of `REACHES` within which a lot granted at `since` ends; None: of none.

    `since` is the account's clock at the grant, so that no balance knows the lot before it.
    """
    if ends is None:
        return None
    return next((days for days in REACHES if ends - since <= timedelta(days=days)), None)


async def move_end(db: Db, account: LockedAccount, lot: Lot) -> None:
    """Write a lot as it is now, with its end, which an entry has just moved."""
    if lot.lot_id in account.moved_ends:
        # An end between two others may be the furthest: it is not to be overwritten.
        await db.flush()
    account.moved_ends.add(lot.lot_id)
    await db.write(
        _MOVE_END,
        account_id=account.account_id,
        lot_id=lot.lot_id,
        held=lot.held,
        used=lot.used,
        revoked=lot.revoked,
        ends_at=lot.expires_at,
        notify_at=first_lot_notice(
            granted=lot.granted, valid_from=lot.valid_from, expires_at=lot.expires_at
        ),
    )
