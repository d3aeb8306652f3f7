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
    """A grant: units to be given by hand, for a plan."""

    reference: Reference
    """The caller's own reference of the grant: sent again, the units are given once."""
    catalog: Code
    """The catalogue that the units are of, by its code."""
    plan: Code | None = None
    """The plan that the units are of, by its code; may be left out where the catalogue has one."""
    unit: Unit
    """The unit that the plan counts: incident, point or minute."""
    amount: Annotated[int, Field(ge=1, le=LARGEST_AMOUNT, strict=True, examples=[5])]
    """How many units are granted, 1 at least."""
    expires_at: Instant | None = None
    """Until when the units can be used, itself excluded; left out, as the catalogue says."""
    at: Instant | None = None
    """The instant at which the units are given; default now."""
    reason: LongText
    """Why the units are given, for the record."""
    actor: Text
    """Who decided on the grant, as the caller names them."""

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
    """Units that were given by hand, with the subscription that they made."""

    reference: str
    """The caller's own reference of the grant."""
    subscription: SubscriptionWire
    """The subscription of the plan that the units are of."""
    lots: list[LotWire]
    """The lots that the units are in."""
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
