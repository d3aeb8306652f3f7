"""A calendar as a seller writes it, in JSON or TOML, read into values and written back.

    {"timezone": "Europe/Berlin",
     "hours": {"mon": [["09:00", "17:00"]], "fri": [["22:00", "06:00"]]},
     "holidays": ["2026-12-25", {"date": "2027-01-01", "name": "New Year's Day"}],
     "overrides": {"2026-12-24": [["09:00", "13:00"]],
                   "2026-12-31": {"hours": [], "name": "Stocktaking"}},
     "business_days": ["mon", "tue", "wed", "thu", "fri"],
     "holidays_until": "2027-12-31",
     "union": ["weekend"]}

`utc_offset` takes the place of `timezone` where the offset never changes. `business_days` are
Monday to Friday if left out. A union's members are other calendars of the same document, by
name, or calendars written in place.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from app.domain.access.pointers import point, shorten, writable
from app.domain.access.refusals import Fault
from app.domain.catalog.document_reading import Table
from app.domain.catalog.holiday_documents import (
    UNNAMED_HOLIDAY,
    near_hint,
    parse_date,
    parse_holidays,
    parse_overrides,
    read_list,
    read_mapping,
    refuse_unknown_fields,
)
from app.domain.catalog.shift_documents import parse_shifts, render_shifts
from app.domain.time.calendars import WEEKDAYS, Calendar, Shift
from app.domain.time.zones import ZoneFault, load_zone

MAX_EXCEPTIONAL_YEARS = 200
MAX_MEMBERS = 16
MAX_WEEKLY_SHIFTS = 168

_FIELDS = (
    "timezone",
    "utc_offset",
    "hours",
    "holidays",
    "overrides",
    "business_days",
    "holidays_until",
    "union",
)
_OFFSET = re.compile(r"[+-]\d\d:\d\d", re.ASCII)


def parse_calendar(
    document: object,
    *,
    pointer: str,
    faults: list[Fault],
    siblings: Mapping[str, object] | None = None,
) -> Calendar | None:
    """Return the calendar that a document describes; None if anything is wrong with it.

    Every fault is added to `faults`, at its pointer below `pointer`, with one of the codes
    `invalid_type`, `required`, `unknown_field`, `conflicting_fields`, `unknown_timezone`,
    `ambiguous_timezone`, `invalid_offset`, `invalid_time`, `empty_shift`, `shift_too_long`,
    `invalid_date`, `duplicate_date`, `invalid_text`, `unknown_weekday`, `duplicate`,
    `unknown_calendar`, `calendar_cycle`, `too_many_items`, `never_opens`. `siblings` are the
    documents that `union` may name; the faults within them are not repeated here.
    """
    union = _Union(siblings or {})
    found: list[Fault] = []
    calendar = _parse(document, pointer, found, union, trail=())
    if union.circular:
        detail = "The calendar would contain itself."
        found.append(Fault(point(pointer, "union"), detail, "calendar_cycle"))
    elif union.members > MAX_MEMBERS:
        detail = f"A union may join {MAX_MEMBERS} calendars in all, those of members too."
        found.append(Fault(point(pointer, "union"), detail, "too_many_items"))
    elif calendar is not None and _count_weekly_shifts(calendar) > MAX_WEEKLY_SHIFTS:
        detail = f"A week may have {MAX_WEEKLY_SHIFTS} shifts, those of a union's members too."
        found.append(Fault(pointer, detail, "too_many_items"))
    for fault in found:
        shown = replace(fault, pointer=writable(fault.pointer), detail=writable(fault.detail))
        faults.append(shown)
    return None if found else calendar


def render_calendar(calendar: Calendar) -> dict[str, object]:
    """Return the document of a calendar, which `parse_calendar` reads back as the same value.

    Weekdays without hours, and empty fields, are left out; members of a union are written out
    in place.
    """
    document: dict[str, object] = {}
    document["utc_offset" if _OFFSET.fullmatch(calendar.zone) else "timezone"] = calendar.zone
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
    if calendar.holidays_until is not None:
        document["holidays_until"] = calendar.holidays_until.isoformat()
    if calendar.union:
        document["union"] = [render_calendar(member) for member in calendar.union]
    return document


@dataclass(slots=True)
class _Union:
    """What one calendar joins in all, counted while it is read so that reading ends."""

    siblings: Mapping[str, object]
    members: int = 0
    circular: bool = False


def _parse(
    document: object, pointer: str, faults: list[Fault], union: _Union, *, trail: tuple[str, ...]
) -> Calendar | None:
    if not isinstance(document, Mapping):
        faults.append(Fault(pointer, "A calendar is an object.", "invalid_type"))
        return None
    table = Table(document, pointer, faults)
    refuse_unknown_fields(document, _FIELDS, table)
    zone = _parse_zone(table)
    hours = _parse_hours(table)
    holidays = parse_holidays(table)
    overrides, override_names = parse_overrides(table)
    business_days = _parse_business_days(table)
    holidays_until = None
    if table.has("holidays_until"):
        holidays_until = parse_date(table.raw("holidays_until"), table, "holidays_until")
    if len({day.year for day in (*holidays, *overrides)}) > MAX_EXCEPTIONAL_YEARS:
        detail = f"Holidays and overrides may lie in {MAX_EXCEPTIONAL_YEARS} different years."
        table.fault("too_many_items", detail)
    members = _parse_members(table, union, trail)
    if not table.sound or members is None:
        return None
    calendar = Calendar(
        zone=zone,
        hours=hours,
        holidays=tuple(sorted(holidays.items())),
        overrides=tuple(sorted(overrides.items())),
        business_days=business_days,
        holidays_until=holidays_until,
        union=members,
        override_names=tuple(sorted(override_names.items())),
    )
    if not _ever_opens(calendar):
        detail = "The calendar is never open: no weekday and no override has hours."
        table.fault("never_opens", detail, "hours")
        return None
    return calendar


def _parse_members(
    table: Table, union: _Union, trail: tuple[str, ...]
) -> tuple[Calendar, ...] | None:
    """Read the members of a union; None where one is at fault, here or where it is written."""
    members = []
    items = read_list(table, "union", MAX_MEMBERS)
    for place, item in enumerate(items):
        union.members += 1
        if union.members > MAX_MEMBERS:
            return None
        member = None
        if not isinstance(item, str):
            pointer = point(table.pointer, "union", place)
            member = _parse(item, pointer, table.faults, union, trail=trail)
        elif item in trail:
            union.circular = True
        elif item in union.siblings:
            member = _parse(union.siblings[item], "", [], union, trail=(*trail, item))
        else:
            detail = (
                f'There is no calendar "{shorten(item)}" here.{near_hint(item, union.siblings)}'
            )
            table.fault("unknown_calendar", detail, "union", place)
        if member is not None:
            members.append(member)
    return tuple(members) if len(members) == len(items) else None


def _parse_zone(table: Table) -> str:
    if table.has("timezone") and table.has("utc_offset"):
        detail = "A calendar has a timezone or a utc_offset, not both."
        table.fault("conflicting_fields", detail, "utc_offset")
        return ""
    field = "utc_offset" if table.has("utc_offset") else "timezone"
    if not table.has(field):
        detail = 'It needs a timezone like "Europe/Berlin", or a utc_offset like "+02:00".'
        table.fault("required", detail, field)
        return ""
    name = table.raw(field)
    if not isinstance(name, str):
        table.fault("invalid_type", "It must be a string.", field)
    elif field == "utc_offset" and not _OFFSET.fullmatch(name):
        detail = f'"{shorten(name)}" is not an offset from UTC like "+02:00".'
        table.fault("invalid_offset", detail, field)
    else:
        try:
            return load_zone(name).name
        except ZoneFault as fault:
            code = "invalid_offset" if field == "utc_offset" else fault.code
            table.fault(code, fault.detail, field)
    return ""


def _parse_hours(table: Table) -> tuple[tuple[Shift, ...], ...]:
    week: list[tuple[Shift, ...]] = [()] * 7
    for name, shifts in read_mapping(table, "hours").items():
        if name in WEEKDAYS:
            week[WEEKDAYS.index(name)] = parse_shifts(shifts, table, "hours", name)
        else:
            table.fault("unknown_weekday", _explain_weekday(name), "hours", name)
    return tuple(week)


def _parse_business_days(table: Table) -> frozenset[int]:
    if not table.has("business_days"):
        return frozenset(range(5))
    days: set[int] = set()
    for place, name in enumerate(read_list(table, "business_days", len(WEEKDAYS))):
        if not isinstance(name, str) or name not in WEEKDAYS:
            table.fault("unknown_weekday", _explain_weekday(name), "business_days", place)
            continue
        if WEEKDAYS.index(name) in days:
            table.fault("duplicate", f"{name} is listed twice.", "business_days", place)
        days.add(WEEKDAYS.index(name))
    return frozenset(days)


def _explain_weekday(name: object) -> str:
    shown = f'"{shorten(name)}"' if isinstance(name, str) else "It"
    return f"{shown} is not a day of the week: {', '.join(WEEKDAYS)}."


def _ever_opens(calendar: Calendar) -> bool:
    if any(calendar.hours) or any(shifts for _, shifts in calendar.overrides):
        return True
    return any(_ever_opens(member) for member in calendar.union)


def _count_weekly_shifts(calendar: Calendar) -> int:
    return sum(map(len, calendar.hours)) + sum(map(_count_weekly_shifts, calendar.union))
