"""A session as it is on the wire: asked for, booked, running, ended."""

from typing import Annotated, Literal

from pydantic import Field

from app.api.http.wire import ID_PATTERN, Instant, LongText, Text, Wire
from app.api.tickets.ticket_shapes import TicketWire, render_ticket
from app.domain.metering.sessions import LONGEST_MINUTES, SessionStatus
from app.services.metering.sessions import SessionChange, SessionOrder, SessionView

Contact = Annotated[Text, Field(examples=["skype:nordwind.support"])]
SlotMinutes = Annotated[int, Field(ge=1, le=LONGEST_MINUTES, strict=True, examples=[30])]


class SessionBooking(Wire):
    """A session to be booked, under the helpdesk's own id."""

    session_id: Annotated[str, Field(pattern=ID_PATTERN, examples=["CHAT-118"])]
    """The helpdesk's own id of it."""
    kind: Literal["chat", "phone", "video"]
    """How it is talked."""
    starts_at: Instant
    """When it is to begin."""
    minutes: SlotMinutes | None = None
    """How long its slot is; left out, what the plan's limit leaves, a step, or half an hour."""
    contact: Contact | None = None
    """Where the customer is reached for it."""
    with_: Annotated[Text | None, Field(alias="with", examples=["Mara"])] = None
    """Who is to hold it."""

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
    """When it is to begin instead."""
    minutes: SlotMinutes | None = None
    """How long its slot is to be; left out, as long as before."""
    contact: Contact | None = None
    """Where the customer is reached for it; null removes it."""
    with_: Annotated[Text | None, Field(alias="with", examples=["Mara"])] = None
    """Who is to hold it; null removes the name."""

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
    """A session that begins now, or began then."""

    at: Instant | None = None
    """At which instant; default now."""


class SessionEnd(Wire):
    """A session that ends now, or ended then."""

    at: Instant | None = None
    """At which instant; default now."""


class SessionCancellation(Wire):
    """A booked session that does not take place, because somebody said so before."""

    by: Literal["customer", "agent"]
    """Who called it off: the customer, or an agent."""
    reason: LongText | None = None
    """Why, for the record."""


class SessionCorrection(Wire):
    """Other minutes for a session that has ended."""

    minutes: Annotated[int, Field(ge=0, le=LONGEST_MINUTES, strict=True, examples=[9])]
    """How many minutes of it count."""
    reason: LongText
    """Why, for the record."""
    actor: Text
    """Who decided it, as the caller names them."""


class SessionCorrectionWire(Wire):
    """Minutes that were put right afterwards."""

    at: Instant
    """When it was corrected."""
    from_minutes: int
    """What was counted before."""
    minutes: int
    """The minutes that count since then."""
    incidents: int
    """The further incidents it charged; below zero, gave back."""
    reason: str
    """Why this is done, kept on the record."""
    actor: str
    """Who decided it, as the caller names them."""


class SessionWire(Wire):
    """A chat, phone or video session on a ticket."""

    session_id: str
    """The helpdesk's own id of it."""
    ticket_id: str
    """The ticket, by the helpdesk's own id."""
    kind: Literal["chat", "phone", "video"]
    """How it is talked."""
    status: SessionStatus
    """Waiting to begin, running, over, missed by the customer, or cancelled before."""
    starts_at: Instant
    """When its slot begins."""
    ends_at: Instant
    """When its slot ends."""
    contact: str | None
    """Where the customer is reached for it."""
    with_: Annotated[str | None, Field(alias="with", serialization_alias="with")]
    """Who holds it, where it is said."""
    started_at: Instant | None
    """The instant at which it began."""
    ended_at: Instant | None
    """The instant at which it ended."""
    minutes: int | None
    """The minutes begun that count, so far while it runs."""
    over_minutes: int
    """Minutes run beyond the limit, or beyond the units there were: told, and not charged."""
    ended_by: Literal["agent", "limit", "units"] | None
    """What ended the count: its end, the plan's limit, or that no unit was left."""
    incidents: int
    """Further incidents charged for its minutes, besides those that its ticket had paid."""
    covered_until: Instant | None
    """While it runs: until when its minutes are paid for; null: nothing more is charged."""
    further_available: bool | None
    """While it runs: whether a further incident could pay for more minutes."""
    must_end_at: Instant | None
    """While it runs: when it has to end; null: no end is in sight."""
    corrections: list[SessionCorrectionWire]
    """What was put right afterwards."""
    sequence: int
    """The number of the last movement of the account's units."""


class SessionActionWire(SessionWire):
    """A session, and its ticket whole."""

    ticket: TicketWire
    """The ticket as it is then."""


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
