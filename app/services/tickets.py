"""Tickets: opened, answered, paused, re-targeted, and read back whole."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from app.db import tickets
from app.db.accounts import LockedAccount, lock_account
from app.db.database import Db
from app.db.drawable import Drawable, load_drawable
from app.db.ledger import Stamp
from app.db.tickets import WholeTicket
from app.domain import charges as charging
from app.domain.callers import Caller
from app.domain.charges import Charge
from app.domain.clocks import TicketEvent
from app.domain.coverage import TRACE_ENDED, Coverage, describe_trace
from app.domain.deadlines import Deadline
from app.domain.event_data import describe_opening
from app.domain.occurrences import decide_instant
from app.domain.refusals import Refusal
from app.domain.requests import Request
from app.services import charge_events, charges, deadlines
from app.services.accounts import require_match
from app.services.coverage import Holdings, choose_coverage
from app.services.repeats import require_same


class TicketResolved(Refusal):
    """The ticket is resolved; it would have to be reopened first."""

    kind = "conflict"
    code = "ticket_resolved"
    title = "The ticket is resolved"


class TicketNotResolved(Refusal):
    """The ticket is not resolved."""

    kind = "conflict"
    code = "ticket_not_resolved"
    title = "The ticket is not resolved"


class TicketNotPaused(Refusal):
    """The ticket is not paused."""

    kind = "conflict"
    code = "ticket_not_paused"
    title = "The ticket is not paused"


class BeforeOpening(Refusal):
    """Something is said to have happened to a ticket before it was opened."""

    kind = "conflict"
    code = "before_opening"
    title = "It happened before the ticket was opened"


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


@dataclass(frozen=True, slots=True)
class TicketView:
    """A ticket whole: its row, its charge, its clocks, and the account's sequence."""

    row: Any
    charge: Charge
    deadlines: tuple[Deadline, ...]
    sequence: int
    events: list[Any] = field(default_factory=list)

    @property
    def version(self) -> int:
        return int(self.row["version"])


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
            f"The ticket {order.ticket_id!r}", then=seen["request"], now=dict(order.document)
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
    row = _new_row(
        account, order=order, request=request, coverage=coverage, holdings=holdings, at=at
    )
    clocks = await deadlines.run_ticket_clocks(db, row, [], now=account.now)
    row |= deadlines.next_instants(clocks)
    await tickets.insert_ticket(db, row)
    account.record("ticket.opened", at=at, data=describe_opening(row))
    charge_events.record_difference(
        account, row, unit=coverage.price.unit, before=0, after=row["charge_amount"], at=at
    )
    await deadlines.start_deadlines(db, account, row, clocks)
    db.note("ticket_opened", catalog=row["catalog"], plan=row["plan"] or "none")
    charge = charging.held_charge(coverage.allocations)
    return TicketView(row, charge, clocks, account.sequence)


async def get_ticket(db: Db, *, account_id: str, ticket_id: str) -> TicketView:
    """Return a ticket as it is now."""
    ticket = await tickets.load_whole_ticket(db, account_id, ticket_id)
    return await view_ticket(db, ticket, now=db.read_clock())


async def view_ticket(db: Db, ticket: WholeTicket, *, now: datetime) -> TicketView:
    """Return a ticket with its charge, its clocks at `now`, and its events."""
    clocks = await deadlines.run_ticket_clocks(
        db, ticket, deadlines.read_events(ticket.events), now=max(now, ticket["last_event_at"])
    )
    account: LockedAccount | None = db.held.get(ticket["account_id"])
    if account is None:
        charge, sequence = charges.fold_charge(ticket), ticket.sequence
    else:
        charge = await charges.load_charge(db, account.account_id, ticket["ticket_id"])
        sequence = account.sequence
    return TicketView(ticket, charge, clocks, sequence, ticket.events)


async def lock_ticket(
    db: Db, *, account_id: str, ticket_id: str, if_match: str | None = None
) -> tuple[LockedAccount, WholeTicket]:
    """Take the account's row and read the ticket whole; every action on a ticket begins here.

    Nothing happens to a ticket before what happened to it last, whatever another machine's
    clock said then.
    """
    account = await lock_account(db, account_id)
    ticket = await tickets.load_ticket_to_change(db, account, ticket_id)
    require_match(if_match, ticket["version"])
    account.now = max(account.now, ticket["last_event_at"])
    return account, ticket


async def record_event(
    db: Db,
    account: LockedAccount,
    ticket: WholeTicket,
    *,
    type_: str,
    at: datetime,
    actor: str | None,
    data: Mapping[str, Any] | None = None,
    **changes: Any,
) -> TicketView:
    """Record what happened to a ticket, fold its clocks again, and return it whole.

    Its `changes` are those of its row that the event does not say by itself.
    """
    if at < ticket["opened_at"]:
        raise BeforeOpening(f"The ticket was opened at {ticket['opened_at'].isoformat()}.")
    number = ticket["events"] + 1
    event = {
        "account_id": account.account_id,
        "ticket_id": ticket["ticket_id"],
        "number": number,
        "type": type_,
        "at": at,
        "recorded_at": account.now,
        "actor": actor,
        "data": dict(data or {}),
    }
    events = [*ticket.events, event]
    folded = deadlines.read_events(events)
    changed = WholeTicket({**ticket, **changes}, events=events)
    changed |= {"events": number, "last_event_at": max(at, ticket["last_event_at"])}
    changed |= _state_changes(ticket, folded, now=account.now)
    clocks = await deadlines.run_ticket_clocks(db, changed, folded, now=account.now)
    changed |= deadlines.next_instants(clocks) | {"version": ticket["version"] + 1}
    charge = await charges.load_charge(db, account.account_id, ticket["ticket_id"])
    await tickets.insert_event(db, event)
    await tickets.update_ticket(db, changed)
    changed.clocks = await deadlines.keep_deadlines(
        db, account, changed, clocks, before=ticket.clocks
    )
    return TicketView(changed, charge, clocks, account.sequence, events)


async def reply(
    db: Db,
    *,
    account_id: str,
    ticket_id: str,
    by: str,
    channel: str | None,
    at: datetime | None,
    caller: Caller,
    if_match: str | None,
) -> TicketView:
    """Record a reply: an agent's meets clocks, a customer's resumes and starts them."""
    account, row = await lock_ticket(
        db, account_id=account_id, ticket_id=ticket_id, if_match=if_match
    )
    return await record_event(
        db,
        account,
        row,
        type_=f"{by}_reply",
        at=decide_instant(at, now=account.now, caller=caller),
        actor=caller.name,
        data={} if channel is None else {"channel": channel},
    )


async def pause(
    db: Db,
    *,
    account_id: str,
    ticket_id: str,
    waiting_on: str,
    at: datetime | None,
    caller: Caller,
    if_match: str | None,
) -> TicketView:
    """Record that the ticket waits on somebody: the clocks that this pauses stand still."""
    account, row = await lock_ticket(
        db, account_id=account_id, ticket_id=ticket_id, if_match=if_match
    )
    at = decide_instant(at, now=account.now, caller=caller)
    require_unresolved(row, at)
    return await record_event(
        db,
        account,
        row,
        type_="pause",
        at=at,
        actor=caller.name,
        data={"waiting_on": waiting_on},
    )


async def resume(
    db: Db,
    *,
    account_id: str,
    ticket_id: str,
    at: datetime | None,
    caller: Caller,
    if_match: str | None,
) -> TicketView:
    """Record that the ticket waits no longer."""
    account, row = await lock_ticket(
        db, account_id=account_id, ticket_id=ticket_id, if_match=if_match
    )
    at = decide_instant(at, now=account.now, caller=caller)
    if row["status"] != "paused" and at >= row["last_event_at"]:
        raise TicketNotPaused(f"The ticket {ticket_id!r} is {row['status']}.")
    return await record_event(
        db,
        account,
        row,
        type_="resumption",
        at=at,
        actor=caller.name,
    )


async def change_severity(
    db: Db,
    *,
    account_id: str,
    ticket_id: str,
    severity: int | None,
    urgent: bool | None,
    policy: str,
    reason: str,
    at: datetime | None,
    caller: Caller,
    if_match: str | None,
) -> TicketView:
    """Record another severity or urgency: running clocks get their new targets by `policy`."""
    account, row = await lock_ticket(
        db, account_id=account_id, ticket_id=ticket_id, if_match=if_match
    )
    at = decide_instant(at, now=account.now, caller=caller)
    require_unresolved(row, at)
    return await record_event(
        db,
        account,
        row,
        type_="severity",
        at=at,
        actor=caller.name,
        data={"severity": severity, "urgent": urgent, "policy": policy, "reason": reason},
    )


async def reopen(
    db: Db,
    *,
    account_id: str,
    ticket_id: str,
    reason: str,
    at: datetime | None,
    caller: Caller,
    if_match: str | None,
) -> TicketView:
    """Take up a resolved ticket again: its clocks go on, its charge stays as it is."""
    account, row = await lock_ticket(
        db, account_id=account_id, ticket_id=ticket_id, if_match=if_match
    )
    if row["status"] != "resolved":
        raise TicketNotResolved(f"The ticket {ticket_id!r} is {row['status']}.")
    at = decide_instant(at, now=account.now, caller=caller)
    view = await record_event(
        db,
        account,
        row,
        type_="reopening",
        at=at,
        actor=caller.name,
        data={"reason": reason},
        resolved_at=None,
        outcome=None,
    )
    if view.row["status"] == "resolved":
        raise TicketNotResolved(f"At {at.isoformat()} the ticket was not resolved yet.")
    return view


def require_unresolved(row: Any, at: datetime) -> None:
    """Refuse with `ticket_resolved` what is said to happen after the ticket's resolution."""
    if row["status"] == "resolved" and at >= (row["resolved_at"] or at):
        raise TicketResolved(f"The ticket {row['ticket_id']!r} is resolved already.")


def _state_changes(row: Any, events: list[TicketEvent], *, now: datetime) -> dict[str, Any]:
    state = deadlines.read_ticket_state(row, events, now=now)
    return {
        "status": state.status,
        "waiting_on": state.waiting_on,
        "severity": state.severity,
        "urgent": state.urgent,
    }


def _new_row(
    account: LockedAccount,
    *,
    order: TicketOrder,
    request: Request,
    coverage: Coverage,
    holdings: Holdings,
    at: datetime,
) -> dict[str, Any]:
    pool = coverage.pool
    held = sum(each.amount for each in coverage.allocations)
    return {
        "account_id": account.account_id,
        "ticket_id": order.ticket_id,
        "request": dict(order.document),
        "subject": order.subject,
        "status": "open",
        "waiting_on": None,
        "outcome": None,
        "channel": coverage.channel,
        "severity": request.severity,
        "urgent": request.urgent,
        "category": request.category,
        "variables": dict(request.variables),
        "topic": request.topic,
        "site": request.site,
        "catalog": coverage.terms.code,
        "catalog_version": pool.subscription.catalog_version if pool else holdings.version,
        "promise_version": pool.subscription.catalog_version if pool else holdings.version,
        "plan": pool.plan.code if pool else None,
        "subscription_id": pool.subscription.subscription_id if pool else None,
        "rank": pool.plan.rank if pool else None,
        "on_demand": coverage.on_demand,
        "promised": bool(coverage.promises),
        "extra_calendars": list(pool.subscription.extra_calendars) if pool else [],
        "trace": describe_trace(coverage.trace),
        "charge_status": "held" if held else "none",
        "charge_unit": coverage.price.unit,
        "charge_amount": held,
        "overage_amount": 0,
        "split_from": order.split_from,
        "dispute": None,
        "opened_at": at,
        "resolved_at": None,
        "last_event_at": at,
        "events": 0,
        "version": 1,
        "created_at": account.now,
    }
