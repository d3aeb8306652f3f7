"""Excuses: why a breach is not held against the seller, beside the breach."""

from app.db.engine.database import Db
from app.domain.access.refusals import Refusal
from app.services.promises import deadlines
from app.services.tickets.tickets import TicketChange, TicketView, record_event


class NotBreached(Refusal):
    """The ticket has no such deadline breached or missed, so there is nothing to excuse."""

    kind = "conflict"
    code = "not_breached"
    title = "The deadline is not breached"


async def excuse_breach(
    db: Db, change: TicketChange, *, metric: str, reason: str, actor: str
) -> TicketView:
    """Excuse a breach or a target missed, on the record; it stays one.

    Refuses with `not_breached`.
    """
    ticket = change.ticket
    events = deadlines.read_events(change.whole.events)
    found = await deadlines.run_ticket_clocks(db, ticket, events, now=change.account.now)
    if not any(each.metric == metric and each.broken_at is not None for each in found):
        raise NotBreached(f"The ticket {ticket.ticket_id!r} has no breached or missed {metric}.")
    return await record_event(
        db,
        change,
        "excuse",
        actor=actor,
        data={"metric": metric, "reason": reason, "actor": actor, "by": change.caller.name},
    )
