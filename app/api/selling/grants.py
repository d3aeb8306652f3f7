"""Grants: units given by hand, with a reason and whoever decided it."""

from typing import Annotated

from fastapi import Response
from pydantic import Field

from app.api.http.routing import RequestCaller, RequestDb, operation, router
from app.api.http.wire import (
    LARGEST_AMOUNT,
    AccountId,
    Code,
    Instant,
    LongText,
    Reference,
    Text,
    Wire,
)
from app.api.ledger.balances import LotWire, render_lot
from app.api.selling.subscription_shapes import SubscriptionWire, render_subscription
from app.db.catalog.catalogs import CatalogUnknown
from app.domain.catalog.amounts import Unit
from app.domain.catalog.regions import RegionRequired
from app.domain.coverage.requests import UnknownPlan
from app.domain.time.backdating import AtInFuture
from app.services.access.repeats import AlreadyExists
from app.services.selling import grants
from app.services.selling.grants import (
    EndsInPast,
    GrantOrder,
    GrantView,
    PlanRequired,
    UnitMismatch,
)

routes = router("Grants")


class Grant(Wire):
    """Units to be given by hand."""

    reference: Reference
    """Gives them once, however often it is sent."""
    catalog: Code
    """The catalogue that it is of."""
    plan: Code | None = None
    """Of which plan; may be left out where the catalogue has one."""
    unit: Unit
    """What is counted: the plan's unit."""
    amount: Annotated[int, Field(ge=1, le=LARGEST_AMOUNT, strict=True, examples=[5])]
    """How many units are granted."""
    expires_at: Instant | None = None
    """Until when; left out, as the catalogue says."""
    at: Instant | None = None
    """At which instant; default now."""
    reason: LongText
    """Why this is done, kept on the record."""
    actor: Text
    """Who decided it, as the caller names them."""

    def as_order(self) -> GrantOrder:
        """Return the grant as a value."""
        return GrantOrder(
            reference=self.reference,
            catalog=self.catalog,
            plan=self.plan,
            unit=self.unit,
            amount=self.amount,
            expires_at=self.expires_at,
            at=self.at,
            reason=self.reason,
            actor=self.actor,
            document=self.model_dump(mode="json"),
        )


class GrantWire(Wire):
    """Units given by hand."""

    reference: str
    """The reference of the grant."""
    subscription: SubscriptionWire
    """The plan that they are of."""
    lots: list[LotWire]
    """The units that were granted."""
    sequence: int
    """The number of the last movement of the account's units."""


@routes.post("/v1/accounts/{account_id}/grants", summary="Give units by hand", status_code=201)
@operation(
    "ledger:write",
    writes=True,
    refuses=[
        AlreadyExists,
        CatalogUnknown,
        PlanRequired,
        UnknownPlan,
        UnitMismatch,
        EndsInPast,
        RegionRequired,
        AtInFuture,
    ],
)
async def grant_units(
    db: RequestDb,
    caller: RequestCaller,
    account_id: AccountId,
    body: Grant,
    response: Response,
) -> GrantWire:
    """Give units of a plan, with a reason; the same reference again gives nothing more."""
    view, created = await grants.grant_units(
        db, account_id=account_id, order=body.as_order(), caller=caller
    )
    response.status_code = 201 if created else 200
    return _render(view)


def _render(view: GrantView) -> GrantWire:
    return GrantWire(
        reference=view.reference,
        subscription=render_subscription(view.subscription, at=view.now),
        lots=[render_lot(lot, view.now) for lot in view.lots],
        sequence=view.sequence,
    )
