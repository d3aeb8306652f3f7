"""The particulars of what happens to quotes, pending orders and subscriptions, on the wire."""

from uuid import UUID

from app.api.http.wire import Instant, MoneyWire, Wire


class QuoteMadeData(Wire):
    """A price was promised until a date."""

    quote_id: UUID
    """The quote, by which it can be bought."""
    catalog: str
    """The catalogue that it is quoted from."""
    offer: str
    """What is quoted."""
    plan: str | None
    """The plan that it would give; null where it adds cover to another."""
    site: str | None
    """The store that it is for, if it is for one only."""
    quantity: int
    """How many of the offer are quoted."""
    total: MoneyWire
    """What buying it costs."""
    upgrades: str | None
    """The order that buying it ends; null where it replaces none."""
    valid_until: Instant
    """Until when it can be bought, itself excluded."""


class PurchasePendingData(Wire):
    """An order was placed that is not paid yet: nothing is granted before it is."""

    order_id: str
    """The order, under the storefront's own id."""
    catalog: str
    """The catalogue that it was sold from."""
    offer: str
    """What was sold."""
    plan: str | None
    """The plan that it will give; null where it adds cover to another."""
    site: str | None
    """The store that it is for, if it is for one only."""
    subscription_id: UUID | None
    """Null: it begins with the payment."""
    total: MoneyWire
    """What is to be paid."""
    quote_id: UUID | None
    """The quote that it was bought by, if any."""


class SubscriptionData(Wire):
    """A subscription of the account."""

    subscription_id: UUID
    """The subscription that it is about."""
    order_id: str | None
    """The order that it was bought by; null where it was given."""
    catalog: str
    """The catalogue that it is of."""
    plan: str
    """The plan that it gives."""
    site: str | None
    """The one store that it covers; null: every store."""
    ends_at: Instant | None
    """When its term ends; null: it does not end."""


class SubscriptionSuspendedData(SubscriptionData):
    """A subscription pays for nothing from now on, until that is ended."""


class SubscriptionResumedData(SubscriptionData):
    """A subscription that was suspended pays again."""


class SubscriptionMovedData(SubscriptionData):
    """A subscription of one store covers another instead, from now on."""

    from_site: str | None
    """The store that it covered before."""
    sequence: int
    """The account's sequence with it."""
