"""Events of chat, phone and video sessions: the particulars of each type."""

from datetime import datetime
from typing import Literal

from app.domain.events.ticket_events import TicketData, TicketFields, read_ticket_fields
from app.domain.metering.bookings import Session
from app.domain.metering.sessions import EndedBy, SessionKind
from app.domain.tickets.tickets import Ticket


class SessionData(TicketData, kw_only=True):
    """A session on a ticket."""

    session_id: str
    """The session, under the helpdesk's own id."""
    kind: SessionKind
    """Whether the session is a chat, a phone call, or a video call."""
    starts_at: datetime
    """The instant at which the session's booked time begins."""
    ends_at: datetime
    """The instant at which the session's booked time ends, itself excluded."""
    sequence: int
    """The number of the last movement of the account's units, with those of the session."""


class SessionBookedData(SessionData, kw_only=True):
    """A session was booked: its time is set aside for it."""


class SessionRescheduledData(SessionData, kw_only=True):
    """A booked session was moved to another time, and the old one is free."""

    previous_starts_at: datetime
    """The instant at which the booked time began before the move."""
    previous_ends_at: datetime
    """The instant at which the booked time ended before the move."""


class SessionStartedData(SessionData, kw_only=True):
    """A session began; what its first minutes cost is held."""

    started_at: datetime
    """The instant at which the session began."""
    incidents: int
    """How many further incidents the session's minutes have cost so far."""


class SessionEndedData(SessionStartedData, kw_only=True):
    """A session ended, and its minutes are counted."""

    ended_at: datetime
    """The instant at which the session ended."""
    minutes: int
    """How many minutes of the session count, each begun one as a whole."""
    over_minutes: int
    """The minutes that ran beyond the limit, or beyond the units there were, and are not
    charged."""
    ended_by: EndedBy
    """What ended the count of minutes: the session's end, the plan's limit, or that no unit was
    left."""


class SessionMissedData(SessionData, kw_only=True):
    """The customer did not come to a session: its time is free, and nothing is charged."""


class SessionCancelledData(SessionData, kw_only=True):
    """A session was cancelled before it began: its time is free, and nothing is charged."""

    by: Literal["customer", "agent"]
    """Who cancelled the session: the customer, or an agent."""
    reason: str | None
    """Why the session was cancelled; null where nothing was said."""


def describe_booking(ticket: Ticket, session: Session, *, sequence: int) -> SessionBookedData:
    """Return a session that was booked, and its slot."""
    return SessionBookedData(**_read_session(ticket, session, sequence))


def describe_session_move(
    ticket: Ticket, session: Session, before: Session, *, sequence: int
) -> SessionRescheduledData:
    """Return a session that was moved, with the slot that it had."""
    return SessionRescheduledData(
        **_read_session(ticket, session, sequence),
        previous_starts_at=before.starts_at,
        previous_ends_at=before.ends_at,
    )


def describe_session_start(
    ticket: Ticket, session: Session, *, started_at: datetime, sequence: int
) -> SessionStartedData:
    """Return a session that began, with the further incidents that its ticket was charged."""
    return SessionStartedData(
        **_read_session(ticket, session, sequence),
        started_at=started_at,
        incidents=session.charged,
    )


def describe_session_end(
    ticket: Ticket,
    session: Session,
    *,
    started_at: datetime,
    ended_at: datetime,
    minutes: int,
    over_minutes: int,
    ended_by: EndedBy,
    sequence: int,
) -> SessionEndedData:
    """Return a session that ended, with the minutes that count and what they cost."""
    return SessionEndedData(
        **_read_session(ticket, session, sequence),
        started_at=started_at,
        incidents=session.charged,
        ended_at=ended_at,
        minutes=minutes,
        over_minutes=over_minutes,
        ended_by=ended_by,
    )


def describe_no_show(ticket: Ticket, session: Session, *, sequence: int) -> SessionMissedData:
    """Return a session that the customer did not come to."""
    return SessionMissedData(**_read_session(ticket, session, sequence))


def describe_session_cancellation(
    ticket: Ticket,
    session: Session,
    *,
    by: Literal["customer", "agent"],
    reason: str | None,
    sequence: int,
) -> SessionCancelledData:
    """Return a session that will not take place, and who said so."""
    return SessionCancelledData(**_read_session(ticket, session, sequence), by=by, reason=reason)


class _SessionFields(TicketFields):
    session_id: str
    kind: SessionKind
    starts_at: datetime
    ends_at: datetime
    sequence: int


def _read_session(ticket: Ticket, session: Session, sequence: int) -> _SessionFields:
    return {
        **read_ticket_fields(ticket),
        "session_id": session.session_id,
        "kind": session.kind,
        "starts_at": session.starts_at,
        "ends_at": session.ends_at,
        "sequence": sequence,
    }
