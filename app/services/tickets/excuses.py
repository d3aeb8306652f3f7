"""Excuses: why a breach is not held against the seller, beside the breach."""

from datetime import datetime

from app.db.engine.unit_of_work import Db
from app.domain.access.refusals import Refusal
from app.domain.promises.promises import Metric
from app.domain.tickets.ticket_history import read_clock_events
from app.domain.time.instants import write_instant
from app.services.promises import deadlines
from app.services.tickets.tickets import TicketChange, TicketView, record_event


class NotBreached(Refusal):
    """The ticket has no such deadline breached or missed, so there is nothing to excuse."""

    kind = "conflict"
    code = "not_breached"
    title = "The deadline is not breached"


async def excuse_breach(
    db: Db,
    change: TicketChange,
    *,
    metric: Metric,
    breached_at: datetime | None,
    reason: str,
    actor: str,
) -> TicketView:
    """Excuse a breach or a target missed, on the record; it stays one.

    The one that is named by `breached_at`, or the last. Refuses with `not_breached`, and names
    those that there are.
    """
    ticket = change.ticket
    events = read_clock_events(change.whole.events)
    found = await deadlines.run_ticket_clocks(db, ticket, events, now=change.account.now)
    broken = [at for each in found if each.metric == metric for at in each.all_broken_at]
    if not broken or (breached_at is not None and breached_at not in broken):
        named = "" if breached_at is None else f" at {write_instant(breached_at)}"
        raise NotBreached(
            f"The ticket {ticket.ticket_id!r} has no breached or missed {metric}{named}.",
            breached_at=[write_instant(at) for at in broken],
        )
    return await record_event(
        db,
        change,
        "excuse",
        actor=actor,
        data={
            "metric": metric,
            "breached_at": None if breached_at is None else write_instant(breached_at),
            "reason": reason,
            "actor": actor,
            "by": change.caller.name,
        },
    )
