"""Subscriptions across accounts in the order in which they end."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Boolean, DateTime, bindparam, or_, select

from app.db.engine.listings import Listing
from app.db.engine.unit_of_work import Db
from app.db.ledger.subscriptions import SUBSCRIPTION
from app.db.tables import accounts, subscriptions
from app.domain.ledger.pools import Subscription
from app.domain.values import Value


class EndingSubscription(Value):
    """A subscription that ends, and whose it is."""

    account_id: str
    account_name: str
    subscription: Subscription


_INSTANT = DateTime(timezone=True)
_SANDBOXES = select(accounts.c.account_id).where(accounts.c.sandbox_at.is_not(None))
_NAME = (
    select(accounts.c.name)
    .where(accounts.c.account_id == subscriptions.c.account_id)
    .correlate(subscriptions)
    .scalar_subquery()
)


_ENDINGS = Listing(
    select(*SUBSCRIPTION.columns, subscriptions.c.account_id, _NAME).where(
        subscriptions.c.ends_at >= bindparam("since", type_=_INSTANT),
        subscriptions.c.ends_at < bindparam("until", type_=_INSTANT),
        # One that was cancelled before it began has an empty term.
        subscriptions.c.ends_at > subscriptions.c.starts_at,
        or_(bindparam("sandbox", type_=Boolean), subscriptions.c.account_id.not_in(_SANDBOXES)),
    ),
    subscriptions.c.ends_at,
    subscriptions.c.account_id,
    subscriptions.c.subscription_id,
    asked={"catalog": subscriptions.c.catalog, "plan": subscriptions.c.plan},
)


async def list_endings(
    db: Db,
    *,
    catalog: str | None,
    plan: str | None,
    since: datetime,
    until: datetime,
    sandbox: bool,
    after: Sequence[Any] | None,
    ascending: bool,
    limit: int,
) -> list[EndingSubscription]:
    """Return subscriptions that end in [since, until), after a place among them."""
    rows = await _ENDINGS.read(
        db,
        ascending=ascending,
        after=after,
        limit=limit,
        catalog=catalog,
        plan=plan,
        since=since,
        until=until,
        sandbox=sandbox,
    )
    width = len(SUBSCRIPTION.columns)
    return [EndingSubscription(row[width], row[width + 1], SUBSCRIPTION.read(row)) for row in rows]
