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
    """The instant at which these minutes of the work begin."""
    minutes: int
    """How many of the minutes that count are these."""
    source: Literal["hold", "allowance", "overage", "nothing"]
    """What the minutes were taken from: what the ticket held, its plan's hours, overage to be
    billed, or nothing."""
    lot_id: UUID | None
    """The lot that the minutes were taken from; null where they are of none."""


class WorkCorrectionWire(Wire):
    """A correction of the minutes of logged work."""

    at: Instant
    """The instant at which the minutes were corrected."""
    from_minutes: int
    """The minutes that counted before the correction."""
    minutes: int
    """The minutes that count since the correction."""
    from_worked: int
    """The minutes that the work was said to have taken before."""
    worked: int
    """The minutes that the work took, as corrected."""
    overage_minutes: int
    """The minutes that are to be billed in addition; below zero, those that no longer are."""
    reason: str
    """Why the minutes were corrected, as it was put on the record."""
    actor: str
    """Who decided on the correction, as the caller names them."""


class WorkWire(Wire):
    """Work done on a ticket, and what it was charged to."""

    work_id: str
    """The piece of work, by the helpdesk's own id."""
    ticket_id: str
    """The ticket that the work was done on, by the helpdesk's own id."""
    at: Instant
    """The instant at which the work began."""
    worked: int
    """The minutes that the work took."""
    minutes: int
    """The minutes of the work that count, as the ticket's plan counts them."""
    overage_minutes: int
    """How many of the minutes that count are to be billed."""
    by: str
    """Who did the work, as the helpdesk names them."""
    parts: list[WorkPartWire]
    """The minutes that count, split at the week's and the month's turn, by what they were taken
    from."""
    corrections: list[WorkCorrectionWire]
    """The corrections of the work's minutes, in their order."""
    sequence: int
    """The number of the last movement of the account's units."""


class WorkActionWire(WorkWire):
    """A piece of work, and its ticket as a whole."""

    ticket: TicketWire
    """The ticket as it is after the action."""


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
    hidden = ("sequence", "from_parts")
    shown = {name: value for name, value in correction.items() if name not in hidden}
    return WorkCorrectionWire(**shown | worked)


def _render_part(part: Mapping[str, Any]) -> WorkPartWire:
    return WorkPartWire(**{name: part[name] for name in WorkPartWire.model_fields})


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
        "parts": [_render_part(part) for part in row.parts],
        "corrections": [_render_correction(each) for each in row.corrections],
        "sequence": view.ticket.sequence,
    }
