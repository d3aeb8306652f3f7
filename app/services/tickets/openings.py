"""Openings: who pays for a ticket is decided, its units held, its clocks started."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.db.accounts.accounts import LockedAccount, lock_account
from app.db.coverage.coverage_inputs import Drawable, load_drawable
from app.db.engine.database import Db
from app.db.ledger.ledger import Stamp
from app.db.tickets import tickets
from app.domain.access.callers import Caller
from app.domain.coverage.coverage import TRACE_ENDED, Coverage
from app.domain.coverage.not_covered import describe_trace
from app.domain.coverage.requests import Request
from app.domain.events.event_data import describe_opening
from app.domain.tickets import charges as charging
from app.domain.tickets.queue_order import WAITING, place_in_queue
from app.domain.tickets.tickets import Ticket
from app.domain.time.backdating import decide_instant
from app.services.access.repeats import require_same
from app.services.coverage.coverage import Holdings, choose_coverage
from app.services.promises import deadlines
from app.services.tickets import charge_events, charges
from app.services.tickets.tickets import TicketView, view_ticket


@dataclass(frozen=True, slots=True)
class TicketOrder:
    """A ticket as it is asked for, under the helpdesk's own id."""

    ticket_id: str
    subject: str
    request: Request
    catalog: str | None
    at: datetime | None
    document: Mapping[str, Any]
    split_from: str | None = None


async def open_ticket(
    db: Db, *, account_id: str, order: TicketOrder, caller: Caller
) -> tuple[TicketView, bool]:
    """Open a ticket: decide who pays, hold its units, start its clocks.

    Returns the ticket and whether it is new. The id seen again with the same request gives the
    ticket as it is now; with another it is refused.
    """
    account = await lock_account(db, account_id)
    at = min(order.at or account.now, account.now)
    drawable = await load_drawable(
        db, account_id, at=at, ended_since=at - TRACE_ENDED, ticket_id=order.ticket_id
    )
    if drawable.seen:
        seen = await tickets.load_whole_ticket(db, account_id, order.ticket_id)
        require_same(
            f"The ticket {order.ticket_id!r}",
            then=dict(seen.ticket.request),
            now=dict(order.document),
        )
        return await view_ticket(db, seen, now=account.now), False
    view = await open_new_ticket(db, account, order=order, caller=caller, drawable=drawable)
    return view, True


async def open_new_ticket(
    db: Db,
    account: LockedAccount,
    *,
    order: TicketOrder,
    caller: Caller,
    drawable: Drawable | None = None,
) -> TicketView:
    """Open a ticket whose id is known to be free, in an account whose row is held.

    `drawable` is what the account has, where it has been read already.
    """
    at = decide_instant(order.at, now=account.now, caller=caller)
    coverage, holdings, request = await choose_coverage(
        db,
        account.account_id,
        order.request,
        catalog=order.catalog,
        at=at,
        backdated=at < account.clock_at,
        drawable=drawable,
    )
    if coverage.price.off_list:
        caller.require("ledger:write", why="A price off the list")
    stamp = Stamp(effective_at=at, ticket_id=order.ticket_id, actor=caller.name)
    if coverage.pool is not None:
        account.know_pool(coverage.pool.lots, coverage.pool.terms)
    held = charging.hold(coverage.allocations)
    await charges.post_charge(db, account, held, stamp=stamp, policies=coverage.terms.policies)
    ticket = _new_ticket(
        account, order=order, request=request, coverage=coverage, holdings=holdings, at=at
    )
    clocks = await deadlines.run_ticket_clocks(db, ticket, [], now=account.now)
    ticket = place_in_queue(ticket, clocks, unanswered=True)
    await tickets.insert_ticket(db, ticket)
    account.record("ticket.opened", at=at, data=describe_opening(ticket))
    charge_events.record_difference(
        account, ticket, unit=coverage.price.unit, before=0, after=ticket.charge_amount, at=at
    )
    await deadlines.start_deadlines(db, account, ticket, clocks)
    db.note("ticket_opened", catalog=ticket.catalog, plan=ticket.plan or "none")
    charge = charging.held_charge(coverage.allocations)
    return TicketView(ticket, charge, clocks, account.sequence)


def _new_ticket(
    account: LockedAccount,
    *,
    order: TicketOrder,
    request: Request,
    coverage: Coverage,
    holdings: Holdings,
    at: datetime,
) -> Ticket:
    pool = coverage.pool
    held = sum(each.amount for each in coverage.allocations)
    return Ticket(
        account_id=account.account_id,
        ticket_id=order.ticket_id,
        request=dict(order.document),
        subject=order.subject,
        status="open",
        waiting_on=None,
        outcome=None,
        channel=coverage.channel,
        severity=request.severity,
        urgent=request.urgent,
        category=request.category,
        variables=dict(request.variables),
        topic=request.topic,
        site=request.site,
        catalog=coverage.terms.code,
        catalog_version=pool.subscription.catalog_version if pool else holdings.version,
        promise_version=pool.subscription.catalog_version if pool else holdings.version,
        plan=pool.plan.code if pool else None,
        subscription_id=pool.subscription.subscription_id if pool else None,
        rank=pool.plan.rank if pool else None,
        on_demand=coverage.on_demand,
        promised=bool(coverage.promises),
        extra_calendars=list(pool.subscription.extra_calendars) if pool else [],
        trace=describe_trace(coverage.trace),
        charge_status="held" if held else "none",
        charge_unit=coverage.price.unit,
        charge_amount=held,
        charge_held=held,
        overage_amount=0,
        split_from=order.split_from,
        dispute=None,
        opened_at=at,
        resolved_at=None,
        last_event_at=at,
        events=0,
        unanswered=True,
        queue_group=WAITING,
        next_metric=None,
        next_strength=None,
        due_at=None,
        breaches_after=None,
        warn_at=None,
        version=1,
        created_at=account.now,
    )
