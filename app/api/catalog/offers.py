"""Offers: what a shop can sell, and for how much."""

from typing import Annotated

from fastapi import Query

from app.api.catalog.offer_shapes import OfferWire, render_offer
from app.api.http.routing import RequestDb, operation, router
from app.api.http.wire import Code, Cursor, InvalidCursor, Limit, Page, read_cursor, write_cursor
from app.db.catalog.catalogs import CatalogUnknown
from app.domain.catalog.amounts import Unit
from app.services.catalog import offers

routes = router("Offers")


@routes.get("/v1/offers", summary="List what can be sold")
@operation(None, refuses=[CatalogUnknown, InvalidCursor], published=True)
async def list_offers(
    db: RequestDb,
    catalog: Annotated[
        Code | None, Query(description="Return only offers of this catalogue, by its code.")
    ] = None,
    plan: Annotated[
        Code | None, Query(description="Return only offers of this plan, by its code.")
    ] = None,
    currency: Annotated[
        str | None,
        Query(
            pattern="^[A-Z]{3}$",
            description="Return only offers with a price in this currency, by its ISO 4217 code.",
        ),
    ] = None,
    unit: Annotated[
        Unit | None, Query(description="Return only offers that are counted in this unit.")
    ] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Page[OfferWire]:
    """Every offer of every catalogue's newest version, flat, with the seller's own numbers."""
    found = await offers.list_offers(db, catalog=catalog, plan=plan, currency=currency, unit=unit)
    after = read_cursor(cursor, int)
    first = after[0] if after else 0
    page = found[first : first + limit]
    more = first + limit < len(found)
    return Page(
        data=[render_offer(terms, offer) for terms, offer in page],
        next_cursor=write_cursor(first + limit) if more else None,
    )
