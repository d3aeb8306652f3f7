"""Work on a ticket as its plan counts it: the spans of its pieces, and when they were worked."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from app.db.accounts.locked_accounts import LockedAccount
from app.db.engine.unit_of_work import Db
from app.domain.catalog.catalogs import Catalog
from app.domain.catalog.time_terms import TimeTerms
from app.domain.ledger.ledger import Lot
from app.domain.metering.counted_minutes import SessionTerms as CountingTerms
from app.domain.metering.counted_minutes import (
    Worked,
    count_plainly,
    count_work,
    find_edges,
    takes_nothing,
)
from app.domain.metering.rated_minutes import mark_parts
from app.domain.metering.work import Work, WorkPart, WorkSpan, find_turns
from app.domain.tickets.tickets import Ticket
from app.domain.time.business_time import OpenTime
from app.domain.time.compiled_calendars import compile_calendar
from app.services.coverage import pools


async def count_pieces(
    db: Db, account: LockedAccount, ticket: Ticket, pieces: Sequence[Work]
) -> list[list[WorkSpan]]:
    """Return the spans of a ticket's work, piece by piece, with the minutes that they count.

    As its plan counts minutes, or its catalogue those without one; a bug report's as worked.
    """
    terms, _ = await pools.load_plan(db, ticket)
    if not pieces or takes_nothing(ticket.category):
        return [count_plainly(Worked(each.starts_at, each.worked, ())) for each in pieces]
    time = terms.time_terms(ticket.plan)
    calendars = {name: compile_calendar(terms.calendars[name]) for name in time.calendars}
    first = min(each.starts_at for each in pieces)
    lots = await pools.load_lots(db, ticket, at=first, account=account)
    worked = [
        Worked(
            each.starts_at,
            each.worked,
            [
                *_turns_of_pool(ticket, each, lots, terms, now=account.now),
                *_turns_of_rates(each, time, calendars),
            ],
        )
        for each in pieces
    ]
    if time.counting is None:
        return [count_plainly(each) for each in worked]
    return count_work(worked, CountingTerms(time.counting, calendars, terms.zone, ticket.worked))


def _turns_of_pool(
    ticket: Ticket, piece: Work, lots: Sequence[Lot], terms: Catalog, *, now: datetime
) -> list[datetime]:
    """Return where weeks and lots turn within a piece of work; without a plan none does."""
    if ticket.on_demand:
        return []
    return find_turns(piece.starts_at, piece.worked, lots, zone=terms.zone, now=now)


def _turns_of_rates(
    piece: Work, time: TimeTerms, calendars: Mapping[str, OpenTime]
) -> list[datetime]:
    """Return where the calendars that rates look at open and close within a piece of work."""
    begin, end = piece.starts_at, piece.starts_at + timedelta(minutes=piece.worked)
    names = {each.calendar for each in time.rates if each.calendar is not None}
    return [turn for name in sorted(names) for turn in find_edges(calendars[name], begin, end)]


async def mark_work(
    db: Db, ticket: Ticket, parts: Sequence[WorkPart], spans: Sequence[WorkSpan]
) -> list[WorkPart]:
    """Return the parts of a piece of work as they are kept: with times, where rates need them."""
    terms, _ = await pools.load_plan(db, ticket)
    return mark_parts(parts, spans) if terms.time_terms(ticket.plan).rate_work else list(parts)


async def is_counted_together(db: Db, ticket: Ticket) -> bool:
    """Return whether pieces of work on a ticket are rounded together, so that one moves others."""
    terms, _ = await pools.load_plan(db, ticket)
    counting = terms.time_terms(ticket.plan).counting
    return counting is not None and counting.over != "work"
