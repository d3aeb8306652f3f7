"""Caps of a week or a month as a ticket meets them: what is left, and the refusal of more."""

from datetime import datetime

from app.db.accounts.locked_accounts import LockedAccount
from app.db.coverage.coverage_inputs import load_account_units
from app.db.engine.unit_of_work import Db
from app.db.ledger import subscriptions
from app.domain.catalog.amounts import Unit
from app.domain.catalog.catalogs import Catalog
from app.domain.catalog.plans import Plan
from app.domain.coverage.cap_texts import describe_cap
from app.domain.coverage.coverage import TRACE_ENDED
from app.domain.coverage.not_covered import CapReached, NotCovered
from app.domain.coverage.requests import Request
from app.domain.coverage.serving import Rejection
from app.domain.ledger.ledger import Lot
from app.domain.ledger.pools import Cap, lots_of_pool
from app.domain.tickets.tickets import Ticket
from app.services.coverage import pools
from app.services.ledger import caps

UNIT: Unit = "minute"


async def load_ticket_cap(
    db: Db, account: LockedAccount, ticket: Ticket, *, terms: Catalog, plan: Plan, at: datetime
) -> tuple[Cap | None, list[Lot]]:
    """Return the cap of a ticket's pool in the period of `at`, and the pool's lots.

    None, and no lots, where the plan has no cap.
    """
    account_id = ticket.account_id
    if not plan.has_cap or ticket.subscription_id is None:
        return None, []
    subscription = await subscriptions.find_subscription(db, account_id, ticket.subscription_id)
    units_found = await load_account_units(
        db,
        account_id,
        at=at,
        ended_since=at - TRACE_ENDED,
        account=account,
        besides=ticket.ticket_id,
    )
    lots = lots_of_pool(units_found.lots, subscription.pool)
    cap = await caps.load_cap(
        db, account_id, subscription, lots, terms=terms, at=at, account=account
    )
    return cap, lots


async def require_room(
    db: Db,
    account: LockedAccount,
    ticket: Ticket,
    amount: int,
    *,
    terms: Catalog,
    plan: Plan,
    at: datetime,
) -> None:
    """Refuse with `cap_reached` to draw `amount` more than the period of `at` may use and hold."""
    if amount <= 0:
        return
    cap, _ = await load_ticket_cap(db, account, ticket, terms=terms, plan=plan, at=at)
    if cap is not None and cap.used + cap.held + amount > cap.limit:
        raise await refuse_cap(db, ticket, cap, amount)


async def refuse_cap(db: Db, ticket: Ticket, cap: Cap, amount: int, *, why: str = "") -> NotCovered:
    """Return the refusal of `amount` more units in a period, with when it starts anew."""
    terms, plan = await pools.load_plan(db, ticket)
    return await pools.refuse_ticket(
        db,
        ticket,
        Rejection("cap_reached", describe_cap(cap, plan.unit, terms) + why),
        request=Request(channel=ticket.channel, plan=ticket.plan, amount=amount),
        refusal=CapReached,
        unit=plan.unit,
        limit=cap.limit,
        used=cap.used + cap.held,
        required=amount,
        resets_at=cap.resets_at,
    )
