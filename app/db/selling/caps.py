"""Caps of a pool: the sum of its entries within a week."""

from datetime import datetime

from sqlalchemy import and_, bindparam, func, select

from app.db.accounts.locked_accounts import LockedAccount
from app.db.engine.compiled import Statement
from app.db.engine.unit_of_work import Db
from app.db.selling.agreements import AGREED, keep_agreements
from app.db.tables import entries, lots
from app.domain.ledger.pools import Subscription

LAST = 2**62

# `clock_at` is never before `effective_at`, so the index on it finds the week's entries.
_SUM = (
    select(func.coalesce(func.sum(entries.c.used), 0).label("used"))
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
_USED = Statement(_SUM)
_USED_AND_AGREED = Statement(select(_SUM.scalar_subquery().label("used"), AGREED.column))


async def sum_used(
    db: Db,
    account_id: str,
    pool: Subscription,
    *,
    since: datetime,
    until: datetime,
    by: datetime,
    sequence: int = LAST,
    account: LockedAccount | None = None,
    with_raises: bool = False,
) -> int:
    """Return what a subscription's pool has used in [since, until), of what took effect `by` then.

    What is given back counts against what is used in the week that it comes back. Of the
    entries numbered up to `sequence`. An `account` whose row is locked knows it from then on,
    with what it writes itself; `with_raises`, and the agreements that raise caps.
    """
    key = (pool.catalog, pool.plan, pool.site, pool.unit, since, until, by)
    if account is not None and sequence == LAST and key in account.used_sums:
        return max(0, _add_posted(account, pool, key, since=since, until=until, by=by))
    values = {
        "account_id": account_id,
        "since": since,
        "until": until,
        "by": by,
        "sequence": sequence,
        "catalog": pool.catalog,
        "plan": pool.plan,
        "site": pool.site,
        "unit": pool.unit,
    }
    if account is None or not with_raises:
        used = int(await db.value(_USED, **values))
    else:
        row = await db.row(_USED_AND_AGREED, **values, kind="raise_cap")
        assert row is not None  # noqa: S101  a sum is always one row
        used = int(row["used"])
        keep_agreements(db, account_id, kind="raise_cap", value=row[AGREED.label])
    if account is not None and sequence == LAST:
        account.used_sums[key] = used, account.sequence
    return max(0, used)


def _add_posted(
    account: LockedAccount,
    pool: Subscription,
    key: object,
    *,
    since: datetime,
    until: datetime,
    by: datetime,
) -> int:
    """Return a sum that was read, with what was written of its pool and period since."""
    used, sequence = account.used_sums[key]
    for each in account.posted:
        lot = account.lots[each.lot_id]
        is_of_pool = (lot.catalog, lot.plan, lot.site, lot.unit) == (
            pool.catalog,
            pool.plan,
            pool.site,
            pool.unit,
        )
        if each.sequence > sequence and is_of_pool and since <= each.effective_at < until:
            used += each.used if each.effective_at <= by else 0
    return used
