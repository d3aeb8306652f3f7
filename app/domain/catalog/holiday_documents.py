"""Dates of a calendar as a seller writes them: holidays, and dates with hours of their own."""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from difflib import get_close_matches

from app.domain.access.pointers import shorten
from app.domain.catalog.document_reading import LONGEST_NAME, Table
from app.domain.catalog.shift_documents import parse_shifts
from app.domain.time.calendars import Shift

MAX_DATES = 5_000
UNNAMED_HOLIDAY = "holiday"
_DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)


def parse_holidays(table: Table) -> dict[date, str]:
    """Read `holidays`: dates, or objects of a date and a name; each date once."""
    holidays: dict[date, str] = {}
    for place, item in enumerate(read_list(table, "holidays", MAX_DATES)):
        steps: tuple[str | int, ...] = ("holidays", place)
        name, written = UNNAMED_HOLIDAY, item
        if isinstance(item, Mapping):
            refuse_unknown_fields(item, ("date", "name"), table, *steps)
            if "name" in item:
                name = _parse_name(item["name"], table, *steps, "name")
            steps, written = (*steps, "date"), item.get("date")
        day = parse_date(written, table, *steps)
        if day is not None:
            if day in holidays:
                table.fault("duplicate_date", f"{day} is listed twice.", *steps)
            holidays[day] = name
    return holidays


def parse_overrides(
    table: Table,
) -> tuple[dict[date, tuple[Shift, ...]], dict[date, str]]:
    """Read `overrides`: by date its shifts, or an object of them and a name."""
    overrides: dict[date, tuple[Shift, ...]] = {}
    names: dict[date, str] = {}
    for key, item in read_mapping(table, "overrides").items():
        day = parse_date(key, table, "overrides", key)
        name, hours = None, item
        steps: tuple[str, ...] = ("overrides", key)
        if isinstance(item, Mapping):
            refuse_unknown_fields(item, ("hours", "name"), table, *steps)
            if "name" in item:
                name = _parse_name(item["name"], table, *steps, "name")
            steps, hours = (*steps, "hours"), item.get("hours")
        shifts = parse_shifts(hours, table, *steps)
        if day is not None:
            overrides[day] = shifts
            if name is not None:
                names[day] = name
    return overrides, names


def parse_date(value: object, table: Table, *steps: str | int) -> date | None:
    """Read a date written `2026-12-25`; TOML's own dates are as good."""
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    if not isinstance(value, str) or not _DATE.fullmatch(value):
        shown = f'"{shorten(value)}"' if isinstance(value, str) else "It"
        table.fault("invalid_date", f'{shown} is not a date like "2026-12-25".', *steps)
        return None
    try:
        return date.fromisoformat(value)
    except ValueError:
        table.fault("invalid_date", f"There is no date {value}.", *steps)
        return None


def _parse_name(value: object, table: Table, *steps: str | int) -> str:
    if isinstance(value, str) and value.isprintable() and 0 < len(value.strip()) <= LONGEST_NAME:
        return value.strip()
    detail = f"A name is 1 to {LONGEST_NAME} printable characters."
    table.fault("invalid_text", detail, *steps)
    return ""


def read_mapping(table: Table, name: str) -> dict[str, object]:
    """Read an object that may be left out."""
    value = table.raw(name)
    if isinstance(value, Mapping) and len(value) <= MAX_DATES:
        return {str(key): item for key, item in value.items()}
    if isinstance(value, Mapping):
        table.fault("too_many_items", f"There may be {MAX_DATES:,} at most.", name)
    elif table.has(name):
        table.fault("invalid_type", "It must be an object.", name)
    return {}


def read_list(table: Table, name: str, most: int) -> Sequence[object]:
    """Read a list of at most so many items that may be left out."""
    value = table.raw(name)
    if isinstance(value, list | tuple) and len(value) <= most:
        return value
    if isinstance(value, list | tuple):
        table.fault("too_many_items", f"There may be {most:,} at most.", name)
    elif table.has(name):
        table.fault("invalid_type", "It must be a list.", name)
    return ()


def refuse_unknown_fields(
    fields: Mapping[str, object], known: tuple[str, ...], table: Table, *steps: str | int
) -> None:
    """Note every field that is not known."""
    for name in map(str, fields):
        if name not in known:
            detail = f'There is no field "{shorten(name)}" here.{near_hint(name, known)}'
            table.fault("unknown_field", detail, *steps, name)


def near_hint(name: str, known: Iterable[str]) -> str:
    """Return a sentence that names the known name most like this one, if any is."""
    near = get_close_matches(name[:64], known, n=1)
    return f' Did you mean "{near[0]}"?' if near else ""
