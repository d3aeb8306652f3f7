"""Ten thousand dues in one request, beside as many calls of the same function in this process."""

import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from app.documents.files import read_toml
from app.documents.reading import parse_calendar
from app.domain.time.compiled_calendars import compile_calendar
from app.services.time.business_time import find_due
from bench.client import Client
from bench.figures import Figure, Goal, Part

_ITEMS = 10_000
_REQUESTS = 7
_MOST_TIMES = 8
_SELLER = Path(__file__).parent.parent / "app" / "catalogs" / "livecart.toml"


def add_dues(part: Part, client: Client) -> None:
    """Add what both take at best."""
    starts = [datetime(2026, 1, 1, n % 24, n % 60, tzinfo=UTC) for n in range(_ITEMS)]
    spans = [timedelta(hours=n % 2000 + 1) for n in range(_ITEMS)]
    question = {
        "calendar": "livecart/business",
        "items": [
            {"start": start.isoformat(), "within": f"PT{span // timedelta(hours=1)}H"}
            for start, span in zip(starts, spans, strict=True)
        ],
    }
    single = min(_time_calls(starts, spans) for _ in range(_REQUESTS))
    whole = min(client.ask("POST", "/v1/business-time/due", question)[0] for _ in range(_REQUESTS))
    what = f"{_ITEMS:,} dues"
    part.figures += [
        Figure(what, "one request", whole, "ms", times=whole / single),
        Figure(what, "single calls in process", single, "ms", times=1),
    ]
    goal = f"{what} in one request as against single calls in process"
    part.goals.append(Goal(goal, whole / single, _MOST_TIMES, "×"))


def _time_calls(starts: list[datetime], spans: list[timedelta]) -> float:
    """Return how many milliseconds the calls take one after the other."""
    document = read_toml(_SELLER.read_text(encoding="utf-8"))["calendars"]["business"]
    calendar = parse_calendar(document, pointer="", faults=[])
    if calendar is None:
        raise ValueError("the calendar is not valid")
    open_time = compile_calendar(calendar)
    began = time.perf_counter()
    for start, span in zip(starts, spans, strict=True):
        find_due(open_time, start, span)
    return (time.perf_counter() - began) * 1_000
