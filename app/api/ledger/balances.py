"""Balances: what an account has, had, and will have."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import Query
from pydantic import Field

from app.api.http.routing import RequestDb, operation, router
from app.api.http.wire import AccountId, Code, Instant, SiteUrl, Wire, reply
from app.domain.coverage.sites import InvalidSite
from app.domain.ledger.balances import NextExpiry
from app.domain.ledger.ledger import Lot, LotSource, UnitTotals
from app.domain.ledger.pools import CapPeriod
from app.services.ledger import balances
from app.services.ledger.balances import BalanceView, SequenceAhead

routes = router("Balance")


class UnitsWire(Wire):
    """Everything the account ever had of a unit, by what has become of it.

    granted = available + held + used + expired + revoked, over the lots that have begun; but what
    is held and used of lots without a count, ended ones too, comes on top: it was never granted.
    """

    granted: int | None
    """Given so far, by lots that have begun; null in a balance while one without a count runs."""
    available: int | None
    """Free to be drawn now; null in a balance while a lot without a count runs."""
    held: int
    """Set aside for tickets being worked on."""
    used: int
    """Taken for good; of unlimited lots too."""
    expired: int
    """Lost when a term ended."""
    revoked: int
    """Taken back by the seller."""
    upcoming: int
    """Given by lots that have not begun."""
    unlimited: bool
    """Whether a lot without a count runs now."""


@reply
class LotWire:
    """Units that were granted together."""

    id: UUID
    """The lot's own id."""
    catalog: str
    """Only those of this catalogue."""
    plan: str
    """Only those of this plan."""
    subscription_id: UUID
    """The subscription it belongs to."""
    source: LotSource
    """Where it came from."""
    order_id: str | None
    """The order it was bought by."""
    origin_lot_id: UUID | None
    """For units granted again: the lot that they came from."""
    unit: str
    """The unit that is counted: incident, point or minute."""
    granted: int | None
    """Null: without a count."""
    available: int | None
    """Free to be drawn at `as_of`; null: without a count."""
    held: int
    """Set aside for tickets."""
    used: int
    """How many units are taken for good."""
    expired: int
    """Lost when its term ended."""
    revoked: int
    """Taken back by the seller."""
    valid_from: Instant
    """From when it can be drawn upon."""
    expires_at: Instant | None
    """Until when, itself excluded; null: it does not end."""
    site: str | None
    """The one store it covers; null: account-wide."""


@reply
class CapWire:
    """A limit on use within a period."""

    period: CapPeriod
    """What it is a limit for."""
    unit: str
    """The unit that is counted: incident, point or minute."""
    limit: int
    """How much may be used in the period."""
    used: int
    """How much of that is used."""
    held: int
    """How much more is set aside."""
    resets_at: Instant
    """When the period ends."""


@reply
class NextExpiryWire:
    """The next loss of units by the end of a term."""

    at: Instant
    """When units are lost next."""
    unit: str
    """The unit that it is of."""
    amount: int
    """How many, as things are."""


@reply
class BalanceWire:
    """What an account has at an instant, as known at a sequence."""

    account_id: str
    """The customer, by the seller's own id."""
    as_of: Instant
    """The instant that the figures are of."""
    sequence: int
    """The number of the last movement counted in."""
    units: Annotated[dict[str, UnitsWire], Field(description="Totals of every lot there ever was.")]
    by_catalog: dict[str, dict[str, UnitsWire]] | None
    """The same by catalogue, where they are of several; null where they are of one."""
    lots: list[LotWire]
    """Lots whose term has not ended, and ended ones that still hold, in burn order."""
    caps: list[CapWire]
    """Limits on use within a period."""
    next_expiry: NextExpiryWire | None
    """What is lost next."""


@routes.get("/v1/accounts/{account_id}/balance", summary="Read the balance")
@operation("read", refuses=[SequenceAhead, InvalidSite], brief=True)
async def get_balance(
    db: RequestDb,
    account_id: AccountId,
    at: Annotated[
        Instant | None,
        Query(description="At this instant; default now, or when the movement `sequence` was."),
    ] = None,
    sequence: Annotated[
        int | None,
        Query(ge=0, le=2**62, description="Of the movements up to this number."),
    ] = None,
    catalog: Annotated[Code | None, Query(description="Of this catalogue only.")] = None,
    site: Annotated[SiteUrl | None, Query(description="Of this store's lots only.")] = None,
) -> BalanceWire:
    """What is there, held, used and gone, exact at any instant, past or future.

    With `sequence` the same question has the same answer for ever.
    """
    return _render(
        await balances.read_balance(
            db, account_id=account_id, at=at, sequence=sequence, catalog=catalog, site=site
        )
    )


def render_units(units: Mapping[str, UnitTotals]) -> dict[str, UnitsWire]:
    """Return the totals of each unit as on the wire."""
    return {unit: _render_totals(total, counted=True) for unit, total in units.items()}


def _render_units(units: Mapping[str, UnitTotals]) -> dict[str, UnitsWire]:
    """Return the totals of each unit with no number where a lot without a count runs."""
    return {
        unit: _render_totals(total, counted=not total.unlimited) for unit, total in units.items()
    }


def _render_totals(total: UnitTotals, *, counted: bool) -> UnitsWire:
    return UnitsWire(
        granted=total.granted if counted else None,
        available=total.available if counted else None,
        held=total.held,
        used=total.used,
        expired=total.expired,
        revoked=total.revoked,
        upcoming=total.upcoming,
        unlimited=total.unlimited,
    )


def render_lot(lot: Lot, at: datetime) -> LotWire:
    """Return a lot as it is on the wire, at an instant."""
    return LotWire(
        id=lot.lot_id,
        catalog=lot.catalog,
        plan=lot.plan,
        subscription_id=lot.subscription_id,
        source=lot.source,
        order_id=lot.order_id,
        origin_lot_id=lot.origin_lot_id,
        unit=lot.unit,
        granted=lot.granted,
        available=None if lot.granted is None else lot.available(at),
        held=lot.held,
        used=lot.used,
        expired=(lot.free or 0) if lot.has_ended(at) else 0,
        revoked=lot.revoked,
        valid_from=lot.valid_from,
        expires_at=lot.expires_at,
        site=lot.site,
    )


def _render(view: BalanceView) -> BalanceWire:
    expiry = view.next_expiry
    return BalanceWire(
        account_id=view.account_id,
        as_of=view.as_of,
        sequence=view.sequence,
        units=_render_units(view.units),
        by_catalog={code: _render_units(units) for code, units in view.by_catalog.items()}
        if len(view.by_catalog) > 1
        else None,
        lots=[render_lot(lot, view.as_of) for lot in view.lots],
        caps=[
            CapWire(
                period=cap.period,
                unit="minute",
                limit=cap.limit,
                used=cap.used,
                held=cap.held,
                resets_at=cap.resets_at,
            )
            for cap in view.caps
        ],
        next_expiry=None if expiry is None else _render_expiry(expiry),
    )


def _render_expiry(expiry: NextExpiry) -> NextExpiryWire:
    return NextExpiryWire(at=expiry.at, unit=expiry.unit, amount=expiry.amount)
