"""The particulars of what happens to chat, phone and video sessions, on the wire."""

from app.api.events.ticket_event_shapes import TicketData
from app.api.http.wire import Instant
from app.domain.metering.sessions import EndedBy, SessionKind


class SessionData(TicketData):
    """A session on a ticket."""

    session_id: str
    """The session, under the helpdesk's own id."""
    kind: SessionKind
    """Whether it is a chat, a call, or a video call."""
    starts_at: Instant
    """When its slot begins."""
    ends_at: Instant
    """When its slot ends."""
    sequence: int
    """The account's sequence with it."""


class SessionBookedData(SessionData):
    """A session was booked: its time is set aside for it."""


class SessionRescheduledData(SessionData):
    """A booked session was moved to another time, and the old one is free."""

    previous_starts_at: Instant
    """When its slot began before."""
    previous_ends_at: Instant
    """When its slot ended before."""


class SessionStartedData(SessionData):
    """A session began; what its first minutes cost is held."""

    started_at: Instant
    """When it began."""
    incidents: int
    """Further incidents charged for its minutes so far."""


class SessionEndedData(SessionStartedData):
    """A session ended, and its minutes are counted."""

    ended_at: Instant
    """When it ended."""
    minutes: int
    """The minutes begun that count."""
    over_minutes: int
    """Minutes run beyond the limit, or beyond the units there were."""
    ended_by: EndedBy
    """What ended the count: its end, the plan's limit, or that no unit was left."""


class SessionMissedData(SessionData):
    """The customer did not come to a session: its time is free, and nothing is charged."""
