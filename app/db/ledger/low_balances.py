"""Low balances: what a transaction's movements left of the pools that they drew on.

Recorded once a transaction, when all of its movements are known, whatever they were for.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import bindparam, func, select

from app.db.accounts.account_reads import CachedPool
from app.db.accounts.locked_accounts import LockedAccount
from app.db.catalog import catalogs
from app.db.engine.compiled import Statement
from app.db.engine.unit_of_work import Db
from app.db.ledger import stored_lots, subscriptions
from app.db.tables import entries
from app.domain.events.notices import decide_low_balance_notice, measure_balance, passes_fair_use
from app.domain.events.unit_events import describe_fair_use, describe_low_balance
from app.domain.ledger.ledger import Lot
from app.domain.ledger.pools import PoolKey, lots_of_pool, pick_pool_terms, pool_of
from app.domain.time.anchored_months import find_month

_USES = entries.c.held + entries.c.used
# An entry's clock is never before what it is effective at: the index is on the clock.
_COUNT_USES = Statement(
    select(
        func.coalesce(func.sum(_USES), 0).label("after"),
        func.coalesce(func.sum(_USES).filter(entries.c.sequence <= bindparam("sequence")), 0).label(
            "before"
        ),
    ).where(
        entries.c.account_id == bindparam("account_id"),
        entries.c.lot_id == bindparam("lot_id"),
        entries.c.clock_at >= bindparam("from_"),
        entries.c.effective_at >= bindparam("from_"),
        entries.c.effective_at < bindparam("until"),
    )
)


async def record_low_balances(db: Db, account: LockedAccount) -> None:
    """Record which pools have become low or empty, and whose use has passed what is fair."""
    drawn = [lot for lot, _ in account.moved.values() if _is_drawn(lot, account)]
    for key in dict.fromkeys(pool_of(lot) for lot in drawn):
        pool = account.pools.get(key) or await _load_pool(db, account, key)
        _record_low_balance(account, pool.lots)
        fair_use = pool.terms.plans[key.plan].fair_use
        if fair_use is not None:
            uncounted = [lot for lot in drawn if lot.granted is None and pool_of(lot) == key]
            for lot in uncounted:
                await _record_fair_use(db, account, lot, fair_use=fair_use, zone=pool.terms.zone)


def _is_drawn(before: Lot, account: LockedAccount) -> bool:
    """Say whether less of a lot is free than before; of one without a count, whether more is used.

    One that was ended has nothing free any more.
    """
    after = account.lots[before.lot_id]
    if before.free is None or after.free is None:
        return after.held + after.used > before.held + before.used
    return after.free < before.free or (before.free > 0 and after.has_ended(account.now))


def _record_low_balance(account: LockedAccount, lots: Sequence[Lot]) -> None:
    """Record that a pool is low or empty, where this transaction made it so."""
    before = [account.moved[lot.lot_id][0] if lot.lot_id in account.moved else lot for lot in lots]
    after = [account.lots.get(lot.lot_id, lot) for lot in lots]
    notice = decide_low_balance_notice(before, after, at=account.now)
    balance = measure_balance(after, at=account.now)
    if notice is not None and balance is not None:
        terms_of = pick_pool_terms(after, at=account.now)
        data = describe_low_balance(notice, terms_of, balance, sequence=account.sequence)
        account.record(data, at=account.now)


async def _record_fair_use(
    db: Db, account: LockedAccount, before: Lot, *, fair_use: int, zone: str
) -> None:
    """Record that a lot's uses within the present month of its term have passed what is fair."""
    _, sequence = account.moved[before.lot_id]
    from_, until = _month_of(before, account.now, zone)
    found = await db.row(
        _COUNT_USES,
        account_id=account.account_id,
        lot_id=before.lot_id,
        sequence=sequence,
        from_=from_,
        until=until,
    )
    if found is not None and passes_fair_use(
        int(found["before"]), int(found["after"]), fair_use=fair_use
    ):
        data = describe_fair_use(
            before,
            used=int(found["after"]),
            fair_use=fair_use,
            month=(from_, until),
            sequence=account.sequence,
        )
        account.record(data, at=account.now)


def _month_of(lot: Lot, at: datetime, zone: str) -> tuple[datetime, datetime]:
    return find_month(lot.valid_from, max(at, lot.valid_from), zone)


async def _load_pool(db: Db, account: LockedAccount, key: PoolKey) -> CachedPool:
    """Read a pool's lots that can be used, and the terms of the one that burns first."""
    known = account.find_units((key.catalog, key.plan))
    if known is None:
        since = await stored_lots.load_lots_since(db, account.account_id, account.now)
    else:
        since = list(known.lots)
    moved = [account.lots[lot_id] for lot_id in account.moved]
    lots = {lot.lot_id: lot for lot in lots_of_pool((*since, *moved), key)}
    ids = {lot.subscription_id for lot in lots.values()}
    held = {} if known is None else known.subscriptions
    if not ids <= held.keys():
        held = await subscriptions.load_subscriptions(db, account.account_id, ids)
    running = [
        lot for lot in lots.values() if not held[lot.subscription_id].is_suspended(account.now)
    ]
    first = held[pick_pool_terms(running or list(lots.values()), at=account.now).subscription_id]
    terms = await catalogs.load_catalog(db, first.catalog, first.catalog_version)
    return CachedPool(running, terms)
