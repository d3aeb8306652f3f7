"""Calendars that join others: what may join, and the values that come of it.

Each calendar is read once however many join it, so reading takes as long as the document is.
"""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from app.documents.form.basis.problems import Problem, problem
from app.documents.form.calendars import (
    MAX_MEMBERS,
    OFFSET,
    UNNAMED_HOLIDAY,
    CalendarDocument,
    HolidaySetDocument,
    OverrideDocument,
)
from app.documents.form.shifts import render_shifts
from app.domain.time.calendars import WEEKDAYS, Calendar

MAX_WEEKLY_SHIFTS = 168

Calendars = Mapping[str, CalendarDocument]
HolidaySets = Mapping[str, HolidaySetDocument]


class _Around(NamedTuple):
    """What a calendar may name, and the calendars that are built already."""

    calendars: Calendars
    holidays: HolidaySets
    built: dict[str, Calendar]


class _Sum(NamedTuple):
    """What a calendar has with all that it joins."""

    members: int
    weekly_shifts: int
    opens: bool


def check_joining(calendars: Calendars) -> Iterator[Problem]:
    """Return what is wrong with what calendars join: a circle, too much, or nothing open."""
    sums: dict[str, _Sum | None] = {}
    for name in calendars:
        found = _add_named(name, calendars, sums)
        if found is None:
            detail = "The calendar would contain itself."
            yield problem("calendar_cycle", detail, name, "union")
        elif found.members > MAX_MEMBERS:
            detail = f"A union may join {MAX_MEMBERS} calendars in all, those of members too."
            yield problem("too_many_items", detail, name, "union")
        elif found.weekly_shifts > MAX_WEEKLY_SHIFTS:
            detail = f"A week may have {MAX_WEEKLY_SHIFTS} shifts, those of a union's members too."
            yield problem("too_many_items", detail, name)
        elif not found.opens:
            detail = "The calendar is never open: no weekday and no override has hours."
            yield problem("never_opens", detail, name, "hours")


def build_calendars(calendars: Calendars, holidays: HolidaySets) -> dict[str, Calendar]:
    """Return the values of sound calendars, by name; `holidays` are the sets that they keep."""
    built: dict[str, Calendar] = {}
    around = _Around(calendars, holidays, built)
    for name in calendars:
        _build_named(name, around)
    return {name: built[name] for name in calendars}


def render_calendar(calendar: Calendar) -> dict[str, object]:
    """Return the document of a calendar, which is read back as the same value.

    Weekdays without hours, and empty fields, are left out; members of a union are written out
    in place.
    """
    document: dict[str, object] = {}
    document["utc_offset" if OFFSET.fullmatch(calendar.zone) else "timezone"] = calendar.zone
    document["hours"] = {
        WEEKDAYS[weekday]: render_shifts(shifts)
        for weekday, shifts in enumerate(calendar.hours)
        if shifts
    }
    if calendar.holidays:
        document["holidays"] = [
            day.isoformat() if name == UNNAMED_HOLIDAY else {"date": day.isoformat(), "name": name}
            for day, name in calendar.holidays
        ]
    if calendar.overrides:
        names = dict(calendar.override_names)
        document["overrides"] = {
            day.isoformat(): {"hours": render_shifts(shifts), "name": names[day]}
            if day in names
            else render_shifts(shifts)
            for day, shifts in calendar.overrides
        }
    document["business_days"] = [WEEKDAYS[day] for day in sorted(calendar.business_days)]
    if calendar.extra_business_days:
        document["extra_business_days"] = [
            day.isoformat() for day in sorted(calendar.extra_business_days)
        ]
    if calendar.name is not None:
        document["name"] = calendar.name
    if calendar.holidays_until is not None:
        document["holidays_until"] = calendar.holidays_until.isoformat()
    if calendar.union:
        document["union"] = [render_calendar(member) for member in calendar.union]
    return document


def _add_named(name: str, calendars: Calendars, sums: dict[str, _Sum | None]) -> _Sum | None:
    """Return a calendar's sum; None where it leads to itself, or while it is being added."""
    if name not in sums:
        sums[name] = None
        sums[name] = _add(calendars[name], calendars, sums)
    return sums[name]


def _add(
    calendar: CalendarDocument, calendars: Calendars, sums: dict[str, _Sum | None]
) -> _Sum | None:
    members, shifts, opens = 0, sum(map(len, calendar.hours.values())), calendar.opens()
    for member in calendar.union:
        found = (
            _add_named(member, calendars, sums)
            if isinstance(member, str)
            else _add(member, calendars, sums)
        )
        if found is None:
            return None
        members += 1 + found.members
        shifts += found.weekly_shifts
        opens = opens or found.opens
    return _Sum(members, shifts, opens)


def _build_named(name: str, around: _Around) -> Calendar:
    if name not in around.built:
        around.built[name] = build_calendar(around.calendars[name], around)
    return around.built[name]


def build_calendar(calendar: CalendarDocument, around: _Around | None = None) -> Calendar:
    """Return the value of a sound calendar; without what is around it, it names nothing."""
    around = around or _Around({}, {}, {})
    sets = [around.holidays[name] for name in calendar.holiday_sets]
    holidays = {day: name for each in sets for day, name in each.names().items()}
    known = [each.until for each in sets if each.until is not None]
    overrides = {
        day: each.hours if isinstance(each, OverrideDocument) else each
        for day, each in calendar.overrides.items()
    }
    names = {
        day: each.name
        for day, each in calendar.overrides.items()
        if isinstance(each, OverrideDocument) and each.name is not None
    }
    return Calendar(
        zone=calendar.timezone or calendar.utc_offset or "",
        hours=tuple(calendar.hours.get(weekday, ()) for weekday in WEEKDAYS),
        holidays=tuple(sorted((holidays | calendar.holiday_names()).items())),
        overrides=tuple(sorted(overrides.items())),
        business_days=frozenset(map(WEEKDAYS.index, calendar.business_days)),
        holidays_until=calendar.holidays_until or min(known, default=None),
        union=tuple(
            _build_named(member, around)
            if isinstance(member, str)
            else build_calendar(member, around)
            for member in calendar.union
        ),
        override_names=tuple(sorted(names.items())),
        extra_business_days=frozenset(calendar.extra_business_days),
        name=calendar.name,
    )
