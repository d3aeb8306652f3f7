"""Slots of sessions: what a ticket's plan has, in the channel's hours, and not taken."""

from datetime import datetime, timedelta
from typing import Any

from app.db.accounts.accounts import LockedAccount
from app.db.catalog import catalogs
from app.db.engine.database import Db
from app.db.metering import sessions
from app.domain.access.callers import Caller
from app.domain.access.refusals import Fault, InvalidPayload
from app.domain.catalog.catalogs import Catalog
from app.domain.coverage.requests import Request, refuse_channel
from app.domain.metering.sessions import LONGEST_MINUTES, Session, SessionKind
from app.domain.metering.slots import LOOK_AHEAD, Slot, Timetable, require_slot
from app.domain.time.backdating import decide_instant
from app.domain.time.business_time import compile_calendar
from app.services.coverage import pools
from app.services.coverage.coverage import is_calendar_open
from app.services.coverage.running_sessions import sum_sessions
from app.services.tickets.tickets import require_unresolved

FURTHEST = timedelta(days=366)


class StartsTooFar(InvalidPayload):
    """The session would begin more than a year ahead."""

    code = "starts_too_far"
    title = "The session would begin too far ahead"


async def take_slot(
    db: Db,
    account: LockedAccount,
    ticket: Any,
    *,
    session_id: str,
    kind: SessionKind,
    starts_at: datetime,
    minutes: int | None,
    caller: Caller,
) -> Slot:
    """Return a free slot for a session of the ticket; nobody else can take it until the commit.

    A slot that the session has already does not stand in its own way. A time that has passed is
    taken as other writes take theirs (`decide_instant`).
    """
    if starts_at > account.now + FURTHEST:
        detail = "A session is booked a year ahead at most."
        raise StartsTooFar([Fault("/starts_at", detail, StartsTooFar.code)])
    if starts_at <= account.now:
        starts_at = decide_instant(starts_at, now=account.now, caller=caller)
    require_unresolved(ticket, starts_at)
    terms = await require_channel(db, ticket, kind, at=account.now)
    rows = await sessions.load_ticket_sessions(db, account.account_id, ticket["ticket_id"])
    talks = await sum_sessions(db, ticket, rows)
    minutes = talks.slot_minutes(kind, minutes, besides=session_id)
    timetable = await _load_timetable(
        db, account, terms, kind, starts_at=starts_at, besides=session_id
    )
    return require_slot(timetable, starts_at, minutes, now=account.now)


async def require_channel(db: Db, ticket: Any, kind: SessionKind, *, at: datetime) -> Catalog:
    """Return the ticket's terms, or refuse a kind of session that its plan does not have for it."""
    terms, plan = await pools.load_plan(db, ticket)
    request = Request(
        channel=kind,
        severity=ticket["severity"],
        urgent=ticket["urgent"],
        site=ticket["site"],
        category=ticket["category"],
        variables=ticket["variables"],
        topic=ticket["topic"],
        amount=ticket["request"]["amount"],
    )
    refused = refuse_channel(plan, terms, request, at=None, is_open=is_calendar_open)
    if refused is None and (ticket["plan"] is None or kind not in terms.channels):
        refused = "channel_not_included", f"The ticket is not on a plan with {kind} support."
    if refused is None and await pools.is_suspended(db, ticket, at):
        refused = "suspended", "The subscription is suspended."
    if refused is not None:
        raise await pools.refuse_ticket(db, ticket, *refused, request=request)
    return terms


async def _load_timetable(
    db: Db,
    account: LockedAccount,
    terms: Catalog,
    kind: SessionKind,
    *,
    starts_at: datetime,
    besides: str,
) -> Timetable:
    """Return what a slot has to fit, with the catalogue held so that it stays so.

    Hours are those of the terms sold; how many sessions run at once is the seller's matter of
    today. A session that runs past its slot goes on taking the time until now.
    """
    version = await catalogs.hold_catalog(db, terms.code)
    current = await catalogs.load_catalog(db, terms.code, version)
    hours = terms.channels[kind].hours
    longest = timedelta(minutes=LONGEST_MINUTES)
    rows = await sessions.load_taken(
        db,
        catalog=terms.code,
        since=starts_at - longest,
        until=max(starts_at, account.now) + LOOK_AHEAD + longest,
    )
    its_own = (account.account_id, besides)
    return Timetable(
        kind=kind,
        hours=None if hours is None else compile_calendar(terms.calendars[hours]),
        at_once=current.policies.sessions_at_once,
        kind_at_once=current.channels[kind].at_once if kind in current.channels else None,
        taken=[
            _read_slot(row, now=account.now)
            for row in rows
            if (row.account_id, row.session_id) != its_own
        ],
    )


def _read_slot(row: Session, *, now: datetime) -> Slot:
    ends_at = max(row.ends_at, now) if row.status == "running" else row.ends_at
    return Slot(row.kind, row.starts_at, ends_at)
