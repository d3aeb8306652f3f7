"""Caps in force: what a week may use of a pool, and what it has."""

from collections.abc import Sequence
from datetime import datetime

from app.db.accounts.locked_accounts import LockedAccount
from app.db.catalog import catalogs
from app.db.engine.unit_of_work import Db
from app.db.ledger import subscriptions
from app.db.selling import agreements, caps
from app.db.selling.caps import PoolPeriod
from app.domain.catalog.catalogs import Catalog
from app.domain.ledger.caps import Raise, find_fair_month, weekly_limit
from app.domain.ledger.ledger import Lot
from app.domain.ledger.pools import Cap, Subscription, group_by_pool, pick_pool_terms
from app.domain.time.weeks import week_of


async def load_cap(
    db: Db,
    account_id: str,
    subscription: Subscription,
    lots: Sequence[Lot],
    *,
    terms: Catalog,
    at: datetime,
    by: datetime | None = None,
    sequence: int = caps.LAST,
    as_known: bool = False,
    account: LockedAccount | None = None,
) -> Cap | None:
    """Return the cap of a subscription's pool in the period of `at`; None where it has none.

    A week has a share of what is granted; a month of the term what is fair use of what has no
    count, where a seller refuses more. `lots` are the pool's. A week counts all that they hold
    now; a month what was held in it, whenever it is settled. What is used counts once it took
    effect `by` then (the whole period), of the entries up to `sequence`; and what was agreed,
    `as_known` then, or whenever.
    """
    plan = terms.plans[subscription.plan]
    share = plan.weekly_cap
    if share is None and plan.fair_use is not None and plan.fair_use_refuses:
        since_until = find_fair_month(lots, at=at, zone=terms.zone)
        if since_until is None:
            return None
        since, until = since_until
        month = PoolPeriod(subscription, since, until, by or until)
        used, held = await caps.sum_taken(db, account_id, month, sequence=sequence, account=account)
        return Cap(plan.fair_use, used=used, held=held, resets_at=until, period="month")
    if share is None:
        return None
    since, until = week_of(at, terms.zone)
    week = PoolPeriod(subscription, since, until, by or until)
    used = await caps.sum_used(
        db, account_id, week, sequence=sequence, account=account, with_raises=True
    )
    raises = await _load_raises(db, account_id, lots, before=sequence if as_known else caps.LAST)
    limit = weekly_limit(share, lots, raises, at=at)
    if limit is None:
        return None
    return Cap(limit=limit, used=used, held=sum(lot.held for lot in lots), resets_at=until)


async def list_caps(
    db: Db,
    account_id: str,
    lots: Sequence[Lot],
    *,
    at: datetime,
    sequence: int,
    as_known: bool = False,
) -> list[Cap]:
    """Return the caps in force at `at` over these lots' pools, as known at `sequence`.

    `as_known`: what was agreed since does not count either, so that it stays the same for ever.
    """
    pools = group_by_pool(lot for lot in lots if lot.unit == "minute")
    found = []
    for _, pooled in sorted(pools.items(), key=lambda each: (*each[0][:2], each[0].site or "")):
        if not any(lot.is_usable(at) for lot in pooled):
            continue
        subscription = await subscriptions.find_subscription(
            db, account_id, pick_pool_terms(pooled, at=at).subscription_id
        )
        terms = await catalogs.load_catalog(db, subscription.catalog, subscription.catalog_version)
        cap = await load_cap(
            db,
            account_id,
            subscription,
            pooled,
            terms=terms,
            at=at,
            by=at,
            sequence=sequence,
            as_known=as_known,
        )
        if cap is not None:
            found.append(cap)
    return found


async def bills_above(db: Db, account_id: str, lots: Sequence[Lot], *, at: datetime) -> bool:
    """Say whether an agreement in force at `at` lets a pool's work above its cap be billed."""
    raises = await _load_raises(db, account_id, lots)
    return any(each.is_in_force(at) for each in raises)


async def _load_raises(
    db: Db, account_id: str, lots: Sequence[Lot], *, before: int = caps.LAST
) -> list[Raise]:
    """Return the agreements about the weeks of these lots' subscriptions, of before a movement."""
    ids = {lot.subscription_id for lot in lots}
    return [
        Raise(each.terms.minutes, each.effective_at, each.terms.ends_at)
        for each in await agreements.load_agreements_of_kind(db, account_id, kind="raise_cap")
        if each.subscription_id in ids and (each.terms.sequence or 0) < before
    ]
