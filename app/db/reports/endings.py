"""Subscriptions across accounts in the order in which they end."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, DateTime, Select, bindparam, func, select

from app.db.accounts.sandbox_clocks import SANDBOXES, of_account, own_now
from app.db.engine.listings import Listing
from app.db.engine.unit_of_work import Db
from app.db.ledger.subscriptions import SUBSCRIPTION
from app.db.tables import accounts, subscriptions
from app.domain.ledger.pools import Subscription
from app.domain.values import Value


class EndingSubscription(Value):
    """A subscription that ends, and whose it is; `now` is the present as its account has it."""

    account_id: str
    account_name: str
    now: datetime
    subscription: Subscription


_INSTANT = DateTime(timezone=True)
_NOW: ColumnElement[Any] = bindparam("now", type_=_INSTANT)


_OWN_NOW = own_now(subscriptions, _NOW)
_EARLIEST_NOW = func.least(
    _NOW,
    select(func.min(accounts.c.sandbox_at))
    .where(accounts.c.sandbox_at.is_not(None))
    .scalar_subquery(),
)
_PLACE = (subscriptions.c.ends_at, subscriptions.c.account_id, subscriptions.c.subscription_id)
_ASKED = {"catalog": subscriptions.c.catalog, "plan": subscriptions.c.plan}


def _select(now: ColumnElement[Any], *conditions: ColumnElement[bool]) -> Select[Any]:
    name = of_account(accounts.c.name, subscriptions)
    return select(
        *SUBSCRIPTION.columns, subscriptions.c.account_id, name.label("name"), now.label("now")
    ).where(
        *conditions,
        subscriptions.c.ends_at < bindparam("until", type_=_INSTANT),
        # One that was cancelled before it began has an empty term.
        subscriptions.c.ends_at > subscriptions.c.starts_at,
    )


_SINCE: ColumnElement[Any] = bindparam("since", type_=_INSTANT)
_ENDINGS = Listing(
    _select(
        _NOW,
        subscriptions.c.ends_at >= func.coalesce(_SINCE, _NOW),
        subscriptions.c.account_id.not_in(SANDBOXES),
    ),
    *_PLACE,
    asked=_ASKED,
)
_WITH_SANDBOXES = Listing(
    _select(
        _OWN_NOW,
        subscriptions.c.ends_at >= func.coalesce(_SINCE, _EARLIEST_NOW),
        subscriptions.c.ends_at >= func.coalesce(_SINCE, _OWN_NOW),
    ),
    *_PLACE,
    asked=_ASKED,
)


async def list_endings(
    db: Db,
    *,
    catalog: str | None,
    plan: str | None,
    since: datetime | None,
    until: datetime,
    now: datetime,
    sandbox: bool,
    after: Sequence[Any] | None,
    ascending: bool,
    limit: int,
) -> list[EndingSubscription]:
    """Return subscriptions that end in [since, until), after a place among them.

    Left out, `since` is `now`, and for a sandbox account the present that it has.
    """
    rows = await (_WITH_SANDBOXES if sandbox else _ENDINGS).read(
        db,
        ascending=ascending,
        after=after,
        limit=limit,
        catalog=catalog,
        plan=plan,
        since=since,
        until=until,
        now=now,
    )
    width = len(SUBSCRIPTION.columns)
    return [
        EndingSubscription(row[width], row["name"], row["now"], SUBSCRIPTION.read(row))
        for row in rows
    ]
