"""What is told of a ticket when something happens to it, besides its charge and its clocks."""

from typing import Any

from app.domain.events.event_data import describe_ticket
from app.domain.events.events import EventType
from app.domain.tickets.tickets import Ticket, TicketEvent

_TYPES: dict[str, EventType] = {
    "agent_reply": "ticket.replied",
    "customer_reply": "ticket.replied",
    "pause": "ticket.paused",
    "resumption": "ticket.resumed",
    "severity": "ticket.severity_changed",
    "remedy": "ticket.remedied",
    "resolution": "ticket.resolved",
    "withdrawal": "ticket.resolved",
    "reopening": "ticket.reopened",
    "split": "ticket.split",
    "strike": "ticket.event_struck",
}


def describe_happening(
    event: TicketEvent, *, before: Ticket, after: Ticket
) -> tuple[EventType, dict[str, Any]] | None:
    """Return what to tell of an event of a ticket, or None where it is told of otherwise."""
    type_ = _TYPES.get(event.type)
    if type_ is None:
        return None
    common = describe_ticket(after) | {"number": event.number, "status": after.status}
    return type_, common | _describe(event, before=before, after=after)


def _describe(event: TicketEvent, *, before: Ticket, after: Ticket) -> dict[str, Any]:
    match event.type:
        case "agent_reply" | "customer_reply":
            by = event.type.removesuffix("_reply")
            return {"by": by, "channel": event.data.get("channel")}
        case "pause":
            return {"waiting_on": event.data["waiting_on"]}
        case "severity":
            return {
                "severity": after.severity,
                "urgent": after.urgent,
                "previous_severity": before.severity,
                "previous_urgent": before.urgent,
                "policy": event.data["policy"],
            }
        case "resolution" | "withdrawal":
            return {"outcome": event.data["outcome"]}
        case "split":
            return {"parts": list(event.data["parts"])}
        case "strike":
            return {"struck_number": event.data["number"], "struck_type": event.data["type"]}
        case _:
            return {}
