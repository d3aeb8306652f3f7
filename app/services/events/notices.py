"""Notices: events that the clock alone brings about, recorded when they are due.

Whoever holds the account's row reads again what is due there, so that several workers at once
say nothing twice, and one that is killed has said all of it or nothing. What a request finds out
before is recorded by the request.
"""

from datetime import datetime
from uuid import UUID

from app.db.accounts.accounts import BEGINNING
from app.db.accounts.locked_accounts import LockedAccount, lock_account
from app.db.engine.unit_of_work import Db
from app.db.events import due_accounts, notices
from app.db.events.due_accounts import DueAccount
from app.db.events.notices import DueTerm
from app.domain.events.notices import (
    decide_deadline_notice,
    decide_lot_notice,
    decide_purchase_notice,
)
from app.domain.events.sale_events import describe_end
from app.domain.events.unit_events import describe_expiry
from app.domain.ledger.ledger import Lot
from app.domain.promises.stored_clocks import StoredClock
from app.services.promises.deadlines import record_deadline
from app.services.selling.renewals import record_coming_end, renew_by_itself

# Of each kind, in one look.
AT_MOST = 500


async def find_due(db: Db) -> list[DueAccount]:
    """Return what is due now, by accounts: of each kind, at most the five hundred due longest."""
    return await due_accounts.find_due(db, now=db.read_clock(), limit=AT_MOST)


def may_be_more(found: list[DueAccount]) -> bool:
    """Say whether more may be due than was found in one look."""
    kinds = ("clocks", "lot_ids", "subscription_ids", "covers")
    return any(sum(len(getattr(due, kind)) for due in found) >= AT_MOST for kind in kinds)


async def record_due(db: Db, due: DueAccount) -> int:
    """Record the events that are due in one account, and count them.

    What another worker has recorded meanwhile is not recorded again.
    """
    account = await lock_account(db, due.account_id)
    before = account.events
    clocks = await notices.load_clocks(db, due.account_id, due.clocks, now=account.now)
    lots = await notices.load_lots(db, due.account_id, due.lot_ids, now=account.now)
    terms = await notices.load_terms(db, due.account_id, due.subscription_ids, now=account.now)
    covers = await notices.load_covers(db, due.account_id, due.covers, now=account.now)
    for clock in sorted(clocks, key=_notify_at):
        await _record_clock(db, account, clock)
    for lot, came_back in lots:
        await _record_lot(db, account, lot, left=(lot.free or 0) - came_back)
    for term in terms:
        await _record_coming_end(db, account, term)
        notify_at = _record_end(account, term)
        order, ends_at = term.order, term.ends_at
        if order is not None and order.status == "active" and ends_at and notify_at is None:
            await renew_by_itself(db, account, order, ends_at=ends_at)
        await notices.store_term_notice(db, due.account_id, term.key, notify_at=notify_at)
    for cover in covers:
        notify_at = _record_end(account, cover)
        await notices.store_cover_notice(db, due.account_id, cover.key, notify_at=notify_at)
    return account.events - before


def _notify_at(clock: StoredClock) -> datetime:
    return clock.notify_at or clock.breaches_after or BEGINNING


async def _record_clock(db: Db, account: LockedAccount, clock: StoredClock) -> None:
    notice = decide_deadline_notice(
        told=clock.told,
        status=clock.status,
        strength=clock.strength,
        warn_at=clock.warn_at,
        breaches_after=clock.breaches_after,
        now=account.now,
    )
    if notice.event is not None:
        shown = clock
        if clock.has_lapsed(account.now):
            shown = clock.as_lapsed()
        record_deadline(account, shown, notice.event)
    await notices.store_clock_notice(db, clock, told=notice.told, notify_at=notice.notify_at)


async def _record_lot(db: Db, account: LockedAccount, lot: Lot, *, left: int) -> None:
    notice = decide_lot_notice(lot, left=left, now=account.now)
    if notice.event is not None:
        at = lot.expires_at if notice.event == "units.expired" else account.now
        data = describe_expiry(notice.event, lot, amount=left, sequence=account.sequence)
        account.record(data, at=at or account.now)
    await notices.store_lot_notice(db, account.account_id, lot.lot_id, notify_at=notice.notify_at)


async def _record_coming_end(db: Db, account: LockedAccount, term: DueTerm[UUID]) -> None:
    """Record that a term ends soon, where it is looked at before its end."""
    order, ends_at, at = term.order, term.ends_at, term.notify_at
    if order is None or ends_at is None or at is None or order.status != "active":
        return
    if at < ends_at:
        await record_coming_end(db, account, order, ends_at=ends_at, at=at)


def _record_end(account: LockedAccount, term: DueTerm[UUID] | DueTerm[str]) -> datetime | None:
    """Record the end of what an order gave, if it has come; return when the next may be due."""
    order, ends_at = term.order, term.ends_at
    notice = decide_purchase_notice(
        status=None if order is None else order.status, ends_at=ends_at, now=account.now
    )
    if notice.event is not None and order is not None and ends_at is not None:
        data = describe_end(order, starts_at=term.starts_at, ends_at=ends_at)
        account.record(data, at=ends_at)
    return notice.notify_at
