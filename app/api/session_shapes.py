"""A session as it is on the wire: booked, running, ended."""

from typing import Literal

from app.api.ticket_shapes import TicketWire, show_ticket
from app.api.wire import Instant, Wire
from app.services.sessions import SessionView


class SessionCorrectionWire(Wire):
    """Minutes that were put right afterwards."""

    at: Instant
    """When."""
    from_minutes: int
    """What was counted before."""
    minutes: int
    """What counts since."""
    incidents: int
    """The further incidents it charged; below zero, gave back."""
    reason: str
    """Why."""
    actor: str
    """Who decided it."""


class SessionWire(Wire):
    """A chat, phone or video session on a ticket."""

    session_id: str
    """The helpdesk's own id of it."""
    ticket_id: str
    """Its ticket."""
    kind: Literal["chat", "phone", "video"]
    """How it is talked."""
    status: Literal["booked", "running", "ended", "no_show"]
    """Waiting to begin, running, over, or missed by the customer."""
    starts_at: Instant
    """When its slot begins."""
    ends_at: Instant
    """When its slot ends."""
    started_at: Instant | None
    """When it began."""
    ended_at: Instant | None
    """When it ended."""
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


def show_session(view: SessionView) -> SessionWire:
    """Return a session as it is on the wire."""
    return SessionWire(**_fields(view))


def show_action(view: SessionView) -> SessionActionWire:
    """Return a session that something happened to, with its ticket."""
    return SessionActionWire(**_fields(view), ticket=show_ticket(view.ticket))


def _fields(view: SessionView) -> dict[str, object]:
    row, reading = view.row, view.reading
    return {
        "session_id": row["session_id"],
        "ticket_id": row["ticket_id"],
        "kind": row["kind"],
        "status": row["status"],
        "starts_at": row["starts_at"],
        "ends_at": row["ends_at"],
        "started_at": row["started_at"],
        "ended_at": row["ended_at"],
        "minutes": row["minutes"] if reading is None else reading.minutes,
        "over_minutes": row["over_minutes"],
        "ended_by": row["ended_by"],
        "incidents": row["charged"] + (0 if reading is None else reading.due),
        "covered_until": None if reading is None else reading.covered_until,
        "further_available": None if reading is None else reading.further_available,
        "must_end_at": None if reading is None else reading.must_end_at,
        "corrections": [SessionCorrectionWire(**each) for each in row["corrections"]],
        "sequence": view.ticket.sequence,
    }
