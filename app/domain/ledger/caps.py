"""Caps: how much of a month's minutes one week may use (say half of them), or what is fair use.

The share is of what is granted for the time: two months' hours that are joined are one
allowance, and half of their sum is the cap. What is fair is of a month of the term.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime

from app.domain.ledger.burn_order import burn_key
from app.domain.ledger.ledger import Lot
from app.domain.time.anchored_months import find_month
from app.domain.values import Value


class Raise(Value):
    """An agreement about one subscription's weeks, in force over [starts_at, ends_at).

    `minutes` is what a week may use under it; None: no more than without it, though what is
    above may be billed.
    """

    minutes: int | None
    starts_at: datetime
    ends_at: datetime | None

    def is_in_force(self, at: datetime) -> bool:
        return self.starts_at <= at and (self.ends_at is None or at < self.ends_at)


def weekly_limit(
    share: tuple[int, int], lots: Iterable[Lot], raises: Sequence[Raise], *, at: datetime
) -> int | None:
    """Return the minutes that the week of `at` may use of a pool; None where there is no limit.

    The share is taken of what the pool's lots that run at `at` were granted and is not revoked,
    rounded down. A lot granted again (`grace`) was counted before, as what it was granted again
    of; and a lot without a count has no share. Where none runs there is nothing to take a share
    of: what is still held of those that have ended was within it when it was held.
    """
    lots = list(lots)
    running = [lot for lot in lots if lot.is_usable(at) and lot.source != "grace"]
    if not running:
        again = {lot.origin_lot_id for lot in lots if lot.is_usable(at)}
        running = [lot for lot in lots if lot.lot_id in again]
    if not running or any(lot.granted is None for lot in running):
        return None
    granted = sum((lot.granted or 0) - lot.revoked for lot in running)
    agreed = [each.minutes or 0 for each in raises if each.is_in_force(at)]
    return max([granted * share[0] // share[1], *agreed])


def find_fair_month(
    lots: Iterable[Lot], *, at: datetime, zone: str
) -> tuple[datetime, datetime] | None:
    """Return the month of `at` in the term of what has no count; None where all is counted."""
    running = sorted((lot for lot in lots if lot.is_usable(at)), key=burn_key)
    if not running or any(lot.granted is not None for lot in running):
        return None
    return find_month(running[0].valid_from, at, zone)
