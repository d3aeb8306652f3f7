"""Subscriptions: suspended, and taken up again."""

from datetime import datetime
from uuid import UUID

from app.db.accounts.locked_accounts import lock_account
from app.db.engine.unit_of_work import Db
from app.db.ledger import subscriptions
from app.db.ledger.subscriptions import SubscriptionSuspension
from app.db.reports.past_summaries import load_suspension_turns
from app.domain.access.callers import Caller
from app.domain.access.refusals import Refusal
from app.domain.events.sale_events import describe_resumption, describe_suspension
from app.domain.ledger.pools import Subscription
from app.domain.time.backdating import decide_instant
from app.domain.time.instants import write_instant
from app.services.accounts.accounts import require_match


class AlreadySuspended(Refusal):
    """The subscription is suspended already."""

    kind = "conflict"
    code = "already_suspended"
    title = "The subscription is suspended already"


class NotSuspended(Refusal):
    """The subscription is not suspended."""

    kind = "conflict"
    code = "not_suspended"
    title = "The subscription is not suspended"


async def suspend_subscription(
    db: Db,
    *,
    account_id: str,
    subscription_id: UUID,
    reason: str,
    actor: str,
    caller: Caller,
    at: datetime | None,
    if_match: str | None,
) -> Subscription:
    """Suspend a subscription from `at` on, or now: it pays for nothing until that is ended.

    It is not suspended before it begins, or before it was taken up again last.
    """
    account = await lock_account(db, account_id)
    found = await subscriptions.find_subscription(db, account_id, subscription_id)
    require_match(if_match, found.version)
    if found.suspended_at is not None:
        raise AlreadySuspended(f"It is suspended since {write_instant(found.suspended_at)}.")
    at = decide_instant(at, now=account.now, caller=caller)
    if at < account.now:
        turns = await load_suspension_turns(db, account_id)
        resumed = [each.at for each in turns if each.subscription_id == found.subscription_id]
        at = min(max(at, found.starts_at, *resumed), account.now)
    account.record(describe_suspension(found), at=at)
    return await subscriptions.set_suspension(
        db, account, found, suspension=SubscriptionSuspension(at, reason, actor)
    )


async def end_suspension(
    db: Db, *, account_id: str, subscription_id: UUID, if_match: str | None
) -> Subscription:
    """Take a suspended subscription up again; its term went on meanwhile."""
    account = await lock_account(db, account_id)
    found = await subscriptions.find_subscription(db, account_id, subscription_id)
    require_match(if_match, found.version)
    if found.suspended_at is None:
        raise NotSuspended("The subscription is not suspended.")
    account.record(describe_resumption(found), at=account.now)
    return await subscriptions.set_suspension(db, account, found, suspension=None)
