"""A balance: an account's units at an instant, by what has become of them."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from app.domain.ledger.ledger import Lot, UnitTotals
from app.domain.values import Value


class Tally(Value):
    """Running totals over every lot of one unit that is counted, or that is not."""

    unit: str
    counted: bool
    granted: int
    held: int
    used: int
    revoked: int


class NextExpiry(Value):
    """The next end of a lot that still has something to lose."""

    at: datetime
    unit: str
    amount: int


def total_units(
    tallies: Iterable[Tally], lots: Sequence[Lot], *, at: datetime
) -> dict[str, UnitTotals]:
    """Return the totals of each unit at `at`; `lots` are those that have not ended by then.

    What has expired is what is left of the identity granted = available + held + used +
    expired + revoked over the lots begun, so lots long ended need not be read. Uncounted lots
    add what they hold and have used, and no more.
    """
    totals: dict[str, UnitTotals] = {}
    for tally in _merge(tallies):
        if tally.counted:
            after = _counted(tally, [lot for lot in lots if lot.unit == tally.unit], at=at)
        else:
            runs = any(
                lot.granted is None and lot.unit == tally.unit and lot.is_usable(at) for lot in lots
            )
            after = UnitTotals(
                held=tally.held,
                used=tally.used,
                unlimited=runs,
            )
        before = totals.get(tally.unit)
        totals[tally.unit] = after if before is None else _sum(before, after)
    return totals


def find_next_expiry(lots: Iterable[Lot], *, at: datetime) -> NextExpiry | None:
    """Return when units are next lost, of which unit and how many; None if none will be."""
    losing = [
        (lot.expires_at, lot.unit, lot.free)
        for lot in lots
        if lot.expires_at is not None and lot.is_usable(at) and lot.free
    ]
    if not losing:
        return None
    expires_at, unit, _ = min(losing, key=lambda each: (each[0], each[1]))
    amount = sum(free for end, of, free in losing if (end, of) == (expires_at, unit))
    return NextExpiry(expires_at, unit, amount)


def _merge(tallies: Iterable[Tally]) -> Iterable[Tally]:
    merged: dict[tuple[str, bool], Tally] = {}
    for tally in tallies:
        key = (tally.unit, tally.counted)
        one = merged.get(key)
        merged[key] = (
            tally
            if one is None
            else Tally(
                tally.unit,
                tally.counted,
                one.granted + tally.granted,
                one.held + tally.held,
                one.used + tally.used,
                one.revoked + tally.revoked,
            )
        )
    return merged.values()


def _counted(tally: Tally, lots: Iterable[Lot], *, at: datetime) -> UnitTotals:
    counted = [lot for lot in lots if lot.granted is not None]
    upcoming = [lot for lot in counted if not lot.has_begun(at)]
    revoked_ahead = sum(lot.revoked for lot in upcoming)
    granted = tally.granted - sum(lot.granted or 0 for lot in upcoming)
    revoked = tally.revoked - revoked_ahead
    available = sum(lot.available(at) or 0 for lot in counted)
    return UnitTotals(
        granted=granted,
        available=available,
        held=tally.held,
        used=tally.used,
        expired=granted - available - tally.held - tally.used - revoked,
        revoked=revoked,
        upcoming=sum(lot.granted or 0 for lot in upcoming) - revoked_ahead,
    )


def _sum(one: UnitTotals, other: UnitTotals) -> UnitTotals:
    return UnitTotals(
        granted=one.granted + other.granted,
        available=one.available + other.available,
        held=one.held + other.held,
        used=one.used + other.used,
        expired=one.expired + other.expired,
        revoked=one.revoked + other.revoked,
        upcoming=one.upcoming + other.upcoming,
        unlimited=one.unlimited or other.unlimited,
    )
