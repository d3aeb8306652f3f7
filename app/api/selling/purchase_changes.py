"""Changes of an order: cancelled, or renewed."""

from typing import Annotated

from fastapi import Response
from pydantic import Field

from app.api.http.routing import RequestCaller, RequestDb, operation, router
from app.api.http.wire import (
    ID_PATTERN,
    AccountId,
    Instant,
    LongText,
    MoneyWire,
    Reference,
    Text,
    Wire,
)
from app.api.selling.purchase_shapes import (
    OrderId,
    PaymentOrder,
    PurchaseWire,
    ShareOf,
    drop_absent,
    render_purchase,
)
from app.db.selling.purchases import PurchaseUnknown
from app.domain.coverage.sites import InvalidSite
from app.domain.selling.additions import Raised, RaisesAnother
from app.domain.selling.cancellations import (
    PurchaseCancelled,
    PurchaseEnded,
    PurchasePending,
    RefundRule,
)
from app.domain.selling.needs import PlanNeeded
from app.domain.selling.offer_prices import CurrencyDiffers, NoShareOfPrice, ShareNotNamed
from app.domain.selling.selling import (
    InvalidContract,
    QuantityNotOne,
    QuoteRequired,
    SiteRequired,
    TotalDiffers,
    TotalTooLarge,
)
from app.domain.selling.starts import SiteAlreadyCovered
from app.domain.time.backdating import AtInFuture
from app.domain.time.instants import InstantOutOfRange
from app.services.access.repeats import AlreadyExists
from app.services.catalog.offers import OfferUnknown
from app.services.selling import cancellations, renewing
from app.services.selling.covers import NothingToCover
from app.services.selling.payments import PaymentAlreadyReported, PaymentUsed
from app.services.selling.renewing import AlreadyRenewed

routes = router("Purchases")

_O = "/v1/accounts/{account_id}/purchases/{order_id}"


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
    at: Instant | None = None
    """The instant at which the order was cancelled; default now. It is never before the order was
    placed and paid, nor before the last movement of the account's units: the reply says when."""


class Renewal(Wire):
    """A new order of the same offer, for the term after the present one; of a pack, now."""

    order_id: Annotated[str, Field(pattern=ID_PATTERN, examples=["SO-78"])]
    """The new order, by the storefront's own id."""
    share_of: ShareOf | None = None
    """The amount that the price is a share of, where the offer's is one; left out, as before."""
    expected_total: MoneyWire | None = None
    """The total that the shop showed: where the order comes to another, it is refused."""
    payment: PaymentOrder = PaymentOrder(status="paid")
    """How the renewal is paid; left out, it is paid already."""
    at: Instant | None = None
    """The instant at which the order was renewed; default now."""


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
    """End an order, now or `at`: what is free is taken back, and the subscription ends.

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
        at=body.at,
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
        ShareNotNamed,
        NoShareOfPrice,
        CurrencyDiffers,
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
    view, created = await renewing.renew_purchase(
        db,
        account_id=account_id,
        order_id=order_id,
        renewed_by=body.order_id,
        expected_total=None if expected is None else expected.as_money(),
        paid=body.payment.status == "paid",
        payment_reference=body.payment.reference,
        at=body.at,
        share_of=None if body.share_of is None else body.share_of.as_money(),
        document=drop_absent(body.model_dump(mode="json"), "share_of"),
        caller=caller,
    )
    response.status_code = 201 if created else 200
    return render_purchase(view)
