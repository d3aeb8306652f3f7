"""Orders as they are on the wire: how they are placed, and what they give."""

from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import Path
from pydantic import Field, model_validator

from app.api.http.wire import (
    ID_PATTERN,
    Code,
    Instant,
    MoneyWire,
    Reference,
    SiteUrl,
    Wire,
)
from app.api.ledger.balances import LotWire, render_lot
from app.api.selling.subscription_shapes import SubscriptionWire, render_subscription
from app.domain.catalog.offers import MOST_SOLD
from app.domain.selling.purchases import PurchaseStatus
from app.domain.selling.selling import PriceLine
from app.services.selling.purchase_views import PurchaseView
from app.services.selling.purchases import PurchaseOrder

OrderId = Annotated[
    str, Path(pattern=ID_PATTERN, description="The order: the storefront's own id of it.")
]
Quantity = Annotated[int, Field(ge=1, le=MOST_SOLD, strict=True)]
ContractMonths = Annotated[int, Field(ge=1, le=120, strict=True)]
RegionCode = Annotated[Code, Field(examples=["emea"])]


class PaymentOrder(Wire):
    """How an order is paid."""

    status: Literal["paid", "pending"]
    """Pending gives nothing yet: the term begins at the payment."""
    reference: Reference | None = None
    """The payment's own reference: one payment pays one order. Of an included offer, proof of
    what it comes with."""


class PurchasePlacing(Wire):
    """An order to be recorded: of an offer by the list, or of a quote; exactly one of both."""

    order_id: Annotated[str, Field(pattern=ID_PATTERN, examples=["SO-77"])]
    """The storefront's own id of it."""
    offer: Annotated[Code | None, Field(examples=["livecart.express-1y"])] = None
    """What is bought, at the list's price."""
    quote_id: UUID | None = None
    """The quote that is bought; it fixes the offer, quantity, contract and site."""
    quantity: Quantity = 1
    """How many of it; it multiplies the lot. What is not counted is bought one by one."""
    contract_months: ContractMonths | None = None
    """The length of the contract; a whole number of the offer's terms."""
    site: SiteUrl | None = None
    """The store it is for, where the offer covers one."""
    region: RegionCode | None = None
    """The customer's region, by whose hours the plan's times go; default the account's."""
    starts: Literal["now", "after_current"] | Instant = "now"
    """When the term begins: now, after the cover bought of the catalogue for the site, or then; a
    pack is sold now."""
    expected_total: MoneyWire | None = None
    """What the shop showed; another total is refused."""
    payment: PaymentOrder
    """How it is paid."""
    at: Instant | None = None
    """When it was bought; default now."""

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
            document=drop_absent(self.model_dump(mode="json"), "region"),
            region=self.region,
            named=frozenset(self.model_fields_set),
        )


class LineWire(Wire):
    """One line of an order."""

    text: str
    """What it is, in words."""
    quantity: int
    """How many the line is for."""
    unit_amount: int
    """The price of one, in minor units; negative for a discount or a credit."""
    amount: int
    """The line's amount, in minor units."""


class UnusedWire(Wire):
    """What was left of an order when it was cancelled: `left` of `whole`."""

    by: Literal["units", "time"]
    """Counted in units, or, where nothing is counted, in seconds of the term."""
    left: int
    """The units that were not used."""
    whole: int
    """The offer that was sold, by its code."""


class RefundPart(Wire):
    """What of a refund goes back to one payment."""

    order_id: str
    """The order that it paid for: this one, or one that it was upgraded from."""
    reference: str | None
    """The payment's own reference."""
    amount: MoneyWire
    """How much of it is to be paid back."""


class CancellationWire(Wire):
    """How an order was ended before its time.

    Paid back and kept are together what was paid: the total, and the credit of an upgrade.
    """

    refund: Literal["none", "unused", "full", "upgrade"]
    """What was asked to be paid back; what an upgrade was given as credit."""
    refund_amount: MoneyWire
    """What is to be paid back, or was credited."""
    kept_amount: MoneyWire
    """What is kept of what was paid."""
    rule: str
    """How that came about, in plain English."""
    unused: UnusedWire | None
    """What was left; null where the order never began."""
    reason: str
    """Why this is done, kept on the record."""
    actor: str
    """Who decided it, as the caller names them."""
    at: Instant
    """When the order was cancelled."""
    replaced_by: str | None
    """The order that it was upgraded to."""
    payments: list[RefundPart]
    """To which payments what is paid back goes: to none more than was paid by it."""


class CoverWire(Wire):
    """Cover on top of a subscription: open time that its promises gain for a while."""

    calendar: str
    """The calendar, by its code in the catalogue."""
    starts_at: Instant
    """When the cover begins."""
    ends_at: Instant
    """Until when, itself excluded."""


class PurchaseWire(Wire):
    """An order, and what it gives."""

    order_id: str
    """The storefront's own id of it."""
    account_id: str
    """The customer, by the seller's own id."""
    status: PurchaseStatus
    """Not paid, running or to come, over, or cancelled."""
    offer: str
    """The offer that was bought."""
    quote_id: UUID | None
    """The quote that it was bought by."""
    catalog: str
    """The catalogue that it is of."""
    catalog_version: int
    """On which version of the terms."""
    quantity: int
    """How many were ordered together."""
    contract_months: int | None
    """The length of the contract."""
    site: str | None
    """The store it is for, in canonical form."""
    region: str | None
    """The customer's region that it is for, where hours depend on it."""
    adds_to: str | None
    """The order whose subscription it raised, for the rest of its term."""
    lines: list[LineWire]
    """How the total comes about."""
    total: MoneyWire
    """What it costs in all."""
    payment_reference: str | None
    """The payment's own reference."""
    paid_at: Instant | None
    """When it was paid."""
    subscription: SubscriptionWire | None
    """What it gives, or what its cover is added to; null while pending."""
    cover: CoverWire | None
    """The cover that it adds to the subscription."""
    lots: list[LotWire]
    """The units it gives, all of them known at the sale."""
    cancellation: CancellationWire | None
    """How it was ended before its time."""
    sequence: int
    """The number of the last movement of the account's units."""


def drop_absent(document: dict[str, Any], *names: str) -> dict[str, Any]:
    """Return a document without fields that are null, as those were stored that had none."""
    return {
        name: value for name, value in document.items() if name not in names or value is not None
    }


def render_line(line: PriceLine) -> LineWire:
    """Return a line as it is on the wire."""
    return LineWire.model_validate(line)


def render_purchase(view: PurchaseView) -> PurchaseWire:
    """Return an order as it is on the wire."""
    order, cover, now = view.order, view.cover, view.now
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
        lines=[render_line(line) for line in order.terms.lines],
        total=MoneyWire(amount=order.total_amount, currency=order.total_currency),
        payment_reference=order.payment_reference,
        paid_at=order.paid_at,
        subscription=_render_subscription(view),
        cover=None if cover is None else CoverWire.model_validate(cover),
        lots=[render_lot(lot, now) for lot in view.lots],
        cancellation=_render_cancellation(view),
        sequence=view.sequence,
    )


def _render_subscription(view: PurchaseView) -> SubscriptionWire | None:
    if view.subscription is None:
        return None
    return render_subscription(view.subscription, at=view.now)


def _render_cancellation(view: PurchaseView) -> CancellationWire | None:
    kept = view.order.cancellation
    if kept is None:
        return None
    currency = view.order.total_currency
    return CancellationWire(
        refund=kept.refund,
        refund_amount=MoneyWire(amount=kept.refund_amount, currency=currency),
        kept_amount=MoneyWire(amount=kept.kept_amount, currency=currency),
        rule=kept.rule,
        unused=None
        if kept.unused is None
        else UnusedWire(by=kept.unused.by, left=kept.unused.left, whole=kept.unused.whole),
        reason=kept.reason,
        actor=kept.actor,
        at=kept.at,
        replaced_by=kept.replaced_by,
        payments=[
            RefundPart(
                order_id=each.order_id,
                reference=each.reference,
                amount=MoneyWire(amount=each.amount, currency=currency),
            )
            for each in kept.payments
        ],
    )
