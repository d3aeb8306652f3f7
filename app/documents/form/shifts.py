"""A date's shifts as a seller writes them: `[["09:00", "13:00"], ["22:00", "06:00"]]`."""

import re
from typing import Annotated

from app.documents.form.basis.problems import Problem, problem, refuse, refuse_all
from app.documents.form.basis.values import Read
from app.domain.access.pointers import shorten
from app.domain.time.calendars import Shift

MAX_SHIFTS_PER_DAY = 48
_DAY_MINUTES = 1440
_TIME = re.compile(r"(\d\d):([0-5]\d)", re.ASCII)


def read_shifts(value: object) -> tuple[Shift, ...]:
    """Read a date's shifts: sorted, overlapping and touching ones merged.

    An end before its start is on the next day, and 24:00 is midnight. Refuses `invalid_type`,
    `invalid_time`, `empty_shift` (start equals end), `shift_too_long` (over 24 hours),
    `too_many_items`.
    """
    if not isinstance(value, list | tuple):
        raise refuse("invalid_type", "Hours are a list of pairs like ['09:00', '17:00'].")
    if len(value) > MAX_SHIFTS_PER_DAY:
        raise refuse("too_many_items", f"There may be {MAX_SHIFTS_PER_DAY} shifts a day.")
    problems: list[Problem] = []
    read = [_read_shift(pair, place, problems) for place, pair in enumerate(value)]
    refuse_all(problems)
    return _merge([shift for shift in read if shift is not None])


def render_shifts(shifts: tuple[Shift, ...]) -> list[list[str]]:
    """Return shifts as `read_shifts` reads them."""
    return [[_render_time(shift.start_minute), _render_time(shift.end_minute)] for shift in shifts]


Shifts = Annotated[
    tuple[Shift, ...],
    Read(
        read_shifts,
        {
            "type": "array",
            "maxItems": MAX_SHIFTS_PER_DAY,
            "items": {
                "type": "array",
                "minItems": 2,
                "maxItems": 2,
                "items": {"type": "string", "pattern": r"^\d\d:[0-5]\d$"},
            },
            "examples": [[["09:00", "17:00"]]],
        },
    ),
]


def _read_shift(pair: object, place: int, problems: list[Problem]) -> Shift | None:
    if not isinstance(pair, list | tuple) or len(pair) != 2:
        detail = "A shift is a pair like ['09:00', '17:00']."
        problems.append(problem("invalid_type", detail, place))
        return None
    start = _read_time(pair[0], problems, place, 0)
    end = _read_time(pair[1], problems, place, 1)
    if start is None or end is None:
        return None
    if start >= _DAY_MINUTES:
        detail = f"{pair[0]} is not a time to start at."
        problems.append(problem("invalid_time", detail, place, 0))
    elif start == end:
        detail = f"It starts and ends at {pair[0]}. A whole day is 00:00 to 24:00."
        problems.append(problem("empty_shift", detail, place))
    elif end - start > _DAY_MINUTES:
        detail = f"{pair[0]} to {pair[1]} is longer than 24 hours."
        problems.append(problem("shift_too_long", detail, place))
    elif end > _DAY_MINUTES:
        next_day = _render_time(end)
        detail = f"{pair[1]} is past 24:00; an end on the next day is written {next_day}."
        problems.append(problem("invalid_time", detail, place, 1))
    else:
        return Shift(start, end if end > start else end + _DAY_MINUTES)
    return None


def _read_time(value: object, problems: list[Problem], *steps: int) -> int | None:
    match = _TIME.fullmatch(value) if isinstance(value, str) else None
    if match is not None:
        return int(match[1]) * 60 + int(match[2])
    shown = f'"{shorten(value)}"' if isinstance(value, str) else "It"
    problems.append(problem("invalid_time", f'{shown} is not a time of day like "09:30".', *steps))
    return None


def _merge(shifts: list[Shift]) -> tuple[Shift, ...]:
    """Return the same hours in few shifts, each of which can be written down.

    Two that would last over 24 hours together, or 24 hours from another time than midnight,
    stay apart.
    """
    shifts = sorted(shifts, key=lambda shift: (shift.start_minute, shift.end_minute))
    merged: list[Shift] = shifts[:1]
    for shift in shifts[1:]:
        start, end = merged[-1].start_minute, max(merged[-1].end_minute, shift.end_minute)
        writable = end - start < _DAY_MINUTES or end == _DAY_MINUTES
        if shift.start_minute <= merged[-1].end_minute and writable:
            merged[-1] = Shift(start, end)
        else:
            merged.append(shift)
    return tuple(merged)


def _render_time(minute: int) -> str:
    if minute > _DAY_MINUTES:
        minute -= _DAY_MINUTES
    return f"{minute // 60:02}:{minute % 60:02}"
