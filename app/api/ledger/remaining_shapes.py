"""Remaining units of a pool, as they are on the wire."""

from typing import Any, Literal

from app.api.http.wire import Instant, Wire
from app.domain.catalog.catalogs import Catalog
from app.domain.ledger.pools import Cap, CapPeriod
from app.domain.ledger.remaining import Remaining, write_remaining


class RemainingExpiry(Wire):
    """The next units of a pool that are lost unless they are used."""

    at: Instant
    """When they end, used or not."""
    amount: int
    """How many would be lost."""


class RemainingCap(Wire):
    """What one week, or one month, may use of a pool."""

    period: CapPeriod
    """The period that it is a limit of."""
    limit: int
    """How much the period may use."""
    used: int
    """How much the period has used."""
    held: int
    """How much is set aside for tickets."""
    resets_at: Instant
    """When the next one begins."""


class RemainingWire(Wire):
    """What is left of a plan's units."""

    unit: Literal["incident", "point", "minute"]
    """The unit that is counted: incident, point or minute."""
    granted: int | None
    """Of how many; null without a count."""
    available: int | None
    """How many can be drawn upon; null without a count."""
    held: int
    """How many are set aside for tickets."""
    unlimited: bool
    """Whether they are without a count."""
    text: str
    """The same in words, as a person reads it."""
    resets_at: Instant | None
    """When the next month's units begin; null: none do."""
    next_expiry: RemainingExpiry | None
    """The next units that are lost unless they are used."""
    cap: RemainingCap | None
    """What the week or the month may use of them; null where no limit holds."""
    low: bool
    """Whether little is left: a fifth of them, or less."""


class PoolRemainingWire(RemainingWire):
    """What is left of the pool that a ticket is charged to."""

    ends_at: Instant | None
    """When the last of them end; null: without an end."""


def render_remaining(remaining: Remaining, terms: Catalog) -> RemainingWire:
    """Return what is left of a plan's units as it is on the wire."""
    return RemainingWire(**_members(remaining, terms))


def render_pool_remaining(remaining: Remaining | None, terms: Catalog) -> PoolRemainingWire | None:
    """Return what is left of a ticket's pool as it is on the wire; None without a plan."""
    if remaining is None:
        return None
    return PoolRemainingWire(**_members(remaining, terms), ends_at=remaining.ends_at)


def _members(remaining: Remaining, terms: Catalog) -> dict[str, Any]:
    expiry = remaining.next_expiry
    return {
        "unit": remaining.unit,
        "granted": remaining.granted,
        "available": remaining.available,
        "held": remaining.held,
        "unlimited": remaining.unlimited,
        "text": write_remaining(remaining, terms.names),
        "resets_at": remaining.resets_at,
        "next_expiry": expiry and RemainingExpiry(at=expiry.at, amount=expiry.amount),
        "cap": remaining.cap and _render_cap(remaining.cap),
        "low": remaining.low,
    }


def _render_cap(cap: Cap) -> RemainingCap:
    return RemainingCap(
        period=cap.period, limit=cap.limit, used=cap.used, held=cap.held, resets_at=cap.resets_at
    )
