"""Events of tickets, but for their charges and deadlines: the particulars of each type."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal, TypedDict
from uuid import UUID

from app.domain.catalog.channels import Channel
from app.domain.events.event_data import EventData
from app.domain.promises.stopwatches import Policy
from app.domain.tickets.tickets import Ticket, TicketEvent


class TicketData(EventData, kw_only=True):
    """A ticket that something happened to."""

    ticket_id: str
    """The ticket, under the helpdesk's own id."""
    catalog: str
    """The catalogue that the ticket is served under."""
    plan: str | None
    """The plan that the ticket is served on; null without one."""
    subscription_id: UUID | None
    """The subscription that the ticket is charged to; null without one."""


class TicketOpenedData(TicketData, kw_only=True):
    """A ticket was opened."""

    channel: Channel
    """The channel through which the ticket was asked."""
    severity: int | None
    """The severity of the ticket, 1 (gravest) to 5; null where none was given."""
    urgent: bool
    """Whether the ticket is urgent, and goes before others."""
    category: str | None
    """The ticket's row of the rate card, or `bug`; null where it has none."""
    on_demand: bool
    """Whether the ticket is served without a plan, behind the others, and billed."""
    opened_at: datetime
    """The instant at which the ticket was opened."""


class TicketHappeningData(TicketData, kw_only=True):
    """Something happened to a ticket."""

    number: int
    """The number of what happened among the ticket's events, as the ticket's own list has it."""
    status: Literal["open", "paused", "resolved"]
    """Whether the ticket is open, paused or resolved since then."""


class TicketRepliedData(TicketHappeningData, kw_only=True):
    """Somebody wrote on a ticket: an agent, or the customer."""

    by: Literal["agent", "customer"]
    """Who wrote the message: an agent of the seller's, or the customer."""
    channel: Channel | None
    """The channel through which the message came; null where that was not said."""


class TicketPausedData(TicketHappeningData, kw_only=True):
    """A ticket waits on somebody: the clocks that this pauses stand still."""

    waiting_on: str
    """On whom the ticket waits: `customer`, `vendor`, or another cause of the catalogue's."""


class TicketResumedData(TicketHappeningData, kw_only=True):
    """A ticket waits no longer: its clocks run on."""


class TicketSeverityChangedData(TicketHappeningData, kw_only=True):
    """A ticket has another severity, or urgency."""

    severity: int | None
    """The ticket's severity from now on, 1 (gravest) to 5; null where it has none."""
    urgent: bool
    """Whether the ticket is urgent from now on."""
    previous_severity: int | None
    """The ticket's severity before the change, 1 (gravest) to 5; null where it had none."""
    previous_urgent: bool
    """Whether the ticket was urgent before the change."""
    policy: Policy
    """What running clocks keep: the time used, nothing, or their target."""


class TicketRemediedData(TicketHappeningData, kw_only=True):
    """The customer can work again, by a workaround or a repair; the ticket stays open."""


class TicketResolvedData(TicketHappeningData, kw_only=True):
    """A ticket was resolved, whatever it cost in the end."""

    outcome: str
    """How the ticket was resolved: `solved`, `vendor_defect`, `withdrawn` or `duplicate`."""


class TicketReopenedData(TicketHappeningData, kw_only=True):
    """A resolved ticket was taken up again: its clocks go on."""


class TicketSplitData(TicketHappeningData, kw_only=True):
    """A ticket with several questions became several tickets; the first keeps its charge."""

    parts: Sequence[str]
    """The added tickets, under the helpdesk's own ids, in order."""


class TicketEventStruckData(TicketHappeningData, kw_only=True):
    """An event that was recorded by mistake was struck: the ticket is as if it had never been."""

    struck_number: int
    """The number of the event that no longer counts."""
    struck_type: str
    """The type of the event that no longer counts: a reply, a pause, a resumption or a severity."""


_AUTHORS: dict[str, Literal["agent", "customer"]] = {
    "agent_reply": "agent",
    "customer_reply": "customer",
}
# Events that have no particulars of their own.
_PLAIN: dict[str, type[TicketHappeningData]] = {
    "resumption": TicketResumedData,
    "remedy": TicketRemediedData,
    "reopening": TicketReopenedData,
}


class TicketFields(TypedDict):
    """Which ticket something happened to, and the plan that it is on."""

    ticket_id: str
    catalog: str
    plan: str | None
    subscription_id: UUID | None


def read_ticket_fields(ticket: Ticket) -> TicketFields:
    """Return what every event of a ticket has of it."""
    return {
        "ticket_id": ticket.ticket_id,
        "catalog": ticket.catalog,
        "plan": ticket.plan,
        "subscription_id": ticket.subscription_id,
    }


def describe_opening(ticket: Ticket) -> TicketOpenedData:
    """Return what was opened: on which plan, by which channel, how urgent."""
    return TicketOpenedData(
        **read_ticket_fields(ticket),
        channel=ticket.channel,
        severity=ticket.severity,
        urgent=ticket.urgent,
        category=ticket.category,
        on_demand=ticket.on_demand,
        opened_at=ticket.opened_at,
    )


def describe_happening(
    event: TicketEvent, *, before: Ticket, after: Ticket
) -> TicketHappeningData | None:
    """Return the account's event for an event of a ticket; None where another event is recorded."""
    fields = _HappeningFields(**read_ticket_fields(after), number=event.number, status=after.status)
    plain = _PLAIN.get(event.type)
    if plain is not None:
        return plain(**fields)
    data = event.data
    match event.type:
        case "agent_reply" | "customer_reply":
            by = _AUTHORS[event.type]
            return TicketRepliedData(**fields, by=by, channel=data.get("channel"))
        case "pause":
            return TicketPausedData(**fields, waiting_on=data["waiting_on"])
        case "severity":
            return TicketSeverityChangedData(
                **fields,
                severity=after.severity,
                urgent=after.urgent,
                previous_severity=before.severity,
                previous_urgent=before.urgent,
                policy=data["policy"],
            )
        case "resolution" | "withdrawal":
            return TicketResolvedData(**fields, outcome=data["outcome"])
        case "split":
            return TicketSplitData(**fields, parts=list(data["parts"]))
        case "strike":
            return TicketEventStruckData(
                **fields, struck_number=data["number"], struck_type=data["type"]
            )
        case _:
            return None


class _HappeningFields(TicketFields):
    number: int
    status: Literal["open", "paused", "resolved"]
