"""Caps of a pool: the sum of its entries within a week or a month."""

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
from app.domain.values import Value

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


class PoolPeriod(Value):
    """A subscription's pool over [since, until): of what took effect `by` then."""

    pool: Subscription
    since: datetime
    until: datetime
    by: datetime

    @property
    def key(self) -> tuple[object, ...]:
        """What is summed up, as it is told from others."""
        return (*self._pool_key, self.since, self.until, self.by)

    @property
    def _pool_key(self) -> tuple[object, ...]:
        return self.pool.catalog, self.pool.plan, self.pool.site, self.pool.unit

    def bind(self, account_id: str, *, sequence: int) -> dict[str, object]:
        """Return the values of a statement that sums up entries numbered up to `sequence`."""
        catalog, plan, site, unit = self._pool_key
        return {
            "account_id": account_id,
            "since": self.since,
            "until": self.until,
            "by": self.by,
            "sequence": sequence,
            "catalog": catalog,
            "plan": plan,
            "site": site,
            "unit": unit,
        }

    def list_posted(self, account: LockedAccount, *, after: int) -> list[PostedUse]:
        """Return what was written since a sum was read, at the sequence `after`."""
        return [
            each
            for each in account.posted
            if each.sequence > after
            and self.since <= each.effective_at < self.until
            and each.effective_at <= self.by
            and self._has(account.lots[each.lot_id])
        ]

    def _has(self, lot: Lot) -> bool:
        return (lot.catalog, lot.plan, lot.site, lot.unit) == self._pool_key


async def sum_used(
    db: Db,
    account_id: str,
    period: PoolPeriod,
    *,
    sequence: int = LAST,
    account: LockedAccount | None = None,
    with_raises: bool = False,
) -> int:
    """Return what a pool has used in a period.

    What is given back counts against what is used in the week that it comes back. Of the
    entries numbered up to `sequence`. An `account` whose row is locked knows it from then on,
    with what it writes itself; `with_raises`, and the agreements that raise caps.
    """
    if account is not None and sequence == LAST and period.key in account.used_sums:
        used, known = account.used_sums[period.key]
        return max(0, used + sum(each.used for each in period.list_posted(account, after=known)))
    values = period.bind(account_id, sequence=sequence)
    if account is None or not with_raises:
        used = int(await db.value(_USED, **values))
    else:
        row = await db.row(_USED_AND_AGREED, **values, kind="raise_cap")
        assert row is not None  # noqa: S101  a sum is always one row
        used = int(row["used"])
        keep_agreements(db, account_id, kind="raise_cap", value=row[AGREED.label])
    if account is not None and sequence == LAST:
        account.used_sums[period.key] = used, account.sequence
    return max(0, used)


async def sum_taken(
    db: Db,
    account_id: str,
    period: PoolPeriod,
    *,
    sequence: int = LAST,
    account: LockedAccount | None = None,
) -> tuple[int, int]:
    """Return what was taken of a pool in a period: used, and held still.

    What a ticket held in the period counts there, whenever it is settled; what comes back of a
    ticket of an earlier one counts nothing. Otherwise as `sum_used` does.
    """
    if account is not None and sequence == LAST and period.key in account.taken_sums:
        found, known = account.taken_sums[period.key]
        taken = dict(found)
        for each in period.list_posted(account, after=known):
            used, held = taken.get(each.ticket_id, (0, 0))
            taken[each.ticket_id] = used + each.used, held + each.held
    else:
        rows = await db.rows(_TAKEN, **period.bind(account_id, sequence=sequence))
        taken = {row["ticket_id"]: (int(row["used"]), int(row["held"])) for row in rows}
        if account is not None and sequence == LAST:
            account.taken_sums[period.key] = taken, account.sequence
    used = held = 0
    for of_used, of_held in taken.values():
        whole = max(0, of_used + of_held)
        kept = max(0, min(of_held, whole))
        used, held = used + whole - kept, held + kept
    return used, held
