"""What events say of what happened: ids, units and times, and nothing of a person.

So an erasure has nothing to blank in them. `sequence` is the account's, with what happened in it.
"""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from app.domain.instants import write_instant


def describe_ticket(ticket: Mapping[str, Any]) -> dict[str, Any]:
    """Return which ticket something happened to, and the plan that it is on."""
    return {
        "ticket_id": ticket["ticket_id"],
        "catalog": ticket["catalog"],
        "plan": ticket["plan"],
        "subscription_id": _id(ticket["subscription_id"]),
    }


def describe_opening(ticket: Mapping[str, Any]) -> dict[str, Any]:
    """Return what was opened: on which plan, by which channel, how urgent."""
    return describe_ticket(ticket) | {
        "channel": ticket["channel"],
        "severity": ticket["severity"],
        "urgent": ticket["urgent"],
        "category": ticket["category"],
        "on_demand": ticket["on_demand"],
        "opened_at": write_instant(ticket["opened_at"]),
    }


def describe_units(
    ticket: Mapping[str, Any], *, unit: str | None, amount: int, sequence: int, **more: Any
) -> dict[str, Any]:
    """Return what of a ticket's charge moved: so many units, and `more` about why."""
    return describe_ticket(ticket) | {"unit": unit, "amount": amount, "sequence": sequence} | more


def _id(value: UUID | None) -> str | None:
    return None if value is None else str(value)
