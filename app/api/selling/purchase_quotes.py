"""Quotes of changes of an order: a better plan in its place, or more of the same."""

from typing import Annotated

from pydantic import Field

from app.api.http.routing import RequestCaller, RequestDb, operation, router
from app.api.http.wire import AccountId, Code, Instant, SiteUrl, Wire
from app.api.selling.purchase_shapes import ContractMonths, OrderId, Quantity, ShareOf, drop_absent
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
from app.domain.selling.cancellations import PurchaseCancelled, PurchaseEnded, PurchasePending
from app.domain.selling.offer_prices import CurrencyDiffers, NoShareOfPrice, ShareNotNamed
from app.domain.selling.selling import (
    AllowanceNotCounted,
    InvalidContract,
    QuantityNotOne,
    QuoteIncomplete,
    SiteRequired,
    TotalTooLarge,
)
from app.domain.selling.upgrades import NotAnUpgrade
from app.domain.time.instants import InstantOutOfRange
from app.services.catalog.offers import OfferUnknown
from app.services.selling import quotes
from app.services.selling.quotes import InvalidValidity, QuoteOrder

routes = router("Purchases")

_O = "/v1/accounts/{account_id}/purchases/{order_id}"
_Q = "/v1/accounts/{account_id}/quotes/{quote_id}"


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
    share_of: ShareOf | None = None
    """The amount that the price is a share of, where the offer's is one, such as what the licence
    costs."""
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
            document=drop_absent(self.model_dump(mode="json"), "share_of"),
            share_of=None if self.share_of is None else self.share_of.as_money(),
        )


class AdditionRequest(Wire):
    """How many more of an order are to be quoted, for the rest of its term."""

    quantity: Quantity
    """How many more, of what the order's offer is sold by, such as sockets."""
    valid_until: Instant | None = None
    """Until when the quote holds: 7 days at most, the default, and never beyond the term."""


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
        Raised,
        RaisesAnother,
        QuoteIncomplete,
        AllowanceNotCounted,
        CurrencyDiffers,
        QuantityNotOne,
        ShareNotNamed,
        NoShareOfPrice,
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
