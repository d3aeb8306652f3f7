"""Caps of a pool: the sum of its entries within a week."""

from datetime import datetime

from sqlalchemy import and_, bindparam, func, select

from app.db.accounts.account_reads import PostedUse
from app.db.accounts.locked_accounts import LockedAccount
from app.db.engine.compiled import Statement
from app.db.engine.unit_of_work import Db
from app.db.selling.agreements import AGREED, keep_agreements
from app.db.tables import entries, lots
from app.domain.ledger.ledger import Lot
from app.domain.ledger.pools import Subscription

LAST = 2**62

# `clock_at` is never before `effective_at`, so the index on it finds the week's entries.
_WITHIN = (
    select()
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
_SUM = _WITHIN.add_columns(func.coalesce(func.sum(entries.c.used), 0).label("used"))
_USED = Statement(_SUM)
_TAKEN = Statement(
    _SUM.add_columns(
        func.coalesce(func.sum(entries.c.held), 0).label("held"), entries.c.ticket_id
    ).group_by(entries.c.ticket_id)
)
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
        used, known = account.used_sums[key]
        posted = _list_posted(account, pool, since=since, until=until, by=by, after=known)
        return max(0, used + sum(each.used for each in posted))
    values = _bind(account_id, pool, since=since, until=until, by=by, sequence=sequence)
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


async def sum_taken(
    db: Db,
    account_id: str,
    pool: Subscription,
    *,
    since: datetime,
    until: datetime,
    by: datetime,
    sequence: int = LAST,
    account: LockedAccount | None = None,
) -> tuple[int, int]:
    """Return what was taken of a subscription's pool in [since, until): used, and held still.

    What a ticket held in the period counts there, whenever it is settled; what comes back of a
    ticket of an earlier one counts nothing. Otherwise as `sum_used` does.
    """
    key = (pool.catalog, pool.plan, pool.site, pool.unit, since, until, by)
    if account is not None and sequence == LAST and key in account.taken_sums:
        found, known = account.taken_sums[key]
        taken = dict(found)
        posted = _list_posted(account, pool, since=since, until=until, by=by, after=known)
        for each in posted:
            used, held = taken.get(each.ticket_id, (0, 0))
            taken[each.ticket_id] = used + each.used, held + each.held
    else:
        values = _bind(account_id, pool, since=since, until=until, by=by, sequence=sequence)
        rows = await db.rows(_TAKEN, **values)
        taken = {row["ticket_id"]: (int(row["used"]), int(row["held"])) for row in rows}
        if account is not None and sequence == LAST:
            account.taken_sums[key] = taken, account.sequence
    used = held = 0
    for of_used, of_held in taken.values():
        whole = max(0, of_used + of_held)
        kept = max(0, min(of_held, whole))
        used, held = used + whole - kept, held + kept
    return used, held


def _bind(
    account_id: str,
    pool: Subscription,
    *,
    since: datetime,
    until: datetime,
    by: datetime,
    sequence: int,
) -> dict[str, object]:
    return {
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


def _list_posted(
    account: LockedAccount,
    pool: Subscription,
    *,
    since: datetime,
    until: datetime,
    by: datetime,
    after: int,
) -> list[PostedUse]:
    """Return what was written of a pool and a period after a sum was read, at `after`."""
    return [
        each
        for each in account.posted
        if each.sequence > after
        and since <= each.effective_at < until
        and each.effective_at <= by
        and _is_of(account.lots[each.lot_id], pool)
    ]


def _is_of(lot: Lot, pool: Subscription) -> bool:
    own = pool.catalog, pool.plan, pool.site, pool.unit
    return (lot.catalog, lot.plan, lot.site, lot.unit) == own
