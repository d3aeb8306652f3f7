"""Business time: when a target is used up, and how much time there is between two instants."""

from datetime import timedelta
from typing import Annotated, Any, Self

from fastapi.responses import JSONResponse, Response
from pydantic import BeforeValidator, Field, model_validator

from app.api.http.routing import RequestDb, operation, router
from app.api.http.wire import Instant, Wire
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
from app.domain.time.instants import write_micros
from app.services.time import business_time
from app.services.time.business_time import CalendarUnknown, InvalidCalendar

routes = router("Business time")

MAX_ITEMS = 10_000


def _require_duration(value: object) -> object:
    if isinstance(value, str):
        try:
            parse_duration(value)
        except DurationFault as error:
            raise ValueError(error.detail) from None
    return value


class BusinessDaysWire(Wire):
    """A number of business days."""

    business_days: Annotated[int, Field(ge=-100_000, le=100_000, strict=True)]
    """How many; negative counts back in time."""


CalendarGiven = Annotated[
    str | dict[str, Any],
    Field(
        description="A published calendar (`livecart/business`), or one in place.",
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
    """One target."""

    start: Instant
    """From when."""
    within: Within


class DueQuestion(Wire):
    """One target, or many on one calendar."""

    calendar: CalendarGiven
    start: Instant | None = None
    """From when."""
    within: Within | None = None
    """An ISO 8601 duration of business time, or a number of business days."""
    items: Annotated[list[DueItem] | None, Field(max_length=MAX_ITEMS)] = None
    """Many targets at once; 10,000 at most."""
    explain: bool = False
    """Whether to list what was counted, and what was not and why."""

    @model_validator(mode="after")
    def _require_one_form(self) -> Self:
        single = self.start is not None and self.within is not None
        if single == (self.items is not None) or (self.start is None) != (self.within is None):
            raise ValueError("give start and within, or items")
        return self


class SegmentWire(Wire):
    """A span of time, counted or not."""

    from_: Annotated[Instant, Field(alias="from", serialization_alias="from")]
    """Its begin."""
    to: Instant
    """Its end, itself excluded."""
    counted: bool
    """Whether it counts."""
    why: str
    """Open, closed, a holiday, or an override."""
    detail: str | None
    """The holiday's name."""


class DueAnswer(Wire):
    """When a target is used up."""

    due_at: Instant
    """The earliest instant at which it is used up."""
    breaches_after: Instant
    """The latest such instant."""
    explain: list[SegmentWire] | None
    """What was counted between start and due, and what was not."""


class DueAnswers(Wire):
    """When each of many targets is used up."""

    items: list[DueAnswer]
    """In the order of the question."""


class ElapsedItem(Wire):
    """Two instants."""

    start: Instant
    """From when."""
    end: Instant
    """Until when; before `start` it counts as negative."""


class ElapsedQuestion(Wire):
    """Two instants, or many pairs on one calendar."""

    calendar: CalendarGiven
    start: Instant | None = None
    """From when."""
    end: Instant | None = None
    """Until when."""
    items: Annotated[list[ElapsedItem] | None, Field(max_length=MAX_ITEMS)] = None
    """Many pairs at once; 10,000 at most."""

    @model_validator(mode="after")
    def _require_one_form(self) -> Self:
        single = self.start is not None and self.end is not None
        if single == (self.items is not None) or (self.start is None) != (self.end is None):
            raise ValueError("give start and end, or items")
        return self


class ElapsedAnswer(Wire):
    """The business time between two instants."""

    seconds: float
    """In seconds."""
    elapsed: str
    """As an ISO 8601 duration."""
    business_days: float
    """In business days, each worth exactly one."""


class ElapsedAnswers(Wire):
    """The business time between many pairs of instants."""

    items: list[ElapsedAnswer]
    """In the order of the question."""


_REFUSALS = (CalendarUnknown, InvalidCalendar, NeverOpens, InstantOutOfRange, RangeTooLong)


@routes.post(
    "/v1/business-time/due",
    summary="Add business time",
    status_code=200,
    response_model=DueAnswer | DueAnswers,
)
@operation("read", refuses=_REFUSALS, brief=True)
async def find_due(db: RequestDb, body: DueQuestion) -> DueAnswer | Response:
    """When a target is used up: the earliest such instant, and the latest."""
    open_time = await business_time.resolve_calendar(db, body.calendar)
    if body.items is not None:
        # Ten thousand are written as they are found, not made into shapes first.
        return JSONResponse({"items": [_write_due(open_time, each) for each in body.items]})
    assert body.start is not None and body.within is not None  # noqa: S101, PT018
    return _due(open_time, DueItem(start=body.start, within=body.within), explain=body.explain)


@routes.post("/v1/business-time/elapsed", summary="Measure business time", status_code=200)
@operation("read", refuses=_REFUSALS, brief=True)
async def measure_elapsed(db: RequestDb, body: ElapsedQuestion) -> ElapsedAnswer | ElapsedAnswers:
    """How much business time lies between two instants; negative when they are swapped."""
    open_time = await business_time.resolve_calendar(db, body.calendar)
    if body.items is not None:
        return ElapsedAnswers(items=[_elapsed(open_time, each) for each in body.items])
    assert body.start is not None and body.end is not None  # noqa: S101, PT018
    return _elapsed(open_time, ElapsedItem(start=body.start, end=body.end))


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


def _write_due(open_time: OpenTime, item: DueItem) -> dict[str, str | None]:
    """Return what a DueAnswer without an explanation is on the wire."""
    due = _find_due(open_time, item)
    due_at = breaches_after = write_micros(due.due_at)
    if due.breaches_after != due.due_at:
        breaches_after = write_micros(due.breaches_after)
    return {"due_at": due_at, "breaches_after": breaches_after, "explain": None}


def _find_due(open_time: OpenTime, item: DueItem) -> Due:
    within = item.within
    if isinstance(within, str):
        return business_time.find_due(open_time, item.start, parse_duration(within))
    return business_time.find_due(open_time, item.start, BusinessDays(within.business_days))


def _elapsed(open_time: OpenTime, item: ElapsedItem) -> ElapsedAnswer:
    start, end = to_micros(item.start), to_micros(item.end)
    micros = open_time.elapsed(start, end)
    return ElapsedAnswer(
        seconds=micros / 1_000_000,
        elapsed=format_duration(timedelta(microseconds=micros)),
        business_days=float(open_time.elapsed_business_days(start, end)),
    )
