"""Licences: software that a customer has bought, and what the first of it brings."""

from datetime import datetime
from typing import Annotated

from fastapi import Query, Response
from pydantic import Field

from app.api.http.paging import cut_page
from app.api.http.routing import RequestCaller, RequestDb, operation, router
from app.api.http.wire import (
    AccountId,
    Code,
    Cursor,
    Id,
    Instant,
    InvalidCursor,
    Limit,
    Order,
    Page,
    Text,
    Wire,
    read_cursor,
)
from app.api.ledger.balances import LotWire, render_lot
from app.api.selling.purchase_shapes import drop_absent
from app.api.selling.subscription_shapes import SubscriptionWire, render_subscription
from app.db.catalog.catalogs import CatalogUnknown
from app.domain.catalog.regions import RegionRequired
from app.services.access.repeats import AlreadyExists
from app.services.selling import licences
from app.services.selling.licences import LicenceOrder, LicenceView

routes = router("Licences")

_LICENSES = "/v1/accounts/{account_id}/licenses"


class Licence(Wire):
    """A software licence that the customer has bought."""

    license_id: Annotated[Id, Field(examples=["LIC-7731"])]
    """The licence, by the storefront's own id."""
    catalog: Annotated[Code, Field(examples=["xcart-points"])]
    """The catalogue whose free units the customer's first licence brings, by its code."""
    product: Annotated[Text, Field(examples=["X-Cart Gold"])]
    """The product that was licensed, as people read it."""
    at: Instant | None = None
    """The instant at which the licence was bought, from which its free units run; default now."""


class LicenceWire(Wire):
    """A software licence that was registered, and the units that it brought."""

    license_id: str
    """The licence, by the storefront's own id."""
    catalog: str
    """The catalogue that the licence was registered for, by its code."""
    product: str
    """The product that was licensed, as people read it."""
    registered_at: Instant
    """The instant at which the licence was registered."""
    subscription: SubscriptionWire | None
    """The subscription that the licence brought; null: it was not the first, or nothing is
    given."""
    lots: list[LotWire]
    """The lots of units that the licence brought; empty where it brought none."""
    sequence: int
    """The number of the last movement of the account's units."""


@routes.post(_LICENSES, summary="Register a licence", status_code=201)
@operation("purchases:write", writes=True, refuses=[AlreadyExists, CatalogUnknown, RegionRequired])
async def register_licence(
    db: RequestDb,
    caller: RequestCaller,
    account_id: AccountId,
    body: Licence,
    response: Response,
) -> LicenceWire:
    """Register a software licence; a customer's first for a catalogue brings free units, once."""
    order = LicenceOrder(
        license_id=body.license_id,
        catalog=body.catalog,
        product=body.product,
        at=body.at,
        document=drop_absent(body.model_dump(mode="json"), "at"),
    )
    view, created = await licences.register_licence(
        db, account_id=account_id, order=order, caller=caller
    )
    response.status_code = 201 if created else 200
    return _render(view)


@routes.get(_LICENSES, summary="List an account's licences")
@operation("read", refuses=[InvalidCursor])
async def list_licences(
    db: RequestDb,
    account_id: AccountId,
    catalog: Annotated[
        Code | None,
        Query(
            description="Return only licences that were registered for this catalogue, by its code."
        ),
    ] = None,
    order: Order = "desc",
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Page[LicenceWire]:
    """Licences by when they were registered, with what each brought."""
    found = await licences.list_licences(
        db,
        account_id=account_id,
        after=read_cursor(cursor, datetime, str),
        ascending=order == "asc",
        limit=limit + 1,
        catalog=catalog,
    )
    return cut_page(
        found,
        limit=limit,
        place=lambda view: (view.licence.created_at, view.licence.license_id),
        render=_render,
    )


def _render(view: LicenceView) -> LicenceWire:
    return LicenceWire(
        license_id=view.licence.license_id,
        catalog=view.licence.catalog,
        product=view.licence.product,
        registered_at=view.licence.created_at,
        subscription=view.subscription and render_subscription(view.subscription, at=view.now),
        lots=[render_lot(lot, view.now) for lot in view.lots],
        sequence=view.sequence,
    )
