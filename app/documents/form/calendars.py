"""A calendar as a seller writes it: zone, weekly hours, holidays, dates with hours of their own.

{"timezone": "Europe/Berlin",
 "hours": {"mon": [["09:00", "17:00"]], "fri": [["22:00", "06:00"]]},
 "holidays": ["2026-12-25", {"date": "2027-01-01", "name": "New Year's Day"}],
 "overrides": {"2026-12-24": [["09:00", "13:00"]],
               "2026-12-31": {"hours": [], "name": "Stocktaking"}},
 "business_days": ["mon", "tue", "wed", "thu", "fri"],
 "extra_business_days": ["2026-11-28"],
 "name": "business hours",
 "holidays_until": "2027-12-31",
 "union": ["weekend"]}
"""

import re
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Annotated, TypeVar

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Discriminator,
    Field,
    Tag,
    model_validator,
)

from app.documents.form.basis.parts import (
    PLAIN,
    TABLE,
    AtMost,
    HolidaySetNames,
    Listed,
    Part,
    shape_of,
)
from app.documents.form.basis.problems import Problem, problem, refuse, refuse_all
from app.documents.form.basis.surroundings import Surroundings
from app.documents.form.basis.values import LONGEST_NAME, Day, Read
from app.documents.form.shifts import Shifts
from app.domain.access.pointers import shorten
from app.domain.time.calendars import WEEKDAYS, Shift
from app.domain.time.zones import ZoneFault, load_zone

MAX_DATES = 5_000
MAX_EXCEPTIONAL_YEARS = 200
MAX_MEMBERS = 16
UNNAMED_HOLIDAY = "holiday"
OFFSET = re.compile(r"[+-]\d\d:\d\d", re.ASCII)


def _read_name(value: object) -> str:
    if isinstance(value, str) and value.isprintable() and 0 < len(value.strip()) <= LONGEST_NAME:
        return value.strip()
    raise refuse("invalid_text", f"A name is 1 to {LONGEST_NAME} printable characters.")


def _read_timezone(value: object) -> str:
    if not isinstance(value, str):
        raise refuse("invalid_type", "It must be a string.")
    try:
        return load_zone(value).name
    except ZoneFault as fault:
        raise refuse(fault.code, fault.detail) from None


def _read_offset(value: object) -> str:
    if not isinstance(value, str):
        raise refuse("invalid_type", "It must be a string.")
    if not OFFSET.fullmatch(value):
        detail = f'"{shorten(value)}" is not an offset from UTC like "+02:00".'
        raise refuse("invalid_offset", detail)
    try:
        return load_zone(value).name
    except ZoneFault as fault:
        raise refuse("invalid_offset", fault.detail) from None


def _read_weekday(value: object) -> str:
    if isinstance(value, str) and value in WEEKDAYS:
        return value
    shown = f'"{shorten(value)}"' if isinstance(value, str) else "It"
    raise refuse("unknown_weekday", f"{shown} is not a day of the week: {', '.join(WEEKDAYS)}.")


def _read_weekdays(value: object) -> str:
    first, dash, last = value.partition("-") if isinstance(value, str) else ("", "", "")
    if dash and first in WEEKDAYS and last in WEEKDAYS[WEEKDAYS.index(first) :]:
        return f"{first}-{last}"
    return _read_weekday(value)


def _read_member(value: object) -> str:
    if not isinstance(value, str):
        raise refuse("invalid_type", "A calendar is an object, or the name of one.")
    return value


_NAME_SHAPE = {"type": "string", "minLength": 1, "maxLength": LONGEST_NAME}
Weekday = Annotated[str, Read(_read_weekday, {"type": "string", "enum": list(WEEKDAYS)})]
_RANGES = [
    f"{first}-{last}" for place, first in enumerate(WEEKDAYS) for last in WEEKDAYS[place + 1 :]
]
Weekdays = Annotated[str, Read(_read_weekdays, {"type": "string", "enum": [*WEEKDAYS, *_RANGES]})]
_HolidayName = Annotated[str, Read(_read_name, _NAME_SHAPE)]
_CalendarName = Annotated[
    str, Read(_read_name, _NAME_SHAPE), AfterValidator(lambda name: " ".join(name.split()))
]


class HolidayDocument(Part):
    """A day on which support is closed, with its name."""

    date: Day
    """The civil date of the holiday, in the calendar's zone."""
    name: _HolidayName = UNNAMED_HOLIDAY
    """What the day is called, shown where it explains a deadline."""

    @model_validator(mode="before")
    @classmethod
    def _need_date(cls, value: object) -> object:
        return {"date": None, **value} if isinstance(value, dict) else value


class OverrideDocument(Part):
    """A date with hours of its own, and why."""

    hours: Shifts
    """The shifts that start on that date, in place of the weekday's; without any, it is closed."""
    name: _HolidayName | None = None
    """Why the day is different, shown where it explains a deadline."""

    @model_validator(mode="before")
    @classmethod
    def _need_hours(cls, value: object) -> object:
        return {"hours": None, **value} if isinstance(value, dict) else value


_Holiday = Annotated[
    Annotated[Day, Tag(PLAIN)] | Annotated[HolidayDocument, Tag(TABLE)], Discriminator(shape_of)
]
_Override = Annotated[
    Annotated[Shifts, Tag(PLAIN)] | Annotated[OverrideDocument, Tag(TABLE)],
    Discriminator(shape_of),
]


_Dated = TypeVar("_Dated", date, date | HolidayDocument)


def _differ(days: tuple[_Dated, ...]) -> tuple[_Dated, ...]:
    seen: set[date] = set()
    twice = []
    for place, item in enumerate(days):
        day, steps = (item.date, ("date",)) if isinstance(item, HolidayDocument) else (item, ())
        if day in seen:
            twice.append(problem("duplicate_date", f"{day} is listed twice.", place, *steps))
        seen.add(day)
    refuse_all(twice)
    return days


def _name_days(days: tuple[date | HolidayDocument, ...]) -> dict[date, str]:
    return {
        item.date if isinstance(item, HolidayDocument) else item: item.name
        if isinstance(item, HolidayDocument)
        else UNNAMED_HOLIDAY
        for item in days
    }


def _differ_weekdays(days: tuple[str, ...]) -> tuple[str, ...]:
    refuse_all(
        problem("duplicate", f"{day} is listed twice.", place)
        for place, day in enumerate(days)
        if day in days[:place]
    )
    return days


def _take_object(value: object) -> object:
    if not isinstance(value, Mapping):
        raise refuse("invalid_type", "It must be an object.")
    return value


_OBJECT = BeforeValidator(_take_object)


def _spread(hours: dict[str, tuple[Shift, ...]]) -> dict[str, tuple[Shift, ...]]:
    """Return the hours by single weekdays; each may be given once."""
    spread: dict[str, tuple[Shift, ...]] = {}
    twice = []
    for name, shifts in hours.items():
        first, _, last = name.partition("-")
        begin, end = WEEKDAYS.index(first), WEEKDAYS.index(last or first)
        for day in WEEKDAYS[begin : end + 1]:
            if day in spread:
                twice.append(problem("duplicate", f"{day} has hours already.", name))
            spread[day] = shifts
    refuse_all(twice[:1])
    return spread


class HolidaySetDocument(Part):
    """Holidays that several calendars keep, by one name."""

    days: Annotated[
        tuple[_Holiday, ...], Field(max_length=MAX_DATES), Listed, AfterValidator(_differ)
    ]
    """The dates of the holidays, each alone or with its name."""
    until: Day | None = None
    """The last date for which these holidays are known."""

    def names(self) -> dict[date, str]:
        """Return each holiday with its name."""
        return _name_days(self.days)


class CalendarDocument(Part):
    """When support is open: a zone, weekly hours, holidays and dates with hours of their own."""

    timezone: (
        Annotated[
            str,
            Read(_read_timezone, {"type": "string", "examples": ["Europe/Berlin"]}),
        ]
        | None
    ) = None
    """The IANA name of the zone in which the hours are; this or a fixed offset is needed."""
    utc_offset: (
        Annotated[
            str,
            Read(_read_offset, {"type": "string", "pattern": f"^{OFFSET.pattern}$"}),
        ]
        | None
    ) = None
    """A fixed offset from UTC in place of a zone, where the seller keeps no summer time."""
    hours: Annotated[
        dict[Weekdays, Shifts], _OBJECT, AtMost(MAX_DATES), AfterValidator(_spread)
    ] = {}
    """The shifts of each weekday, or of a range of weekdays such as mon-fri; other days are
    closed."""
    holidays: Annotated[
        tuple[_Holiday, ...], Field(max_length=MAX_DATES), Listed, AfterValidator(_differ)
    ] = ()
    """Dates on which support is closed, each alone or with its name."""
    overrides: Annotated[dict[Day, _Override], _OBJECT, AtMost(MAX_DATES)] = {}
    """The shifts of single dates, in place of the weekday's and of a holiday's closing."""
    business_days: Annotated[
        tuple[Weekday, ...], Field(max_length=7), Listed, AfterValidator(_differ_weekdays)
    ] = WEEKDAYS[:5]
    """The weekdays that count as business days: Monday to Friday if it is left out."""
    holiday_sets: HolidaySetNames = ()
    """The sets of holidays on which the calendar is closed, too, by their names."""
    extra_business_days: Annotated[
        tuple[Day, ...], Field(max_length=MAX_DATES), Listed, AfterValidator(_differ)
    ] = ()
    """Dates that count as business days whatever their weekday, as a Saturday made one may."""
    name: _CalendarName | None = None
    """What people call these hours, as in a sentence: "support hours"; left out, business hours."""
    holidays_until: Day | None = None
    """The last date for which the holidays are known; a later deadline carries a warning."""
    union: Annotated[tuple["CalendarMember", ...], Field(max_length=MAX_MEMBERS), Listed] = ()
    """Further calendars whose open time counts too, by their names here or written in place."""

    def check(self, around: Surroundings) -> Iterator[Problem]:
        if self.timezone is not None and self.utc_offset is not None:
            detail = "A calendar has a timezone or a utc_offset, not both."
            yield problem("conflicting_fields", detail, "utc_offset")
        elif self.timezone is None and self.utc_offset is None:
            detail = 'It needs a timezone like "Europe/Berlin", or a utc_offset like "+02:00".'
            yield problem("required", detail, "timezone")
            return
        dates = (*self.holiday_names(), *self.overrides, *self.extra_business_days)
        years = {day.year for day in dates}
        if len(years) > MAX_EXCEPTIONAL_YEARS:
            detail = f"Its dates may lie in {MAX_EXCEPTIONAL_YEARS} different years."
            yield problem("too_many_items", detail)
        if not self.opens() and not self.union:
            detail = "The calendar is never open: no weekday and no override has hours."
            yield problem("never_opens", detail, "hours")
        for place, member in enumerate(self.union):
            if isinstance(member, str) and member not in around.names.get("calendar", ()):
                detail = around.explain_unknown("calendar", member)
                yield problem("unknown_calendar", detail, "union", place)

    def holiday_names(self) -> dict[date, str]:
        """Return each holiday of its own with its name."""
        return _name_days(self.holidays)

    def opens(self) -> bool:
        """Say whether it has hours of its own, on a weekday or a date."""
        return any(self.hours.values()) or any(
            each.hours if isinstance(each, OverrideDocument) else each
            for each in self.overrides.values()
        )


CalendarMember = Annotated[
    Annotated[str, Read(_read_member, {"type": "string"}), Tag(PLAIN)]
    | Annotated[CalendarDocument, Tag(TABLE)],
    Discriminator(shape_of),
]
CalendarDocument.model_rebuild()
