"""Work on a ticket as its plan counts it: the spans of its pieces, and when they were worked."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from app.db.accounts.locked_accounts import LockedAccount
from app.db.engine.unit_of_work import Db
from app.domain.catalog.catalogs import Catalog
from app.domain.catalog.hourly_rates import HourlyRate, depend_on_work
from app.domain.metering.counted_minutes import SessionTerms as CountingTerms
from app.domain.metering.counted_minutes import (
    Worked,
    count_plainly,
    count_work,
    counts_as_worked,
    find_edges,
)
from app.domain.metering.rated_minutes import mark_parts
from app.domain.metering.work import Work, WorkPart, WorkSpan, find_turns
from app.domain.tickets.tickets import Ticket
from app.domain.time.business_time import compile_calendar
from app.services.coverage import pools


async def count_pieces(
    db: Db, account: LockedAccount, ticket: Ticket, pieces: Sequence[Work]
) -> list[list[WorkSpan]]:
    """Return the spans of a ticket's work, piece by piece, with the minutes that they count.

    As its plan counts minutes; what is served without a plan, or free, counts as it was worked.
    """
    terms, plan = await pools.load_plan(db, ticket)
    plainly = counts_as_worked(category=ticket.category, on_demand=ticket.on_demand)
    if plainly or not pieces:
        rates = terms.policies.rates if ticket.on_demand else ()
        return [
            count_plainly(Worked(each.starts_at, each.worked, _turns_of(each, rates, terms)))
            for each in pieces
        ]
    first = min(each.starts_at for each in pieces)
    lots = await pools.load_lots(db, ticket, at=first, account=account)
    worked = [
        Worked(
            each.starts_at,
            each.worked,
            [
                *find_turns(each.starts_at, each.worked, lots, zone=terms.zone, now=account.now),
                *_turns_of(each, plan.rates, terms),
            ],
        )
        for each in pieces
    ]
    if plan.counting is None:
        return [count_plainly(each) for each in worked]
    calendars = {
        each.calendar: compile_calendar(terms.calendars[each.calendar])
        for each in plan.counting.factors
        if each.calendar is not None
    }
    how = CountingTerms(plan.counting, calendars, terms.zone, ticket.urgent, ticket.severity)
    return count_work(worked, how)


def _turns_of(piece: Work, rates: Sequence[HourlyRate], terms: Catalog) -> list[datetime]:
    """Return where the calendars that rates look at open and close within a piece of work."""
    begin, end = piece.starts_at, piece.starts_at + timedelta(minutes=piece.worked)
    names = {each.calendar for each in rates if each.calendar is not None}
    return [
        turn
        for name in sorted(names)
        for turn in find_edges(compile_calendar(terms.calendars[name]), begin, end)
    ]


async def mark_work(
    db: Db, ticket: Ticket, parts: Sequence[WorkPart], spans: Sequence[WorkSpan]
) -> list[WorkPart]:
    """Return the parts of a piece of work as they are kept: with times, where rates need them."""
    terms, plan = await pools.load_plan(db, ticket)
    rated = depend_on_work(terms.policies.rates) if ticket.on_demand else plan.rates_work
    return mark_parts(parts, spans) if rated else list(parts)


async def is_counted_together(db: Db, ticket: Ticket) -> bool:
    """Return whether pieces of work on a ticket are rounded together, so that one moves others."""
    _, plan = await pools.load_plan(db, ticket)
    return plan.counting is not None and plan.counting.over != "work"
