"""Hourly rates: what time beyond an allowance, or without a plan, costs."""

from collections.abc import Iterable
from dataclasses import dataclass

from app.domain.catalog.money import Money


@dataclass(frozen=True, slots=True)
class HourlyRate:
    """What an hour costs of urgent tickets, of one category, or of any (neither is given)."""

    per_hour: Money
    urgent: bool = False
    category: str | None = None

    def applies(self, *, urgent: bool, category: str | None) -> bool:
        """Return whether it is the rate of such a ticket."""
        return urgent >= self.urgent and self.category in (None, category)


def find_hourly_rate(
    rates: Iterable[HourlyRate], *, urgent: bool, category: str | None
) -> Money | None:
    """Return the first rate that applies to such a ticket; None where none is published."""
    found = (each.per_hour for each in rates if each.applies(urgent=urgent, category=category))
    return next(found, None)
