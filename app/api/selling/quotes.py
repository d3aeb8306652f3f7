"""Quotes: prices promised until a date, bought once."""

from typing import Annotated
from uuid import UUID

from fastapi import Path, Query

from app.api.http.paging import cut_page
from app.api.http.routing import RequestCaller, RequestDb, operation, router
from app.api.http.wire import (
    AccountId,
    Code,
    Cursor,
    InvalidCursor,
    Limit,
    Order,
    Page,
    read_cursor,
)
from app.api.selling.quote_shapes import QuoteRequest, QuoteWire, render_quote
from app.db.accounts.accounts import find_account
from app.db.selling import quotes as rows
from app.db.selling.quotes import QuoteUnknown
from app.domain.catalog.regions import RegionRequired, UnknownRegion
from app.domain.coverage.sites import InvalidSite
from app.domain.selling.needs import PlanNeeded
from app.domain.selling.offer_prices import CurrencyDiffers, NoShareOfPrice, ShareNotNamed
from app.domain.selling.selling import (
    AllowanceNotCounted,
    InvalidContract,
    QuantityNotOne,
    QuoteIncomplete,
    SiteRequired,
    TotalTooLarge,
)
from app.services.catalog.offers import OfferUnknown
from app.services.selling import quotes
from app.services.selling.quotes import InvalidValidity, QuoteView

routes = router("Quotes")

QuoteId = Annotated[
    UUID, Path(description="The quote, by the id that it was given when it was made.")
]
_Q = "/v1/accounts/{account_id}/quotes"


@routes.post(_Q, summary="Draw up a quote", status_code=201)
@operation(
    "purchases:write",
    writes=True,
    refuses=[
        OfferUnknown,
        QuoteIncomplete,
        AllowanceNotCounted,
        CurrencyDiffers,
        QuantityNotOne,
        ShareNotNamed,
        NoShareOfPrice,
        TotalTooLarge,
        PlanNeeded,
        InvalidContract,
        InvalidValidity,
        SiteRequired,
        InvalidSite,
        UnknownRegion,
        RegionRequired,
    ],
)
async def draw_up_quote(
    db: RequestDb, caller: RequestCaller, account_id: AccountId, body: QuoteRequest
) -> QuoteWire:
    """Promise a price until a date: lines, discounts and terms are frozen.

    Offers without a published price, or without a published allowance, are sold this way only.
    A discount is rounded half up to a minor unit, line by line.
    """
    view = await quotes.draw_up_quote(
        db, account_id=account_id, order=body.as_order(), caller=caller
    )
    return render_quote(view)


@routes.get(_Q, summary="List an account's quotes")
@operation("read", refuses=[InvalidCursor])
async def list_quotes(
    db: RequestDb,
    account_id: AccountId,
    catalog: Annotated[
        Code | None, Query(description="Return only quotes of this catalogue, by its code.")
    ] = None,
    order: Order = "desc",
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Page[QuoteWire]:
    """Quotes by when they were made, bought and expired ones too."""
    await find_account(db, account_id)
    found = await rows.list_quotes(
        db,
        account_id,
        after=read_cursor(cursor, UUID),
        ascending=order == "asc",
        limit=limit + 1,
        catalog=catalog,
    )
    now = db.read_clock()
    return cut_page(
        found,
        limit=limit,
        place=lambda row: (row.quote_id,),
        render=lambda row: render_quote(QuoteView(row, now)),
    )


@routes.get(_Q + "/{quote_id}", summary="Read a quote")
@operation("read", refuses=[QuoteUnknown])
async def get_quote(db: RequestDb, account_id: AccountId, quote_id: QuoteId) -> QuoteWire:
    """A quote, and whether it can still be bought."""
    return render_quote(await quotes.get_quote(db, account_id=account_id, quote_id=quote_id))
