"""The time axis of a picture: instants to places, and where its ticks stand."""

from collections.abc import Iterator
from datetime import datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo

from app.api.pages.words import Words
from app.domain.time.instants import (
    EPOCH_ORDINAL,
    MICROS_PER_DAY,
    MICROS_PER_MINUTE,
    from_micros,
)
from app.domain.time.zones import load_zone
from app.domain.values import Value

ENGLISH = Words("en")

# Minutes between ticks within a day, and days between them; the first that fits is used.
_MINUTE_STEPS = (1, 5, 15, 30, 60, 120, 180, 360, 720)
_DAY_STEPS = (1, 2, 7, 14, 28, 91, 182, 364, 1820, 18200, 182000, 364000)
_DAY_NAMES_WITHIN = 6 * MICROS_PER_DAY
_YEARS_BEYOND = 300 * MICROS_PER_DAY


class Scale(Value):
    """A span of time laid out between two x, shown in a zone; microseconds and pixels."""

    start: int
    end: int
    left: float
    right: float
    zone: str
    most_ticks: int = 12
    words: Words = ENGLISH

    def x(self, at: int) -> float:
        """Return the place of an instant, kept within the picture."""
        share = (at - self.start) / (self.end - self.start)
        return round(self.left + min(max(share, 0.0), 1.0) * (self.right - self.left), 2)

    def format(self, at: int) -> str:
        """Return an instant in the zone as a person reads it: "Tue 24 Nov 2026 14:00"."""
        local = self._local(at)
        return f"{self._weekday(local)} {self._date(local)} {local.year} {_format_clock(local)}"

    def format_briefly(self, at: int) -> str:
        """Return an instant as a label: "Tue 14:00" within a week, else "24 Nov 14:00".

        Where the picture spans about a year or more: "24 Nov 2026".
        """
        local, span = self._local(at), self.end - self.start
        if span <= _DAY_NAMES_WITHIN:
            return f"{self._weekday(local)} {_format_clock(local)}"
        if span > _YEARS_BEYOND:
            return f"{self._date(local)} {local.year}"
        return f"{self._date(local)} {_format_clock(local)}"

    def ticks(self) -> list[tuple[int, str, str]]:
        """Return the instants to mark, each with its label and what to write under it, if new."""
        span = self.end - self.start
        minutes = next(
            (each for each in _MINUTE_STEPS if span / MICROS_PER_MINUTE / each <= self.most_ticks),
            None,
        )
        if minutes is not None:
            return list(self._ticks_within_days(minutes))
        days = next(each for each in _DAY_STEPS if span / MICROS_PER_DAY / each <= self.most_ticks)
        return list(self._ticks_of_days(days))

    def _ticks_within_days(self, step: int) -> Iterator[tuple[int, str, str]]:
        zone = load_zone(self.zone)
        dated, last = -1, -1
        for ordinal in range(zone.date_at(self.start), zone.date_at(self.end) + 1):
            for minute in range(0, 1440, step):
                at = zone.edge(ordinal, minute)
                if last < at and self.start <= at <= self.end:
                    local = self._local(at)
                    date = f"{self._weekday(local)} {self._date(local)}" if ordinal != dated else ""
                    yield at, f"{local:%H:%M}", date
                    dated, last = ordinal, at

    def _ticks_of_days(self, step: int) -> Iterator[tuple[int, str, str]]:
        zone = load_zone(self.zone)
        first = zone.date_at(self.start)
        # Weeks begin on Mondays, as ordinal 1 was one.
        first -= (first - 1) % step if step % 7 == 0 else 0
        said = ""
        for ordinal in range(first, zone.date_at(self.end) + 1, step):
            at = zone.midnight(ordinal)
            if self.start <= at <= self.end:
                local = self._local(at)
                day = f"{self._weekday(local)} {local.day}" if step < 7 else self._date(local)
                under = (
                    f"{self.words.month_name(local.month)} {local.year}"
                    if step < 7
                    else str(local.year)
                )
                yield at, day, under if under != said else ""
                said = under

    def _weekday(self, local: datetime) -> str:
        return self.words.day_name(local.weekday())

    def _date(self, local: datetime) -> str:
        return self.words.short_day(local.date())

    def _local(self, at: int) -> datetime:
        return from_micros(at).astimezone(_load_tzinfo(self.zone))


def _load_tzinfo(name: str) -> tzinfo:
    zone = load_zone(name)
    if zone.fixed:
        return timezone(-timedelta(microseconds=zone.midnight(EPOCH_ORDINAL)))
    return ZoneInfo(name)


def _format_clock(local: datetime) -> str:
    return f"{local:%H:%M:%S}" if local.second else f"{local:%H:%M}"
