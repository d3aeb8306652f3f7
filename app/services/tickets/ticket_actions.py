"""Actions on a ticket besides its charge: answered, paused, re-targeted, reopened, struck."""

from typing import Literal

from app.db.catalog import catalogs
from app.db.engine.unit_of_work import Db
from app.domain.catalog.channels import Channel
from app.domain.coverage.requests import require_known_severity
from app.domain.promises.stopwatches import Policy
from app.domain.tickets.ticket_history import read_clock_events, require_strikable
from app.domain.tickets.ticket_rules import (
    TicketNotResolved,
    TicketPaused,
    reopens,
    require_known_cause,
    require_no_remedy,
)
from app.domain.time.instants import write_instant
from app.services.coverage.ticket_limits import require_taken
from app.services.promises import deadlines
from app.services.tickets.tickets import TicketChange, TicketView, record_event, take_ticket


async def reply(
    db: Db, change: TicketChange, *, by: Literal["agent", "customer"], channel: Channel | None
) -> TicketView:
    """Record a reply: an agent's meets clocks, a customer's resumes and starts them.

    A customer's on a resolved ticket reopens it, where the catalogue says so.
    """
    data = {} if channel is None else {"channel": channel}
    ticket = change.ticket
    view = await record_event(db, change, f"{by}_reply", data=data)
    if by == "agent":
        return view
    terms = await catalogs.load_catalog(db, ticket.catalog, ticket.catalog_version)
    if not reopens(ticket.is_resolved(change.at), terms):
        return view
    reopening = await take_ticket(
        db,
        account_id=ticket.account_id,
        ticket_id=ticket.ticket_id,
        caller=change.caller,
        at=change.reported_at,
    )
    return await reopen(db, reopening, reason="The customer replied.")


async def pause(db: Db, change: TicketChange, *, waiting_on: str) -> TicketView:
    """Record that the ticket waits on somebody: the clocks that this pauses stand still.

    Refuses `ticket_paused` where it waits on the same already.
    """
    ticket = change.ticket
    change.require_possible("pause")
    waits = ticket.status == "paused" and ticket.waiting_on == waiting_on
    if waits and change.at >= ticket.last_event_at:
        raise TicketPaused(f"{change.name} waits on {waiting_on} already.")
    terms = await catalogs.load_catalog(db, ticket.catalog, ticket.catalog_version)
    require_known_cause(waiting_on, terms, pointer="/waiting_on")
    return await record_event(db, change, "pause", data={"waiting_on": waiting_on})


async def resume(db: Db, change: TicketChange) -> TicketView:
    """Record that the ticket waits no longer."""
    change.require_possible("resumption")
    return await record_event(db, change, "resumption")


async def change_severity(
    db: Db,
    change: TicketChange,
    *,
    severity: int | None,
    urgent: bool | None,
    policy: Policy,
    reason: str,
) -> TicketView:
    """Record another severity or urgency: running clocks get their new targets by `policy`.

    It is refused as coverage would refuse it: a plan that serves no urgent requests, or has taken
    all of a kind that it takes in a month, does not do so afterwards either.
    """
    ticket = change.ticket
    change.require_possible("severity")
    terms = await catalogs.load_catalog(db, ticket.catalog, ticket.catalog_version)
    require_known_severity(severity, terms)
    await require_taken(
        db,
        ticket,
        terms,
        urgent=ticket.urgent if urgent is None else urgent,
        severity=ticket.severity if severity is None else severity,
    )
    data = {"severity": severity, "urgent": urgent, "policy": policy, "reason": reason}
    return await record_event(db, change, "severity", data=data)


async def reopen(db: Db, change: TicketChange, *, reason: str) -> TicketView:
    """Take up a resolved ticket again: its clocks go on, its charge stays as it is."""
    change.require_possible("reopening")
    view = await record_event(
        db, change, "reopening", data={"reason": reason}, resolved_at=None, outcome=None
    )
    if view.ticket.status == "resolved":
        raise TicketNotResolved(f"At {write_instant(change.at)} the ticket was not resolved yet.")
    return view


async def record_remedy(db: Db, change: TicketChange, *, reason: str | None) -> TicketView:
    """Record that the customer can work again, by a workaround or a repair; it stays open."""
    change.require_possible("remedy")
    events = read_clock_events(change.whole.events)
    state = deadlines.read_ticket_state(change.ticket, events, now=change.account.now)
    require_no_remedy(state, name=change.name)
    return await record_event(db, change, "remedy", data={"reason": reason})


async def strike_event(
    db: Db, change: TicketChange, *, number: int, reason: str, actor: str
) -> TicketView:
    """Strike an event that was recorded by mistake: it stays on the record and no longer counts.

    Refuses `event_unknown`, `not_strikable` and `already_struck`.
    """
    struck = require_strikable(change.whole.events, number)
    data = {"number": number, "type": struck.type, "reason": reason, "by": change.caller.name}
    return await record_event(db, change, "strike", actor=actor, data=data)
