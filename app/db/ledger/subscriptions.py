"""Subscriptions: plans over terms, pinned to the version they were sold under."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Text,
    Uuid,
    any_,
    bindparam,
    case,
    func,
    literal_column,
    or_,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import insert

from app.db.accounts.locked_accounts import LockedAccount
from app.db.engine.compiled import Statement
from app.db.engine.listings import Listing
from app.db.engine.rows import RowType
from app.db.engine.unit_of_work import Db
from app.db.tables import subscriptions
from app.domain.access.refusals import Refusal
from app.domain.ledger.pools import Subscription, SubscriptionStatus
from app.domain.values import Value, replace


class SubscriptionUnknown(Refusal):
    """The account has no such subscription."""

    kind = "unknown"
    code = "subscription_unknown"
    title = "There is no such subscription"


SUBSCRIPTION = RowType(
    subscriptions,
    Subscription,
    read={"extra_calendars": tuple},
    write={"extra_calendars": list},
    without=("account_id", "suspension", "notify_at"),
)
_INSERT = Statement(insert(subscriptions))
_BY_ID = Statement(
    select(*SUBSCRIPTION.columns).where(
        subscriptions.c.account_id == bindparam("account_id"),
        subscriptions.c.subscription_id == any_(bindparam("ids", type_=ARRAY(Uuid))),
    ),
    asked_again=True,
)
_SINCE = Statement(
    select(*SUBSCRIPTION.columns).where(
        subscriptions.c.account_id == bindparam("account_id"),
        or_(subscriptions.c.ends_at > bindparam("since"), subscriptions.c.ends_at.is_(None)),
    )
)
# As `Subscription.status_at` has it.
_NOW = bindparam("now", type_=subscriptions.c.created_at.type)
_STATUS: ColumnElement[Any] = case(
    (
        subscriptions.c.ends_at <= func.greatest(_NOW, subscriptions.c.starts_at),
        literal_column("'ended'", Text),
    ),
    (subscriptions.c.suspended_at <= _NOW, literal_column("'suspended'", Text)),
    (subscriptions.c.starts_at > _NOW, literal_column("'upcoming'", Text)),
    else_=literal_column("'active'", Text),
)
_LIST = Listing(
    select(*SUBSCRIPTION.columns).where(subscriptions.c.account_id == bindparam("account_id")),
    subscriptions.c.subscription_id,
    asked={
        "status": _STATUS,
        "catalog": subscriptions.c.catalog,
        "plan": subscriptions.c.plan,
    },
)
_SUSPEND = Statement(
    update(subscriptions)
    .where(
        subscriptions.c.account_id == bindparam("account_id"),
        subscriptions.c.subscription_id == bindparam("subscription_id"),
    )
    .values(
        suspended_at=bindparam("suspended_at"),
        suspension=bindparam("suspension"),
        version=bindparam("version"),
    )
)
_END = Statement(
    update(subscriptions)
    .where(
        subscriptions.c.account_id == bindparam("account_id"),
        subscriptions.c.subscription_id == bindparam("subscription_id"),
    )
    .values(ends_at=bindparam("ends_at"), notify_at=None, version=bindparam("version"))
)
_SET_SITE = Statement(
    update(subscriptions)
    .where(
        subscriptions.c.account_id == bindparam("account_id"),
        subscriptions.c.subscription_id == bindparam("subscription_id"),
    )
    .values(site=bindparam("site"), version=bindparam("version"))
)
_SET_QUANTITY = Statement(
    update(subscriptions)
    .where(
        subscriptions.c.account_id == bindparam("account_id"),
        subscriptions.c.subscription_id == bindparam("subscription_id"),
    )
    .values(quantity=bindparam("quantity"), version=bindparam("version"))
)
_ADD_CALENDAR = Statement(
    update(subscriptions)
    .where(
        subscriptions.c.account_id == bindparam("account_id"),
        subscriptions.c.subscription_id == bindparam("subscription_id"),
    )
    .values(
        extra_calendars=bindparam("extra_calendars"),
        version=bindparam("version"),
    )
)


class SubscriptionSuspension(Value):
    """Since when a subscription pays for nothing, why, and who decided it."""

    at: datetime
    reason: str
    actor: str


async def insert_subscription(
    db: Db, account_id: str, subscription: Subscription, *, notify_at: datetime | None = None
) -> None:
    """Write a new subscription, of which there is something to be told at `notify_at`."""
    await db.write(
        _INSERT,
        account_id=account_id,
        suspension=None,
        # Whose purchase is over is told; what was given by hand just ends.
        notify_at=(notify_at or subscription.ends_at) if subscription.order_id else None,
        **SUBSCRIPTION.values(subscription),
    )


async def load_subscriptions(
    db: Db, account_id: str, ids: Iterable[UUID]
) -> dict[UUID, Subscription]:
    """Return these subscriptions by id."""
    rows = await db.rows(_BY_ID, account_id=account_id, ids=list(ids))
    return {each.subscription_id: each for each in map(SUBSCRIPTION.read, rows)}


def keep_subscription(db: Db, account_id: str, row: Sequence[Any]) -> Subscription:
    """Return a subscription that was just read, which need not be read again."""
    found = SUBSCRIPTION.read(row)
    db.keep(_BY_ID, [row], account_id=account_id, ids=[found.subscription_id])
    return found


async def find_subscription(db: Db, account_id: str, subscription_id: UUID) -> Subscription:
    """Return one subscription, or refuse with `subscription_unknown`."""
    found = await load_subscriptions(db, account_id, [subscription_id])
    if subscription_id not in found:
        raise SubscriptionUnknown(f"There is no subscription {subscription_id}.")
    return found[subscription_id]


async def load_subscriptions_since(db: Db, account_id: str, since: datetime) -> list[Subscription]:
    """Return the account's subscriptions that end after `since`."""
    rows = await db.rows(_SINCE, account_id=account_id, since=since)
    return [SUBSCRIPTION.read(row) for row in rows]


async def list_subscriptions(
    db: Db,
    account_id: str,
    *,
    after: Sequence[UUID] | None,
    ascending: bool,
    limit: int,
    now: datetime,
    status: SubscriptionStatus | None = None,
    catalog: str | None = None,
    plan: str | None = None,
) -> list[Subscription]:
    """Return the account's subscriptions in the order they were made, after one of them.

    Of those that stand so at `now`, where a `status` is given.
    """
    rows = await _LIST.read(
        db,
        ascending=ascending,
        after=after,
        limit=limit,
        account_id=account_id,
        now=now,
        status=status,
        catalog=catalog,
        plan=plan,
    )
    return [SUBSCRIPTION.read(row) for row in rows]


async def set_suspension(
    db: Db,
    account: LockedAccount,
    before: Subscription,
    *,
    suspension: SubscriptionSuspension | None,
) -> Subscription:
    """Suspend a subscription, or end its suspension with None; return it as it is then."""
    account.read_units.clear()  # its lots are among what can be drawn on, or not
    after = replace(before, suspended_at=None if suspension is None else suspension.at)
    return await _change(
        db,
        _SUSPEND,
        account,
        after,
        suspended_at=after.suspended_at,
        suspension=None
        if suspension is None
        else {"reason": suspension.reason, "actor": suspension.actor},
    )


async def set_end(
    db: Db, account: LockedAccount, before: Subscription, *, ends_at: datetime
) -> Subscription:
    """Give a subscription another end; return it as it is then."""
    after = replace(before, ends_at=ends_at)
    return await _change(db, _END, account, after, ends_at=ends_at)


async def set_site(
    db: Db, account: LockedAccount, before: Subscription, *, site: str
) -> Subscription:
    """Let a subscription cover another store; return it as it is then."""
    return await _change(db, _SET_SITE, account, replace(before, site=site), site=site)


async def set_quantity(
    db: Db, account: LockedAccount, before: Subscription, *, quantity: int
) -> Subscription:
    """Let a subscription be for another number of what it is sold by; return it as it is then."""
    after = replace(before, quantity=quantity)
    return await _change(db, _SET_QUANTITY, account, after, quantity=quantity)


async def add_calendar(
    db: Db, account: LockedAccount, before: Subscription, *, calendar: str
) -> Subscription:
    """Name a calendar of cover that the subscription has, or will have, for a time.

    Return it as it is then.
    """
    after = replace(before, extra_calendars=(*before.extra_calendars, calendar))
    calendars = list(after.extra_calendars)
    return await _change(db, _ADD_CALENDAR, account, after, extra_calendars=calendars)


async def _change(
    db: Db, statement: Statement, account: LockedAccount, after: Subscription, **values: Any
) -> Subscription:
    """Write what of a subscription is other than it was, as its next version."""
    changed = replace(after, version=after.version + 1)
    await db.write(
        statement,
        account_id=account.account_id,
        subscription_id=changed.subscription_id,
        version=changed.version,
        **values,
    )
    return changed
