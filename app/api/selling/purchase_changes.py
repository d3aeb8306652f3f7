"""Changes of an order: cancelled, renewed, or quoted for an upgrade."""

from typing import Annotated

from fastapi import Response
from pydantic import Field

from app.api.http.routing import RequestCaller, RequestDb, operation, router
from app.api.http.wire import (
    ID_PATTERN,
    AccountId,
    Code,
    Instant,
    LongText,
    MoneyWire,
    Reference,
    SiteUrl,
    Text,
    Wire,
)
from app.api.selling.purchase_shapes import (
    ContractMonths,
    OrderId,
    PaymentOrder,
    PurchaseWire,
    Quantity,
    render_purchase,
)
from app.api.selling.quote_shapes import (
    AgreedAllowance,
    AgreedPrice,
    QuoteWire,
    as_agreed,
    render_quote,
)
from app.db.selling.purchases import PurchaseUnknown
from app.domain.catalog.regions import RegionRequired
from app.domain.coverage.sites import InvalidSite
from app.domain.selling.additions import NotRaisable, Raised, RaisesAnother
from app.domain.selling.cancellations import (
    PurchaseCancelled,
    PurchaseEnded,
    PurchasePending,
    RefundRule,
)
from app.domain.selling.needs import PlanNeeded
from app.domain.selling.selling import (
    AllowanceNotCounted,
    CurrencyDiffers,
    InvalidContract,
    QuantityNotOne,
    QuoteIncomplete,
    QuoteRequired,
    SiteRequired,
    TotalDiffers,
    TotalTooLarge,
)
from app.domain.selling.starts import SiteAlreadyCovered
from app.domain.selling.upgrades import NotAnUpgrade
from app.domain.time.backdating import AtInFuture
from app.domain.time.instants import InstantOutOfRange
from app.services.access.repeats import AlreadyExists
from app.services.catalog.offers import OfferUnknown
from app.services.selling import cancellations, purchases, quotes
from app.services.selling.covers import NothingToCover
from app.services.selling.payments import PaymentAlreadyReported, PaymentUsed
from app.services.selling.purchases import AlreadyRenewed
from app.services.selling.quotes import InvalidValidity, QuoteOrder

routes = router("Purchases")

_O = "/v1/accounts/{account_id}/purchases/{order_id}"
_Q = "/v1/accounts/{account_id}/quotes/{quote_id}"


class CancellationRequest(Wire):
    """Why an order ends before its time, and what is paid back."""

    refund: RefundRule
    """What is paid back: nothing, what is unused (the lesser of its units and its time, unless the
    seller's terms say otherwise), or all that was paid."""
    reason: LongText
    """Why the order is cancelled, for the record; a customer's statement says only that it is."""
    actor: Text
    """Who decided on the cancellation, as the caller names them."""
    payment_reference: Reference | None = None
    """Of an order that never began: the reference of a payment that came for it too late, put on
    the record with what of it is paid back."""


class Renewal(Wire):
    """A new order of the same offer, for the term after the present one; of a pack, now."""

    order_id: Annotated[str, Field(pattern=ID_PATTERN, examples=["SO-78"])]
    """The new order, by the storefront's own id."""
    expected_total: MoneyWire | None = None
    """The total that the shop showed: where the order comes to another, it is refused."""
    payment: PaymentOrder = PaymentOrder(status="paid")
    """How the renewal is paid; left out, it is paid already."""
    at: Instant | None = None
    """The instant at which the order was renewed; default now."""


class UpgradeRequest(Wire):
    """What an order is to be upgraded to."""

    offer: Annotated[Code, Field(examples=["livecart.express-1y"])]
    """The better offer, by its full code."""
    quantity: Quantity | None = None
    """How many of the better offer; left out, as many as the order's."""
    contract_months: ContractMonths | None = None
    """The length of the contract in months, a whole number of the offer's terms; left out, one
    term."""
    site: SiteUrl | None = None
    """The store that the better plan is for, where that is not the order's."""
    allowance: AgreedAllowance | None = None
    """How many units one of the offer grants for each term or month, where that is agreed
    (`ledger:write`)."""
    price: AgreedPrice | None = None
    """The price of one of the offer for one term, where that is agreed (`ledger:write`)."""
    valid_until: Instant | None = None
    """Until when the quote holds: 7 days at most, the default, and never beyond the order's
    term."""

    def as_order(self) -> QuoteOrder:
        """Return the request as a value."""
        return QuoteOrder(
            offer=self.offer,
            quantity=self.quantity,
            contract_months=self.contract_months,
            site=self.site,
            agreed=as_agreed(self.price, self.allowance),
            valid_until=self.valid_until,
            document=self.model_dump(mode="json"),
        )


class AdditionRequest(Wire):
    """How many more of an order are to be quoted, for the rest of its term."""

    quantity: Quantity
    """How many more, of what the order's offer is sold by, such as sockets."""
    valid_until: Instant | None = None
    """Until when the quote holds: 7 days at most, the default, and never beyond the term."""


@routes.post(_O + "/cancellation", summary="Cancel a purchase", status_code=200)
@operation(
    "purchases:write",
    writes=True,
    optimistic=True,
    refuses=[
        PurchaseUnknown,
        PurchaseCancelled,
        PurchaseEnded,
        PaymentAlreadyReported,
        PaymentUsed,
        Raised,
    ],
)
async def cancel_purchase(
    db: RequestDb,
    caller: RequestCaller,
    account_id: AccountId,
    order_id: OrderId,
    body: CancellationRequest,
) -> PurchaseWire:
    """End an order now: what is free is taken back, and the subscription ends.

    Units held for tickets stay: they can still be settled, and count as used. What returns of
    them finds its lot ended: it is expired there, or granted again for a while as the
    catalogue's terms say, unless all was paid back. `refund_amount` and `kept_amount` are
    together what was paid. Done again it is refused; a dry run tells the amount beforehand. A
    payment that came when the order could not begin any more is named by `payment_reference`,
    also where the order is cancelled already; named again, it changes nothing.
    """
    view = await cancellations.cancel_purchase(
        db,
        account_id=account_id,
        order_id=order_id,
        refund=body.refund,
        reason=body.reason,
        actor=body.actor,
        caller=caller,
        payment_reference=body.payment_reference,
    )
    return render_purchase(view)


@routes.post(_O + "/renewal", summary="Renew a purchase", status_code=201)
@operation(
    "purchases:write",
    writes=True,
    optimistic=True,
    located=_O,
    refuses=[
        PurchaseUnknown,
        PurchaseCancelled,
        PurchasePending,
        AlreadyExists,
        AlreadyRenewed,
        RaisesAnother,
        OfferUnknown,
        QuoteRequired,
        InvalidContract,
        QuantityNotOne,
        TotalTooLarge,
        SiteRequired,
        InvalidSite,
        TotalDiffers,
        PaymentUsed,
        SiteAlreadyCovered,
        PlanNeeded,
        AtInFuture,
        NothingToCover,
        InstantOutOfRange,
    ],
)
async def renew_purchase(
    db: RequestDb,
    caller: RequestCaller,
    account_id: AccountId,
    order_id: OrderId,
    body: Renewal,
    response: Response,
) -> PurchaseWire:
    """Sell the same again, by today's list, for the term after the cover that is bought already.

    The month's day that the first term began on is kept. A pack is bought again, now. What was
    agreed by quote is renewed by a new quote, and an order once. The same order id again
    answers 200.
    """
    expected = body.expected_total
    view, created = await purchases.renew_purchase(
        db,
        account_id=account_id,
        order_id=order_id,
        renewed_by=body.order_id,
        expected_total=None if expected is None else expected.as_money(),
        paid=body.payment.status == "paid",
        payment_reference=body.payment.reference,
        at=body.at,
        document=body.model_dump(mode="json"),
        caller=caller,
    )
    response.status_code = 201 if created else 200
    return render_purchase(view)


@routes.post(_O + "/upgrade-quote", summary="Quote an upgrade", status_code=201)
@operation(
    "purchases:write",
    writes=True,
    optimistic=True,
    located=_Q,
    refuses=[
        PurchaseUnknown,
        PurchaseCancelled,
        PurchaseEnded,
        PurchasePending,
        OfferUnknown,
        NotAnUpgrade,
        RaisesAnother,
        QuoteIncomplete,
        AllowanceNotCounted,
        CurrencyDiffers,
        QuantityNotOne,
        TotalTooLarge,
        InvalidContract,
        InvalidValidity,
        SiteRequired,
        InvalidSite,
        RegionRequired,
        InstantOutOfRange,
    ],
)
async def quote_upgrade(
    db: RequestDb,
    caller: RequestCaller,
    account_id: AccountId,
    order_id: OrderId,
    body: UpgradeRequest,
) -> QuoteWire:
    """Quote a better plan in place of an order, with a credit for what is unused of it.

    Buying the quote ends the order at that instant and begins the better plan. If other units
    are unused by then than were credited, it is refused: ask for a new quote.
    """
    view = await quotes.quote_upgrade(
        db, account_id=account_id, order_id=order_id, order=body.as_order(), caller=caller
    )
    return render_quote(view)


@routes.post(_O + "/addition-quote", summary="Quote an addition", status_code=201)
@operation(
    "purchases:write",
    writes=True,
    optimistic=True,
    located=_Q,
    refuses=[
        PurchaseUnknown,
        PurchaseCancelled,
        PurchaseEnded,
        PurchasePending,
        RaisesAnother,
        NotRaisable,
        InvalidContract,
        InvalidValidity,
    ],
)
async def quote_addition(
    db: RequestDb,
    account_id: AccountId,
    order_id: OrderId,
    body: AdditionRequest,
) -> QuoteWire:
    """Quote more of what an order is sold by, such as sockets, for the rest of its term.

    At the price that it had, for the share of the term that is left. Buying the quote raises the
    order's subscription; where the number multiplies what is granted, it grants its share, too.
    """
    view = await quotes.quote_addition(
        db,
        account_id=account_id,
        order_id=order_id,
        quantity=body.quantity,
        valid_until=body.valid_until,
        document=body.model_dump(mode="json"),
    )
    return render_quote(view)
