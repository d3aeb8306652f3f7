"""Balances: what an account has, had, and will have."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import Query
from pydantic import Field

from app.api.http.routing import RequestDb, operation, router
from app.api.http.wire import AccountId, Code, Instant, LastSequence, SiteUrl, reply
from app.domain.coverage.sites import InvalidSite
from app.domain.ledger.balances import NextExpiry
from app.domain.ledger.ledger import Lot, LotSource, UnitTotals
from app.domain.ledger.pools import CapPeriod
from app.services.ledger import balances
from app.services.ledger.balances import BalanceView, SequenceAhead

routes = router("Balance")


@reply
class UnitsWire:
    """Everything the account ever had of a unit, by what has become of it.

    granted = available + held + used + expired + revoked, over the lots that have begun; but what
    is held and used of lots without a count, ended ones too, comes on top: it was never granted.
    """

    granted: int | None
    """Units granted by lots that have begun; null while a lot without a count runs."""
    available: int | None
    """Units free to be drawn; null while a lot without a count runs."""
    held: int
    """Units set aside for tickets that are being worked on."""
    used: int
    """Units taken for good, those of lots without a count among them."""
    expired: int
    """Units lost when the term of their lot ended."""
    revoked: int
    """Units taken back by the seller, as after a cancellation."""
    upcoming: int
    """Units of lots whose term has not begun."""
    unlimited: bool
    """Whether a lot without a count runs now."""


@reply
class LotWire:
    """A lot: units that were granted together, for one term."""

    id: UUID
    """The lot's own id, by which entries name it."""
    catalog: str
    """The catalogue that the lot's plan is of, by its code."""
    plan: str
    """The plan that the lot's units are of, by its code."""
    subscription_id: UUID
    """The subscription that the lot belongs to, by its own id."""
    source: LotSource
    """What the lot came from: an order, a grant, a licence, an agreement, or units granted
    again."""
    order_id: str | None
    """The order that the lot was bought by; null where it was given."""
    origin_lot_id: UUID | None
    """The lot that these units came from, where they were granted again; null otherwise."""
    unit: str
    """The unit that is counted: incident, point or minute."""
    granted: int | None
    """How many units the lot was granted; null: it has no count."""
    available: int | None
    """Units of the lot that are free to be drawn at `as_of`; null: it has no count."""
    held: int
    """Units of the lot that are set aside for tickets."""
    used: int
    """Units of the lot that are taken for good."""
    expired: int
    """Units of the lot that were lost when its term ended."""
    revoked: int
    """Units of the lot that the seller took back."""
    valid_from: Instant
    """The instant from which the lot can be drawn upon."""
    expires_at: Instant | None
    """Until when the lot can be drawn upon, itself excluded; null: it does not end."""
    site: str | None
    """The one store that the lot covers, by its canonical URL; null: account-wide."""


@reply
class CapWire:
    """A limit on the use of units within a week or a month."""

    period: CapPeriod
    """The period that the limit is for: a week, or a month."""
    unit: str
    """The unit that is counted: incident, point or minute."""
    limit: int
    """How many units the period may use."""
    used: int
    """How many units the period has used of its limit."""
    held: int
    """How many more units of the limit are set aside for tickets."""
    resets_at: Instant
    """The instant at which the period ends, and the next one begins."""


@reply
class NextExpiryWire:
    """The next loss of units by the end of a term."""

    at: Instant
    """The instant at which units are lost next, unless they are used."""
    unit: str
    """The unit that is lost: incident, point or minute."""
    amount: int
    """How many units are lost then, as things are now."""


@reply
class BalanceWire:
    """What an account has of units at an instant, as known at a sequence."""

    account_id: str
    """The account, by the seller's own id of the customer."""
    as_of: Instant
    """The instant at which the figures hold."""
    sequence: int
    """The number of the last movement of units that is counted in."""
    units: Annotated[
        dict[str, UnitsWire],
        Field(description="The totals of every lot there ever was, by the unit that it counts."),
    ]
    by_catalog: dict[str, dict[str, UnitsWire]] | None
    """The totals by catalogue and unit; null where all units are of one catalogue."""
    lots: list[LotWire]
    """The lots whose term has not ended, and ended ones that still hold units, in burn order."""
    caps: list[CapWire]
    """The limits on use within a week or a month that hold at `as_of`."""
    next_expiry: NextExpiryWire | None
    """The next loss of units by the end of a term; null where none is to come."""


@routes.get("/v1/accounts/{account_id}/balance", summary="Read the balance")
@operation("read", refuses=[SequenceAhead, InvalidSite], brief=True)
async def get_balance(
    db: RequestDb,
    account_id: AccountId,
    at: Annotated[
        Instant | None,
        Query(
            description="The instant of the balance; default now, or when the movement `sequence`"
            " was."
        ),
    ] = None,
    sequence: LastSequence = None,
    catalog: Annotated[
        Code | None, Query(description="Count only units of this catalogue, by its code.")
    ] = None,
    site: Annotated[
        SiteUrl | None, Query(description="Count only lots of this store, by its URL.")
    ] = None,
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
    """Return the totals of each unit, with no number where a lot without a count runs."""
    return {unit: _render_totals(total) for unit, total in units.items()}


def _render_totals(total: UnitTotals) -> UnitsWire:
    counted = not total.unlimited
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
        units=render_units(view.units),
        by_catalog={code: render_units(units) for code, units in view.by_catalog.items()}
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
