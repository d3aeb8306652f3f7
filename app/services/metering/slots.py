"""Slots of sessions: what a ticket's plan has, in the channel's hours, and not taken."""

from datetime import datetime, timedelta

from app.db.accounts.locked_accounts import LockedAccount
from app.db.catalog import catalogs
from app.db.engine.unit_of_work import Db
from app.db.ledger import subscriptions
from app.db.metering import sessions
from app.domain.access.refusals import Fault, InvalidPayload
from app.domain.catalog.catalogs import Catalog
from app.domain.coverage.requests import Request
from app.domain.coverage.serving import SUSPENDED, Rejection, refuse_request
from app.domain.ledger.pools import Subscription
from app.domain.metering.bookings import BEHIND, Session, require_bookable
from app.domain.metering.sessions import LONGEST_MINUTES, SessionKind
from app.domain.metering.slots import (
    LOOK_AHEAD,
    CoveredHours,
    Slot,
    Timetable,
    find_full,
    refuse_slot,
    require_slot,
)
from app.domain.tickets.ticket_rules import require_unresolved
from app.domain.tickets.tickets import Ticket
from app.domain.time.compiled_calendars import compile_calendar
from app.domain.time.instants import write_instant
from app.services.coverage import pools
from app.services.ledger.running_sessions import sum_sessions
from app.services.promises.deadlines import join_cover
from app.services.selling.covers import list_known_covers

FURTHEST = timedelta(days=366)


class StartsTooFar(InvalidPayload):
    """The session would begin more than a year ahead."""

    code = "starts_too_far"
    title = "The session would begin too far ahead"


async def take_slot(
    db: Db,
    account: LockedAccount,
    ticket: Ticket,
    *,
    session_id: str,
    kind: SessionKind,
    starts_at: datetime,
    minutes: int | None,
) -> Slot:
    """Return a free slot for a session to be booked; nobody else can take it until the commit.

    A slot that the session has already does not stand in its own way. What lies in the past is
    refused with the next free starts, but for what clocks may differ.
    """
    now = account.now
    if starts_at > now + FURTHEST:
        detail = "A session is booked a year ahead at most."
        raise StartsTooFar([Fault("/starts_at", detail, StartsTooFar.code)])
    asked_at, starts_at = starts_at, max(starts_at, now)
    require_unresolved(ticket, starts_at)
    terms = await require_channel(db, ticket, kind, at=now)
    minutes = await _slot_minutes(
        db, account, ticket, session_id=session_id, kind=kind, minutes=minutes
    )
    waiting = await sessions.load_waiting(db, account.account_id, now=now)
    require_bookable(waiting, ticket.ticket_id, session_id, minutes)
    timetable = await _load_timetable(
        db, account, ticket, terms, kind, starts_at=starts_at, besides=session_id
    )
    if asked_at < now - BEHIND:
        raise refuse_slot(
            timetable,
            f"The time from {write_instant(asked_at)} on has passed.",
            reason="in_the_past",
            since=now,
            minutes=minutes,
        )
    return require_slot(timetable, starts_at, minutes, now=now)


async def is_time_free(db: Db, account: LockedAccount, session: Session) -> bool:
    """Say whether the time of a booked session is nobody else's; nobody takes it until the commit.

    Time is of the catalogue that the session was booked of, whatever its ticket is under by now.
    """
    version = await catalogs.hold_bookings(db, session.catalog)
    current = await catalogs.load_catalog(db, session.catalog, version)
    full = await _load_full(
        db,
        current,
        session.kind,
        account_id=account.account_id,
        since=session.starts_at,
        until=session.ends_at,
        now=account.now,
        besides=session.session_id,
    )
    timetable = Timetable(kind=session.kind, hours=None, full=full, covered=[])
    return timetable.full_until(session.starts_at, session.ends_at) is None


async def take_slot_as_begun(
    db: Db,
    account: LockedAccount,
    ticket: Ticket,
    *,
    session_id: str,
    kind: SessionKind,
    started_at: datetime,
    minutes: int,
) -> Slot:
    """Return the slot of a session that began outside the one it had, in the past or now."""
    terms = await require_channel(db, ticket, kind, at=account.now)
    timetable = await _load_timetable(
        db, account, ticket, terms, kind, starts_at=started_at, besides=session_id
    )
    return require_slot(timetable, started_at, minutes, now=account.now)


async def _slot_minutes(
    db: Db,
    account: LockedAccount,
    ticket: Ticket,
    *,
    session_id: str,
    kind: SessionKind,
    minutes: int | None,
) -> int:
    """Return how long a slot may be, beside what the ticket has had and has booked."""
    rows = await sessions.load_ticket_sessions(db, account.account_id, ticket.ticket_id)
    usages = await sum_sessions(db, ticket, rows, now=account.now)
    return usages.slot_minutes(kind, minutes, besides=session_id)


async def require_channel(db: Db, ticket: Ticket, kind: SessionKind, *, at: datetime) -> Catalog:
    """Return the ticket's terms, or refuse a kind of session that its plan does not have for it."""
    terms, plan = await pools.load_plan(db, ticket)
    request = Request(
        channel=kind,
        severity=ticket.severity,
        urgent=ticket.urgent,
        site=ticket.site,
        category=ticket.category,
        variables=ticket.variables,
        topic=ticket.topic,
        amount=ticket.request["amount"],
    )
    refused = refuse_request(plan, terms, request, at=None, hours=None)
    if refused is None and (ticket.plan is None or kind not in terms.channels):
        detail = f"The ticket is not on a plan with {kind} support."
        refused = Rejection("channel_not_included", detail)
    if refused is None and await pools.is_suspended(db, ticket, at):
        refused = SUSPENDED
    if refused is not None:
        raise await pools.refuse_ticket(db, ticket, refused, request=request)
    return terms


async def _load_timetable(
    db: Db,
    account: LockedAccount,
    ticket: Ticket,
    terms: Catalog,
    kind: SessionKind,
    *,
    starts_at: datetime,
    besides: str,
) -> Timetable:
    """Return what a slot has to fit, so that it stays so until the commit."""
    version = await catalogs.hold_bookings(db, terms.code)
    current = await catalogs.load_catalog(db, terms.code, version)
    subscription = None
    if ticket.subscription_id is not None and _can_be_covered(terms, kind):
        subscription = await subscriptions.find_subscription(
            db, account.account_id, ticket.subscription_id
        )
    return await load_timetable(
        db,
        terms,
        current,
        kind,
        account_id=account.account_id,
        subscription=subscription,
        since=starts_at,
        until=max(starts_at, account.now) + LOOK_AHEAD,
        now=account.now,
        besides=besides,
    )


async def load_timetable(
    db: Db,
    terms: Catalog,
    current: Catalog,
    kind: SessionKind,
    *,
    account_id: str,
    subscription: Subscription | None,
    since: datetime,
    until: datetime,
    now: datetime,
    besides: str | None = None,
) -> Timetable:
    """Return what slots that begin in [since, until) have to fit.

    Hours are those of the terms sold, and of the cover that the `subscription` has on top; how
    many sessions run at once is the seller's matter of today.
    """
    hours = terms.channels[kind].hours
    return Timetable(
        kind=kind,
        hours=None if hours is None else compile_calendar(terms.calendars[hours]),
        full=await _load_full(
            db,
            current,
            kind,
            account_id=account_id,
            since=since,
            until=until,
            now=now,
            besides=besides,
        ),
        covered=await _load_covered(db, account_id, subscription, terms, hours),
    )


async def _load_full(
    db: Db,
    current: Catalog,
    kind: SessionKind,
    *,
    account_id: str,
    since: datetime,
    until: datetime,
    now: datetime,
    besides: str | None,
) -> list[tuple[datetime, datetime]]:
    """Return when no more session of a kind can run, as far as [since, until) is concerned."""
    longest = timedelta(minutes=LONGEST_MINUTES)
    taken = await sessions.load_taken(
        db,
        account_id=account_id,
        catalog=current.code,
        since=since - longest,
        until=until + longest,
        now=now,
        besides=besides,
    )
    return find_full(
        taken,
        kind,
        at_once=current.policies.sessions_at_once,
        kind_at_once=current.channels[kind].at_once if kind in current.channels else None,
    )


def _can_be_covered(terms: Catalog, kind: SessionKind) -> bool:
    """Say whether a channel closes, and the seller has cover that keeps it open for longer."""
    return terms.channels[kind].hours is not None and any(
        each.adds_calendar is not None for each in terms.offers.values()
    )


async def _load_covered(
    db: Db,
    account_id: str,
    subscription: Subscription | None,
    terms: Catalog,
    hours: str | None,
) -> list[CoveredHours]:
    if hours is None or subscription is None:
        return []
    return [
        CoveredHours(
            compile_calendar(join_cover(terms.calendars[hours], (terms.calendars[each.calendar],))),
            each.starts_at,
            each.ends_at,
        )
        for each in await list_known_covers(db, account_id, subscription, terms)
    ]
