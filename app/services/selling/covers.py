"""Cover on top of a subscription: a calendar whose open time its promises gain for a while.

It is agreed by hand or bought, and on record as an agreement either way. A ticket keeps the
cover that is in force when it is opened.
"""

from datetime import datetime
from typing import Literal

from app.db.accounts.locked_accounts import LockedAccount
from app.db.catalog import catalogs
from app.db.engine.unit_of_work import Db
from app.db.ledger import subscriptions
from app.db.selling import agreements
from app.domain.access.refusals import Refusal
from app.domain.catalog.catalogs import Catalog
from app.domain.ledger.pools import Subscription
from app.domain.selling.agreements import AgreedChange, Agreement
from app.domain.values import Value, replace

KIND: Literal["extended_cover"] = "extended_cover"


class NothingToCover(Refusal):
    """The account has no running subscription of the catalogue that cover could be added to."""

    kind = "conflict"
    code = "nothing_to_cover"
    title = "There is no subscription to cover"


class Cover(Value):
    """A calendar that a subscription has besides its own, over a half-open period."""

    reference: str
    calendar: str
    starts_at: datetime
    ends_at: datetime


async def list_calendars_at(
    db: Db, account_id: str, subscription: Subscription, terms: Catalog, at: datetime
) -> tuple[str, ...]:
    """Return the calendars of the cover that a subscription on these terms has at an instant."""
    covers = await list_known_covers(db, account_id, subscription, terms)
    running = [each.calendar for each in covers if each.starts_at <= at < each.ends_at]
    return tuple(dict.fromkeys(running))


async def list_known_covers(
    db: Db, account_id: str, subscription: Subscription, terms: Catalog
) -> list[Cover]:
    """Return all cover of a subscription by calendars that its terms have."""
    if not subscription.extra_calendars:
        return []
    covers = await list_covers(db, account_id, subscription)
    return [each for each in covers if each.calendar in terms.calendars]


async def list_covers(db: Db, account_id: str, subscription: Subscription) -> list[Cover]:
    """Return all cover that a subscription has, had, and will have."""
    found = await agreements.load_agreements(
        db, account_id, subscription.subscription_id, kind=KIND
    )
    return [read_cover(each) for each in found]


async def find_covered(
    db: Db, account_id: str, *, catalog: str, calendar: str, at: datetime
) -> Subscription:
    """Return the subscription that cover by a calendar, bought for `at`, is added to.

    It is the one that runs then, of the best plan, and of those the one that ends last. One that
    was sold before there was such a calendar keeps its terms, and cannot be covered by it.
    Refuses `nothing_to_cover`.
    """
    running = [
        each
        for each in await subscriptions.load_subscriptions_since(db, account_id, at)
        if each.catalog == catalog and each.starts_at <= at
    ]
    ranked = []
    for each in running:
        terms = await catalogs.load_catalog(db, each.catalog, each.catalog_version)
        if calendar not in terms.calendars:
            continue
        ends = -each.ends_at.timestamp() if each.ends_at else float("-inf")
        ranked.append((terms.plans[each.plan].rank, ends, str(each.subscription_id), each))
    if not running:
        raise NothingToCover(f"The account has no subscription of {catalog} at that time.")
    if not ranked:
        raise NothingToCover(f"What the account has was sold before there was {calendar}.")
    return min(ranked, key=lambda one: one[:3])[3]


async def add_cover(
    db: Db,
    account: LockedAccount,
    subscription: Subscription,
    cover: Cover,
    *,
    reason: str,
    actor: str,
    order_id: str | None = None,
) -> Subscription:
    """Write cover as an agreement, whose reference is known to be free among its kind.

    Returns the subscription as it is then.
    """
    agreement = Agreement(
        account_id=account.account_id,
        reference=cover.reference,
        bought=order_id is not None,
        kind=KIND,
        subscription_id=subscription.subscription_id,
        terms=AgreedChange(
            cover.starts_at, cover.ends_at, calendar=cover.calendar, order_id=order_id
        ),
        reason=reason,
        actor=actor,
        effective_at=min(cover.starts_at, account.now),
        # Whose order is over is recorded, as of a plan; what was agreed by hand just ends.
        notify_at=None if order_id is None else cover.ends_at,
        created_at=account.now,
    )
    await agreements.insert_agreement(db, agreement)
    if cover.calendar in subscription.extra_calendars:
        return subscription
    return await subscriptions.add_calendar(db, account, subscription, calendar=cover.calendar)


async def end_cover(db: Db, account: LockedAccount, agreement: Agreement, *, at: datetime) -> Cover:
    """End cover `at`, or before it begins, and return it; tickets opened under it keep it."""
    cover = read_cover(agreement)
    ends_at = min(cover.ends_at, max(cover.starts_at, at))
    terms = replace(agreement.terms, ends_at=ends_at)
    await agreements.change_bought(db, account.account_id, agreement.reference, terms=terms)
    return replace(cover, ends_at=ends_at)


async def find_bought(db: Db, account_id: str, order_id: str) -> Cover | None:
    """Return the cover that an order gave, or None."""
    found = await agreements.find_agreement(db, account_id, reference_of(order_id), bought=True)
    return None if found is None else read_cover(found)


def reference_of(order_id: str) -> str:
    """Return the reference of the agreement that an order of cover is recorded as."""
    return f"order {order_id}"


def read_cover(agreement: Agreement) -> Cover:
    """Return the cover that an agreement of that kind gives."""
    terms = agreement.terms
    if terms.calendar is None or terms.ends_at is None:
        raise ValueError(f"the agreement {agreement.reference} is not one of cover")
    return Cover(agreement.reference, terms.calendar, terms.starts_at, terms.ends_at)
