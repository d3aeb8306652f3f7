"""Counting: how minutes of work are counted, on a plan or without one, as their seller says."""

from collections.abc import Iterator
from fractions import Fraction
from typing import Literal

from app.domain.catalog.conditions import TicketConditions, TimeConditions, WorkedTicket
from app.domain.values import Value, replace

CountedOver = Literal["work", "ticket", "day"]


class Factor(TimeConditions):
    """`by` how much minutes count while it applies.

    What it has applied to, if only in part, is `least` minutes at least.
    """

    by: Fraction
    least: int = 0


class Rounding(TicketConditions):
    """What minutes of some tickets are rounded up to; None: as those of all others."""

    least: int | None = None
    step: int | None = None


class Counting(Value):
    """Minutes are weighed by the first factor that applies, then rounded up.

    What was weighed over a piece of work, a ticket or a day is at least `least`, in whole
    multiples of `step`; for tickets that one of `roundings` is for, as the first of those says.
    """

    least: int
    step: int
    over: CountedOver
    factors: tuple[Factor, ...]
    roundings: tuple[Rounding, ...] = ()

    def of(self, ticket: WorkedTicket) -> "Counting":
        """Return how the minutes of such a ticket are counted."""
        for each in self.roundings:
            if each.is_for(ticket):
                return replace(
                    self, least=each.least or self.least, step=each.step or self.step, roundings=()
                )
        return self

    def conditions(self) -> Iterator[TicketConditions]:
        """Yield what it depends on."""
        yield from self.factors
        yield from self.roundings

    def round_up(self, weight: Fraction, least: int = 0) -> int:
        """Return the minutes that a weight counts, `least` of its factors; nothing is nothing."""
        if weight <= 0:
            return 0
        return -(-max(weight, Fraction(max(self.least, least))) // self.step) * self.step
