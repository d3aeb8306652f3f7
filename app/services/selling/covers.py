"""Cover on top of a subscription: a calendar whose open time its promises gain for a while.

It is agreed by hand or bought, and on record as an agreement either way. A ticket keeps the
cover that is in force when it is opened.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.db.accounts.accounts import LockedAccount
from app.db.catalog import catalogs
from app.db.engine.database import Db
from app.db.ledger import subscriptions
from app.db.selling import agreements
from app.domain.access.refusals import Refusal
from app.domain.ledger.pools import Subscription

KIND = "extended_cover"


class NothingToCover(Refusal):
    """The account has no running subscription of the catalogue that cover could be added to."""

    kind = "conflict"
    code = "nothing_to_cover"
    title = "There is no subscription to cover"


@dataclass(frozen=True, slots=True)
class Cover:
    """A calendar that a subscription has besides its own, over a half-open period."""

    reference: str
    calendar: str
    starts_at: datetime
    ends_at: datetime


async def list_calendars_at(
    db: Db, account_id: str, subscription: Subscription, at: datetime
) -> tuple[str, ...]:
    """Return the calendars of the cover that a subscription has at an instant."""
    if not subscription.extra_calendars:
        return ()
    covers = await list_covers(db, account_id, subscription)
    running = [each.calendar for each in covers if each.starts_at <= at < each.ends_at]
    return tuple(dict.fromkeys(running))


async def list_covers(db: Db, account_id: str, subscription: Subscription) -> list[Cover]:
    """Return all cover that a subscription has, had, and will have."""
    rows = await agreements.load_agreements(db, account_id, subscription.subscription_id, kind=KIND)
    return [read_cover(row) for row in rows]


async def find_covered(db: Db, account_id: str, *, catalog: str, at: datetime) -> Subscription:
    """Return the subscription that cover bought for `at` is added to.

    It is the one that runs then, of the best plan, and of those the one that ends last.
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
        ends = -each.ends_at.timestamp() if each.ends_at else float("-inf")
        ranked.append((terms.plans[each.plan].rank, ends, str(each.subscription_id), each))
    if not ranked:
        raise NothingToCover(f"The account has no subscription of {catalog} at that time.")
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
) -> None:
    """Write cover as an agreement, whose reference is known to be free."""
    await agreements.insert_agreement(
        db,
        account.account_id,
        reference=cover.reference,
        kind=KIND,
        subscription_id=subscription.subscription_id,
        terms={
            "calendar": cover.calendar,
            "from": cover.starts_at.isoformat(),
            "until": cover.ends_at.isoformat(),
            "order_id": order_id,
        },
        reason=reason,
        actor=actor,
        effective_at=account.now,
        now=account.now,
        # Whose order is over is told, as of a plan; what was agreed by hand just ends.
        notify_at=None if order_id is None else cover.ends_at,
    )
    if cover.calendar not in subscription.extra_calendars:
        await subscriptions.add_calendar(
            db, account.account_id, subscription.subscription_id, calendar=cover.calendar
        )


async def end_cover(db: Db, account: LockedAccount, reference: str) -> None:
    """End cover now, or before it begins; tickets opened under it keep it."""
    row = await agreements.find_agreement(db, account.account_id, reference)
    if row is not None:
        cover = read_cover(row)
        ends_at = min(cover.ends_at, max(cover.starts_at, account.now))
        terms = row["terms"] | {"until": ends_at.isoformat()}
        await agreements.change_terms(db, account.account_id, reference, terms=terms)


async def find_bought(db: Db, account_id: str, order_id: str) -> Cover | None:
    """Return the cover that an order gave, or None."""
    row = await agreements.find_agreement(db, account_id, reference_of(order_id))
    return None if row is None else read_cover(row)


def reference_of(order_id: str) -> str:
    """Return the reference of the agreement that an order of cover is recorded as."""
    return f"order {order_id}"


def read_cover(row: Any) -> Cover:
    """Return an agreement's row as the cover that it is."""
    terms = row["terms"]
    return Cover(
        reference=row["reference"],
        calendar=terms["calendar"],
        starts_at=datetime.fromisoformat(terms["from"]),
        ends_at=datetime.fromisoformat(terms["until"]),
    )
