"""Time terms: how work is counted and what an hour of it costs, on a plan or without one."""

from collections.abc import Iterator

from app.domain.catalog.conditions import IsOpen, TicketConditions, WorkedTicket
from app.domain.catalog.counting import Counting
from app.domain.catalog.hourly_rates import HourlyRate, find_hourly_rate
from app.domain.catalog.money import Money
from app.domain.values import Value


class TimeTerms(Value):
    """How minutes are counted (None: as they were worked), and the rates of an hour to be billed.

    Of rates and factors the first that applies holds.
    """

    counting: Counting | None = None
    rates: tuple[HourlyRate, ...] = ()

    @property
    def depend_on_severity(self) -> bool:
        """Whether what work on a ticket counts or costs depends on its severity."""
        return any(each.severities for each in self._conditions())

    @property
    def rate_work(self) -> bool:
        """Whether what an hour costs depends on when it was worked, or on how it is counted."""
        return any(each.calendar is not None or each.hours == "worked" for each in self.rates)

    @property
    def calendars(self) -> frozenset[str]:
        """The calendars that factors and rates look at."""
        factors = () if self.counting is None else self.counting.factors
        found = (each.calendar for each in (*factors, *self.rates))
        return frozenset(each for each in found if each is not None)

    def counting_of(self, ticket: WorkedTicket) -> Counting | None:
        """Return how the minutes of such a ticket are counted; None: as they were worked."""
        return None if self.counting is None else self.counting.of(ticket)

    def hourly_rate(self, ticket: WorkedTicket, *, is_open: IsOpen | None = None) -> Money | None:
        """Return what an hour to be billed costs; None where that is not published.

        While such calendars are open; without `is_open`, at any time.
        """
        found = find_hourly_rate(self.rates, ticket, is_open=is_open)
        return None if found is None else found.per_hour

    def _conditions(self) -> Iterator[TicketConditions]:
        yield from self.rates
        if self.counting is not None:
            yield from self.counting.conditions()


# Those of most plans: minutes count as they were worked, and no hour has a price.
AS_WORKED = TimeTerms()


def join_time_terms(counting: Counting | None, rates: tuple[HourlyRate, ...]) -> TimeTerms:
    """Return a way of counting together with rates."""
    return TimeTerms(counting, rates) if rates or counting is not None else AS_WORKED
