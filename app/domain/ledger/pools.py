"""Pools: the lots of one plan of one catalogue for one site, and the terms that they carry."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Literal, NamedTuple
from uuid import UUID

from app.domain.catalog.amounts import Unit
from app.domain.catalog.catalogs import Catalog
from app.domain.catalog.plans import Plan
from app.domain.ledger.burn_order import burn_key
from app.domain.ledger.ledger import Lot
from app.domain.values import Value

SubscriptionSource = Literal["purchase", "grant", "licence"]


SubscriptionStatus = Literal["upcoming", "active", "suspended", "ended"]
CapPeriod = Literal["week", "month"]


class Subscription(Value):
    """A plan over a half-open term, pinned to the version of the catalogue it was sold under.

    `anchor_at` is from where its months are counted; None: from its start. `region` is the
    customer's, by whose calendars its hours go.
    """

    subscription_id: UUID
    source: SubscriptionSource
    order_id: str | None
    catalog: str
    catalog_version: int
    plan: str
    site: str | None
    unit: Unit
    starts_at: datetime
    ends_at: datetime | None
    suspended_at: datetime | None
    extra_calendars: tuple[str, ...]
    version: int
    created_at: datetime
    quantity: int = 1
    anchor_at: datetime | None = None
    region: str | None = None

    @property
    def pool(self) -> "PoolKey":
        """The pool that its lots belong to."""
        return PoolKey(self.catalog, self.plan, self.site, self.unit, self.region)

    @property
    def anchor(self) -> datetime:
        """From where its months are counted."""
        return self.anchor_at or self.starts_at

    def status_at(self, at: datetime) -> SubscriptionStatus:
        """Return how it stands at `at`; what was cancelled before it began has ended."""
        if self.ends_at is not None and self.ends_at <= max(at, self.starts_at):
            return "ended"
        if self.is_suspended(at):
            return "suspended"
        return "upcoming" if at < self.starts_at else "active"

    def is_suspended(self, at: datetime) -> bool:
        """Say whether it pays for nothing at `at`."""
        return self.suspended_at is not None and self.suspended_at <= at


class Cap(Value):
    """A limit on a pool's use within a period: what is left of it, and when it starts anew."""

    limit: int
    used: int
    held: int
    resets_at: datetime
    period: CapPeriod = "week"


class PoolKey(NamedTuple):
    """Which pool: the lots of one plan of one catalogue for one site, of one unit and region."""

    catalog: str
    plan: str
    site: str | None
    unit: str
    region: str | None


def pool_of(lot: Lot) -> PoolKey:
    """Return the pool that a lot belongs to."""
    return PoolKey(lot.catalog, lot.plan, lot.site, lot.unit, lot.region)


def group_by_pool(lots: Iterable[Lot]) -> dict[PoolKey, list[Lot]]:
    """Return lots by the pool that they belong to, in the order in which they are given."""
    pools: dict[PoolKey, list[Lot]] = {}
    for lot in lots:
        pools.setdefault(pool_of(lot), []).append(lot)
    return pools


def lots_of_pool(lots: Iterable[Lot], key: PoolKey) -> list[Lot]:
    """Return those of the lots that belong to a pool."""
    return [lot for lot in lots if pool_of(lot) == key]


class Pool(Value):
    """The lots of one plan of one catalogue for one site, with the terms that they carry.

    `terms` are those of the subscription whose lot burns first.
    """

    terms: Catalog
    subscription: Subscription
    lots: tuple[Lot, ...]
    suspended: bool
    cap: Cap | None = None

    @property
    def plan(self) -> Plan:
        return self.terms.plans[self.subscription.plan]


def pick_pool_terms(lots: Sequence[Lot], *, at: datetime) -> Lot:
    """Return the lot whose subscription's terms hold for its pool at `at`.

    It is the one that burns first; where none can be drawn, the first that still runs, then
    the next to begin, then the last that ended.
    """
    usable = [lot for lot in lots if lot.is_usable(at)]
    with_units = [lot for lot in usable if lot.free is None or lot.free > 0]
    if with_units or usable:
        return min(with_units or usable, key=burn_key)
    upcoming = [lot for lot in lots if not lot.has_begun(at)]
    if upcoming:
        return min(upcoming, key=lambda lot: (lot.valid_from, lot.granted_sequence))
    return max(lots, key=lambda lot: (lot.expires_at or lot.valid_from, lot.granted_sequence))
