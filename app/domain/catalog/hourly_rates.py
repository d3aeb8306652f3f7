"""Hourly rates: what time beyond an allowance, or without a plan, costs."""

from collections.abc import Iterable
from typing import Literal

from app.domain.catalog.conditions import IsOpen, TimeConditions, WorkedTicket
from app.domain.catalog.money import Money

# The hours that a rate is for: as they are counted, or as they are without any factor.
RatedHours = Literal["counted", "worked"]


class HourlyRate(TimeConditions):
    """What an hour costs of some tickets' work, at some times.

    `hours` worked have the least and the steps of counting, and no factors.
    """

    per_hour: Money
    hours: RatedHours = "counted"


def find_hourly_rate(
    rates: Iterable[HourlyRate], ticket: WorkedTicket, *, is_open: IsOpen | None = None
) -> HourlyRate | None:
    """Return the first rate that is for such a ticket and holds; None where none is published.

    Without `is_open`, the one that holds at any time.
    """
    for each in rates:
        if each.is_for(ticket) and each.holds(is_open):
            return each
    return None
