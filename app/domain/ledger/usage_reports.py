"""Usage of units in a period: granted, used, expired, returned, and what is owed yet."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from typing import Literal

from app.domain.catalog.amounts import Unit
from app.domain.values import Value, field_names

UsageGroup = Literal["catalog", "plan", "month"]


class MovedUnits(Value):
    """Units by what became of them; what is owed changes by what they come to."""

    granted: int = 0
    used: int = 0
    returned: int = 0
    expired: int = 0
    revoked: int = 0
    overage: int = 0

    def __add__(self, other: "MovedUnits") -> "MovedUnits":
        return MovedUnits(*(getattr(self, each) + getattr(other, each) for each in MOVED))

    @property
    def owed(self) -> int:
        """Return what they leave to be given: overage was never granted, so it owes nothing."""
        return self.granted - self.used + self.returned - self.expired - self.revoked


MOVED = field_names(MovedUnits)


class UsageSum(Value):
    """Units of one plan and kind that moved in one month; `month` None: before the period.

    Without months, `month` is empty within the period. Units without a count are not `counted`.
    """

    catalog: str
    plan: str | None
    unit: Unit
    counted: bool
    month: str | None
    moved: MovedUnits


class UsageRow(Value):
    """Units of one kind in one group: what became of them, and what is owed at its end."""

    unit: Unit
    unlimited: bool
    groups: tuple[str | None, ...]
    moved: MovedUnits
    owed: int


def report_usage(
    sums: Iterable[UsageSum], groups: Sequence[UsageGroup], months: Sequence[str]
) -> list[UsageRow]:
    """Return a row for each group, unit and month in which something moved or was owed.

    `months` are the names of the period's, in order, where they are a group.
    """

    def key_of(each: UsageSum) -> tuple[tuple[str, ...], Unit, bool]:
        values: Mapping[str, str] = {"catalog": each.catalog, "plan": each.plan or ""}
        return tuple(values.get(group, "") for group in groups), each.unit, not each.counted

    rows = []
    for (values, unit, unlimited), found in groupby(sorted(sums, key=key_of), key=key_of):
        by_month: dict[str | None, MovedUnits] = {}
        for each in found:
            by_month[each.month] = by_month.get(each.month, MovedUnits()) + each.moved
        owed = by_month.get(None, MovedUnits()).owed
        for month in months if "month" in groups else ("",):
            moved = by_month.get(month, MovedUnits())
            owed += moved.owed
            if moved == MovedUnits() and (owed == 0 or unlimited):
                continue
            shown = tuple(
                month if group == "month" else value or None
                for group, value in zip(groups, values, strict=True)
            )
            rows.append(UsageRow(unit, unlimited, shown, moved, owed))
    return rows
