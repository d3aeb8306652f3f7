"""Remaining units of a pool: how many, when they end or begin anew, and whether they are few."""

from collections.abc import Sequence
from datetime import datetime

from app.domain.catalog.amounts import Names, Unit, write_amount, write_share, write_unlimited
from app.domain.ledger.balances import NextExpiry, find_next_expiry
from app.domain.ledger.ledger import Lot
from app.domain.ledger.pools import Cap
from app.domain.values import Value, replace

# At what share of what was granted the rest is low.
LOW_PERCENT = 20


class Remaining(Value):
    """What is left of a pool's usable units; without a count `granted` and `available` are None.

    `ends_at` is when the last of them end, `resets_at` when the next month's begin: of months that
    an agreement joined, when those after them do. `cap` is what the week may use of them.
    """

    unit: Unit
    granted: int | None
    available: int | None
    held: int
    unlimited: bool
    ends_at: datetime | None
    resets_at: datetime | None
    next_expiry: NextExpiry | None
    cap: Cap | None
    low: bool


def count_remaining(
    lots: Sequence[Lot], *, unit: Unit, at: datetime, cap: Cap | None = None
) -> Remaining:
    """Return what is left of these lots at `at`: of those that can be used, or begin next."""
    usable = [lot for lot in lots if lot.is_usable(at)]
    unlimited = any(lot.granted is None for lot in usable)
    granted = sum((lot.granted or 0) - lot.revoked for lot in usable)
    available = sum(lot.free or 0 for lot in usable)
    upcoming = [lot.valid_from for lot in lots if not lot.has_begun(at) and _brings_units(lot)]
    ends = [lot.expires_at for lot in usable]
    known = [end for end in ends if end is not None]
    return Remaining(
        unit=unit,
        granted=None if unlimited else granted,
        available=None if unlimited else available,
        held=sum(lot.held for lot in usable),
        unlimited=unlimited,
        ends_at=max(known) if known and len(known) == len(ends) else None,
        resets_at=min(upcoming, default=None) if usable else None,
        next_expiry=find_next_expiry(usable, at=at),
        cap=cap,
        low=not unlimited and bool(usable) and is_low(available, granted),
    )


def join_remaining(parts: Sequence[Remaining]) -> Remaining:
    """Return what is left of several parts of one pool together, whose units all can be used."""
    if len(parts) == 1:
        return parts[0]
    unlimited = any(each.unlimited for each in parts)
    granted = sum(each.granted or 0 for each in parts)
    available = sum(each.available or 0 for each in parts)
    ends = [each.ends_at for each in parts]
    known = [end for end in ends if end is not None]
    expiries = [each.next_expiry for each in parts if each.next_expiry is not None]
    return replace(
        parts[0],
        granted=None if unlimited else granted,
        available=None if unlimited else available,
        held=sum(each.held for each in parts),
        unlimited=unlimited,
        ends_at=max(known) if len(known) == len(ends) else None,
        resets_at=min((each.resets_at for each in parts if each.resets_at), default=None),
        next_expiry=min(expiries, key=lambda each: each.at, default=None),
        low=not unlimited and is_low(available, granted),
    )


def _brings_units(lot: Lot) -> bool:
    """Say whether there is something in a lot: not where all of it was taken back or joined."""
    return lot.granted is None or lot.granted > lot.revoked


def is_low(available: int, granted: int) -> bool:
    """Say whether what is left of so many units is little: a fifth of them, or less."""
    return available <= granted * LOW_PERCENT // 100


def write_remaining(remaining: Remaining, names: Names) -> str:
    """Return what is left in words: "118 of 120 incidents", "unlimited incidents"."""
    if remaining.granted is None or remaining.available is None:
        return write_unlimited(remaining.unit, names)
    if not remaining.granted:
        return f"no {write_amount(0, remaining.unit, names).removeprefix('0 ')}"
    return write_share(remaining.available, remaining.granted, remaining.unit, names)
