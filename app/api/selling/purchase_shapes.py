"""Orders as they are on the wire: how they are placed, and what they give."""

from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import Path
from pydantic import Field, StringConstraints, model_validator

from app.api.http.wire import (
    ID_PATTERN,
    Code,
    Instant,
    MoneyWire,
    Reference,
    SiteUrl,
    Wire,
    render_money,
)
from app.api.ledger.balances import LotWire, render_lot
from app.api.selling.cancellation_shapes import CancellationWire, render_cancellation
from app.api.selling.subscription_shapes import SubscriptionWire, render_subscription
from app.domain.catalog.money import Money
from app.domain.catalog.offers import MOST_SOLD
from app.domain.selling.purchases import PurchaseStatus
from app.domain.selling.selling import PriceLine
from app.services.selling.ordered_sales import PurchaseOrder
from app.services.selling.purchase_views import PurchaseView

OrderId = Annotated[
    str, Path(pattern=ID_PATTERN, description="The order, by the storefront's own id.")
]
Quantity = Annotated[int, Field(ge=1, le=MOST_SOLD, strict=True)]
ContractMonths = Annotated[int, Field(ge=1, le=120, strict=True)]
# In minor units, as a price of a catalogue may be.
LARGEST_SHARED = 1_000_000_000_000
RegionCode = Annotated[Code, Field(examples=["emea"])]


class ShareOf(Wire):
    """What a price is a share of, such as what the licence costs."""

    amount: Annotated[int, Field(ge=0, le=LARGEST_SHARED, strict=True, examples=[1_200_000])]
    """The amount in the currency's minor unit, such as cents."""
    currency: Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$"), Field(examples=["EUR"])]
    """The catalogue's currency, by its ISO 4217 code."""

    def as_money(self) -> Money:
        """Return the amount as a value."""
        return Money(self.amount, self.currency)


class PaymentOrder(Wire):
    """The payment of an order: made already, or waited for."""

    status: Literal["paid", "pending"]
    """Whether the order is paid; `pending` gives nothing yet, and the term begins at the
    payment."""
    reference: Reference | None = None
    """The payment's own reference: one payment pays one order of the account. Of an included
    offer, proof of what it comes with. Of a pending order it is taken and ignored: what pays it is
    said when the payment is reported."""


class PurchasePlacing(Wire):
    """An order to be recorded: of an offer by the list, or of a quote; exactly one of both."""

    order_id: Annotated[str, Field(pattern=ID_PATTERN, examples=["SO-77"])]
    """The order, by the storefront's own id."""
    offer: Annotated[Code | None, Field(examples=["livecart.express-1y"])] = None
    """The offer that is bought at the list's price, by its full code."""
    quote_id: UUID | None = None
    """The quote that is bought, which fixes the offer, quantity, contract and site."""
    quantity: Quantity = 1
    """How many of the offer are bought: what each grants, and costs, is multiplied. What is not
    counted is bought one by one."""
    contract_months: ContractMonths | None = None
    """The length of the contract in months, a whole number of the offer's terms; left out, one
    term."""
    site: SiteUrl | None = None
    """The store that the order is for, by its URL, where the offer covers one."""
    region: RegionCode | None = None
    """The customer's region, by whose hours the plan's times go; default the account's."""
    starts: Literal["now", "after_current"] | Instant = "now"
    """When the term begins: now, after the cover that the site has of the catalogue, or at an
    instant; a pack is sold now."""
    share_of: ShareOf | None = None
    """The amount that the price is a share of, where the offer's is one, such as what the licence
    costs."""
    expected_total: MoneyWire | None = None
    """The total that the shop showed: where the order comes to another, it is refused."""
    payment: PaymentOrder
    """Whether the order is paid already, and by which payment."""
    at: Instant | None = None
    """The instant at which the order was placed; default now."""

    @model_validator(mode="after")
    def _require_one(self) -> "PurchasePlacing":
        if (self.offer is None) == (self.quote_id is None):
            raise ValueError("give exactly one of offer and quote_id")
        return self

    def as_order(self) -> PurchaseOrder:
        """Return the order as a value."""
        expected = self.expected_total
        return PurchaseOrder(
            order_id=self.order_id,
            offer=self.offer,
            quote_id=self.quote_id,
            quantity=self.quantity,
            contract_months=self.contract_months,
            site=self.site,
            starts=self.starts,
            expected_total=None if expected is None else expected.as_money(),
            paid=self.payment.status == "paid",
            payment_reference=self.payment.reference,
            at=self.at,
            document=drop_absent(self.model_dump(mode="json"), "region", "share_of"),
            region=self.region,
            share_of=None if self.share_of is None else self.share_of.as_money(),
            named=frozenset(self.model_fields_set),
        )


class LineWire(Wire):
    """One line of an order, of which the total is made."""

    text: str
    """What the line is for, in words."""
    quantity: int
    """How many the line charges for."""
    unit_amount: int
    """The price of one in the currency's minor unit; negative for a discount or a credit."""
    amount: int
    """The amount of the line in the currency's minor unit; negative for a discount or a credit."""


class CoverWire(Wire):
    """Cover on top of a subscription: open time that its promises gain for a while."""

    calendar: str
    """The calendar whose open time is added, by its code in the catalogue."""
    starts_at: Instant
    """The instant at which the cover begins."""
    ends_at: Instant
    """The instant at which the cover ends, itself excluded."""


class PurchaseWire(Wire):
    """An order of an offer, with the subscription and the units that it gives."""

    order_id: str
    """The order, by the storefront's own id."""
    account_id: str
    """The account, by the seller's own id of the customer."""
    status: PurchaseStatus
    """Whether the order waits for its payment, is active or still to begin, is over, or was
    cancelled."""
    offer: str
    """The offer that was bought, by its full code."""
    quote_id: UUID | None
    """The quote that was bought; null where the order is at the list's price."""
    catalog: str
    """The catalogue that the offer is of, by its code."""
    catalog_version: int
    """The version of the catalogue whose terms the order keeps."""
    quantity: int
    """How many of the offer were ordered together."""
    contract_months: int | None
    """The length of the contract in months; null: one term of the offer."""
    site: str | None
    """The store that the order is for, by its canonical URL; null where the offer covers no single
    one."""
    region: str | None
    """The customer's region, by whose hours the plan's times go; null where hours depend on
    none."""
    adds_to: str | None
    """The order whose subscription this one raised, for the rest of its term; null where it raised
    none."""
    share_of: MoneyWire | None
    """The amount that the price is a share of; null where it is none."""
    lines: list[LineWire]
    """The lines of which the total is made."""
    total: MoneyWire
    """The price of the order in all."""
    payment_reference: str | None
    """The reference of the payment, as the storefront gave it; null where it gave none."""
    paid_at: Instant | None
    """The instant at which the order was paid; null while it is not."""
    subscription: SubscriptionWire | None
    """The subscription that the order gives, or that its cover is added to; null while pending."""
    cover: CoverWire | None
    """The cover that the order adds to a subscription; null where it adds none."""
    lots: list[LotWire]
    """The lots of units that the order gives, all of them known at the sale."""
    cancellation: CancellationWire | None
    """How the order was ended before its time; null where it was not."""
    sequence: int
    """The number of the last movement of the account's units."""


def drop_absent(document: dict[str, Any], *names: str) -> dict[str, Any]:
    """Return a document without those of its fields that are null.

    A process of the version before has no such fields, and finds a request that was stored by a
    newer one the same.
    """
    return {
        name: value for name, value in document.items() if name not in names or value is not None
    }


def render_line(line: PriceLine) -> LineWire:
    """Return a line as it is on the wire."""
    return LineWire.model_validate(line)


def render_purchase(view: PurchaseView) -> PurchaseWire:
    """Return an order as it is on the wire."""
    order, cover, now = view.order, view.cover, view.now
    gone = order.cancellation
    return PurchaseWire(
        order_id=order.order_id,
        account_id=order.account_id,
        status=view.status,
        offer=order.offer,
        quote_id=order.quote_id,
        catalog=order.catalog,
        catalog_version=order.catalog_version,
        quantity=order.quantity,
        contract_months=order.contract_months,
        site=order.site,
        region=order.terms.region,
        adds_to=order.terms.adds_to,
        share_of=render_money(order.terms.share_of),
        lines=[render_line(line) for line in order.terms.lines],
        total=MoneyWire(amount=order.total_amount, currency=order.total_currency),
        payment_reference=order.payment_reference,
        paid_at=order.paid_at,
        subscription=_render_subscription(view),
        cover=None if cover is None else CoverWire.model_validate(cover),
        lots=[render_lot(lot, now) for lot in view.lots],
        cancellation=None if gone is None else render_cancellation(gone, order.total_currency),
        sequence=view.sequence,
    )


def _render_subscription(view: PurchaseView) -> SubscriptionWire | None:
    if view.subscription is None:
        return None
    return render_subscription(view.subscription, at=view.now)
