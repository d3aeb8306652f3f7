"""Hourly rates: what time beyond an allowance, or without a plan, costs."""

from collections.abc import Callable, Iterable
from typing import Literal

from app.domain.catalog.counting import includes_levels
from app.domain.catalog.money import Money
from app.domain.values import Value

# The hours that a rate is for: as they are counted, or as they are without any factor.
RatedHours = Literal["counted", "worked"]


class HourlyRate(Value):
    """What an hour costs of urgent tickets, of one category or of some severities; if none: of any.

    `inside` and `outside` are calendars: it is for time in which one is open, or closed. `hours`
    worked have the least and the steps of counting, and no factors.
    """

    per_hour: Money
    urgent: bool = False
    category: str | None = None
    severities: frozenset[int] = frozenset()
    inside: str | None = None
    outside: str | None = None
    hours: RatedHours = "counted"

    @property
    def calendar(self) -> str | None:
        """The calendar that it looks at, if any."""
        return self.inside or self.outside

    def is_for(self, *, urgent: bool, category: str | None, severity: int | None) -> bool:
        """Return whether it is for such a ticket, at some time."""
        return (
            urgent >= self.urgent
            and self.category in (None, category)
            and (not self.severities or severity in self.severities)
        )

    def holds(self, is_open: Callable[[str], bool] | None) -> bool:
        """Return whether it holds at a time: by which calendars are open then.

        With None, at any time.
        """
        if self.calendar is None:
            return True
        return is_open is not None and is_open(self.calendar) == (self.inside is not None)

    def includes(self, other: "HourlyRate") -> bool:
        """Return whether it is for all that another is for."""
        return (
            self.urgent <= other.urgent
            and self.category in (None, other.category)
            and includes_levels(self.severities, other.severities)
            and (self.inside, self.outside) in ((None, None), (other.inside, other.outside))
        )


def find_hourly_rate(
    rates: Iterable[HourlyRate],
    *,
    urgent: bool,
    category: str | None,
    severity: int | None,
    is_open: Callable[[str], bool] | None = None,
) -> HourlyRate | None:
    """Return the first rate that is for such a ticket and holds; None where none is published.

    Without `is_open`, the one that holds at any time.
    """
    for each in rates:
        if each.is_for(urgent=urgent, category=category, severity=severity) and each.holds(is_open):
            return each
    return None


def depend_on_work(rates: Iterable[HourlyRate]) -> bool:
    """Return whether what an hour costs depends on when it was worked, or on how it is counted."""
    return any(each.calendar is not None or each.hours == "worked" for each in rates)
