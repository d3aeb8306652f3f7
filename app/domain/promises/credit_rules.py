"""Rules of credits that a seller gives for broken promises, by how many broke within a month."""

from typing import Literal

from app.domain.promises.promises import Metric
from app.domain.values import Value

CreditStrength = Literal["guaranteed", "target"]


class CreditShare(Value):
    """What is given: a share of the month's price, in percent, or units of the plan."""

    percent: int = 0
    units: int = 0


class CreditRule(Value):
    """What breaches of one metric, or of any, and of one strength give within a month.

    `steps` are by the number of breaches from which each is given in place of the one before,
    in order; `each` is given for every breach. One of the two is there. Excused ones do not count.
    """

    metric: Metric | None
    strength: CreditStrength
    steps: tuple[tuple[int, CreditShare], ...] = ()
    each: CreditShare | None = None

    def credit(self, breaches: int) -> CreditShare | None:
        """Return what so many breaches within one month give, if anything.

        Percents of each breach add up to the month's price at most.
        """
        if breaches and self.each is not None:
            percent = min(100, self.each.percent * breaches)
            return CreditShare(percent, self.each.units * breaches)
        reached = [share for least, share in self.steps if least <= breaches]
        return reached[-1] if reached else None
