"""Re-evaluation: open clocks moved to the newest version of their terms, on the record."""

from app.db.accounts.accounts import AccountUnknown
from app.db.engine.unit_of_work import Db
from app.db.reports import queue
from app.db.tickets.tickets import TicketUnknown
from app.domain.access.callers import Caller
from app.domain.promises.deadlines import Deadline
from app.domain.tickets.archived_tickets import TicketArchived
from app.domain.tickets.ticket_history import read_clock_events
from app.domain.tickets.tickets import Ticket
from app.domain.values import Value
from app.services.catalog.named import find_named
from app.services.promises import deadlines
from app.services.tickets.tickets import record_event, take_ticket


class ReEvaluatedTicket(Value):
    """One ticket whose clocks were moved: as they were, and as they are."""

    account_id: str
    ticket_id: str
    from_version: int
    before: tuple[Deadline, ...]
    after: tuple[Deadline, ...]


class ReEvaluation(Value):
    """What moving a page of open tickets to a version changed, and where the page ended.

    `looked_at` counts those that were open and the catalogue's own when their turn came.
    """

    version: int
    looked_at: int
    moved: list[ReEvaluatedTicket]
    last: tuple[str, str] | None


async def re_evaluate(
    db: Db,
    *,
    catalog: str,
    policy: str,
    reason: str,
    actor: str,
    after: tuple[str, str] | None,
    limit: int,
    caller: Caller,
) -> ReEvaluation:
    """Move a page of a catalogue's open tickets to its newest version's promises and calendars.

    What is met or breached already stays so. Each ticket's account is locked while it is moved;
    accounts are taken in the order of their ids, and waited for. What became of a ticket meanwhile
    counts: it is passed over where it is not open any more, is of another catalogue or account,
    or has come to a version as new as this.
    """
    version = await find_named(db, catalog)
    found = await queue.list_open_of_catalog(db, catalog, after=after or ("", ""), limit=limit + 1)
    looked_at = 0
    moved: list[ReEvaluatedTicket] = []
    for account_id, ticket_id in found[:limit]:
        try:
            change = await take_ticket(
                db, account_id=account_id, ticket_id=ticket_id, caller=caller
            )
        except (AccountUnknown, TicketUnknown, TicketArchived):
            continue
        ticket = change.ticket
        if ticket.status == "resolved" or ticket.catalog != catalog:
            continue
        looked_at += 1
        if ticket.promise_version >= version:
            continue
        before = await deadlines.run_ticket_clocks(
            db, ticket, read_clock_events(change.whole.events), now=change.account.now
        )
        view = await record_event(
            db,
            change,
            "plan",
            actor=actor,
            data={"version": version, "policy": policy, "reason": reason, "by": caller.name},
            promise_version=version,
        )
        if before != view.deadlines:
            moved.append(_moved(ticket, before, view.deadlines))
    return ReEvaluation(
        version=version,
        looked_at=looked_at,
        moved=moved,
        last=found[limit - 1] if len(found) > limit else None,
    )


def _moved(
    ticket: Ticket, before: tuple[Deadline, ...], after: tuple[Deadline, ...]
) -> ReEvaluatedTicket:
    return ReEvaluatedTicket(
        account_id=ticket.account_id,
        ticket_id=ticket.ticket_id,
        from_version=ticket.promise_version,
        before=before,
        after=after,
    )
