"""Purchases: an order, under the storefront's own id, and what it gives once it is paid."""

from typing import Annotated, Literal

from fastapi import Path, Response
from pydantic import Field

from app.api.balances import LotWire, show_lot
from app.api.routing import RequestCaller, RequestDb, operation, router
from app.api.subscription_shapes import SubscriptionWire, show_subscription
from app.api.wire import (
    ID_PATTERN,
    AccountId,
    Code,
    Cursor,
    Instant,
    InvalidCursor,
    Limit,
    MoneyWire,
    Page,
    Reference,
    SiteUrl,
    Wire,
    read_cursor,
    write_cursor,
)
from app.db import purchases as rows
from app.db.accounts import find_account
from app.db.purchases import PurchaseUnknown
from app.domain.occurrences import AtInFuture
from app.domain.selling import InvalidContract, QuoteRequired, SiteRequired, TotalDiffers
from app.domain.sites import InvalidSite
from app.services import purchases
from app.services.purchases import (
    OfferUnknown,
    PaymentAlreadyReported,
    PurchaseCancelled,
    PurchaseOrder,
    PurchaseView,
    SiteAlreadyCovered,
    StartsInPast,
)
from app.services.repeats import AlreadyExists

routes = router("Purchases")

OrderId = Annotated[
    str, Path(pattern=ID_PATTERN, description="The order: the storefront's own id of it.")
]
_P = "/v1/accounts/{account_id}/purchases"


class PaymentOrder(Wire):
    """How an order is paid."""

    status: Literal["paid", "pending"]
    """Pending gives nothing yet: the term begins at the payment."""
    reference: Reference | None = None
    """The payment's own reference, or the proof of what includes the offer."""


class PurchasePlacing(Wire):
    """An order to be recorded, under the storefront's own id."""

    order_id: Annotated[str, Field(pattern=ID_PATTERN, examples=["SO-77"])]
    """The storefront's own id of it."""
    offer: Annotated[Code, Field(examples=["livecart.express-1y"])]
    """What is bought."""
    quantity: Annotated[int, Field(ge=1, le=1_000, strict=True)] = 1
    """How many of it; it multiplies the lot."""
    contract_months: Annotated[int | None, Field(ge=1, le=120, strict=True)] = None
    """The length of the contract; a whole number of the offer's terms."""
    site: SiteUrl | None = None
    """The store it is for, where the offer covers one."""
    starts: Literal["now", "after_current"] | Instant = "now"
    """When the term begins: now, after the present one, or at an instant."""
    expected_total: MoneyWire | None = None
    """What the shop showed; another total is refused."""
    payment: PaymentOrder
    """How it is paid."""
    at: Instant | None = None
    """When it was bought; default now."""

    def as_order(self) -> PurchaseOrder:
        """Return the order as a value."""
        expected = self.expected_total
        return PurchaseOrder(
            order_id=self.order_id,
            offer=self.offer,
            quantity=self.quantity,
            contract_months=self.contract_months,
            site=self.site,
            starts=self.starts,
            expected_total=None if expected is None else expected.as_money(),
            paid=self.payment.status == "paid",
            payment_reference=self.payment.reference,
            at=self.at,
            document=self.model_dump(mode="json"),
        )


class PaymentReport(Wire):
    """The payment of a pending order."""

    reference: Reference
    """The payment's own reference; the same one again is the same payment."""
    at: Instant | None = None
    """When it was paid; default now."""


class LineWire(Wire):
    """One line of an order."""

    text: str
    """What it is."""
    quantity: int
    """How many."""
    unit_amount: int
    """The price of one, in minor units; negative for a discount."""
    amount: int
    """The line's amount, in minor units."""


class PurchaseWire(Wire):
    """An order, and what it gives."""

    order_id: str
    """The storefront's own id of it."""
    account_id: str
    """The customer."""
    status: Literal["pending", "active", "ended", "cancelled"]
    """Not paid, running or to come, over, or cancelled."""
    offer: str
    """What was bought."""
    catalog: str
    """Of which catalogue."""
    catalog_version: int
    """On which version of the terms."""
    quantity: int
    """How many."""
    contract_months: int | None
    """The length of the contract."""
    site: str | None
    """The store it is for, in canonical form."""
    lines: list[LineWire]
    """How the total comes about."""
    total: MoneyWire
    """What it costs."""
    payment_reference: str | None
    """The payment's own reference."""
    paid_at: Instant | None
    """When it was paid."""
    subscription: SubscriptionWire | None
    """What it gives; null while pending."""
    lots: list[LotWire]
    """The units it gives, all of them known at the sale."""
    sequence: int
    """The number of the last movement of the account's units."""


@routes.post(_P, summary="Record a purchase", status_code=201)
@operation(
    "purchases:write",
    writes=True,
    refuses=[
        AlreadyExists,
        OfferUnknown,
        QuoteRequired,
        SiteRequired,
        InvalidSite,
        InvalidContract,
        TotalDiffers,
        SiteAlreadyCovered,
        StartsInPast,
        AtInFuture,
    ],
)
async def place_purchase(
    db: RequestDb,
    caller: RequestCaller,
    account_id: AccountId,
    body: PurchasePlacing,
    response: Response,
) -> PurchaseWire:
    """Sell an offer: once for each order id, however often it is sent.

    The same id with the same body again answers 200 with the purchase as it is now.
    """
    view, created = await purchases.place_purchase(
        db, account_id=account_id, order=body.as_order(), caller=caller
    )
    response.status_code = 201 if created else 200
    return _show(view)


@routes.get(_P, summary="List an account's purchases")
@operation("read", refuses=[InvalidCursor])
async def list_purchases(
    db: RequestDb, account_id: AccountId, limit: Limit = 50, cursor: Cursor = None
) -> Page[PurchaseWire]:
    """Orders by their ids."""
    await find_account(db, account_id)
    after = read_cursor(cursor, str)
    found = await rows.list_purchases(
        db, account_id, after=after[0] if after else "", limit=limit + 1
    )
    page = found[:limit]
    now = db.read_clock()
    return Page(
        data=[_show(await purchases.view_purchase(db, row, now=now)) for row in page],
        next_cursor=write_cursor(page[-1]["order_id"]) if len(found) > limit else None,
    )


@routes.get(_P + "/{order_id}", summary="Read a purchase")
@operation("read", refuses=[PurchaseUnknown])
async def get_purchase(db: RequestDb, account_id: AccountId, order_id: OrderId) -> PurchaseWire:
    """An order as it is now, with its subscription and lots."""
    return _show(await purchases.get_purchase(db, account_id=account_id, order_id=order_id))


@routes.post(_P + "/{order_id}/payment", summary="Report a payment", status_code=200)
@operation(
    "purchases:write",
    writes=True,
    refuses=[
        PurchaseUnknown,
        PurchaseCancelled,
        PaymentAlreadyReported,
        SiteAlreadyCovered,
        AtInFuture,
    ],
)
async def report_payment(
    db: RequestDb,
    caller: RequestCaller,
    account_id: AccountId,
    order_id: OrderId,
    body: PaymentReport,
) -> PurchaseWire:
    """Begin a pending order's term; the same payment reported again changes nothing."""
    view = await purchases.report_payment(
        db,
        account_id=account_id,
        order_id=order_id,
        reference=body.reference,
        at=body.at,
        caller=caller,
    )
    return _show(view)


def _show(view: PurchaseView) -> PurchaseWire:
    row = view.row
    subscription = view.subscription
    status = row["status"]
    if status == "active" and subscription is not None and subscription.ends_at is not None:
        status = "ended" if subscription.ends_at <= view.now else "active"
    return PurchaseWire(
        order_id=row["order_id"],
        account_id=row["account_id"],
        status=status,
        offer=row["offer"],
        catalog=row["catalog"],
        catalog_version=row["catalog_version"],
        quantity=row["quantity"],
        contract_months=row["contract_months"],
        site=row["site"],
        lines=[LineWire(**line) for line in row["terms"]["lines"]],
        total=MoneyWire(amount=row["total_amount"], currency=row["total_currency"]),
        payment_reference=row["payment_reference"],
        paid_at=row["paid_at"],
        subscription=None if subscription is None else show_subscription(subscription, at=view.now),
        lots=[show_lot(lot, view.now) for lot in view.lots],
        sequence=view.sequence,
    )
