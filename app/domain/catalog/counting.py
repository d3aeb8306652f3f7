"""Counting: how the minutes of a plan are counted, as its seller says."""

from fractions import Fraction
from typing import Literal

from app.domain.values import Value

CountedOver = Literal["work", "ticket", "day"]


class Factor(Value):
    """`by` how much minutes count while it applies: in a calendar, outside one, or if urgent.

    With `severities` it is for tickets of those alone. What it has applied to, if only in part,
    is `least` minutes at least.
    """

    by: Fraction
    inside: str | None = None
    outside: str | None = None
    urgent: bool = False
    least: int = 0
    severities: frozenset[int] = frozenset()

    @property
    def calendar(self) -> str | None:
        """The calendar that it looks at, if any."""
        return self.inside or self.outside

    def is_for(self, *, urgent: bool, severity: int | None) -> bool:
        """Return whether it is for such a ticket, at some time."""
        return urgent >= self.urgent and (not self.severities or severity in self.severities)

    def includes(self, other: "Factor") -> bool:
        """Return whether it applies wherever another does."""
        return (
            self.urgent <= other.urgent
            and includes_levels(self.severities, other.severities)
            and (self.inside, self.outside) in ((None, None), (other.inside, other.outside))
        )


class Counting(Value):
    """Minutes are weighed by the first factor that applies, then rounded up.

    What was weighed over a piece of work, a ticket or a day is at least `least`, in whole
    multiples of `step`.
    """

    least: int
    step: int
    over: CountedOver
    factors: tuple[Factor, ...]

    def round_up(self, weight: Fraction, least: int = 0) -> int:
        """Return the minutes that a weight counts, `least` of its factors; nothing is nothing."""
        if weight <= 0:
            return 0
        return -(-max(weight, Fraction(max(self.least, least))) // self.step) * self.step


def includes_levels(levels: frozenset[int], others: frozenset[int]) -> bool:
    """Return whether severities have all that others have; none named are all that there are."""
    return not levels or (bool(others) and others <= levels)
