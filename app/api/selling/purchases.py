"""Purchases: an order, under the storefront's own id, and what it gives once it is paid."""

from datetime import datetime
from typing import Annotated

from fastapi import Query, Response

from app.api.http.paging import find_next_cursor
from app.api.http.routing import RequestCaller, RequestDb, operation, router
from app.api.http.wire import (
    AccountId,
    Code,
    Cursor,
    Instant,
    InvalidCursor,
    Limit,
    Order,
    Page,
    Reference,
    Wire,
    read_cursor,
)
from app.api.selling.purchase_shapes import (
    OrderId,
    PurchasePlacing,
    PurchaseWire,
    render_purchase,
)
from app.db.accounts.accounts import find_account
from app.db.selling import purchases as rows
from app.db.selling.purchases import PurchaseFilter, PurchaseUnknown
from app.db.selling.quotes import QuoteUnknown
from app.domain.catalog.regions import RegionRequired, UnknownRegion
from app.domain.coverage.sites import InvalidSite
from app.domain.selling.cancellations import PurchaseCancelled, PurchaseEnded, PurchasePending
from app.domain.selling.needs import PlanNeeded
from app.domain.selling.offer_prices import CurrencyDiffers, NoShareOfPrice, ShareNotNamed
from app.domain.selling.purchases import PurchaseStatus
from app.domain.selling.selling import (
    InvalidContract,
    QuantityNotOne,
    QuoteRequired,
    SiteRequired,
    TotalDiffers,
    TotalTooLarge,
)
from app.domain.selling.starts import PackStartsNow, SiteAlreadyCovered, StartsInPast
from app.domain.selling.upgrades import QuoteOutdated
from app.domain.time.backdating import AtInFuture
from app.domain.time.instants import InstantOutOfRange
from app.services.access.repeats import AlreadyExists
from app.services.catalog.offers import OfferUnknown
from app.services.selling import purchase_views, purchases
from app.services.selling.covers import NothingToCover
from app.services.selling.ordered_sales import FixedByQuote
from app.services.selling.payments import PaymentAlreadyReported, PaymentUsed
from app.services.selling.quotes import QuoteAlreadyBought, QuoteExpired

routes = router("Purchases")

_P = "/v1/accounts/{account_id}/purchases"
# What may stand in the way of a paid order's beginning.
_CANNOT_BEGIN = (
    SiteAlreadyCovered,
    NothingToCover,
    QuoteOutdated,
    PurchaseCancelled,
    PurchaseEnded,
    PurchasePending,
    InstantOutOfRange,
)


class PaymentReport(Wire):
    """The payment of an order that waits for it."""

    reference: Reference
    """The payment's own reference; the same one again is the same payment."""
    at: Instant | None = None
    """The instant at which the order was paid; default now."""


@routes.post(_P, summary="Record a purchase", status_code=201)
@operation(
    "purchases:write",
    writes=True,
    optimistic=True,
    refuses=[
        AlreadyExists,
        OfferUnknown,
        QuoteRequired,
        QuoteUnknown,
        QuoteExpired,
        QuoteAlreadyBought,
        FixedByQuote,
        SiteRequired,
        InvalidSite,
        UnknownRegion,
        RegionRequired,
        InvalidContract,
        QuantityNotOne,
        ShareNotNamed,
        NoShareOfPrice,
        CurrencyDiffers,
        TotalTooLarge,
        TotalDiffers,
        StartsInPast,
        PackStartsNow,
        PlanNeeded,
        PaymentUsed,
        AtInFuture,
        *_CANNOT_BEGIN,
    ],
)
async def place_purchase(
    db: RequestDb,
    caller: RequestCaller,
    account_id: AccountId,
    body: PurchasePlacing,
    response: Response,
) -> PurchaseWire:
    """Sell an offer or a quote: once for each order id, however often it is sent.

    The same id with the same body again answers 200 with the purchase as it is now. The quote
    of an upgrade ends the order that it replaces at that instant.
    """
    view, created = await purchases.place_purchase(
        db, account_id=account_id, order=body.as_order(), caller=caller
    )
    response.status_code = 201 if created else 200
    return render_purchase(view)


@routes.get(_P, summary="List an account's purchases")
@operation("read", refuses=[InvalidCursor])
async def list_purchases(
    db: RequestDb,
    account_id: AccountId,
    status: Annotated[
        PurchaseStatus | None,
        Query(description="Return only orders of this status, as of now by the clock."),
    ] = None,
    catalog: Annotated[
        Code | None, Query(description="Return only orders of this catalogue, by its code.")
    ] = None,
    plan: Annotated[
        Code | None, Query(description="Return only orders of this plan, by its code.")
    ] = None,
    offer: Annotated[
        Code | None, Query(description="Return only orders of this offer, by its full code.")
    ] = None,
    from_: Annotated[
        Instant | None,
        Query(
            alias="from",
            description="Return only orders that were placed at this instant or after.",
        ),
    ] = None,
    to: Annotated[
        Instant | None,
        Query(description="Return only orders that were placed before this instant."),
    ] = None,
    order: Order = "desc",
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Page[PurchaseWire]:
    """Orders by when they were placed, the newest first; those that fit all that is asked."""
    account = await find_account(db, account_id)
    found = await rows.list_purchases(
        db,
        account_id,
        PurchaseFilter(status, catalog, offer, plan, from_, to),
        after=read_cursor(cursor, datetime, str),
        ascending=order == "asc",
        limit=limit + 1,
    )
    now = db.read_clock()
    sequence = account.sequence
    views = [
        await purchase_views.view_purchase(db, row, now=now, sequence=sequence)
        for row in found[:limit]
    ]
    return Page(
        data=[render_purchase(view) for view in views],
        next_cursor=find_next_cursor(
            found, limit=limit, place=lambda row: (row.created_at, row.order_id)
        ),
    )


@routes.get(_P + "/{order_id}", summary="Read a purchase")
@operation("read", refuses=[PurchaseUnknown])
async def get_purchase(db: RequestDb, account_id: AccountId, order_id: OrderId) -> PurchaseWire:
    """An order as it is now, with its subscription and lots."""
    view = await purchase_views.get_purchase(db, account_id=account_id, order_id=order_id)
    return render_purchase(view)


@routes.post(_P + "/{order_id}/payment", summary="Report a payment", status_code=200)
@operation(
    "purchases:write",
    writes=True,
    optimistic=True,
    refuses=[PurchaseUnknown, PaymentAlreadyReported, PaymentUsed, AtInFuture, *_CANNOT_BEGIN],
)
async def report_payment(
    db: RequestDb,
    caller: RequestCaller,
    account_id: AccountId,
    order_id: OrderId,
    body: PaymentReport,
) -> PurchaseWire:
    """Record the payment of a pending order, whose term begins; the same payment again changes
    nothing.

    A payment that came too late for the order to begin (409) is put on the record, with what of
    it is paid back, by the order's cancellation with its `payment_reference`.
    """
    view = await purchases.report_payment(
        db,
        account_id=account_id,
        order_id=order_id,
        reference=body.reference,
        at=body.at,
        caller=caller,
    )
    return render_purchase(view)
