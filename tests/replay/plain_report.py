"""A plain count of how the replayed incidents fared, minute by minute; nothing of the service's.

The plan taken is Gold, whose days have 8 hours, so that its business days are hours too: first
response within 8 business hours (24 for severity 4), resolution within 16, 24 and 56, and none
promised for severity 4. Waiting for the customer stops the resolution's clock only. A new severity
gives a new target and keeps the time used. Hours are Monday to Friday, 9 to 17 in Berlin; the
catalogue's holidays begin later than the log ends.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from tests.replay.convert_incidents import events_of, opened_at, read_incidents

BERLIN = ZoneInfo("Europe/Berlin")
MINUTE = timedelta(minutes=1)
TARGET_HOURS: dict[str, dict[int, int | None]] = {
    "first_response": {1: 8, 2: 8, 3: 8, 4: 24},
    "resolution": {1: 16, 2: 24, 3: 56, 4: None},
}


@cache
def minutes_of_day(ordinal: int) -> frozenset[int]:
    """Return the open minutes of a UTC date, as minutes since the epoch."""
    midnight = datetime.fromordinal(ordinal).replace(tzinfo=UTC)
    found = set()
    for minute in range(24 * 60):
        at = midnight + minute * MINUTE
        civil = at.astimezone(BERLIN)
        if civil.weekday() < 5 and 9 <= civil.hour < 17:
            found.add(int(at.timestamp()) // 60)
    return frozenset(found)


def count_open_minutes(start: datetime, end: datetime) -> int:
    """Count the open minutes in [start, end)."""
    first, last = int(start.timestamp()) // 60, int(end.timestamp()) // 60
    total = 0
    for ordinal in range(start.date().toordinal(), end.date().toordinal() + 1):
        day = minutes_of_day(ordinal)
        total += sum(first <= minute < last for minute in day)
    return total


@dataclass
class Clock:
    """One metric of one incident."""

    metric: str
    severity: int
    since: datetime
    running: bool = True
    used: int = 0
    breached: bool = False
    met: bool = False

    def advance(self, at: datetime) -> None:
        if self.running:
            self.used += count_open_minutes(self.since, at)
        self.since = at
        self.check()

    def check(self) -> None:
        hours = TARGET_HOURS[self.metric][self.severity]
        if not self.met and hours is not None and self.used > hours * 60:
            self.breached = True


@dataclass
class Count:
    """How the clocks of one group fared."""

    total: int = 0
    met: int = 0
    breached: int = 0
    open: int = 0
    used: list[int] = field(default_factory=list)

    def percentile(self, share: float) -> int | None:
        if not self.used:
            return None
        ordered = sorted(self.used)
        place = max(0, -int(-share * len(ordered) // 1) - 1)
        return ordered[place] * 60


def report(now: datetime) -> dict[tuple[str, int | None], Count]:
    """Count every clock of the log that is owed something at `now`: by metric, and by severity."""
    counts: dict[tuple[str, int | None], Count] = defaultdict(Count)
    for rows in read_incidents().values():
        start = datetime.fromisoformat(opened_at(rows))
        severity = int(rows[0]["priority"])
        clocks = [Clock(metric, severity, start) for metric in TARGET_HOURS]
        first, resolution = clocks
        for event in events_of(rows):
            severity = apply(event, first, resolution, severity)
        for clock in clocks:
            if not clock.met:
                clock.advance(now)
            # What was late before its severity was lowered to one without a target stays late.
            if TARGET_HOURS[clock.metric][severity] is not None or clock.breached:
                for group in (None, severity):
                    tally(counts[clock.metric, group], clock)
    return counts


def apply(event: dict[str, Any], first: Clock, resolution: Clock, severity: int) -> int:
    """Let one event happen to an incident's clocks; return its severity then."""
    at = datetime.fromisoformat(event["at"])
    for clock in (first, resolution):
        if not clock.met:
            clock.advance(at)
    match event["type"]:
        case "severity":
            severity = event["severity"]
            for clock in (first, resolution):
                if not clock.met and not clock.breached:
                    clock.severity = severity
                    clock.check()
        case "pause":
            resolution.running = event["waiting_on"] != "customer"
        case "resumption":
            resolution.running = True
        case "resolution":
            first.met = resolution.met = True
            resolution.running = False
        case "reopening":
            resolution.met, resolution.running, resolution.since = False, True, at
    return severity


def tally(count: Count, clock: Clock) -> None:
    """Add one clock to its group."""
    count.total += 1
    count.breached += clock.breached
    count.met += clock.met and not clock.breached
    count.open += not clock.met and not clock.breached
    if clock.met:
        count.used.append(clock.used)
