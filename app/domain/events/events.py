"""Events: what happened to an account, each of a named type."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal, get_args
from uuid import UUID

from app.domain.values import Value

EventType = Literal[
    "account.summary_changed",
    "account.moved",
    "quote.made",
    "purchase.pending",
    "purchase.activated",
    "purchase.cancelled",
    "purchase.ending",
    "purchase.ended",
    "subscription.suspended",
    "subscription.resumed",
    "subscription.moved",
    "units.low",
    "units.exhausted",
    "units.expiring",
    "units.expired",
    "fair_use.passed",
    "ticket.opened",
    "ticket.replied",
    "ticket.paused",
    "ticket.resumed",
    "ticket.severity_changed",
    "ticket.remedied",
    "ticket.resolved",
    "ticket.reopened",
    "ticket.split",
    "ticket.event_struck",
    "ticket.charged",
    "ticket.revised",
    "ticket.settled",
    "ticket.returned",
    "ticket.refunded",
    "ticket.coverage_changed",
    "ticket.disputed",
    "ticket.dispute_decided",
    "overage.recorded",
    "session.booked",
    "session.rescheduled",
    "session.started",
    "session.ended",
    "session.missed",
    "session.cancelled",
    "deadline.at_risk",
    "deadline.met",
    "deadline.breached",
    "deadline.missed",
    "deadline.late",
    "deadline.excused",
    "contact.changed",
    "account.clock_repaired",
    "key.created",
    "key.rotated",
    "key.revoked",
]

# What the clock brings about by itself, and what a customer's summary does not show.
OF_NO_SUMMARY: frozenset[EventType] = frozenset(
    {
        "quote.made",
        "purchase.pending",
        "purchase.ending",
        "purchase.ended",
        "units.expiring",
        "units.expired",
        "deadline.at_risk",
        "deadline.met",
        "deadline.breached",
        "deadline.missed",
        "deadline.late",
        "deadline.excused",
        "contact.changed",
        "account.moved",
        "account.clock_repaired",
    }
)

EVENT_TYPES: tuple[EventType, ...] = get_args(EventType)

# What only those who may see keys learn of.
ADMIN_EVENTS: frozenset[EventType] = frozenset(
    each for each in EVENT_TYPES if each.startswith("key.")
)


class Event(Value):
    """What happened at `at`, as its account's event of this number; it never changes.

    `position` is its place among the events of all accounts, given after the commit.
    `moved_from` is the account that it happened to, where that was moved into this one.
    """

    account_id: str
    number: int
    event_id: UUID
    type: EventType
    at: datetime
    recorded_at: datetime
    data: Mapping[str, Any]
    position: int | None
    sandbox: bool
    moved_from: str | None
