"""Chat, phone and video sessions on a ticket: booked, metered, charged."""

from datetime import datetime
from typing import Annotated

from fastapi import Path, Response

from app.api.http.paging import cut_page
from app.api.http.routing import IfMatch, RequestCaller, RequestDb, operation, router
from app.api.http.wire import (
    ID_PATTERN,
    AccountId,
    Cursor,
    InvalidCursor,
    Limit,
    Order,
    Page,
    TicketId,
    read_cursor,
)
from app.api.metering.session_shapes import (
    SessionActionWire,
    SessionBooking,
    SessionCancellation,
    SessionCorrection,
    SessionEnd,
    SessionPatch,
    SessionStart,
    SessionWire,
    render_action,
    render_session,
)
from app.api.tickets.ticket_refusals import ACTION_REFUSALS
from app.db.metering.sessions import SessionUnknown
from app.db.tickets.tickets import TicketUnknown
from app.domain.coverage.not_covered import InsufficientUnits, NotCovered
from app.domain.metering.bookings import (
    SessionNotBooked,
    SessionNotEnded,
    SessionNotRunning,
    TooManyBooked,
)
from app.domain.metering.sessions import SessionLimitReached
from app.domain.metering.slots import NotAvailable
from app.domain.metering.work import NothingToCorrect
from app.domain.tickets.ticket_rules import TicketResolved
from app.domain.time.backdating import AtInFuture
from app.services.access.repeats import AlreadyExists
from app.services.accounts.preconditions import PreconditionFailed
from app.services.metering import session_minutes, session_records, sessions
from app.services.metering.session_minutes import (
    EndsBeforeStart,
    SessionRunning,
)
from app.services.metering.slots import StartsTooFar

routes = router("Sessions")

SessionId = Annotated[
    str, Path(pattern=ID_PATTERN, description="The session, by the helpdesk's own id.")
]
_S = "/v1/accounts/{account_id}/tickets/{ticket_id}/sessions"
_SLOT_REFUSALS = (
    TicketUnknown,
    NotCovered,
    NotAvailable,
    SessionLimitReached,
    StartsTooFar,
    TicketResolved,
    TooManyBooked,
)


# Sessions of every account take time of one catalogue, whose row counts them (docs/decisions/0014).
@routes.post(_S, summary="Book a session", status_code=201)
@operation(
    "tickets:write",
    writes=True,
    optimistic=True,
    waits_for_catalog=True,
    refuses=[*_SLOT_REFUSALS, AlreadyExists, PreconditionFailed],
)
async def book_session(
    db: RequestDb,
    caller: RequestCaller,
    account_id: AccountId,
    ticket_id: TicketId,
    body: SessionBooking,
    response: Response,
    if_match: IfMatch = None,
) -> SessionActionWire:
    """Book a slot within the channel's hours; a time that is not free is refused with the next
    ones.

    The same id with the same body again answers 200 with the session as it is now, whatever
    `If-Match` says; for a new one it names the ticket's ETag.
    """
    view, created = await sessions.book_session(
        db,
        account_id=account_id,
        ticket_id=ticket_id,
        order=body.as_order(),
        caller=caller,
        if_match=if_match,
    )
    response.status_code = 201 if created else 200
    return render_action(view)


@routes.get(_S, summary="List a ticket's sessions")
@operation("read", refuses=[TicketUnknown, InvalidCursor])
async def list_sessions(
    db: RequestDb,
    account_id: AccountId,
    ticket_id: TicketId,
    order: Order = "desc",
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Page[SessionWire]:
    """Sessions by when they were booked; one that runs says how long it is paid for."""
    found = await session_records.list_sessions(
        db,
        account_id=account_id,
        ticket_id=ticket_id,
        after=read_cursor(cursor, datetime, str),
        ascending=order == "asc",
        limit=limit + 1,
    )
    return cut_page(
        found,
        limit=limit,
        place=lambda view: (view.row.created_at, view.row.session_id),
        render=render_session,
    )


@routes.patch(_S + "/{session_id}", summary="Reschedule a session")
@operation(
    "tickets:write",
    writes=True,
    optimistic=True,
    waits_for_catalog=True,
    refuses=[*_SLOT_REFUSALS, SessionUnknown, SessionNotBooked],
)
async def reschedule_session(
    db: RequestDb,
    caller: RequestCaller,
    account_id: AccountId,
    ticket_id: TicketId,
    session_id: SessionId,
    body: SessionPatch,
) -> SessionActionWire:
    """Move a booked session to another slot, which leaves the old one free, or change its people.

    What is left out stays; null removes the contact or the name.
    """
    view = await sessions.reschedule_session(
        db,
        account_id=account_id,
        ticket_id=ticket_id,
        session_id=session_id,
        asked=body.as_change(),
        caller=caller,
    )
    return render_action(view)


@routes.post(_S + "/{session_id}/start", summary="Start a session", status_code=200)
@operation(
    "tickets:write",
    writes=True,
    optimistic=True,
    waits_for_catalog=True,
    refuses=[
        *_SLOT_REFUSALS,
        SessionUnknown,
        SessionNotBooked,
        SessionRunning,
        InsufficientUnits,
        AtInFuture,
    ],
)
async def start_session(
    db: RequestDb,
    caller: RequestCaller,
    account_id: AccountId,
    ticket_id: TicketId,
    session_id: SessionId,
    body: SessionStart | None = None,
) -> SessionActionWire:
    """Begin a session, hold what its first minutes cost, and say until when they last."""
    view = await session_minutes.start_session(
        db,
        account_id=account_id,
        ticket_id=ticket_id,
        session_id=session_id,
        at=body.at if body else None,
        caller=caller,
    )
    return render_action(view)


@routes.post(_S + "/{session_id}/end", summary="End a session", status_code=200)
@operation(
    "tickets:write",
    writes=True,
    optimistic=True,
    refuses=[
        *ACTION_REFUSALS,
        SessionUnknown,
        SessionNotRunning,
        EndsBeforeStart,
    ],
)
async def end_session(
    db: RequestDb,
    caller: RequestCaller,
    account_id: AccountId,
    ticket_id: TicketId,
    session_id: SessionId,
    body: SessionEnd | None = None,
) -> SessionActionWire:
    """End a session, once: its minutes are counted, up to the limit or the units there are."""
    view = await session_minutes.end_session(
        db,
        account_id=account_id,
        ticket_id=ticket_id,
        session_id=session_id,
        at=body.at if body else None,
        caller=caller,
    )
    return render_action(view)


@routes.post(_S + "/{session_id}/no-show", summary="Record a missed session", status_code=200)
@operation(
    "tickets:write",
    writes=True,
    optimistic=True,
    refuses=[TicketUnknown, SessionUnknown, SessionNotBooked],
)
async def miss_session(
    db: RequestDb,
    caller: RequestCaller,
    account_id: AccountId,
    ticket_id: TicketId,
    session_id: SessionId,
) -> SessionActionWire:
    """Record that the customer did not come: the slot is free again, and nothing is charged."""
    view = await sessions.miss_session(
        db, account_id=account_id, ticket_id=ticket_id, session_id=session_id, caller=caller
    )
    return render_action(view)


@routes.post(_S + "/{session_id}/cancellation", summary="Cancel a session", status_code=200)
@operation(
    "tickets:write",
    writes=True,
    optimistic=True,
    refuses=[TicketUnknown, SessionUnknown, SessionNotBooked],
)
async def cancel_session(
    db: RequestDb,
    caller: RequestCaller,
    account_id: AccountId,
    ticket_id: TicketId,
    session_id: SessionId,
    body: SessionCancellation,
) -> SessionActionWire:
    """Cancel a booked session, for the customer or an agent: its time is free again.

    Nothing is charged. One that is to be at another time is rescheduled instead; one that the
    customer did not come to was missed.
    """
    view = await sessions.cancel_session(
        db,
        account_id=account_id,
        ticket_id=ticket_id,
        session_id=session_id,
        by=body.by,
        reason=body.reason,
        caller=caller,
    )
    return render_action(view)


@routes.post(
    _S + "/{session_id}/correction", summary="Correct a session's minutes", status_code=200
)
@operation(
    "tickets:write",
    writes=True,
    optimistic=True,
    refuses=[
        TicketUnknown,
        SessionUnknown,
        SessionNotEnded,
        NothingToCorrect,
        NotCovered,
        InsufficientUnits,
    ],
)
async def correct_session(
    db: RequestDb,
    caller: RequestCaller,
    account_id: AccountId,
    ticket_id: TicketId,
    session_id: SessionId,
    body: SessionCorrection,
) -> SessionActionWire:
    """Correct a session's minutes: the difference is charged, or given back, as new entries."""
    view = await session_minutes.correct_session(
        db,
        account_id=account_id,
        ticket_id=ticket_id,
        session_id=session_id,
        minutes=body.minutes,
        reason=body.reason,
        actor=body.actor,
        caller=caller,
    )
    return render_action(view)
