"""A subscription as it is on the wire."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from app.api.http.wire import Instant, Wire
from app.domain.ledger.pools import Subscription


class SubscriptionWire(Wire):
    """A plan over a half-open term [starts_at, ends_at)."""

    id: UUID
    """The subscription's own id."""
    source: Literal["purchase", "grant", "licence"]
    """Where it came from."""
    order_id: str | None
    """The order it was bought by."""
    catalog: str
    """The catalogue, by its code."""
    catalog_version: int
    """The version of the terms that it keeps."""
    plan: str
    """The plan, by its code in the catalogue."""
    site: str | None
    """The one store it covers; null: account-wide."""
    region: str | None
    """The customer's region, by whose hours its times go, where they depend on it."""
    unit: str
    """The unit that is counted: incident, point or minute."""
    quantity: int
    """How many were sold: of packages, of seats, of whatever it is sold by."""
    status: Literal["upcoming", "active", "suspended", "ended"]
    """How it stands now."""
    starts_at: Instant
    """When its term begins."""
    ends_at: Instant | None
    """Until when, itself excluded; null: it does not end."""
    suspended_at: Instant | None
    """Since when it is suspended."""
    extra_calendars: list[str]
    """Cover on top: calendars whose open time its promises gain."""
    created_at: Instant
    """When it was made."""


def render_subscription(subscription: Subscription, *, at: datetime) -> SubscriptionWire:
    """Return a subscription as it is on the wire, at an instant."""
    return SubscriptionWire(
        id=subscription.subscription_id,
        source=subscription.source,
        order_id=subscription.order_id,
        catalog=subscription.catalog,
        catalog_version=subscription.catalog_version,
        plan=subscription.plan,
        site=subscription.site,
        region=subscription.region,
        unit=subscription.unit,
        quantity=subscription.quantity,
        status=_status(subscription, at),
        starts_at=subscription.starts_at,
        ends_at=subscription.ends_at,
        suspended_at=subscription.suspended_at,
        extra_calendars=list(subscription.extra_calendars),
        created_at=subscription.created_at,
    )


def _status(
    subscription: Subscription, at: datetime
) -> Literal["upcoming", "active", "suspended", "ended"]:
    # One that was cancelled before it began has an empty term.
    if subscription.ends_at is not None and subscription.ends_at <= max(at, subscription.starts_at):
        return "ended"
    if subscription.suspended_at is not None and subscription.suspended_at <= at:
        return "suspended"
    return "upcoming" if at < subscription.starts_at else "active"
