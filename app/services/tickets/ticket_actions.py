"""What happens to a ticket besides its charge: answered, paused, re-targeted, reopened."""

from typing import Literal

from app.db.engine.database import Db
from app.domain.access.refusals import Refusal
from app.domain.catalog.catalogs import Channel
from app.domain.promises.stopwatches import Policy
from app.services.tickets.tickets import TicketChange, TicketView, record_event, require_unresolved


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


async def reply(
    db: Db, change: TicketChange, *, by: Literal["agent", "customer"], channel: Channel | None
) -> TicketView:
    """Record a reply: an agent's meets clocks, a customer's resumes and starts them."""
    data = {} if channel is None else {"channel": channel}
    return await record_event(db, change, f"{by}_reply", data=data)


async def pause(db: Db, change: TicketChange, *, waiting_on: str) -> TicketView:
    """Record that the ticket waits on somebody: the clocks that this pauses stand still."""
    require_unresolved(change.ticket, change.at)
    return await record_event(db, change, "pause", data={"waiting_on": waiting_on})


async def resume(db: Db, change: TicketChange) -> TicketView:
    """Record that the ticket waits no longer."""
    ticket = change.ticket
    if ticket.status != "paused" and change.at >= ticket.last_event_at:
        raise TicketNotPaused(f"The ticket {ticket.ticket_id!r} is {ticket.status}.")
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
    """Record another severity or urgency: running clocks get their new targets by `policy`."""
    require_unresolved(change.ticket, change.at)
    data = {"severity": severity, "urgent": urgent, "policy": policy, "reason": reason}
    return await record_event(db, change, "severity", data=data)


async def reopen(db: Db, change: TicketChange, *, reason: str) -> TicketView:
    """Take up a resolved ticket again: its clocks go on, its charge stays as it is."""
    ticket = change.ticket
    if ticket.status != "resolved":
        raise TicketNotResolved(f"The ticket {ticket.ticket_id!r} is {ticket.status}.")
    view = await record_event(
        db, change, "reopening", data={"reason": reason}, resolved_at=None, outcome=None
    )
    if view.ticket.status == "resolved":
        raise TicketNotResolved(f"At {change.at.isoformat()} the ticket was not resolved yet.")
    return view
