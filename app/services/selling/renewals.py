"""Renewals that come by themselves: announced before the end, and placed, unpaid, at it."""

from datetime import datetime

from app.db.accounts.locked_accounts import LockedAccount
from app.db.catalog import catalogs
from app.db.engine.unit_of_work import Db
from app.db.selling import purchases, quotes
from app.domain.access.callers import Caller
from app.domain.access.refusals import Refusal
from app.domain.catalog.policies import Renews
from app.domain.events.sale_events import describe_coming_end
from app.domain.selling.purchases import Purchase
from app.domain.selling.renewals import name_renewal, renewal_starts
from app.services.selling.renewing import renew_purchase

# Whose doing it is.
ITSELF = Caller("renewal", frozenset())


async def record_coming_end(
    db: Db, account: LockedAccount, order: Purchase, *, ends_at: datetime, at: datetime
) -> None:
    """Record that an order's term ends soon, and whether it renews itself then."""
    renews = await _find_renews(db, order)
    if renews is None or renews.notice is None:
        return
    data = describe_coming_end(order, ends_at=ends_at, renews=renews.automatic)
    account.record(data, at=at)


async def renew_by_itself(
    db: Db, account: LockedAccount, order: Purchase, *, ends_at: datetime
) -> None:
    """Place the order that renews one whose term has ended: pending, and never paid by itself.

    Nothing is placed where it is renewed already, or where it cannot be sold any more as it was:
    whoever reads that it has ended sees to it.
    """
    renews = await _find_renews(db, order)
    if renews is None or not renews.automatic:
        return
    terms = await catalogs.load_catalog(db, order.catalog, order.catalog_version)
    taken = 0
    order_id = name_renewal(order.order_id, taken)
    while await purchases.find_purchase(db, account.account_id, order_id) is not None:
        taken += 1
        order_id = name_renewal(order.order_id, taken)
    try:
        await renew_purchase(
            db,
            account_id=account.account_id,
            order_id=order.order_id,
            renewed_by=order_id,
            expected_total=None,
            paid=False,
            payment_reference=None,
            at=None,
            document={"order_id": order_id, "automatic": True},
            caller=ITSELF,
            by_itself=True,
            since=ends_at if renewal_starts(terms.policies.ending) == "old_end" else None,
        )
    except Refusal:
        return


async def _find_renews(db: Db, order: Purchase) -> Renews | None:
    """Return how an order renews itself; None where it does not, or is renewed already."""
    terms = await catalogs.load_catalog(db, order.catalog, order.catalog_version)
    renews = terms.policies.ending.renews
    if renews is None or order.terms.kind == "pack" or order.terms.plan is None:
        return None
    if await purchases.find_renewal(db, order.account_id, order.order_id) is not None:
        return None
    if order.quote_id is not None:
        quote = await quotes.get_quote(db, order.account_id, order.quote_id)
        if quote.is_agreed:
            return None
    return renews
