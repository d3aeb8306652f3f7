"""Business time: when a target is used up, and how much time there is between two instants."""

from collections.abc import Callable, Iterable
from datetime import timedelta
from functools import partial
from typing import Annotated, Any, Self

from fastapi import Request
from fastapi.responses import Response
from pydantic import BeforeValidator, Field, model_validator

from app.api.http.bodies import JSON
from app.api.http.routing import RequestDb, answer_later, operation, router
from app.api.http.wire import EARLIEST, Instant, Wire
from app.db.engine.unit_of_work import Db
from app.domain.promises.durations import DurationFault, format_duration, parse_duration
from app.domain.promises.promises import BusinessDays
from app.domain.time.business_time import (
    Due,
    InstantOutOfRange,
    NeverOpens,
    OpenTime,
    RangeTooLong,
    from_micros,
    to_micros,
)
from app.domain.time.calculation_limits import CalculationTooLarge
from app.domain.time.instants import write_micros
from app.services.time import business_time
from app.services.time.business_time import CalendarUnknown, InvalidCalendar

routes = router("Business time")

MAX_ITEMS = 10_000
_EARLIEST = to_micros(EARLIEST)


def _require_duration(value: object) -> object:
    if isinstance(value, str):
        try:
            parse_duration(value)
        except DurationFault as error:
            raise ValueError(error.detail) from None
    return value


class BusinessDaysWire(Wire):
    """A number of business days, each worth the open time of its date."""

    business_days: Annotated[int, Field(ge=-100_000, le=100_000, strict=True)]
    """How many business days; a negative number counts back in time."""
    end_of_day: Annotated[bool, Field(strict=True)] = False
    """Whether it is due when the last of these days closes, where 1 is the next one after that of
    the start, and 0 the same."""

    @model_validator(mode="after")
    def _require_days_ahead(self) -> Self:
        if self.end_of_day and self.business_days < 0:
            raise ValueError("the end of a day lies ahead: give 0 or more business_days")
        return self


CalendarGiven = Annotated[
    str | dict[str, Any],
    Field(
        description="The calendar to count in: a published one by its full name"
        " (`livecart/business`), or one written in place.",
        examples=["livecart/business"],
    ),
]
Within = Annotated[
    Annotated[str, Field(max_length=40)] | BusinessDaysWire,
    BeforeValidator(_require_duration),
    Field(
        description="An ISO 8601 duration of business time, or a number of business days.",
        examples=["PT8H"],
    ),
]


class DueItem(Wire):
    """One target, counted from one instant."""

    start: Instant
    """The instant from which the target counts."""
    within: Within


class DueQuestion(Wire):
    """One target, or many of them, on one calendar."""

    calendar: CalendarGiven
    start: Instant | None = None
    """The instant from which the target counts; to be given with `within`, unless `items` are."""
    within: Within | None = None
    """An ISO 8601 duration of business time, or a number of business days."""
    items: Annotated[list[DueItem] | None, Field(max_length=MAX_ITEMS)] = None
    """Many targets at once; 10,000 at most. `…/due/items` takes them, too, and has one answer."""
    explain: bool = False
    """Whether the answer lists what was counted, and what was not and why."""

    @model_validator(mode="after")
    def _require_one_form(self) -> Self:
        single = self.start is not None and self.within is not None
        if single == (self.items is not None) or (self.start is None) != (self.within is None):
            raise ValueError("give start and within, or items")
        return self


class SegmentWire(Wire):
    """A span of time between start and due, counted or not."""

    from_: Annotated[Instant, Field(alias="from", serialization_alias="from")]
    """The instant at which the span begins, itself included."""
    to: Instant
    """The instant at which the span ends, itself excluded."""
    counted: bool
    """Whether the time of the span is counted."""
    why: str
    """Why the time is counted or not: open, closed, a holiday, or an override."""
    detail: str | None
    """The name of the holiday; null where the span is of none."""


class DueAnswer(Wire):
    """The two instants at which a target is used up."""

    due_at: Instant
    """The earliest instant at which the target is used up."""
    breaches_after: Instant
    """The latest instant at which no more than the target is used up: where support closes at
    `due_at`, when it opens next."""
    explain: list[SegmentWire] | None
    """The spans between start and due, counted or not; null unless `explain` was asked for."""


class DueAnswers(Wire):
    """When each of many targets is used up."""

    items: list[DueAnswer]
    """The answers, in the order of the question."""


class ElapsedItem(Wire):
    """Two instants, and the business time between to be measured."""

    start: Instant
    """The instant from which time is measured."""
    end: Instant
    """The instant up to which time is measured; before `start`, the time between is negative."""


class ElapsedQuestion(Wire):
    """Two instants, or many pairs on one calendar."""

    calendar: CalendarGiven
    start: Instant | None = None
    """The instant from which time is measured; to be given with `end`, unless `items` are."""
    end: Instant | None = None
    """The instant up to which time is measured; to be given with `start`, unless `items` are."""
    items: Annotated[list[ElapsedItem] | None, Field(max_length=MAX_ITEMS)] = None
    """Many pairs at once; 10,000 at most. `…/elapsed/items` takes them, too, and has one answer."""

    @model_validator(mode="after")
    def _require_one_form(self) -> Self:
        single = self.start is not None and self.end is not None
        if single == (self.items is not None) or (self.start is None) != (self.end is None):
            raise ValueError("give start and end, or items")
        return self


class ElapsedAnswer(Wire):
    """The business time between two instants, in three forms."""

    seconds: float
    """The business time between the two instants, in seconds."""
    elapsed: str
    """The business time as an ISO 8601 duration."""
    business_days: float
    """The business time in business days, each worth exactly one."""


class ElapsedAnswers(Wire):
    """The business time between many pairs of instants."""

    items: list[ElapsedAnswer]
    """The answers, in the order of the question."""


REFUSALS = (
    CalendarUnknown,
    InvalidCalendar,
    NeverOpens,
    InstantOutOfRange,
    RangeTooLong,
    CalculationTooLarge,
)


@routes.post(
    "/v1/business-time/due",
    summary="Add business time",
    status_code=200,
    response_model=DueAnswer | DueAnswers,
)
@operation("read", refuses=REFUSALS, brief=True)
async def find_due(db: RequestDb, request: Request, body: DueQuestion) -> Response:
    """When a target is used up: the earliest such instant, and the latest.

    What would take too many years of the calendar to be worked out is refused, with the limit.
    """
    return await _answer(db, request, body, partial(_answer_due, body))


@routes.post(
    "/v1/business-time/elapsed",
    summary="Measure business time",
    status_code=200,
    response_model=ElapsedAnswer | ElapsedAnswers,
)
@operation("read", refuses=REFUSALS, brief=True)
async def measure_elapsed(db: RequestDb, request: Request, body: ElapsedQuestion) -> Response:
    """How much business time lies between two instants; negative when they are swapped."""
    return await _answer(db, request, body, partial(_answer_elapsed, body))


async def _answer(
    db: Db,
    request: Request,
    body: DueQuestion | ElapsedQuestion,
    answer: Callable[[OpenTime], Response],
) -> Response:
    """Read a published calendar, and leave the rest until no connection is held."""
    calendar = await business_time.find_given(db, body.calendar)

    async def finish() -> Response:
        return await business_time.calculate(calendar, answer, items=len(body.items or ()))

    return answer_later(request, finish)


def _answer_due(body: DueQuestion, open_time: OpenTime) -> Response:
    if body.items is not None:
        return _write_items(_write_due(open_time, each) for each in body.items)
    assert body.start is not None and body.within is not None  # noqa: S101, PT018
    item = DueItem(start=body.start, within=body.within)
    return _write(_due(open_time, item, explain=body.explain))


def _answer_elapsed(body: ElapsedQuestion, open_time: OpenTime) -> Response:
    if body.items is not None:
        return _write_items(_write_elapsed(open_time, each) for each in body.items)
    assert body.start is not None and body.end is not None  # noqa: S101, PT018
    written = _write_elapsed(open_time, ElapsedItem(start=body.start, end=body.end))
    return Response(written, media_type=JSON)


def _write(answer: DueAnswer) -> Response:
    return Response(answer.model_dump_json(by_alias=True), media_type=JSON)


def _due(open_time: OpenTime, item: DueItem, *, explain: bool) -> DueAnswer:
    due = _find_due(open_time, item)
    segments = None
    if explain:
        first, last = sorted((to_micros(item.start), due.due_at))
        segments = [
            SegmentWire.model_validate(
                {
                    "from": from_micros(each.start),
                    "to": from_micros(each.end),
                    "counted": each.open,
                    "why": each.why,
                    "detail": each.name,
                }
            )
            for each in open_time.segments(first, last)
        ]
    return DueAnswer(
        due_at=from_micros(due.due_at),
        breaches_after=from_micros(due.breaches_after),
        explain=segments,
    )


def _write_items(items: Iterable[str]) -> Response:
    """Return ten thousand answers that are written as they are found, not made into shapes."""
    return Response(f'{{"items":[{",".join(items)}]}}', media_type=JSON)


def _write_due(open_time: OpenTime, item: DueItem) -> str:
    """Return what a DueAnswer without an explanation is on the wire."""
    due = _find_due(open_time, item)
    due_at = breaches_after = write_micros(due.due_at)
    if due.breaches_after != due.due_at:
        breaches_after = write_micros(due.breaches_after)
    return f'{{"due_at":"{due_at}","breaches_after":"{breaches_after}","explain":null}}'


def _find_due(open_time: OpenTime, item: DueItem) -> Due:
    within = (
        parse_duration(item.within)
        if isinstance(item.within, str)
        else BusinessDays(item.within.business_days, item.within.end_of_day)
    )
    due = business_time.find_due(open_time, item.start, within)
    if min(due) < _EARLIEST:
        raise InstantOutOfRange("It ends before 1900; instants lie in the years 1900 to 9999.")
    return due


def _write_elapsed(open_time: OpenTime, item: ElapsedItem) -> str:
    """Return what an ElapsedAnswer is on the wire."""
    start, end = to_micros(item.start), to_micros(item.end)
    micros = open_time.elapsed(start, end)
    return (
        f'{{"seconds":{micros / 1_000_000!r},'
        f'"elapsed":"{format_duration(timedelta(microseconds=micros))}",'
        f'"business_days":{float(open_time.elapsed_business_days(start, end))!r}}}'
    )
