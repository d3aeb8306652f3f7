"""Promises as a table: for each metric, what is owed by severity, in a few words each.

    [plans.gold.matrix]
    warn_at_percent = 75
    first_response = { 1 = "8 bh", 2 = "8 bh", 3 = "8 bh", 4 = "24 bh" }
    resolution = { 1 = "16 bh", 2 = "3 bd", 3 = "7 bd", 4 = "best effort", pauses = ["customer"] }

`m`, `h` and `d` are minutes, hours and days of elapsed time, `bm`, `bh` and `bd` those of the
calendar, and `end of next bd` is the close of a business day. What is the same for several levels
becomes one promise.
"""

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Annotated

from pydantic import Field

from app.documents.form.basis.parts import (
    LEVELS,
    MOST_BUSINESS_DAYS,
    BusinessDaysDocument,
    CalendarName,
    ChosenPart,
    Codes,
)
from app.documents.form.basis.problems import Problem, problem, refuse
from app.documents.form.basis.surroundings import Surroundings
from app.documents.form.basis.values import LONGEST_SPAN, Span, Text, Written
from app.documents.form.promises import (
    ClauseDocument,
    PlacedPromise,
    PromiseDocument,
    Promises,
    PromiseStrength,
)
from app.domain.promises.promises import (
    COUNTED_FROM_ANSWER,
    MEASURED,
    METRICS,
    Metric,
    StartsOn,
)
from app.domain.values import Value

USUAL_CALENDAR = "business"

_WORDS: dict[str, PromiseStrength] = {
    "guaranteed": "guaranteed",
    "target": "target",
    "best effort": "best_effort",
    "none": "none",
}
_UNITS = {"m": 60, "h": 3600, "d": 86_400}
_CELL = re.compile(
    r"(?:(?P<words>guaranteed|target|best effort|none)(?:,? +|$))?"
    r"(?:(?P<end>end of )?(?P<number>[0-9]{1,6}|same|next) ?(?P<business>b?)(?P<unit>[mhd]))?"
)
_NAMED_DAYS = {"same": 0, "next": 1}
_RULE = (
    'It is written like "8 bh", "3 bd", "end of next bd", "24 h", "30 m" (minutes), "target 4 bh", '
    '"best effort" or "none".'
)


class Cell(Value):
    """What is owed: how firmly, and within what; `business` says in a calendar's time."""

    strength: PromiseStrength | None
    within: timedelta | BusinessDaysDocument | None
    business: bool


def _read_cell(text: str) -> Cell:
    found = _CELL.fullmatch(text)
    strength = _WORDS.get((found and found["words"]) or "")
    if found is None or (strength == "none" and found["number"]):
        raise refuse("invalid_duration", f'"{text[:40]}" is no time that is owed. {_RULE}')
    if found["number"] is None:
        return Cell(strength, None, business=False)
    business, end = bool(found["business"]), bool(found["end"])
    in_days = business and found["unit"] == "d"
    if (end or found["number"] in _NAMED_DAYS) and not (end and in_days):
        raise refuse("invalid_duration", f'"{text[:40]}" is no time that is owed. {_RULE}')
    named = _NAMED_DAYS.get(found["number"])
    number = int(found["number"]) if named is None else named
    if in_days:
        least = 0 if end else 1
        if not least <= number <= MOST_BUSINESS_DAYS:
            raise refuse("out_of_range", f"Business days are {least} to {MOST_BUSINESS_DAYS:,}.")
        days = BusinessDaysDocument(business_days=number, end_of_day=end)
        return Cell(strength, days, business=True)
    span = timedelta(seconds=number * _UNITS[found["unit"]])
    if not timedelta() < span <= LONGEST_SPAN:
        detail = f"It must be longer than nothing and {LONGEST_SPAN.days:,} days at most."
        raise refuse("out_of_range", detail)
    return Cell(strength, span, business)


CellText = Annotated[
    Cell,
    Written(
        _read_cell,
        100,
        shape={"examples": ["8 bh", "3 bd", "end of next bd", "24 h", "best effort"]},
    ),
]


class Terms(ChosenPart):
    """What promises of a table have in common."""

    strength: PromiseStrength | None = None
    """How binding a time is that says nothing else; guaranteed, if this is left out, too."""
    calendar: CalendarName | None = None
    """The calendar in whose time business hours and days are counted; the one named business."""
    pauses: Codes | None = None
    """The causes of waiting that stop the clocks, such as customer."""
    warn_at_percent: Annotated[int, Field(ge=1, le=99)] | None = None
    """The share of the time after which a deadline counts as at risk."""
    warn_before: Span | None = None
    """How long before the end a deadline counts as at risk, in the time of its clause."""


class RowDocument(Terms):
    """What is owed for one metric: by severity, by urgency, or for every request."""

    every: CellText | None = Field(default=None, alias="any")
    """What is owed to every request, whatever its severity and urgency."""
    first: CellText | None = Field(default=None, alias="1")
    """What is owed to a request of severity 1."""
    second: CellText | None = Field(default=None, alias="2")
    """What is owed to a request of severity 2."""
    third: CellText | None = Field(default=None, alias="3")
    """What is owed to a request of severity 3."""
    fourth: CellText | None = Field(default=None, alias="4")
    """What is owed to a request of severity 4."""
    fifth: CellText | None = Field(default=None, alias="5")
    """What is owed to a request of severity 5."""
    normal: CellText | None = None
    """What is owed to a request that is not urgent."""
    urgent: CellText | None = None
    """What is owed to a request that is urgent."""
    percent: Annotated[int, Field(ge=1, le=99)] | None = None
    """The percentage of requests for which the promise is to be kept, judged over a period."""
    starts_on: StartsOn = "opening"
    """From when a remedy or a resolution is counted: from the opening, or from the first answer."""
    text: Text | None = None
    """The seller's own sentence, in place of the one made from the data."""

    def check(self, around: Surroundings) -> Iterator[Problem]:
        for name in self.levels():
            if name not in around.names.get("severity", ()):
                yield problem("unknown_severity", around.explain_unknown("severity", name), name)
        forms = [self.every is not None, bool(self.levels()), bool(self.normal or self.urgent)]
        if sum(forms) > 1:
            detail = "A row is for any request, by severity, or by urgency: not two of them."
            yield problem("conflicting_fields", detail)
        if not any(forms):
            yield problem("required", "A row says what is owed to some request.", "any")

    def levels(self) -> dict[str, Cell]:
        """Return what is owed by severity."""
        named = (self.first, self.second, self.third, self.fourth, self.fifth)
        cells = dict(zip(LEVELS, named, strict=True))
        return {level: cell for level, cell in cells.items() if cell is not None}


class MatrixDocument(Terms):
    """What a plan promises, as a table of metrics and severities."""

    first_response: RowDocument | None = None
    """What is owed until the first response, by severity or urgency."""
    next_response: RowDocument | None = None
    """What is owed until each later response, while the customer waits."""
    next_update: RowDocument | None = None
    """What is owed from each message of an agent's to the next, unless the customer has to
    answer."""
    remedy: RowDocument | None = None
    """What is owed until a remedy, which need not be the resolution."""
    resolution: RowDocument | None = None
    """What is owed until the resolution, by severity or urgency."""

    def check(self, around: Surroundings) -> Iterator[Problem]:
        for metric in METRICS:
            row = getattr(self, metric, None)
            if row is None:
                continue
            if row.starts_on == "answer" and metric not in COUNTED_FROM_ANSWER:
                detail = "Only a remedy or a resolution is counted from the first answer."
                yield problem("conflicting_fields", detail, metric, "starts_on")
            if self._needs_calendar(row):
                name = row.calendar or self.calendar or USUAL_CALENDAR
                if name not in around.names.get("calendar", ()):
                    detail = "Business hours and days are counted in a calendar: name it."
                    yield problem("required", detail, "calendar")
                    return

    def _needs_calendar(self, row: RowDocument) -> bool:
        cells = (*row.levels().values(), row.every, row.normal, row.urgent)
        return any(cell is not None and cell.business for cell in cells)

    def promises(self) -> list[PromiseDocument]:
        """Return the promises that the table makes, in the order of metrics and severities."""
        return [
            promise
            for metric in METRICS
            if (row := getattr(self, metric, None)) is not None
            for promise in self._expand(metric, row)
        ]

    def _expand(self, metric: Metric, row: RowDocument) -> Iterator[PromiseDocument]:
        alike: dict[Cell, list[str]] = {}
        for level, cell in row.levels().items():
            alike.setdefault(cell, []).append(level)
        for cell, levels in alike.items():
            yield self._promise(metric, row, cell, levels)
        for name in ("any", "normal", "urgent"):
            found: Cell | None = row.every if name == "any" else getattr(row, name)
            if found is not None:
                yield self._promise(metric, row, found, [name])

    def _promise(
        self, metric: Metric, row: RowDocument, cell: Cell, named: list[str]
    ) -> PromiseDocument:
        strength = cell.strength or row.strength or self.strength or "guaranteed"
        calendar = row.calendar or self.calendar or USUAL_CALENDAR
        timed = cell.within is not None
        clauses = () if cell.within is None else (_bind(cell.within, calendar, cell.business),)
        return PromiseDocument.model_construct(
            metric=metric,
            strength=strength,
            clauses=clauses,
            severities=tuple(int(each) for each in named if each.isdigit()),
            urgent={"urgent": True, "normal": False}.get(named[0]),
            pauses=_given(row.pauses, self.pauses) if strength != "none" else (),
            warn_at_percent=row.warn_at_percent or self.warn_at_percent if timed else None,
            warn_before=row.warn_before or self.warn_before if timed else None,
            percent=row.percent if strength in MEASURED else None,
            starts_on=row.starts_on,
            text=row.text,
            seller_choice=self._chosen(metric, row, named, timed=timed, offered=strength != "none"),
        )

    def _chosen(
        self, metric: Metric, row: RowDocument, named: list[str], *, timed: bool, offered: bool
    ) -> tuple[str, ...]:
        """Return what of a promise the seller chose, by its fields' names."""
        below = [*row.seller_choice]
        for path in self.seller_choice:
            head, _, rest = path.partition("/")
            if head == metric and rest:
                below.append(rest)
            elif head == metric:
                below.append("clauses")
            elif head not in METRICS:
                below.append(head)
        fields = {"clauses" if each in {*named, "calendar"} else each for each in below}
        told = ["strength"] if offered else []
        told = ["clauses", *told, "warn_at_percent", "warn_before"] if timed else told
        return tuple(each for each in (*told, *(["pauses"] if offered else ())) if each in fields)


def _bind(
    within: timedelta | BusinessDaysDocument, calendar: str, business: bool
) -> ClauseDocument:
    return ClauseDocument.model_construct(within=within, calendar=calendar if business else None)


def place_made(matrix: MatrixDocument | None, *steps: str) -> list[PlacedPromise]:
    """Return the promises of a table, each with the place of its row below `steps`."""
    made = [] if matrix is None else matrix.promises()
    return [PlacedPromise((*steps, each.metric), each) for each in made]


def _given(own: tuple[str, ...] | None, common: tuple[str, ...] | None) -> tuple[str, ...]:
    return (common or ()) if own is None else own


class PromiseSetDocument(ChosenPart):
    """Promises that several plans make, by one name."""

    promises: Promises = ()
    """The promises, each for one metric and the requests that it matches."""
    matrix: MatrixDocument | None = None
    """The promises as a table of metrics and severities."""

    def all_promises(self) -> tuple[PromiseDocument, ...]:
        """Return its promises and those of its table."""
        return (*self.promises, *(self.matrix.promises() if self.matrix else ()))
