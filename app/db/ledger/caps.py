"""Caps of a pool: the sum of its entries within a week."""

from datetime import datetime

from sqlalchemy import and_, bindparam, func, select

from app.db.engine.compiled import Statement
from app.db.engine.unit_of_work import Db
from app.db.tables import entries, lots
from app.domain.ledger.pools import Subscription

LAST = 2**62

# `clock_at` is never before `effective_at`, so the index on it finds the week's entries.
_USED = Statement(
    select(func.coalesce(func.sum(entries.c.used), 0))
    .select_from(
        entries.join(
            lots,
            and_(lots.c.account_id == bindparam("account_id"), lots.c.lot_id == entries.c.lot_id),
        )
    )
    .where(
        entries.c.account_id == bindparam("account_id"),
        entries.c.clock_at >= bindparam("since"),
        entries.c.effective_at >= bindparam("since"),
        entries.c.effective_at < bindparam("until"),
        entries.c.effective_at <= bindparam("by"),
        entries.c.sequence <= bindparam("sequence"),
        lots.c.catalog == bindparam("catalog"),
        lots.c.plan == bindparam("plan"),
        lots.c.site.is_not_distinct_from(bindparam("site", type_=lots.c.site.type)),
        lots.c.unit == bindparam("unit"),
    )
)


async def sum_used(
    db: Db,
    account_id: str,
    pool: Subscription,
    *,
    since: datetime,
    until: datetime,
    by: datetime,
    sequence: int = LAST,
) -> int:
    """Return what a subscription's pool has used in [since, until), of what took effect `by` then.

    What is given back counts against what is used in the week that it comes back. Of the
    entries numbered up to `sequence`.
    """
    used = await db.value(
        _USED,
        account_id=account_id,
        since=since,
        until=until,
        by=by,
        sequence=sequence,
        catalog=pool.catalog,
        plan=pool.plan,
        site=pool.site,
        unit=pool.unit,
    )
    return max(0, int(used))
