"""A subscription as it is on the wire."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from app.api.http.wire import Instant, Wire
from app.domain.ledger.pools import Subscription, SubscriptionStatus


class SubscriptionWire(Wire):
    """A subscription: a plan over a half-open term [starts_at, ends_at)."""

    id: UUID
    """The subscription's own id, by which tickets and lots name it."""
    source: Literal["purchase", "grant", "licence"]
    """What the subscription came from: an order, a grant, or a licence."""
    order_id: str | None
    """The order that the subscription was bought by; null where it was given."""
    catalog: str
    """The catalogue that the plan is of, by its code."""
    catalog_version: int
    """The version of the catalogue whose terms the subscription keeps."""
    plan: str
    """The plan that the subscription gives, by its code in the catalogue."""
    site: str | None
    """The one store that the subscription covers, by its canonical URL; null: account-wide."""
    region: str | None
    """The customer's region, by whose hours the plan's times go; null where hours depend on
    none."""
    unit: str
    """The unit that is counted: incident, point or minute."""
    quantity: int
    """How many of the offer were sold: packages, seats, or whatever it is sold by."""
    status: SubscriptionStatus
    """Whether the subscription's term is still to come, runs, is suspended, or is over, as of
    now."""
    starts_at: Instant
    """The instant at which the subscription's term begins."""
    ends_at: Instant | None
    """The instant at which the subscription's term ends, itself excluded; null: it does not end."""
    suspended_at: Instant | None
    """The instant since which the subscription is suspended; null while it is not."""
    extra_calendars: list[str]
    """The calendars whose open time the plan's promises gain, by cover on top."""
    created_at: Instant
    """The instant at which the subscription was made."""


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
        status=subscription.status_at(at),
        starts_at=subscription.starts_at,
        ends_at=subscription.ends_at,
        suspended_at=subscription.suspended_at,
        extra_calendars=list(subscription.extra_calendars),
        created_at=subscription.created_at,
    )
