"""Business time: a calendar's arithmetic, of a published calendar or one given in place."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, TypeVar

from app.db.catalog import catalogs
from app.db.engine.unit_of_work import Db
from app.documents.reading import parse_calendar
from app.domain.access.refusals import Fault, InvalidPayload, Refusal
from app.domain.catalog.catalogs import Catalog
from app.domain.promises.promises import BusinessDays
from app.domain.time.business_time import Due, OpenTime, from_micros, to_micros
from app.domain.time.calendars import Calendar
from app.domain.time.compiled_calendars import compile_calendar
from app.domain.time.instants import span_to_micros
from app.domain.values import Value
from app.services.time.calculations import FEW, is_large, work_out

Answer = TypeVar("Answer")


class InvalidCalendar(InvalidPayload):
    """The calendar given in place is not valid; `errors` names every fault."""

    code = "invalid_calendar"
    title = "The calendar is not valid"


class CalendarUnknown(Refusal):
    """No published catalogue has such a calendar."""

    kind = "unknown"
    code = "calendar_unknown"
    title = "There is no such calendar"


class CalendarStatus(Value):
    """A calendar at an instant: open or not, and when that changes."""

    at: datetime
    open: bool
    closes_at: datetime | None
    next_opens_at: datetime
    holiday: str | None
    holidays_until: str | None


async def find_calendar(db: Db, catalog: str, calendar: str) -> tuple[Catalog, Calendar]:
    """Return a published calendar; refuse with `calendar_unknown`."""
    try:
        terms, _ = await catalogs.load_current(db, catalog)
    except catalogs.CatalogUnknown:
        raise CalendarUnknown(f"There is no calendar {catalog}/{calendar}.") from None
    if calendar not in terms.calendars or calendar in terms.roles:
        raise CalendarUnknown(f"There is no calendar {catalog}/{calendar}.")
    return terms, terms.calendars[calendar]


async def find_given(db: Db, given: str | Mapping[str, Any]) -> Calendar | Mapping[str, Any]:
    """Return the calendar named `catalogue/calendar`; one given in place is returned as it is."""
    if not isinstance(given, str):
        return given
    catalog, _, calendar = given.partition("/")
    return (await find_calendar(db, catalog, calendar))[1]


async def calculate(
    calendar: Calendar | Mapping[str, Any],
    answer: Callable[[OpenTime], Answer],
    *,
    items: int,
) -> Answer:
    """Return what is asked of a calendar, a published one or one that was given in place.

    Nothing is read for it, so no connection need be held. Refuses with `invalid_calendar`, and
    with `calculation_too_large`.
    """

    def work() -> Answer:
        return answer(compile_calendar(_read_given(calendar)))

    large = items > FEW or (not isinstance(calendar, Calendar) and is_large(calendar))
    return await work_out(work, large=large)


def _read_given(given: Calendar | Mapping[str, Any]) -> Calendar:
    if isinstance(given, Calendar):
        return given
    faults: list[Fault] = []
    parsed = parse_calendar(dict(given), pointer="/calendar", faults=faults)
    if parsed is None or faults:
        raise InvalidCalendar(faults)
    return parsed


def find_due(open_time: OpenTime, start: datetime, within: timedelta | BusinessDays) -> Due:
    """Return when a target is used up, as UTC microseconds; negative spans count backwards."""
    begin = to_micros(start)
    if isinstance(within, BusinessDays) and within.end_of_day:
        closes = open_time.close_of_business_day(begin, within.days)
        return open_time.due(begin, open_time.elapsed(begin, closes))
    if isinstance(within, BusinessDays):
        return open_time.due_business_days(begin, within.days)
    return open_time.due(begin, span_to_micros(within))


def read_status(calendar: Calendar, at: datetime) -> CalendarStatus:
    """Return how a calendar stands at an instant."""
    open_time = compile_calendar(calendar)
    instant = to_micros(at)
    is_open = open_time.is_open(instant)
    closes = open_time.closes_at(instant) if is_open else None
    opens = open_time.next_opening(instant if closes is None else closes)
    until = calendar.holidays_until
    return CalendarStatus(
        at=at,
        open=is_open,
        closes_at=None if closes is None else from_micros(closes),
        next_opens_at=from_micros(opens),
        holiday=open_time.holiday_at(instant),
        holidays_until=None if until is None else until.isoformat(),
    )
