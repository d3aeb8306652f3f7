"""Tickets as they are stored, and what happened to them."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Literal, TypedDict
from uuid import UUID

from app.domain.catalog.amounts import Unit
from app.domain.catalog.channels import Channel
from app.domain.catalog.conditions import WorkedTicket
from app.domain.promises.promises import Metric, Strength
from app.domain.tickets.charges import ChargeStatus, Outcome
from app.domain.values import Value

TicketStatus = Literal["open", "paused", "resolved"]


class TicketCover(TypedDict, total=False):
    """Those of a ticket's fields that say who pays for it, and on which terms."""

    category: str | None
    variables: Mapping[str, int]
    site: str | None
    catalog: str
    catalog_version: int
    promise_version: int
    plan: str | None
    subscription_id: UUID | None
    rank: int | None
    on_demand: bool
    promised: bool
    extra_calendars: Sequence[str]
    region: str | None
    trace: Sequence[Mapping[str, Any]]
    charge_unit: Unit | None


class Ticket(Value):
    """A support request, as it stands after the last that happened to it.

    `request` is what was asked for, as it was asked. `events` counts what happened to it.
    `next_metric`, `next_strength`, `due_at` and `breaches_after` are of its next deadline, and
    `warn_at` the first instant at which any of its clocks is at risk. `unanswered` says that the
    customer waits for an answer, and `queue_group` where that puts it in the queue.
    `archived_in` is the file that its events are in, where they were archived.
    """

    account_id: str
    ticket_id: str
    request: Mapping[str, Any]
    subject: str
    requester: str | None
    status: TicketStatus
    waiting_on: str | None
    outcome: Outcome | None
    channel: Channel
    severity: int | None
    urgent: bool
    category: str | None
    variables: Mapping[str, int]
    topic: str | None
    site: str | None
    catalog: str
    catalog_version: int
    promise_version: int
    plan: str | None
    subscription_id: UUID | None
    rank: int | None
    on_demand: bool
    promised: bool
    extra_calendars: Sequence[str]
    region: str | None
    trace: Sequence[Mapping[str, Any]]
    charge_status: ChargeStatus
    charge_unit: Unit | None
    charge_amount: int
    charge_held: int
    overage_amount: int
    split_from: str | None
    dispute: Mapping[str, Any] | None
    opened_at: datetime
    resolved_at: datetime | None
    last_event_at: datetime
    events: int
    unanswered: bool
    queue_group: int
    next_metric: Metric | None
    next_strength: Strength | None
    due_at: datetime | None
    breaches_after: datetime | None
    warn_at: datetime | None
    version: int
    created_at: datetime
    archived_in: str | None = None

    @property
    def asked_severity(self) -> int | None:
        """The severity that it began with."""
        severity: int | None = self.request["severity"]
        return severity

    @property
    def asked_urgent(self) -> bool:
        """Whether it was urgent from the start."""
        urgent: bool = self.request["urgent"]
        return urgent

    @property
    def asked_category(self) -> str | None:
        """The category that it began with, whatever it was revised to."""
        category: str | None = self.request.get("category")
        return category

    @property
    def worked(self) -> WorkedTicket:
        """What the count and the price of work on it depend on."""
        return WorkedTicket(self.urgent, self.severity, self.category, self.channel)

    def is_resolved(self, at: datetime) -> bool:
        """Say whether the ticket, as it stands, was resolved by `at` already."""
        return self.status == "resolved" and at >= (self.resolved_at or at)


class TicketEvent(Value):
    """Something that happened to a ticket: numbered as it was reported, `at` when it happened."""

    account_id: str
    ticket_id: str
    number: int
    type: str
    at: datetime
    recorded_at: datetime
    actor: str | None
    data: Mapping[str, Any]
