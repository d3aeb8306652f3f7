"""Summaries of the past: what a customer's summary was made of at an instant that has gone by."""

from datetime import datetime, timedelta

from app.db.engine.unit_of_work import Db
from app.db.ledger import balances, entry_filters
from app.db.reports import past_summaries
from app.db.reports.summaries import MOST_SHOWN, SummaryInputs
from app.db.tickets.whole_tickets import WholeTicket
from app.domain.promises.next_deadlines import find_next_deadline
from app.domain.reports.past_summaries import (
    OpenTicket,
    count_disputes,
    count_tickets,
    list_next,
    list_sessions,
    restore_subscription,
)
from app.domain.tickets.ticket_history import read_clock_events
from app.domain.values import replace
from app.services.promises import deadlines

_INSTANT = timedelta(microseconds=1)


async def load_past_inputs(db: Db, found: SummaryInputs, *, at: datetime) -> SummaryInputs:
    """Return what the summary was made of at `at`, by what is recorded now; `found` is of now.

    Not known of the past: the names of the customer and of tickets, the slot of a session that
    was moved since, a suspension that was ended before the oldest event that is kept, and the
    tickets whose history is archived.
    """
    account_id = found.account_id
    _, sequence = await entry_filters.find_last_before(db, account_id, at + _INSTANT)
    state = await balances.load_account_state(db, account_id, at=at, sequence=found.sequence)
    turns = await past_summaries.load_suspension_turns(db, account_id)
    subscriptions = [
        restore_subscription(each, state.lots, turns, at=at)
        for each in await past_summaries.load_subscriptions_at(db, account_id, at)
    ]
    whole = await past_summaries.load_tickets_open_at(db, account_id, at)
    tickets = [
        (each, ticket) for each in whole if (ticket := await _stand(db, each, at=at)) is not None
    ]
    events = [event for each, _ in tickets for event in each.events]
    open_tickets = [ticket for _, ticket in tickets]
    return replace(
        found,
        sequence=sequence,
        subscriptions=[each for each in subscriptions if each.status_at(at) != "ended"],
        lots=state.lots,
        counts=count_tickets(open_tickets, at=at),
        tickets=list_next(open_tickets, most=MOST_SHOWN),
        sessions=list_sessions(
            await past_summaries.load_sessions_at(db, account_id, at),
            open_tickets,
            events,
            at=at,
            most=MOST_SHOWN,
        ),
        disputes=count_disputes(await past_summaries.load_dispute_events(db, account_id), at=at),
        in_overage=any(_is_in_overage(each, at) for each, _ in tickets),
    )


async def _stand(db: Db, whole: WholeTicket, *, at: datetime) -> OpenTicket | None:
    """Return a ticket as its events by `at` left it; None where it was resolved."""
    events = read_clock_events(whole.events)
    state = deadlines.read_ticket_state(whole.ticket, events, now=at)
    if state.status == "resolved":
        return None
    clocks = await deadlines.run_ticket_clocks(db, whole.ticket, events, now=at)
    return OpenTicket(
        ticket=whole.ticket,
        is_paused=state.status == "paused",
        owed=find_next_deadline(clocks),
        held=sum(each.held for each in whole.movements if each.effective_at <= at),
    )


def _is_in_overage(whole: WholeTicket, at: datetime) -> bool:
    return any(each.lot_id is None and each.effective_at <= at for each in whole.movements)
