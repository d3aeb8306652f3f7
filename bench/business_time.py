"""Business time beside the Python libraries that do it, each asked what it can express.

One calendar for all: Monday to Friday, 09:00 to 17:00 in Berlin, with ten holidays. Answers are
compared before anything is timed.
"""

import random
from collections.abc import Callable
from datetime import date, datetime, timedelta
from datetime import time as clock_time
from typing import Any
from zoneinfo import ZoneInfo

import businesstimedelta
import numpy as np
import pandas as pd
import pytz

from app.documents.reading import parse_calendar
from app.domain.time.business_time import OpenTime
from app.domain.time.calendars import Calendar
from app.domain.time.instants import MICROS_PER_MINUTE, to_micros
from app.services.time.business_time import find_due
from bench.client import Client
from bench.figures import Figure, Goal, Part
from bench.rig import Rig
from bench.timing import percentile, time_calls

_BERLIN = ZoneInfo("Europe/Berlin")
_HOLIDAYS = (
    "2026-01-01", "2026-04-03", "2026-04-06", "2026-05-01", "2026-05-14",
    "2026-05-25", "2026-12-25", "2027-01-01", "2027-03-26", "2027-12-24",
)  # fmt: skip
_STARTS = 100
_COMPARED = 10
_HOUR = 60 * MICROS_PER_MINUTE
_ITEMS = 10_000
_REQUESTS = 10

Call = Callable[[Any], Any]
"""A question to one library, of an instant in that library's own type."""


class Disagreement(Exception):
    """Two libraries answer one question differently: a comparison would mean nothing."""


def run(rig: Rig) -> Part:
    """Measure single calls in process, the compilation, and 10,000 items in one request."""
    part = Part("business-time", "Business time", sizes={"starts": _STARTS, "items": _ITEMS})
    starts = _choose_starts()
    _measure_calls(part, starts)
    _measure_compilation(part, starts)
    _measure_request(part, rig)
    return part


def _measure_calls(part: Part, starts: list[datetime]) -> None:
    open_time = OpenTime(_make_calendar())
    contests = {
        "add 8 h": _adding(open_time, 8),
        "add 2,000 h": _adding(open_time, 2_000),
        "elapsed, one year": _measuring(open_time),
    }
    found: dict[str, dict[str, float]] = {}
    for what, contestants in contests.items():
        given = {name: [_as_of(name, start) for start in starts] for name in contestants}
        _compare(what, contestants, given)
        found[what] = time_calls(contestants, given)
        ours = found[what]["surety"]
        part.figures += [
            Figure(what, who, value, "µs", times=value / ours) for who, value in found[what].items()
        ]
        part.goals.append(Goal(f"{what}, one call", ours, 3, "µs"))
    far, near = found["add 2,000 h"]["surety"], found["add 8 h"]["surety"]
    part.goals.append(Goal("2,000 h as against 8 h", far / near, 2, "×"))


def _adding(open_time: OpenTime, hours: int) -> dict[str, Call]:
    micros, span = hours * _HOUR, timedelta(hours=hours)
    rules = _make_rules()
    business_hours = pd.offsets.CustomBusinessHour(
        n=hours, start="09:00", end="17:00", holidays=list(_HOLIDAYS)
    )
    delta = businesstimedelta.BusinessTimeDelta(rules, hours=hours)
    days = hours // 8
    return {
        "surety": lambda start: open_time.due(start, micros).due_at,
        "surety, from datetimes": lambda start: find_due(open_time, start, span).due_at,
        "businesstimedelta": lambda start: start + delta,
        "pandas": lambda start: start + business_hours,
        "numpy, whole days": lambda start: np.busday_offset(
            start, days, roll="forward", holidays=_NUMPY_HOLIDAYS
        ),
    }


def _measuring(open_time: OpenTime) -> dict[str, Call]:
    """Return those that can measure between two instants, which pandas cannot."""
    year = timedelta(days=365)
    rules = _make_rules()
    return {
        "surety": lambda start: open_time.elapsed(start, start + 365 * 24 * _HOUR),
        "businesstimedelta": lambda start: rules.difference(start, start + year).timedelta,
        "numpy, whole days": lambda start: np.busday_count(
            start, start + 365, holidays=_NUMPY_HOLIDAYS
        ),
    }


_NUMPY_HOLIDAYS = np.array(_HOLIDAYS, dtype="datetime64[D]")


def _make_calendar() -> Calendar:
    hours = {day: [["09:00", "17:00"]] for day in ("mon", "tue", "wed", "thu", "fri")}
    holidays = [{"date": day, "name": "Holiday"} for day in _HOLIDAYS]
    calendar = parse_calendar(
        {"timezone": "Europe/Berlin", "hours": hours, "holidays": holidays}, pointer="", faults=[]
    )
    if calendar is None:
        raise ValueError("the calendar is not valid")
    return calendar


def _make_rules() -> Any:
    berlin = pytz.timezone("Europe/Berlin")
    days = businesstimedelta.WorkDayRule(
        start_time=clock_time(9),
        end_time=clock_time(17),
        working_days=[0, 1, 2, 3, 4],
        tz=berlin,
    )
    holidays = {date.fromisoformat(day): "Holiday" for day in _HOLIDAYS}
    return businesstimedelta.Rules([days, businesstimedelta.HolidayRule(holidays, tz=berlin)])


def _choose_starts() -> list[datetime]:
    """Return instants of 2026 within hours, never on an edge where libraries differ by choice."""
    chance = random.Random(8)
    workdays = [
        day
        for day in (date(2026, 1, 1) + timedelta(days=place) for place in range(200))
        if day.weekday() < 5 and day.isoformat() not in _HOLIDAYS
    ]
    return [
        datetime.combine(
            chance.choice(workdays), clock_time(chance.randint(9, 16), chance.randint(1, 59))
        ).replace(tzinfo=_BERLIN)
        for _ in range(_STARTS)
    ]


def _as_of(who: str, start: datetime) -> Any:
    """Return an instant in the type that the library works with."""
    match who:
        case "surety":
            return to_micros(start)
        case "pandas":
            return pd.Timestamp(start)
        case "businesstimedelta":
            return pytz.timezone("Europe/Berlin").localize(start.replace(tzinfo=None))
        case "numpy, whole days":
            return np.datetime64(start.date())
        case _:
            return start


def _compare(what: str, contestants: dict[str, Call], given: dict[str, list[Any]]) -> None:
    """Refuse to go on where a library that counts hours says otherwise than we do."""
    for place, start in enumerate(given["surety"][:_COMPARED]):
        ours = contestants["surety"](start)
        for who, call in contestants.items():
            answer = _as_micros(call(given[who][place]))
            if answer is not None and answer != ours:
                raise Disagreement(f"{what} from {start}: {ours}, but {answer} by {who}")


def _as_micros(answer: Any) -> int | None:
    if isinstance(answer, int):
        return answer
    if isinstance(answer, timedelta):
        return answer // timedelta(microseconds=1)
    if isinstance(answer, datetime):
        return to_micros(answer)
    return None


def _measure_compilation(part: Part, starts: list[datetime]) -> None:
    calendar, start = _make_calendar(), to_micros(starts[0])
    times = time_calls(
        {"surety": lambda _: OpenTime(calendar).due(start, _HOUR)}, {"surety": [None]}
    )
    took = times["surety"] / 1_000
    part.figures.append(Figure("compile a year", "surety", took, "ms"))
    part.goals.append(Goal("compile a year", took, 5, "ms"))


def _measure_request(part: Part, rig: Rig) -> None:
    url = rig.make_database("business_time")
    with rig.serve(url) as service, Client(service.url) as client:
        question = {
            "calendar": "livecart/business",
            "items": [
                {"start": f"2026-01-01T{n % 24:02}:{n % 60:02}:00Z", "within": f"PT{n % 2000 + 1}H"}
                for n in range(_ITEMS)
            ],
        }
        client.ask("POST", "/v1/business-time/due", question)
        busy_before = service.cpu_seconds()
        took = [client.ask("POST", "/v1/business-time/due", question)[0] for _ in range(_REQUESTS)]
        busy = service.cpu_seconds() - busy_before
    best = min(took)
    part.figures.append(
        Figure(
            f"{_ITEMS:,} items in one request",
            "surety",
            best,
            "ms",
            p50_ms=percentile(took, 0.5),
            p99_ms=max(took),
            cpu_us=busy / _REQUESTS * 1_000_000,
        )
    )
    part.goals.append(Goal(f"{_ITEMS:,} items in one request", best, 200, "ms"))
