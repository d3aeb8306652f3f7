"""What happens to a ticket besides its charge: answered, paused, re-targeted, reopened."""

from datetime import datetime

from app.db.engine.database import Db
from app.domain.access.callers import Caller
from app.domain.access.refusals import Refusal
from app.domain.time.backdating import decide_instant
from app.services.tickets.tickets import TicketView, lock_ticket, record_event, require_unresolved


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
    account, whole = await lock_ticket(
        db, account_id=account_id, ticket_id=ticket_id, if_match=if_match
    )
    return await record_event(
        db,
        account,
        whole,
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
    account, whole = await lock_ticket(
        db, account_id=account_id, ticket_id=ticket_id, if_match=if_match
    )
    ticket = whole.ticket
    at = decide_instant(at, now=account.now, caller=caller)
    require_unresolved(ticket, at)
    return await record_event(
        db,
        account,
        whole,
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
    account, whole = await lock_ticket(
        db, account_id=account_id, ticket_id=ticket_id, if_match=if_match
    )
    ticket = whole.ticket
    at = decide_instant(at, now=account.now, caller=caller)
    if ticket.status != "paused" and at >= ticket.last_event_at:
        raise TicketNotPaused(f"The ticket {ticket_id!r} is {ticket.status}.")
    return await record_event(
        db,
        account,
        whole,
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
    account, whole = await lock_ticket(
        db, account_id=account_id, ticket_id=ticket_id, if_match=if_match
    )
    ticket = whole.ticket
    at = decide_instant(at, now=account.now, caller=caller)
    require_unresolved(ticket, at)
    return await record_event(
        db,
        account,
        whole,
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
    account, whole = await lock_ticket(
        db, account_id=account_id, ticket_id=ticket_id, if_match=if_match
    )
    ticket = whole.ticket
    if ticket.status != "resolved":
        raise TicketNotResolved(f"The ticket {ticket_id!r} is {ticket.status}.")
    at = decide_instant(at, now=account.now, caller=caller)
    view = await record_event(
        db,
        account,
        whole,
        type_="reopening",
        at=at,
        actor=caller.name,
        data={"reason": reason},
        resolved_at=None,
        outcome=None,
    )
    if view.ticket.status == "resolved":
        raise TicketNotResolved(f"At {at.isoformat()} the ticket was not resolved yet.")
    return view
