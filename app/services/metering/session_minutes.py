"""A session's minutes: begun, ended, and corrected afterwards."""

from collections.abc import Sequence
from datetime import datetime

from app.db.accounts.locked_accounts import LockedAccount
from app.db.engine.unit_of_work import Db
from app.db.ledger.ledger import Stamp
from app.db.metering import sessions
from app.domain.access.callers import Caller
from app.domain.access.refusals import Fault, InvalidPayload, Refusal
from app.domain.events.session_events import describe_session_end, describe_session_start
from app.domain.metering.bookings import Session
from app.domain.metering.sessions import MOST_STEPS, count_steps, decide_end
from app.domain.metering.work import NothingToCorrect
from app.domain.tickets.charges import RETURNING_OUTCOMES
from app.domain.tickets.tickets import Ticket
from app.domain.time.instants import write_instant
from app.domain.values import replace
from app.services.ledger.running_sessions import sum_sessions
from app.services.metering import metering
from app.services.metering.session_records import (
    SessionView,
    get_session,
    record_session,
)
from app.services.metering.slots import require_channel, take_slot_as_begun
from app.services.tickets import charges
from app.services.tickets.tickets import take_metered_ticket


class SessionRunning(Refusal):
    """Another session of the ticket runs."""

    kind = "conflict"
    code = "session_running"
    title = "Another session of the ticket runs"


class EndsBeforeStart(InvalidPayload):
    """The session would have ended before it began."""

    code = "ends_before_start"
    title = "The end lies before the beginning"


async def start_session(
    db: Db,
    *,
    account_id: str,
    ticket_id: str,
    session_id: str,
    at: datetime | None,
    caller: Caller,
) -> SessionView:
    """Begin a booked session, and hold what its first minutes cost.

    Begun outside its slot it takes another, as if moved there. Refuses with
    `insufficient_units` where its first step is another incident, and none is left.
    """
    change = await take_metered_ticket(
        db, account_id=account_id, ticket_id=ticket_id, caller=caller, at=at, session_id=session_id
    )
    account, ticket = change.account, change.ticket
    row = await get_session(db, ticket, session_id)
    row.require_booked()
    at = change.at
    change.require_possible("session_start")
    await require_channel(db, ticket, row.kind, at=at)
    rows = await sessions.load_ticket_sessions(db, account_id, ticket_id)
    if any(each.status == "running" for each in rows):
        raise SessionRunning("Another session of the ticket runs; end it first.")
    catalog, starts_at, ends_at = row.catalog, row.starts_at, row.ends_at
    if not starts_at <= at < ends_at:
        slot = await take_slot_as_begun(
            db,
            account,
            ticket,
            session_id=session_id,
            kind=row.kind,
            started_at=at,
            minutes=row.booked_minutes,
        )
        catalog, starts_at, ends_at = ticket.catalog, slot.starts_at, slot.ends_at
    usages = await sum_sessions(db, ticket, rows)
    usages.require_left(row.kind, 1, besides=session_id)
    meter = usages.meter(row.kind, session_id, started_at=at)
    due = max(0, usages.due(session_id, 1 if meter.step_minutes else 0))
    stamp = _stamp(row, at, actor=caller.name)
    begun = await _charge_all(db, account, ticket, meter.unpaid_begin_at(due), stamp=stamp)
    row = replace(
        row,
        catalog=catalog,
        status="running",
        starts_at=starts_at,
        ends_at=ends_at,
        started_at=at,
        charged=row.charged + due,
    )
    return await record_session(
        db,
        change,
        row,
        "session_start",
        at=at,
        data={"incidents": due},
        happened=describe_session_start(ticket, row, started_at=at, sequence=account.sequence),
        overage=begun.overage,
    )


async def end_session(
    db: Db,
    *,
    account_id: str,
    ticket_id: str,
    session_id: str,
    at: datetime | None,
    caller: Caller,
) -> SessionView:
    """End a running session, once: count its minutes and charge what they cost.

    Minutes beyond the limit, or beyond what there are units for, are reported and not counted.
    Of a ticket that has ended at no cost they cost nothing.
    """
    change = await take_metered_ticket(
        db, account_id=account_id, ticket_id=ticket_id, caller=caller, at=at, session_id=session_id
    )
    account, ticket = change.account, change.ticket
    row = await get_session(db, ticket, session_id)
    started_at = row.require_running()
    at = change.at
    if at < started_at:
        detail = f"The session began at {write_instant(started_at)}."
        raise EndsBeforeStart([Fault("/at", detail, EndsBeforeStart.code)])
    rows = await sessions.load_ticket_sessions(db, account_id, ticket_id)
    usages = await sum_sessions(db, ticket, rows)
    meter = usages.meter(row.kind, session_id, started_at=started_at)
    ending = decide_end(meter, at=at, free=MOST_STEPS)
    due = 0 if _is_given_back(ticket) else usages.due(session_id, ending.steps)
    stamp = _stamp(row, at, actor=caller.name)
    begins = meter.unpaid_begin_at(due)
    got = await metering.charge_steps(db, account, ticket, begins, stamp=stamp)
    back = await metering.return_steps(db, account, ticket, max(0, -due), stamp=stamp)
    if due:
        ending = decide_end(meter, at=at, free=got.count)
    charged = got.count if due >= 0 else due
    row = replace(
        row,
        status="ended",
        ended_at=at,
        minutes=ending.minutes,
        over_minutes=ending.over_minutes,
        ended_by=ending.ended_by,
        charged=row.charged + charged,
    )
    return await record_session(
        db,
        change,
        row,
        "session_end",
        at=at,
        data={"minutes": ending.minutes, "incidents": charged, "returns": list(back.returns)},
        overage=got.overage + back.overage,
        happened=describe_session_end(
            ticket,
            row,
            started_at=started_at,
            ended_at=at,
            minutes=ending.minutes,
            over_minutes=ending.over_minutes,
            ended_by=ending.ended_by,
            sequence=account.sequence,
        ),
    )


async def correct_session(
    db: Db,
    *,
    account_id: str,
    ticket_id: str,
    session_id: str,
    minutes: int,
    reason: str,
    actor: str,
    caller: Caller,
) -> SessionView:
    """Put right how many minutes an ended session counts; the difference is charged or returned.

    By hand a session may have been longer than its limit. Of a ticket that has ended at no cost
    the minutes cost nothing.
    """
    change = await take_metered_ticket(
        db, account_id=account_id, ticket_id=ticket_id, caller=caller, session_id=session_id
    )
    account, ticket = change.account, change.ticket
    row = await get_session(db, ticket, session_id)
    counted = row.require_ended()
    if minutes == counted:
        raise NothingToCorrect(f"The session {session_id!r} counts {minutes} minutes already.")
    rows = await sessions.load_ticket_sessions(db, account_id, ticket_id)
    usages = await sum_sessions(db, ticket, rows)
    steps = count_steps(minutes, usages.step_minutes(row.kind))
    due = 0 if _is_given_back(ticket) else usages.due(session_id, steps)
    stamp = _stamp(row, account.now, actor=actor, reason=reason)
    # What a correction adds is charged as of now, when it is decided.
    more = await _charge_all(db, account, ticket, [account.now] * due, stamp=stamp)
    back = await metering.return_steps(db, account, ticket, max(0, -due), stamp=stamp)
    correction = {
        "at": account.now.isoformat(),
        "from_minutes": counted,
        "minutes": minutes,
        "incidents": due,
        "reason": reason,
        "actor": actor,
    }
    row = replace(
        row,
        minutes=minutes,
        charged=row.charged + due,
        corrections=[*row.corrections, correction],
    )
    return await record_session(
        db,
        change,
        row,
        "session_correction",
        data=correction | {"returns": list(back.returns)},
        overage=more.overage + back.overage,
    )


def _is_given_back(ticket: Ticket) -> bool:
    """Say whether a ticket has ended at no cost, or at what was said then (docs/concepts.md)."""
    return ticket.status == "resolved" and ticket.outcome in RETURNING_OUTCOMES


async def _charge_all(
    db: Db, account: LockedAccount, ticket: Ticket, begins: Sequence[datetime], *, stamp: Stamp
) -> metering.Steps:
    """Charge all of these further incidents, or refuse with `insufficient_units`."""
    due = len(begins)
    got = await metering.charge_steps(db, account, ticket, begins, stamp=stamp)
    if got.count < due:
        raise await charges.insufficient_units(
            db,
            ticket,
            ticket.charge_unit or "incident",
            required=ticket.charge_amount + due,
            missing=due - got.count,
            at=stamp.effective_at,
        )
    return got


def _stamp(row: Session, at: datetime, *, actor: str, reason: str | None = None) -> Stamp:
    return Stamp(
        effective_at=at,
        ticket_id=row.ticket_id,
        reference=row.session_id,
        cause=metering.CAUSE,
        reason=reason,
        actor=actor,
    )
