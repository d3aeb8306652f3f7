"""Subscriptions across accounts in the order in which they end."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Boolean, ColumnElement, DateTime, Text, Uuid, bindparam, or_, select, tuple_

from app.db.engine.compiled import Statement
from app.db.engine.database import Db
from app.db.ledger.subscriptions import SUBSCRIPTION
from app.db.tables import accounts, subscriptions
from app.domain.ledger.pools import Subscription

EndingPlace = tuple[datetime, str, UUID]


@dataclass(frozen=True, slots=True)
class EndingSubscription:
    """A subscription that ends, and whose it is."""

    account_id: str
    account_name: str
    subscription: Subscription


_INSTANT = DateTime(timezone=True)
_ORDER = (subscriptions.c.ends_at, subscriptions.c.account_id, subscriptions.c.subscription_id)
_SANDBOXES = select(accounts.c.account_id).where(accounts.c.sandbox_at.is_not(None))
_NAME = (
    select(accounts.c.name)
    .where(accounts.c.account_id == subscriptions.c.account_id)
    .correlate(subscriptions)
    .scalar_subquery()
)


def _asked(column: ColumnElement[Any]) -> ColumnElement[bool]:
    wanted: ColumnElement[Any] = bindparam(column.name, type_=Text)
    return or_(wanted.is_(None), column == wanted)


_ENDINGS = Statement(
    select(*SUBSCRIPTION.columns, subscriptions.c.account_id, _NAME)
    .where(
        _asked(subscriptions.c.catalog),
        _asked(subscriptions.c.plan),
        subscriptions.c.ends_at >= bindparam("since", type_=_INSTANT),
        subscriptions.c.ends_at < bindparam("until", type_=_INSTANT),
        # One that was cancelled before it began has an empty term.
        subscriptions.c.ends_at > subscriptions.c.starts_at,
        or_(bindparam("sandbox", type_=Boolean), subscriptions.c.account_id.not_in(_SANDBOXES)),
        tuple_(*_ORDER)
        > tuple_(
            bindparam("after_at", type_=_INSTANT),
            bindparam("after_account", type_=Text),
            bindparam("after_id", type_=Uuid),
        ),
    )
    .order_by(*_ORDER)
    .limit(bindparam("limit"))
)


async def list_endings(
    db: Db,
    *,
    catalog: str | None,
    plan: str | None,
    since: datetime,
    until: datetime,
    sandbox: bool,
    after: EndingPlace,
    limit: int,
) -> list[EndingSubscription]:
    """Return subscriptions that end in [since, until), after a place among them."""
    rows = await db.rows(
        _ENDINGS,
        catalog=catalog,
        plan=plan,
        since=since,
        until=until,
        sandbox=sandbox,
        after_at=after[0],
        after_account=after[1],
        after_id=after[2],
        limit=limit,
    )
    width = len(SUBSCRIPTION.columns)
    return [EndingSubscription(row[width], row[width + 1], SUBSCRIPTION.read(row)) for row in rows]
