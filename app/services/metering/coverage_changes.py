"""Deciding anew who pays for an open ticket: what it had goes back, what it needs is held."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from app.db.coverage.coverage_inputs import AccountUnits, load_account_units
from app.db.engine.unit_of_work import Db
from app.db.ledger import ledger
from app.db.ledger.ledger import Stamp
from app.db.metering import sessions, work
from app.domain.coverage.coverage import TRACE_ENDED
from app.domain.coverage.requests import Request
from app.domain.events.charge_events import describe_coverage_change
from app.domain.metering.bookings import Session
from app.domain.metering.sessions import pays_by_steps
from app.domain.tickets import charges as charging
from app.domain.tickets.charges import Charge
from app.domain.tickets.expected_charges import put_at
from app.domain.tickets.openings import Opening, cover_ticket, describe_cover
from app.domain.tickets.ticket_rules import TicketResolved
from app.domain.tickets.tickets import Ticket
from app.domain.values import Value, as_dict, replace
from app.services.coverage import pools
from app.services.coverage.coverage import plan_opening
from app.services.metering.charging_anew import charge_anew, count_refunded
from app.services.metering.session_minutes import SessionRunning
from app.services.promises.deadlines import promises_kept
from app.services.tickets import charge_events, charges
from app.services.tickets.tickets import (
    TicketChange,
    TicketView,
    record_event,
)

CAUSE = "coverage"


class CoverageOrder(Value):
    """Whom to charge a ticket to instead, and what it is priced as, where that changes."""

    catalog: str | None
    plan: str | None
    category: str | None
    variables: Mapping[str, int]
    amount: int | None
    reason: str
    actor: str


async def decide_coverage_anew(db: Db, change: TicketChange, *, order: CoverageOrder) -> TicketView:
    """Decide again, as of now, which of the account's pools pays for an open ticket.

    What it holds and has used goes back to the lots that it came from, overage is taken back,
    and the pool that pays now is charged with what the ticket holds, its sessions and the
    minutes logged so far. All of it is one step: what is refused has moved nothing. Promises
    are the new plan's: from the opening on where its term ran then, otherwise from now.
    """
    account, ticket = change.account, change.ticket
    if ticket.status == "resolved":
        raise TicketResolved(f"The ticket {ticket.ticket_id!r} is resolved; reopen it first.")
    charge = await charges.load_charge(db, account, ticket.ticket_id)
    at = await charges.charge_instant(db, account, ticket, account.now)
    held_sessions = await _require_no_session_runs(db, ticket)
    stamp = Stamp(
        effective_at=at,
        ticket_id=ticket.ticket_id,
        cause=CAUSE,
        reason=order.reason,
        actor=order.actor,
    )
    pieces = await work.load_work_of(db, account.account_id, [ticket.ticket_id])
    logged = sum(piece.minutes for piece in pieces)
    returned = await _return_units(db, change, charge, stamp=stamp)
    charged = sum(row.charged for row in held_sessions)
    opening = await _plan(db, change, order, charge, logged=logged, charged=charged, at=at)
    moved = cover_ticket(ticket, opening)
    refunded = count_refunded(ticket, pieces)
    overage = await charge_anew(db, account, moved, opening, pieces, refunded=refunded, stamp=stamp)
    if moved.charge_unit != ticket.charge_unit:
        # What sessions added was in the unit of before; what they cost now is in the price.
        for row in held_sessions:
            await sessions.update_session(db, replace(row, charged=0))
    after = await charges.load_charge(db, account, ticket.ticket_id)
    before = ticket.charge_amount
    for each, unit, amounts, returns in (
        (ticket, ticket.charge_unit, (before, 0), returned),
        (moved, moved.charge_unit, (0, after.held + after.used), []),
    ):
        charge_events.record_difference(
            account, each, unit=unit, before=amounts[0], after=amounts[1], at=at, returns=returns
        )
    if ticket.charge_unit in (None, "minute"):
        charge_events.record_overage(
            account, moved, unit="minute", amount=overage - ticket.overage_amount, at=at
        )
    else:
        unit = ticket.charge_unit
        charge_events.record_overage(
            account, ticket, unit=unit, amount=-ticket.overage_amount, at=at
        )
        charge_events.record_overage(account, moved, unit="minute", amount=overage, at=at)
    kept = promises_kept(ticket), promises_kept(moved)
    account.record(describe_coverage_change(ticket, moved, sequence=account.sequence), at=at)
    view = await record_event(
        db,
        change,
        "coverage",
        at=at,
        actor=order.actor,
        data={
            "before": as_dict(kept[0]),
            "after": as_dict(kept[1]),
            "policy": "carry_elapsed" if _ran_when_opened(opening, ticket) else "restart_now",
            "to": opening.coverage.price.amount,
            "agreed": order.amount,
            "unit": opening.coverage.price.unit,
            "reason": order.reason,
            "by": change.caller.name,
            "returns": returned,
        },
        overage_amount=overage,
        **describe_cover(opening),
    )
    pool = opening.coverage.pool
    lots = pool.lots if pool else ()
    remaining = await pools.measure_remaining(
        db, view.ticket, lots, now=account.now, account=account
    )
    return replace(view, remaining=remaining)


async def _return_units(
    db: Db, change: TicketChange, charge: Charge, *, stamp: Stamp
) -> list[dict[str, Any]]:
    """Give back all that a ticket holds and has used, and what was over; return what came back."""
    account, ticket = change.account, change.ticket
    terms, _ = await pools.load_plan(db, ticket)
    movements = charging.return_units(charge, charge.used)
    returned = await charges.post_charge(
        db, account, movements, stamp=stamp, policies=terms.policies
    )
    if ticket.overage_amount:
        await ledger.post_overage(
            db,
            account,
            unit=ticket.charge_unit or "minute",
            amount=-ticket.overage_amount,
            stamp=stamp,
        )
    return charges.describe_returns(returned)


async def _plan(
    db: Db,
    change: TicketChange,
    order: CoverageOrder,
    charge: Charge,
    *,
    logged: int,
    charged: int,
    at: datetime,
) -> Opening:
    """Decide who pays now; what the ticket was put at in the same unit is asked for again.

    Priced anew it costs what the rate card says, and what its sessions have `charged`.
    """
    account, ticket = change.account, change.ticket
    units_found = await load_account_units(
        db, account.account_id, at=at, ended_since=at - TRACE_ENDED, account=account
    )
    request = Request(
        channel=ticket.channel,
        severity=ticket.severity,
        urgent=ticket.urgent,
        plan=order.plan,
        site=ticket.site,
        category=order.category or ticket.category,
        variables=order.variables if order.category else order.variables or ticket.variables,
        topic=ticket.topic,
        amount=order.amount,
        region=ticket.request.get("region"),
    )
    opening = await _open(db, change, order, request, units_found=units_found, at=at)
    if order.amount is not None or opening.coverage.pool is None:
        return opening
    price, plan = opening.coverage.price, opening.coverage.pool.plan
    total = charge.held + charge.used + ticket.overage_amount
    if price.unit == "minute":
        total = max(put_at(ticket, change.whole.events, unit="minute"), logged)
    elif price.unit != ticket.charge_unit or not total:
        return opening
    elif order.category or order.variables:
        if not charged or not pays_by_steps(plan, category=request.category):
            return opening
        total = price.amount + charged
    return await _open(
        db, change, order, replace(request, amount=total), units_found=units_found, at=at
    )


async def _open(
    db: Db,
    change: TicketChange,
    order: CoverageOrder,
    request: Request,
    *,
    units_found: AccountUnits,
    at: datetime,
) -> Opening:
    account = change.account
    return await plan_opening(
        db,
        account.account_id,
        request,
        catalog=order.catalog,
        at=at,
        now=account.now,
        clock_at=account.clock_at,
        caller=change.caller,
        units_found=units_found,
        requester=change.ticket.requester,
        besides=change.ticket.ticket_id,
    )


async def _require_no_session_runs(db: Db, ticket: Ticket) -> list[Session]:
    rows = await sessions.load_ticket_sessions(db, ticket.account_id, ticket.ticket_id)
    if any(row.status == "running" for row in rows):
        raise SessionRunning("A session of the ticket runs; end it first.")
    return rows


def _ran_when_opened(opening: Opening, ticket: Ticket) -> bool:
    """Say whether the pool that pays now could have paid when the ticket was opened."""
    pool = opening.coverage.pool
    return pool is not None and any(lot.is_usable(ticket.opened_at) for lot in pool.lots)
