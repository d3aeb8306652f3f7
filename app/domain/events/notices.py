"""Notices: events of ends before and when they come, decided from a clock's reading.

They are read from the clock. Whoever looks first says it: the request that finds it out, or the
job that looks when it is due. Each is said once.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Literal

from app.domain.ledger.ledger import Lot
from app.domain.ledger.remaining import is_low
from app.domain.promises.deadlines import name_lapse
from app.domain.promises.stored_clocks import ClockNotice
from app.domain.values import Value

# How long before their end `units.expiring` is recorded of units that are left.
EXPIRY_NOTICE = timedelta(days=14)

LowBalanceEventType = Literal["units.low", "units.exhausted"]
LotEventType = Literal["units.expiring", "units.expired"]
DeadlineEventType = Literal[
    "deadline.at_risk",
    "deadline.met",
    "deadline.breached",
    "deadline.missed",
    "deadline.late",
    "deadline.excused",
]


class DeadlineNotice(Value):
    """The event of a clock that is due now, the last that was recorded, and when the next may be.

    It is looked at after `notify_at`, not at it: what is done at the last instant is in time.
    """

    event: DeadlineEventType | None
    told: ClockNotice | None
    notify_at: datetime | None


class UsableUnits(Value):
    """What is free of a pool's usable lots, of so many units granted."""

    free: int
    granted: int

    @property
    def is_low(self) -> bool:
        return is_low(self.free, self.granted)


class LotNotice(Value):
    """The event of a lot's units that is due now, and when the next may be."""

    event: LotEventType | None
    notify_at: datetime | None


class PurchaseNotice(Value):
    """The event of an order that is due now, and when the next may be."""

    event: Literal["purchase.ended"] | None
    notify_at: datetime | None


def decide_deadline_notice(
    *,
    told: ClockNotice | None,
    status: str,
    strength: str,
    warn_at: datetime | None,
    breaches_after: datetime | None,
    now: datetime,
) -> DeadlineNotice:
    """Return the event of a clock that is due at `now`, `told` being the last that was recorded.

    A running clock past its last instant is breached, or missed, whether or not anything was
    stored.
    """
    if status == "running" and breaches_after is not None and breaches_after < now:
        status = name_lapse(strength)
    match status:
        case "breached":
            return DeadlineNotice(_unless(told, "breached", "deadline.breached"), "breached", None)
        case "missed":
            return DeadlineNotice(_unless(told, "missed", "deadline.missed"), "missed", None)
        case "late":
            return DeadlineNotice(_unless(told, "late", "deadline.late"), "late", None)
        case "met":
            return DeadlineNotice(_unless(told, "met", "deadline.met"), "met", None)
        case "running" if warn_at is not None and warn_at < now:
            event = _unless(told, "at_risk", "deadline.at_risk")
            return DeadlineNotice(event, "at_risk", breaches_after)
        case "running":
            return DeadlineNotice(None, None, warn_at or breaches_after)
        case _:
            # Warned of before it was paused: not again after.
            return DeadlineNotice(None, "at_risk" if told == "at_risk" else None, None)


def _unless(
    told: ClockNotice | None, said: ClockNotice, event: DeadlineEventType
) -> DeadlineEventType | None:
    return None if told == said else event


def first_lot_notice(
    *, granted: int | None, valid_from: datetime, expires_at: datetime | None
) -> datetime | None:
    """Return when to look at a lot's end first; None for one without a count or an end.

    That is two weeks before it, and not before the lot begins.
    """
    if granted is None or expires_at is None or expires_at <= valid_from:
        return None
    return max(valid_from, expires_at - EXPIRY_NOTICE)


def decide_lot_notice(lot: Lot, *, left: int, now: datetime) -> LotNotice:
    """Return the event of a lot's end that is due at `now`, before it and when it has come.

    `left` is what is free of it: once it has ended, what was free at its end.
    """
    first = first_lot_notice(
        granted=lot.granted, valid_from=lot.valid_from, expires_at=lot.expires_at
    )
    if first is None:
        return LotNotice(None, None)
    if lot.has_ended(now):
        return LotNotice("units.expired" if left else None, None)
    if now < first:
        return LotNotice(None, first)
    return LotNotice("units.expiring" if left else None, lot.expires_at)


def decide_low_balance_notice(
    before: Iterable[Lot], after: Iterable[Lot], *, at: datetime
) -> LowBalanceEventType | None:
    """Return the event of a pool whose lots were as `before` and are as `after`.

    Low is a fifth of what its usable lots were granted, rounded down, or less; what falls to
    nothing is exhausted, and low besides that needs no saying. A pool without a count, or without
    a lot that can be used at `at`, is neither.
    """
    was, left = measure_balance(before, at=at), measure_balance(after, at=at)
    if was is None or left is None or left.free >= was.free:
        return None
    if left.free == 0:
        return "units.exhausted"
    return "units.low" if left.is_low and not was.is_low else None


def measure_balance(lots: Iterable[Lot], *, at: datetime) -> UsableUnits | None:
    """Return what is free of the usable lots; None where there is none, or one has no count."""
    free = granted = 0
    usable = [lot for lot in lots if lot.is_usable(at)]
    for lot in usable:
        if lot.granted is None or lot.free is None:
            return None
        free += lot.free
        granted += lot.granted
    return UsableUnits(free, granted) if usable else None


def passes_fair_use(before: int, after: int, *, fair_use: int) -> bool:
    """Say whether so many uses within a month reach what is fair, and did not before."""
    return before < fair_use <= after


def decide_purchase_notice(
    *, status: str | None, ends_at: datetime | None, now: datetime
) -> PurchaseNotice:
    """Return the event of the end of what an order gives, if it is not cancelled."""
    if status != "active" or ends_at is None:
        return PurchaseNotice(None, None)
    if now < ends_at:
        return PurchaseNotice(None, ends_at)
    return PurchaseNotice("purchase.ended", None)
