"""Work as it is on the wire: its minutes, and what they were charged to."""

from collections.abc import Mapping
from typing import Any, Literal
from uuid import UUID

from app.api.http.wire import Instant, Wire
from app.api.tickets.ticket_shapes import TicketWire, render_ticket
from app.services.metering.work import WorkView


class WorkPartWire(Wire):
    """Minutes of a piece of work within one week and month, and what they were taken from."""

    at: Instant
    """The instant from which they count."""
    minutes: int
    """How many of those that count."""
    source: Literal["hold", "allowance", "overage", "nothing"]
    """What its ticket held, its plan's hours, to be billed, or free."""
    lot_id: UUID | None
    """The lot; null: of none."""


class WorkCorrectionWire(Wire):
    """A length that was put right afterwards."""

    at: Instant
    """When it was corrected."""
    from_minutes: int
    """The minutes that counted before."""
    minutes: int
    """The minutes that count since."""
    from_worked: int
    """How long it was said to have taken before."""
    worked: int
    """How long it took, as it was put right."""
    overage_minutes: int
    """What more of it is to be billed; below zero, what less."""
    reason: str
    """Why this is done, kept on the record."""
    actor: str
    """Who decided it, as the caller names them."""


class WorkWire(Wire):
    """Work done on a ticket, and what it was charged to."""

    work_id: str
    """The helpdesk's own id of it."""
    ticket_id: str
    """The ticket, by the helpdesk's own id."""
    at: Instant
    """The instant at which it began."""
    worked: int
    """How long it took, in minutes."""
    minutes: int
    """The minutes that count, as its plan counts them."""
    overage_minutes: int
    """What of those that count is to be billed."""
    by: str
    """Who did it, by the name of their key."""
    parts: list[WorkPartWire]
    """Split at the week's and the month's turn, by what it was taken from."""
    corrections: list[WorkCorrectionWire]
    """What was put right afterwards."""
    sequence: int
    """The number of the last movement of the account's units."""


class WorkActionWire(WorkWire):
    """Work, and its ticket whole."""

    ticket: TicketWire
    """The ticket as it is then."""


def render_work(view: WorkView) -> WorkWire:
    """Return work as it is on the wire."""
    return WorkWire(**_fields(view))


def render_action(view: WorkView) -> WorkActionWire:
    """Return work that something happened to, with its ticket."""
    return WorkActionWire(**_fields(view), ticket=render_ticket(view.ticket))


def _render_correction(correction: Mapping[str, Any]) -> WorkCorrectionWire:
    """Return a correction; one of old says only what counted, which was what was worked."""
    worked = {
        "from_worked": correction.get("from_worked", correction["from_minutes"]),
        "worked": correction.get("worked", correction["minutes"]),
    }
    shown = {name: value for name, value in correction.items() if name != "sequence"}
    return WorkCorrectionWire(**shown | worked)


def _fields(view: WorkView) -> dict[str, object]:
    row = view.row
    return {
        "work_id": row.work_id,
        "ticket_id": row.ticket_id,
        "at": row.starts_at,
        "worked": row.worked,
        "minutes": row.minutes,
        "overage_minutes": row.overage_minutes,
        "by": row.worked_by,
        "parts": [WorkPartWire(**part) for part in row.parts],
        "corrections": [_render_correction(each) for each in row.corrections],
        "sequence": view.ticket.sequence,
    }
