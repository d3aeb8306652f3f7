"""Reports of promises: how often those of a kind were kept in a period."""

from app.domain.promises.promises import Metric, Strength
from app.domain.values import Value

Group = str | int | None


class SlaRow(Value):
    """The clocks of one metric and one strength within a group, by what became of them.

    `total` = met + breached + missed + late + open. `excused` are a part of the breached and the
    missed, and `cancelled` stand beside the total. `percent` is the share of them that is to be
    kept; None where none is, or where they have several. The percentiles are of what is done.
    """

    metric: Metric
    strength: Strength
    groups: tuple[Group, ...]
    total: int
    met: int
    breached: int
    missed: int
    late: int
    excused: int
    open: int
    cancelled: int
    percent: int | None
    p50_elapsed_seconds: int | None
    p50_business_seconds: int | None
    p90_elapsed_seconds: int | None
    p90_business_seconds: int | None

    @property
    def judged(self) -> int:
        """Count those that have ended and are held against, or for, the seller."""
        return self.met + self.breached + self.missed + self.late - self.excused

    @property
    def kept_percent(self) -> float | None:
        """Return the share that was kept, to a tenth of a percent; None before any ended."""
        return round(self.met * 100 / self.judged, 1) if self.judged else None

    @property
    def reached(self) -> bool | None:
        """Say whether the share to be kept was; None where there is none to judge by."""
        if self.percent is None or not self.judged:
            return None
        return self.met * 100 >= self.percent * self.judged
