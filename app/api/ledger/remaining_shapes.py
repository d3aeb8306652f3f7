"""Remaining units of a pool, as they are on the wire."""

from typing import Any, Literal

from app.api.http.wire import Instant, reply
from app.domain.catalog.catalogs import Catalog
from app.domain.ledger.pools import Cap, CapPeriod
from app.domain.ledger.remaining import Remaining, write_remaining


@reply
class RemainingExpiry:
    """The next units of a pool that are lost unless they are used."""

    at: Instant
    """The instant at which the units end, used or not."""
    amount: int
    """How many units are lost then, as things are now."""


@reply
class RemainingCap:
    """What one week, or one month, may use of a pool."""

    period: CapPeriod
    """The period that the limit is for: a week, or a month."""
    limit: int
    """How many units the period may use."""
    used: int
    """How many units the period has used."""
    held: int
    """How many units of the limit are set aside for tickets."""
    resets_at: Instant
    """The instant at which the next period begins."""


@reply
class RemainingWire:
    """The units of a plan that are left, of those that can be used now."""

    unit: Literal["incident", "point", "minute"]
    """The unit that is counted: incident, point or minute."""
    granted: int | None
    """How many units were granted, less those taken back; null where they have no count."""
    available: int | None
    """How many units can be drawn upon; null where they have no count."""
    held: int
    """How many units are set aside for tickets."""
    unlimited: bool
    """Whether the units have no count: uses are still recorded."""
    text: str
    """What is left in words, as people read it; of a plan to come, what it begins with and when."""
    resets_at: Instant | None
    """The instant at which the next month's units begin; null: none do."""
    next_expiry: RemainingExpiry | None
    """The next units that are lost unless they are used."""
    cap: RemainingCap | None
    """What the week or the month may use of the units; null where no limit holds."""
    low: bool
    """Whether little is left: a fifth of what was granted, or less."""


@reply
class PoolRemainingWire(RemainingWire):
    """What is left of the pool that a ticket is charged to."""

    ends_at: Instant | None
    """The instant at which the last of the units end; null: without an end."""


def render_remaining(remaining: Remaining, terms: Catalog, *, text: str) -> RemainingWire:
    """Return what is left of a plan's units as it is on the wire, with `text` for its words."""
    return RemainingWire(**_members(remaining, terms) | {"text": text})


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
