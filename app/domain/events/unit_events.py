"""Events of units: low and exhausted pools, fair use, and lots that expire."""

from datetime import datetime
from uuid import UUID

from app.domain.catalog.amounts import Unit
from app.domain.events.event_data import EventData
from app.domain.events.notices import LotEventType, LowBalanceEventType, UsableUnits
from app.domain.ledger.ledger import Lot


class PoolData(EventData, kw_only=True):
    """A pool: the lots of one plan of one catalogue for one site."""

    catalog: str
    """The catalogue that the pool's units are of, by its code."""
    plan: str
    """The plan that the pool's units are of, by its code in the catalogue."""
    site: str | None
    """The one store that the pool covers, by its canonical URL; null: account-wide."""
    subscription_id: UUID
    """The subscription whose terms the pool has: that of the lot drawn upon first."""
    unit: Unit
    """The unit that the pool counts: incident, point or minute."""


class LowBalanceData(PoolData, kw_only=True):
    """What is left of a pool."""

    available: int
    """How many units of the pool can be used now."""
    granted: int
    """How many units the pool's present lots were granted together."""
    sequence: int
    """The number of the last movement of the account's units."""


class UnitsLowData(LowBalanceData, kw_only=True):
    """A pool came down to a fifth of what its lots were granted, rounded down, or to less."""


class UnitsExhaustedData(LowBalanceData, kw_only=True):
    """The last units of a pool were taken; where this is said, `units.low` is not said as well."""


class FairUsePassedData(PoolData, kw_only=True):
    """A lot without a count was used as often within a month as its plan calls fair."""

    lot_id: UUID
    """The lot without a count that was used."""
    used: int
    """How often the lot was used within the month."""
    fair_use: int
    """The number of uses in a month that the plan calls fair."""
    from_: datetime
    """The instant at which the month began, counted from the beginning of the lot."""
    until: datetime
    """The instant at which the month ends, itself excluded."""
    sequence: int
    """The number of the last movement of the account's units."""


class LotData(PoolData, kw_only=True):
    """Units of one lot."""

    lot_id: UUID
    """The lot whose units expire, by its own id."""
    order_id: str | None
    """The order that gave the lot; null where none did."""
    amount: int
    """How many units of the lot are free, or were at its end; those held can still be used."""
    expires_at: datetime
    """The instant at which the lot's term ends."""
    sequence: int
    """The number of the last movement of the account's units."""


class UnitsExpiringData(LotData, kw_only=True):
    """Units will expire within two weeks."""


class UnitsExpiredData(LotData, kw_only=True):
    """Units that were left over have expired."""


_LOW_BALANCES: dict[LowBalanceEventType, type[LowBalanceData]] = {
    "units.low": UnitsLowData,
    "units.exhausted": UnitsExhaustedData,
}
_LOTS: dict[LotEventType, type[LotData]] = {
    "units.expiring": UnitsExpiringData,
    "units.expired": UnitsExpiredData,
}


def describe_low_balance(
    type_: LowBalanceEventType, terms_of: Lot, balance: UsableUnits, *, sequence: int
) -> LowBalanceData:
    """Return what is left of a pool; `terms_of` is the lot whose subscription's terms hold."""
    return _LOW_BALANCES[type_](
        catalog=terms_of.catalog,
        plan=terms_of.plan,
        site=terms_of.site,
        subscription_id=terms_of.subscription_id,
        unit=terms_of.unit,
        available=balance.free,
        granted=balance.granted,
        sequence=sequence,
    )


def describe_fair_use(
    lot: Lot, *, used: int, fair_use: int, month: tuple[datetime, datetime], sequence: int
) -> FairUsePassedData:
    """Return how often a lot without a count was used within one month of its term."""
    starts_at, ends_at = month
    return FairUsePassedData(
        catalog=lot.catalog,
        plan=lot.plan,
        site=lot.site,
        subscription_id=lot.subscription_id,
        unit=lot.unit,
        lot_id=lot.lot_id,
        used=used,
        fair_use=fair_use,
        from_=starts_at,
        until=ends_at,
        sequence=sequence,
    )


def describe_expiry(type_: LotEventType, lot: Lot, *, amount: int, sequence: int) -> LotData:
    """Return a lot with so many free units that expire, or have expired."""
    if lot.expires_at is None:
        raise ValueError("a lot without an end does not expire")
    return _LOTS[type_](
        catalog=lot.catalog,
        plan=lot.plan,
        site=lot.site,
        subscription_id=lot.subscription_id,
        unit=lot.unit,
        lot_id=lot.lot_id,
        order_id=lot.order_id,
        amount=amount,
        expires_at=lot.expires_at,
        sequence=sequence,
    )
