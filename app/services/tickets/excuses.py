"""Excuses: why a breach is not held against the seller, beside the breach."""

from app.db.engine.database import Db
from app.domain.access.callers import Caller
from app.domain.access.refusals import Refusal
from app.services.promises import deadlines
from app.services.tickets.tickets import TicketView, lock_ticket, record_event


class NotBreached(Refusal):
    """The ticket has no such deadline breached or missed, so there is nothing to excuse."""

    kind = "conflict"
    code = "not_breached"
    title = "The deadline is not breached"


async def excuse_breach(
    db: Db,
    *,
    account_id: str,
    ticket_id: str,
    metric: str,
    reason: str,
    actor: str,
    caller: Caller,
    if_match: str | None,
) -> TicketView:
    """Excuse a breach or a target missed, on the record; it stays one.

    Refuses with `not_breached`.
    """
    account, whole = await lock_ticket(
        db, account_id=account_id, ticket_id=ticket_id, if_match=if_match
    )
    events = deadlines.read_events(whole.events)
    found = await deadlines.run_ticket_clocks(db, whole.ticket, events, now=account.now)
    if not any(each.metric == metric and each.broken_at is not None for each in found):
        raise NotBreached(f"The ticket {ticket_id!r} has no breached or missed {metric}.")
    return await record_event(
        db,
        account,
        whole,
        type_="excuse",
        at=account.now,
        actor=actor,
        data={"metric": metric, "reason": reason, "actor": actor, "by": caller.name},
    )
