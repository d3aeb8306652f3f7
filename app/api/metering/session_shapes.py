"""A session as it is on the wire: asked for, booked, running, ended."""

from typing import Annotated, Literal

from pydantic import Field

from app.api.http.wire import ID_PATTERN, Instant, LongText, Text, Wire
from app.api.tickets.ticket_shapes import TicketWire, render_ticket
from app.domain.metering.sessions import LONGEST_MINUTES, SessionStatus
from app.services.metering.session_records import SessionView
from app.services.metering.sessions import SessionChange, SessionOrder

Contact = Annotated[Text, Field(examples=["skype:nordwind.support"])]
SlotMinutes = Annotated[int, Field(ge=1, le=LONGEST_MINUTES, strict=True, examples=[30])]


class SessionBooking(Wire):
    """A session to be booked, under the helpdesk's own id."""

    session_id: Annotated[str, Field(pattern=ID_PATTERN, examples=["CHAT-118"])]
    """The session, by the helpdesk's own id."""
    kind: Literal["chat", "phone", "video"]
    """Whether the session is a chat, a phone call, or a video call."""
    starts_at: Instant
    """The instant at which the session is to begin."""
    minutes: SlotMinutes | None = None
    """The minutes that are booked; left out, what the plan's limit leaves, a step, or half an
    hour."""
    contact: Contact | None = None
    """Where the customer is reached for the session."""
    with_: Annotated[Text | None, Field(alias="with", examples=["Mara"])] = None
    """Who is to hold the session for the seller, by name."""

    def as_order(self) -> SessionOrder:
        """Return the booking as a value."""
        return SessionOrder(
            session_id=self.session_id,
            kind=self.kind,
            starts_at=self.starts_at,
            minutes=self.minutes,
            contact=self.contact,
            agent=self.with_,
            document=self.model_dump(mode="json", by_alias=True),
        )


class SessionPatch(Wire):
    """What is to change of a booked session; what is left out stays."""

    starts_at: Instant | None = None
    """The instant at which the session is to begin instead."""
    minutes: SlotMinutes | None = None
    """The minutes that are to be booked; left out, as many as before."""
    contact: Contact | None = None
    """Where the customer is reached for the session; null removes that."""
    with_: Annotated[Text | None, Field(alias="with", examples=["Mara"])] = None
    """Who is to hold the session for the seller; null removes the name."""

    def as_change(self) -> SessionChange:
        """Return the change as a value."""
        named: set[Literal["contact", "agent"]] = set()
        if "contact" in self.model_fields_set:
            named.add("contact")
        if "with_" in self.model_fields_set:
            named.add("agent")
        return SessionChange(
            starts_at=self.starts_at,
            minutes=self.minutes,
            contact=self.contact,
            agent=self.with_,
            named=frozenset(named),
        )


class SessionStart(Wire):
    """The beginning of a session, now or at an instant before."""

    at: Instant | None = None
    """The instant at which the session began; default now."""


class SessionEnd(Wire):
    """The end of a session, now or at an instant before."""

    at: Instant | None = None
    """The instant at which the session ended; default now."""


class SessionCancellation(Wire):
    """A booked session that does not take place, because somebody said so before."""

    by: Literal["customer", "agent"]
    """Who cancelled the session: the customer, or an agent."""
    reason: LongText | None = None
    """Why the session is cancelled, for the record."""


class SessionCorrection(Wire):
    """Other minutes for a session that has ended."""

    minutes: Annotated[int, Field(ge=0, le=LONGEST_MINUTES, strict=True, examples=[9])]
    """How many minutes of the session are to count."""
    reason: LongText
    """Why the minutes are corrected, for the record."""
    actor: Text
    """Who decided on the correction, as the caller names them."""


class SessionCorrectionWire(Wire):
    """A correction of the minutes of a session that had ended."""

    at: Instant
    """The instant at which the minutes were corrected."""
    from_minutes: int
    """The minutes that counted before the correction."""
    minutes: int
    """The minutes that count since the correction."""
    incidents: int
    """The further incidents that the correction charged; below zero, those that it gave back."""
    reason: str
    """Why the minutes were corrected, as it was put on the record."""
    actor: str
    """Who decided on the correction, as the caller names them."""


class SessionWire(Wire):
    """A chat, phone or video session on a ticket."""

    session_id: str
    """The session, by the helpdesk's own id."""
    ticket_id: str
    """The ticket that the session is on, by the helpdesk's own id."""
    kind: Literal["chat", "phone", "video"]
    """Whether the session is a chat, a phone call, or a video call."""
    status: SessionStatus
    """Whether the session waits to begin, runs, is over, was missed by the customer, or was
    cancelled before."""
    starts_at: Instant
    """The instant at which the session's booked time begins."""
    ends_at: Instant
    """The instant at which the session's booked time ends, itself excluded."""
    contact: str | None
    """Where the customer is reached for the session; null where that was not said."""
    with_: Annotated[str | None, Field(alias="with", serialization_alias="with")]
    """Who holds the session for the seller; null where that was not said."""
    started_at: Instant | None
    """The instant at which the session began; null while it has not."""
    ended_at: Instant | None
    """The instant at which the session ended; null while it has not."""
    minutes: int | None
    """The minutes begun that count, so far while the session runs; null before it began."""
    over_minutes: int
    """The minutes that ran beyond the limit, or beyond the units there were: reported, and not
    charged."""
    ended_by: Literal["agent", "limit", "units"] | None
    """What ended the count: the session's end, the plan's limit, or that no unit was left; null
    while nothing has."""
    incidents: int
    """The further incidents charged for the session's minutes, besides those that its ticket had
    paid."""
    covered_until: Instant | None
    """The instant until which a running session's minutes are paid for; null where nothing more is
    charged, and once it is over."""
    further_available: bool | None
    """Whether a further incident could pay for more minutes of a running session; null
    otherwise."""
    must_end_at: Instant | None
    """The instant at which a running session has to end; null where no end is in sight, and once
    it is over."""
    corrections: list[SessionCorrectionWire]
    """The corrections of the session's minutes, in their order."""
    sequence: int
    """The number of the last movement of the account's units."""


class SessionActionWire(SessionWire):
    """A session, and its ticket as a whole."""

    ticket: TicketWire
    """The ticket as it is after the action."""


def render_session(view: SessionView) -> SessionWire:
    """Return a session as it is on the wire."""
    return SessionWire(**_fields(view))


def render_action(view: SessionView) -> SessionActionWire:
    """Return a session that something happened to, with its ticket."""
    return SessionActionWire(**_fields(view), ticket=render_ticket(view.ticket))


def _fields(view: SessionView) -> dict[str, object]:
    row, reading = view.row, view.reading
    return {
        "session_id": row.session_id,
        "ticket_id": row.ticket_id,
        "kind": row.kind,
        "status": row.status,
        "starts_at": row.starts_at,
        "ends_at": row.ends_at,
        "contact": row.contact,
        "with": row.agent,
        "started_at": row.started_at,
        "ended_at": row.ended_at,
        "minutes": row.minutes if reading is None else reading.minutes,
        "over_minutes": row.over_minutes,
        "ended_by": row.ended_by,
        "incidents": row.charged + (0 if reading is None else reading.due),
        "covered_until": None if reading is None else reading.covered_until,
        "further_available": None if reading is None else reading.further_available,
        "must_end_at": None if reading is None else reading.must_end_at,
        "corrections": [SessionCorrectionWire(**each) for each in row.corrections],
        "sequence": view.ticket.sequence,
    }
