"""Chat, phone and video sessions on a ticket: booked, moved, missed and cancelled."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal

from app.db.engine.unit_of_work import Db
from app.db.metering import sessions
from app.domain.access.callers import Caller
from app.domain.events.session_events import (
    describe_booking,
    describe_no_show,
    describe_session_cancellation,
    describe_session_move,
)
from app.domain.metering.bookings import Session
from app.domain.metering.sessions import SessionKind
from app.domain.metering.slots import Slot
from app.domain.values import Value, replace
from app.services.access.repeats import require_same
from app.services.accounts.preconditions import require_match
from app.services.metering.session_records import (
    SessionView,
    get_session,
    record_session,
    view_session,
)
from app.services.metering.slots import take_slot
from app.services.tickets.tickets import TicketChange, take_metered_ticket


class SessionOrder(Value):
    """A session as it is asked for, under the helpdesk's own id."""

    session_id: str
    kind: SessionKind
    starts_at: datetime
    minutes: int | None
    contact: str | None
    agent: str | None
    document: Mapping[str, Any]


class SessionChange(Value):
    """What changes of a booked session: its slot, and those of `contact` and `agent` `named`."""

    starts_at: datetime | None
    minutes: int | None
    contact: str | None
    agent: str | None
    named: frozenset[Literal["contact", "agent"]]


async def book_session(
    db: Db,
    *,
    account_id: str,
    ticket_id: str,
    order: SessionOrder,
    caller: Caller,
    if_match: str | None = None,
) -> tuple[SessionView, bool]:
    """Take a slot for a session; return it, and whether it is new.

    Refuses as coverage does what the ticket's plan has no such sessions for, and with
    `not_available` and the next free starts a time outside the channel's hours, or taken; and
    with `precondition_failed` a new one where the ticket is another than `if_match` names.
    """
    change = await take_metered_ticket(
        db,
        account_id=account_id,
        ticket_id=ticket_id,
        caller=caller,
        session_id=order.session_id,
        books=True,
    )
    account, ticket = change.account, change.ticket
    document = {"ticket_id": ticket_id} | dict(order.document)
    seen = await sessions.find_session(db, account_id, order.session_id)
    if seen is not None:
        require_same(f"The session {order.session_id!r}", then=seen.request, now=document)
        return await view_session(db, change, seen), False
    require_match(if_match, ticket.version)
    slot = await take_slot(
        db,
        account,
        ticket,
        session_id=order.session_id,
        kind=order.kind,
        starts_at=order.starts_at,
        minutes=order.minutes,
    )
    row = make_session(change, order, document, slot)
    happened = describe_booking(change.ticket, row, sequence=change.account.sequence)
    view = await record_session(db, change, row, "session_booking", happened=happened, is_new=True)
    return view, True


def make_session(
    change: TicketChange, order: SessionOrder, document: Mapping[str, Any], slot: Slot
) -> Session:
    """Return a session that is booked for a slot."""
    return Session(
        account_id=change.account.account_id,
        session_id=order.session_id,
        ticket_id=change.ticket.ticket_id,
        request=document,
        kind=order.kind,
        catalog=change.ticket.catalog,
        status="booked",
        starts_at=slot.starts_at,
        ends_at=slot.ends_at,
        started_at=None,
        ended_at=None,
        minutes=None,
        over_minutes=0,
        ended_by=None,
        charged=0,
        corrections=[],
        created_at=change.account.now,
        contact=order.contact,
        agent=order.agent,
    )


async def reschedule_session(
    db: Db,
    *,
    account_id: str,
    ticket_id: str,
    session_id: str,
    asked: SessionChange,
    caller: Caller,
) -> SessionView:
    """Move a booked session to another slot, or change who holds it and where to reach whom."""
    change = await take_metered_ticket(
        db,
        account_id=account_id,
        ticket_id=ticket_id,
        caller=caller,
        session_id=session_id,
        books=True,
    )
    account, ticket = change.account, change.ticket
    row = before = await get_session(db, ticket, session_id)
    row.require_booked()
    if asked.starts_at is not None or asked.minutes is not None:
        slot = await take_slot(
            db,
            account,
            ticket,
            session_id=session_id,
            kind=row.kind,
            starts_at=asked.starts_at or row.starts_at,
            minutes=asked.minutes or row.booked_minutes,
        )
        # Time is of the catalogue that serves the ticket by now: the time of before is free.
        row = replace(row, catalog=ticket.catalog, starts_at=slot.starts_at, ends_at=slot.ends_at)
    row = replace(
        row,
        contact=asked.contact if "contact" in asked.named else row.contact,
        agent=asked.agent if "agent" in asked.named else row.agent,
    )
    if row == before:
        return await view_session(db, change, row)
    happened = None
    if (row.starts_at, row.ends_at) != (before.starts_at, before.ends_at):
        happened = describe_session_move(ticket, row, before, sequence=account.sequence)
    return await record_session(db, change, row, "session_move", happened=happened)


async def miss_session(
    db: Db,
    *,
    account_id: str,
    ticket_id: str,
    session_id: str,
    caller: Caller,
    at: datetime | None = None,
) -> SessionView:
    """Record that the customer did not come: the slot is free again, and nothing is charged."""
    change = await take_metered_ticket(
        db, account_id=account_id, ticket_id=ticket_id, caller=caller, at=at, session_id=session_id
    )
    ticket = change.ticket
    row = await get_session(db, ticket, session_id)
    row.require_booked()
    row = replace(row, status="no_show")
    happened = describe_no_show(change.ticket, row, sequence=change.account.sequence)
    return await record_session(db, change, row, "session_no_show", happened=happened)


async def cancel_session(
    db: Db,
    *,
    account_id: str,
    ticket_id: str,
    session_id: str,
    by: Literal["customer", "agent"],
    reason: str | None,
    caller: Caller,
) -> SessionView:
    """Record that a booked session will not take place: its time is free, and costs nothing."""
    change = await take_metered_ticket(
        db, account_id=account_id, ticket_id=ticket_id, caller=caller, session_id=session_id
    )
    row = await get_session(db, change.ticket, session_id)
    row.require_booked()
    return await cancel_booked(db, change, row, by=by, reason=reason)


async def cancel_booked(
    db: Db,
    change: TicketChange,
    row: Session,
    *,
    by: Literal["customer", "agent"],
    reason: str | None,
) -> SessionView:
    """Cancel a session that is booked, on a ticket that is taken."""
    row = replace(row, status="cancelled")
    happened = describe_session_cancellation(
        change.ticket, row, by=by, reason=reason, sequence=change.account.sequence
    )
    said = {"by": by, "reason": reason}
    return await record_session(
        db, change, row, "session_cancellation", data=said, happened=happened
    )
