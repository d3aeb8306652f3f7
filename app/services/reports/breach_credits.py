"""Credits for broken promises: computed from what broke, and given by nobody but a person."""

from datetime import datetime
from uuid import UUID

from app.db.accounts.accounts import find_account
from app.db.catalog import catalogs
from app.db.engine.unit_of_work import Db
from app.db.ledger.subscriptions import find_subscription
from app.db.promises.breaches import load_breaches
from app.db.selling.purchases import find_purchase
from app.domain.selling.breach_credits import Covered, Credit, count_credits
from app.domain.time.months import Month
from app.services.reports.periods import find_months, require_period


async def list_credits(
    db: Db, *, account_id: str, since: datetime, until: datetime
) -> list[Credit]:
    """Return what an account is to be credited for the months that share time with a period.

    Each month is counted whole, in its catalogue's zone. Refuses with `invalid_period`.
    """
    await find_account(db, account_id)
    require_period(since, until)
    months: dict[str, list[Month]] = {}
    for each in await find_months(db, since=since, until=until, catalog=None):
        months.setdefault(each.catalog, []).append(Month(each.name, each.start, each.end))
    if not months:
        return []
    breaches = await load_breaches(
        db,
        account_id,
        since=min(own[0].start for own in months.values()),
        until=max(own[-1].end for own in months.values()),
        now=db.read_clock(),
    )
    wanted = dict.fromkeys(each.subscription_id for each in breaches)
    covered = {each: await _find_covered(db, account_id, each) for each in wanted if each}
    return count_credits(breaches, covered, months)


async def _find_covered(db: Db, account_id: str, subscription_id: UUID) -> Covered:
    """Return a subscription with its plan as it was sold, and its order."""
    subscription = await find_subscription(db, account_id, subscription_id)
    terms = await catalogs.load_catalog(db, subscription.catalog, subscription.catalog_version)
    order, paid_once = None, 0
    if subscription.order_id is not None:
        order = await find_purchase(db, account_id, subscription.order_id)
    if order is not None and not order.is_renewal:
        fee = terms.offers[order.offer].fee
        paid_once = 0 if fee is None else fee.of(order.quantity)
    return Covered(
        subscription_id=subscription_id,
        catalog=subscription.catalog,
        plan=terms.plans[subscription.plan],
        order=order,
        paid_once=paid_once,
    )
