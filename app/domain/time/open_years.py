"""Years of open time, each built when first asked for, and sums over them.

Years outside the IANA data's own transitions that hold no holiday and no override differ only
in their first weekday and their length: they are moved copies of one of fourteen templates, and
sums over years are kept in a tree. A target eight thousand years away is thus found without
building the years between.
"""

from collections.abc import Callable
from datetime import date
from functools import partial
from typing import Generic, TypeVar

from app.domain.time.calculation_limits import count_work
from app.domain.time.open_time import (
    EARLIEST,
    HORIZON,
    LAST_YEAR,
    YEAR_STARTS,
    BusinessBlock,
    OpenBlock,
    ShiftSchedule,
)
from app.domain.time.zones import FIRST_IRREGULAR_YEAR, LAST_IRREGULAR_YEAR

_KEPT_INTERVALS = 10_000
_KEPT_YEARS = 4
_KEPT_SUM = 16

Block = TypeVar("Block", OpenBlock, BusinessBlock)


class Years(Generic[Block]):
    """The blocks of one calendar, by year, with sums over years.

    A sum adds up the `count` of its blocks. So that one calendar cannot fill the memory, blocks
    are kept up to a number of intervals, and far from today only the sums of many years are.
    """

    __slots__ = (
        "_build",
        "_cost",
        "_irregular",
        "_kept",
        "_sums",
        "_template_counts",
        "_templates",
        "blocks",
    )

    def __init__(
        self,
        schedules: tuple[ShiftSchedule, ...],
        build: Callable[[tuple[ShiftSchedule, ...], int, bool], Block],
    ) -> None:
        # No shift runs into year 1 from the year before it, as one does into every other.
        irregular = {1}.union(*(desk.exceptional_years() for desk in schedules))
        if not all(desk.zone.fixed for desk in schedules):
            irregular.update(range(FIRST_IRREGULAR_YEAR, LAST_IRREGULAR_YEAR + 1))
        self._irregular = frozenset(irregular)
        self._build: Callable[[int, bool], Block] = partial(build, schedules)
        self._cost = sum(desk.yearly_cost for desk in schedules)
        self._kept = 0
        self._templates: dict[int, Block] = {}
        self._template_counts: dict[int, int] = {}
        self._sums: dict[tuple[int, int], int] = {}
        self.blocks: dict[int, Block] = {}

    def block(self, year: int) -> Block:
        """Return a year's block, 1 to `LAST_YEAR`, building it if need be."""
        block = self.blocks.get(year)
        if block is None:
            if year in self._irregular:
                count_work(self._cost)
                block = self._build(year, False)
            else:
                model = _model_year(year)
                block = self._template(model).moved(YEAR_STARTS[year - 1] - YEAR_STARTS[model - 1])
            if self._kept > _KEPT_INTERVALS and len(self.blocks) >= _KEPT_YEARS:
                self.blocks.clear()
                self._kept = 0
            self._kept += len(block.starts) + 1
            self.blocks[year] = block
        return block

    def sum(self, year: int, size: int = 1) -> int:
        """Return what the years `year` to `year + size - 1` count, `size` a power of two."""
        key = (year, size)
        known = self._sums.get(key)
        if known is None:
            if size > 1:
                half = size // 2
                known = self.sum(year, half) + self.sum(year + half, half)
            elif not 1 <= year <= LAST_YEAR:
                known = 0
            elif year in self._irregular:
                known = self.block(year).count
            else:
                known = self._template_count(_model_year(year))
            if (
                size >= _KEPT_SUM
                or FIRST_IRREGULAR_YEAR <= year <= LAST_IRREGULAR_YEAR
                or year in self._irregular
            ):
                self._sums[key] = known
        return known

    def between(self, first: int, end: int) -> int:
        """Return what the years from `first` up to, not including, `end` count."""
        total = 0
        while first < end:
            size = 1
            while first % (size * 2) == 0 and first + size * 2 <= end:
                size *= 2
            total += self.sum(first, size)
            first += size
        return total

    def forward(self, year: int, left: int) -> tuple[int, int] | None:
        """Return the year, from `year` on, in which a count of `left` > 0 is reached.

        With it what is left of the count when that year begins; None if it is not reached.
        """
        size, growing = 1, True
        while year <= LAST_YEAR:
            counted = self.sum(year, size)
            if left > counted:
                left -= counted
                year += size
                if growing and year % (size * 2) == 0:
                    size *= 2
            elif size == 1:
                return year, left
            else:
                size, growing = size // 2, False
        return None

    def backward(self, year: int, left: int) -> tuple[int, int] | None:
        """Return the year, from `year` back, in which a count of `left` > 0 is reached.

        With it what is left of the count when that year ends; None if it is not reached.
        """
        size, growing = 1, True
        while year >= 1:
            counted = self.sum(year - size + 1, size)
            if left > counted:
                left -= counted
                year -= size
                if growing and (year + 1) % (size * 2) == 0:
                    size *= 2
            elif size == 1:
                return year, left
            else:
                size, growing = size // 2, False
        return None

    def start_of(self, year: int, place: int) -> int:
        """Return where the interval at `place` of a year starts, or a later year's first one.

        The horizon if nothing opens any more.
        """
        starts = self.block(year).starts
        if place < len(starts):
            return starts[place]
        found = self.forward(year + 1, 1)
        return HORIZON if found is None else min(HORIZON, self.block(found[0]).starts[0])

    def end_of(self, year: int, place: int) -> int:
        """Return where the interval at `place` of a year ends, or an earlier year's last one.

        The earliest instant if nothing was open before.
        """
        if place >= 0:
            return self.block(year).ends[place]
        found = self.backward(year - 1, 1)
        return EARLIEST if found is None else self.block(found[0]).ends[-1]

    def _template(self, model: int) -> Block:
        template = self._templates.get(model)
        if template is None:
            count_work(self._cost)
            template = self._build(model, True)
            if len(self._templates) * len(template.starts) > _KEPT_INTERVALS:
                self._templates.clear()
            self._templates[model] = template
            self._template_counts[model] = template.count
        return template

    def _template_count(self, model: int) -> int:
        known = self._template_counts.get(model)
        return self._template(model).count if known is None else known


def _model_year(year: int) -> int:
    """Return the year, in a fixed 28 of the same side, that begins and ends alike."""
    first = LAST_IRREGULAR_YEAR + 1 if year > LAST_IRREGULAR_YEAR else FIRST_IRREGULAR_YEAR - 99
    return first + _MODELS[year % 400]


def _match_years() -> tuple[int, ...]:
    """Return, by year modulo 400, the place of the year alike in 2101–2128 (or 1701–1728).

    Both runs begin on a Saturday after a common year and have a leap year in the fourth place,
    so that one table serves both.
    """
    places: dict[tuple[int, int], int] = {}
    for place in reversed(range(28)):
        places[_kind(2101 + place)] = place
    return tuple(places[_kind(2000 + rest)] for rest in range(400))


def _kind(year: int) -> tuple[int, int]:
    new_year = date(year, 1, 1)
    return new_year.weekday(), date(year + 1, 1, 1).toordinal() - new_year.toordinal()


_MODELS = _match_years()
