"""A ticket's own pool: the lots that its charge may go on drawing upon."""

from collections.abc import Iterable
from datetime import datetime

from app.db.accounts.account_reads import ReadUnits
from app.db.accounts.locked_accounts import LockedAccount
from app.db.catalog import catalogs
from app.db.coverage.coverage_inputs import AccountUnits, load_account_units
from app.db.engine.unit_of_work import Db
from app.db.ledger import stored_lots, subscriptions
from app.domain.catalog.catalogs import Catalog
from app.domain.catalog.plans import Plan
from app.domain.coverage.coverage import TRACE_ENDED
from app.domain.coverage.not_covered import NotCovered, find_covering_offers, trace_of
from app.domain.coverage.requests import Request
from app.domain.coverage.serving import Rejection
from app.domain.ledger.ledger import Lot
from app.domain.ledger.pools import Pool, lots_of_pool, pick_pool_terms, pool_of
from app.domain.ledger.remaining import Remaining, count_remaining
from app.domain.tickets.tickets import Ticket
from app.services.ledger.caps import load_cap
from app.services.ledger.running_sessions import set_aside_begun


async def load_plan(db: Db, ticket: Ticket) -> tuple[Catalog, Plan]:
    """Return the terms that a ticket is charged under; without a plan, the seller's first one."""
    terms = await catalogs.load_catalog(
        db, ticket.catalog, ticket.catalog_version, region=ticket.region
    )
    if ticket.plan is not None:
        return terms, terms.plans[ticket.plan]
    return terms, min(terms.plans.values(), key=lambda plan: plan.rank)


async def load_lots(
    db: Db,
    ticket: Ticket,
    *,
    at: datetime,
    account: LockedAccount | None,
) -> list[Lot]:
    """Return the lots that a ticket's charge may draw on at `at`: its own pool's, not suspended.

    With an `account`, whose row is locked, each has no more before its last effective time than it
    had free at every instant since, and the pool of now is cached. What other tickets' sessions
    have begun is left to them.
    """
    account_id = ticket.account_id
    if ticket.subscription_id is None:
        return []
    units_found: ReadUnits | AccountUnits | None = _find_units(account, ticket, at=at)
    if units_found is None:
        _, plan = await load_plan(db, ticket)
        # Its cap looks at those that have ended lately, too.
        since = at - TRACE_ENDED if plan.has_cap else at
        units_found = await load_account_units(
            db,
            account_id,
            at=at,
            ended_since=since,
            account=account,
            besides=ticket.ticket_id,
        )
    own = units_found.subscriptions.get(ticket.subscription_id)
    if own is None:
        own = await subscriptions.find_subscription(db, account_id, ticket.subscription_id)
    pool = [
        lot
        for lot in lots_of_pool(units_found.lots, own.pool)
        if not lot.has_ended(at)
        and not units_found.subscriptions[lot.subscription_id].is_suspended(at)
    ]
    if account is not None and pool and at == account.now:
        first = units_found.subscriptions[pick_pool_terms(pool, at=at).subscription_id]
        terms = await catalogs.load_catalog(db, first.catalog, first.catalog_version)
        account.cache_pool(pool, terms)
    if account is not None and at < account.clock_at:
        pool = await stored_lots.bound_by_lowest_since(db, account_id, pool, at)
    if not units_found.in_session:
        return pool
    return await set_aside_begun(db, account_id, pool, at=at, besides=ticket.ticket_id)


def _find_units(account: LockedAccount | None, ticket: Ticket, *, at: datetime) -> ReadUnits | None:
    """Return the lots of a ticket's plan as they are now, where they are known and `at` is now."""
    if account is None or ticket.plan is None or at != account.now:
        return None
    found = account.find_units((ticket.catalog, ticket.plan))
    if found is None or found.in_session is None:
        return None
    return found if found.besides in (None, ticket.ticket_id) else None


async def measure_remaining(
    db: Db,
    ticket: Ticket,
    lots: Iterable[Lot],
    *,
    now: datetime,
    account: LockedAccount | None,
) -> Remaining | None:
    """Return what is left of a ticket's pool; None without a plan.

    `lots` are those of its plan that were read with it; an account whose row is locked has those
    that were moved since.
    """
    if ticket.subscription_id is None or ticket.plan is None:
        return None
    found = {lot.lot_id: lot for lot in lots}
    if account is not None:
        moved = {lot_id: account.lots[lot_id] for lot_id in account.moved}
        found = {lot_id: account.lots.get(lot_id, lot) for lot_id, lot in found.items()} | moved
    own = {pool_of(lot) for lot in found.values() if lot.subscription_id == ticket.subscription_id}
    pool = [lot for lot in found.values() if pool_of(lot) in own]
    terms, plan = await load_plan(db, ticket)
    cap = None
    if plan.has_cap and pool:
        subscription = await subscriptions.find_subscription(
            db, ticket.account_id, ticket.subscription_id
        )
        cap = await load_cap(
            db, ticket.account_id, subscription, pool, terms=terms, at=now, account=account
        )
    return count_remaining(pool, unit=plan.unit, at=now, cap=cap)


async def is_suspended(db: Db, ticket: Ticket, at: datetime) -> bool:
    """Say whether the subscription that a ticket is charged to is suspended at `at`."""
    if ticket.subscription_id is None:
        return False
    found = await subscriptions.find_subscription(db, ticket.account_id, ticket.subscription_id)
    return found.is_suspended(at)


async def refuse_ticket(
    db: Db,
    ticket: Ticket,
    rejection: Rejection,
    *,
    request: Request,
    refusal: type[NotCovered] = NotCovered,
    **members: object,
) -> NotCovered:
    """Return the refusal of more on a ticket: with its pool's trace and the offers that help."""
    terms, _ = await load_plan(db, ticket)
    current, _ = await catalogs.load_current(db, ticket.catalog)
    refused: list[tuple[Pool, Rejection]] = []
    if ticket.subscription_id is not None:
        subscription = await subscriptions.find_subscription(
            db, ticket.account_id, ticket.subscription_id
        )
        own = Pool(terms, subscription, (), rejection.code == "suspended")
        refused.append((own, rejection))
    return refusal(
        rejection.detail,
        trace=trace_of(refused),
        terms=current,
        offers=find_covering_offers(request, current=current, refused=refused),
        members={**rejection.members, **members},
    )
