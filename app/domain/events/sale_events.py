"""Events of quotes, orders and subscriptions: the particulars of each type."""

from collections.abc import Sequence
from datetime import datetime
from typing import TypedDict
from uuid import UUID

from app.domain.catalog.amounts import Unit
from app.domain.catalog.money import Money
from app.domain.events.event_data import EventData
from app.domain.ledger.ledger import Lot
from app.domain.ledger.pools import Subscription
from app.domain.selling.cancellations import Cancellation
from app.domain.selling.purchases import Purchase
from app.domain.selling.quotes import Quote


class QuoteMadeData(EventData, kw_only=True):
    """A price was promised until a date."""

    quote_id: UUID
    """The quote's own id, by which an order buys it."""
    catalog: str
    """The catalogue whose offer is quoted."""
    offer: str
    """The offer that is quoted, by its code."""
    plan: str | None
    """The plan that the quoted offer would give; null where it adds cover to another."""
    site: str | None
    """The store that the quote is for, by its canonical URL; null where it is for none alone."""
    quantity: int
    """How many of the offer are quoted together."""
    total: Money
    """The price of the quote in all."""
    upgrades: str | None
    """The order that buying the quote ends; null where it replaces none."""
    valid_until: datetime
    """Until when the quote can be bought, itself excluded."""


class PurchaseData(EventData, kw_only=True):
    """An order, and what it is about."""

    order_id: str
    """The order, under the storefront's own id."""
    catalog: str
    """The catalogue that the order was sold from."""
    offer: str
    """The offer that was sold, by its code."""
    plan: str | None
    """The plan that the order gives; null where it adds cover to another."""
    site: str | None
    """The store that the order is for, by its canonical URL; null where it is for none alone."""
    subscription_id: UUID | None
    """The subscription that the order gives, or adds cover to; null where it was never paid."""


class PurchasePendingData(EventData, kw_only=True):
    """An order was placed that is not paid yet: nothing is granted before it is."""

    order_id: str
    """The order, under the storefront's own id."""
    catalog: str
    """The catalogue that the order was sold from."""
    offer: str
    """The offer that was sold, by its code."""
    plan: str | None
    """The plan that the order will give; null where it adds cover to another."""
    site: str | None
    """The store that the order is for, by its canonical URL; null where it is for none alone."""
    subscription_id: UUID | None
    """Always null: the subscription begins with the payment."""
    total: Money
    """The amount that is to be paid for the order."""
    quote_id: UUID | None
    """The quote that the order was bought by; null where it was bought at the list's price."""


class PurchaseActivatedData(PurchaseData, kw_only=True):
    """An order is paid, and what it gives is there, or will be from the beginning of its term."""

    starts_at: datetime
    """The instant at which the order's term begins."""
    ends_at: datetime | None
    """The instant at which the order's term ends, itself excluded; null: without an end."""
    unit: Unit | None
    """The unit that the order grants; null where it grants none."""
    granted: int | None
    """How many units the order grants, all months of the term together; null without a count."""
    sequence: int
    """The number of the last movement of the account's units, with what the order granted."""


class PurchaseCancelledData(PurchaseData, kw_only=True):
    """An order is cancelled, or was replaced by an upgrade: it ends now."""

    refund: Money
    """What of the order's price is to be paid back; for an upgrade, what is credited."""
    replaced_by: str | None
    """The order that this one was upgraded to; null where it was cancelled."""
    unit: Unit
    """The unit that the order granted: incident, point or minute."""
    revoked: int
    """How many free units were taken back with the order."""
    sequence: int
    """The number of the last movement of the account's units, with what was taken back."""


class PurchaseEndingData(PurchaseData, kw_only=True):
    """The term of an order ends soon: the seller tells of that before."""

    ends_at: datetime
    """The instant at which the order's term ends, itself excluded."""
    renews: bool
    """Whether an order that renews this one is placed then, which waits for its payment."""


class PurchaseEndedData(PurchaseData, kw_only=True):
    """The term of an order is over."""

    starts_at: datetime
    """The instant at which the order's term began."""
    ends_at: datetime
    """The instant at which the order's term ended."""


class SubscriptionData(EventData, kw_only=True):
    """A subscription of the account."""

    subscription_id: UUID
    """The subscription that the event happened to, by its own id."""
    order_id: str | None
    """The order that the subscription was bought by; null where it was given."""
    catalog: str
    """The catalogue that the subscription's plan is of."""
    plan: str
    """The plan that the subscription gives, by its code."""
    site: str | None
    """The one store that the subscription covers, by its canonical URL; null: every store."""
    ends_at: datetime | None
    """When the subscription's term ends, itself excluded; null: it does not end."""


class SubscriptionSuspendedData(SubscriptionData, kw_only=True):
    """A subscription pays for nothing from now on, until that is ended."""


class SubscriptionResumedData(SubscriptionData, kw_only=True):
    """A subscription that was suspended pays again."""


class SubscriptionMovedData(SubscriptionData, kw_only=True):
    """A subscription of one store covers another instead, from now on."""

    from_site: str | None
    """The store that the subscription covered before the move."""
    sequence: int
    """The number of the last movement of the account's units."""


def describe_quote(quote: Quote) -> QuoteMadeData:
    """Return a price that was promised, until when, and what it is for."""
    return QuoteMadeData(
        quote_id=quote.quote_id,
        catalog=quote.catalog,
        offer=quote.offer,
        plan=quote.terms.plan,
        site=quote.site,
        quantity=quote.terms.quantity,
        total=Money(quote.total_amount, quote.total_currency),
        upgrades=quote.upgraded_order_id,
        valid_until=quote.valid_until,
    )


def describe_pending(order: Purchase) -> PurchasePendingData:
    """Return an order that waits for its payment, and what is to be paid."""
    return PurchasePendingData(
        **_read_order(order),
        total=Money(order.total_amount, order.total_currency),
        quote_id=order.quote_id,
    )


def describe_activation(
    order: Purchase,
    *,
    starts_at: datetime,
    ends_at: datetime | None,
    lots: Sequence[Lot],
    sequence: int,
) -> PurchaseActivatedData:
    """Return what a paid order gives: its term, and its units; `granted` None: without a count."""
    counted = [lot.granted for lot in lots if lot.granted is not None]
    return PurchaseActivatedData(
        **_read_order(order),
        starts_at=starts_at,
        ends_at=ends_at,
        unit=lots[0].unit if lots else None,
        granted=sum(counted) if counted or not lots else None,
        sequence=sequence,
    )


def describe_cancellation(
    order: Purchase, decided: Cancellation, *, revoked: int, sequence: int
) -> PurchaseCancelledData:
    """Return what a cancellation took back, and what of the price is to be paid back."""
    return PurchaseCancelledData(
        **_read_order(order),
        refund=Money(decided.refund_amount, order.total_currency),
        replaced_by=decided.replaced_by,
        unit=order.terms.unit,
        revoked=revoked,
        sequence=sequence,
    )


def describe_coming_end(order: Purchase, *, ends_at: datetime, renews: bool) -> PurchaseEndingData:
    """Return an order whose term ends soon, and whether it renews itself then."""
    return PurchaseEndingData(**_read_order(order), ends_at=ends_at, renews=renews)


def describe_end(order: Purchase, *, starts_at: datetime, ends_at: datetime) -> PurchaseEndedData:
    """Return an order, with its term, which is over."""
    return PurchaseEndedData(**_read_order(order), starts_at=starts_at, ends_at=ends_at)


def describe_suspension(subscription: Subscription) -> SubscriptionSuspendedData:
    """Return a subscription that pays for nothing from now on."""
    return SubscriptionSuspendedData(**_read_subscription(subscription))


def describe_resumption(subscription: Subscription) -> SubscriptionResumedData:
    """Return a subscription that pays again."""
    return SubscriptionResumedData(**_read_subscription(subscription))


def describe_subscription_move(
    moved: Subscription, *, from_site: str | None, sequence: int
) -> SubscriptionMovedData:
    """Return a subscription that covers another store now, and the store that it was of."""
    return SubscriptionMovedData(
        **_read_subscription(moved), from_site=from_site, sequence=sequence
    )


class _OrderFields(TypedDict):
    order_id: str
    catalog: str
    offer: str
    plan: str | None
    site: str | None
    subscription_id: UUID | None


def _read_order(order: Purchase) -> _OrderFields:
    return {
        "order_id": order.order_id,
        "catalog": order.catalog,
        "offer": order.offer,
        "plan": order.terms.plan,
        "site": order.site,
        "subscription_id": order.subscription_id,
    }


class _SubscriptionFields(TypedDict):
    subscription_id: UUID
    order_id: str | None
    catalog: str
    plan: str
    site: str | None
    ends_at: datetime | None


def _read_subscription(subscription: Subscription) -> _SubscriptionFields:
    return {
        "subscription_id": subscription.subscription_id,
        "order_id": subscription.order_id,
        "catalog": subscription.catalog,
        "plan": subscription.plan,
        "site": subscription.site,
        "ends_at": subscription.ends_at,
    }
