"""Durations: ISO 8601 on the wire, exact spans inside, plain English for people."""

import re
from datetime import timedelta
from fractions import Fraction
from functools import lru_cache

from app.domain.promises.promises import BusinessDays
from app.domain.time.calendar_texts import ELAPSED, HoursWords
from app.domain.time.instants import MICROS_PER_SECOND, span_to_micros

_DESIGNATORS = (("W", 7 * 86_400), ("D", 86_400), ("H", 3600), ("M", 60), ("S", 1))
_NUMBER = r"(\d{1,12}(?:[.,]\d{1,9})?)"
_DURATION = re.compile(
    rf"([+-]?)P(?:{_NUMBER}W)?(?:{_NUMBER}D)?(?:T(?=\d)(?:{_NUMBER}H)?(?:{_NUMBER}M)?(?:{_NUMBER}S)?)?",
    re.ASCII,
)
_CALENDAR_BASED = re.compile(
    r"[+-]?P(?=\d+[YM])(?:\d+Y)?(?:\d+M)?(?:\d+[WD])*(?:T(?:\d[\d.,]*[HMS])+)?", re.ASCII
)
_LONGEST = timedelta.max // timedelta(microseconds=1)


class DurationFault(ValueError):
    """A duration cannot be read; `code` is always `invalid_duration`."""

    code = "invalid_duration"

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail


# A batch has few different durations, and each is read when it is checked and when it is used.
@lru_cache(maxsize=16_384)
def parse_duration(text: str) -> timedelta:
    """Return an ISO 8601 duration (`PT8H`, `-PT90M`, `PT1H30M`, `P2D`) as an exact span.

    A day is 24 hours and a week 7 days. Only the last number may have a fraction, and nothing
    may be finer than a microsecond. Raises `DurationFault`, also for years and months, whose
    length depends on the calendar.
    """
    match = _DURATION.fullmatch(text)
    if match is None or not any(match.groups()[1:]):
        if _CALENDAR_BASED.fullmatch(text) is not None:
            raise DurationFault(
                f"{text[:40]!r} counts years or months, whose length depends on the calendar."
                " Use weeks, days, hours, minutes or seconds."
            )
        raise DurationFault(
            f"{text[:40]!r} is not an ISO 8601 duration such as 'PT8H', 'PT90M' or 'P2D'."
        )
    numbers = match.groups()[1:]
    given = [number for number in numbers if number is not None]
    if any("." in number or "," in number for number in given[:-1]):
        raise DurationFault(f"In {text[:40]!r} only the last number may have a fraction.")
    seconds = sum(
        _read_number(number) * unit
        for number, (_, unit) in zip(numbers, _DESIGNATORS, strict=True)
        if number is not None
    )
    micros = seconds * MICROS_PER_SECOND
    if micros.denominator != 1:
        raise DurationFault(f"{text[:40]!r} is finer than a microsecond.")
    if micros > _LONGEST:
        raise DurationFault(f"{text[:40]!r} is longer than can be counted.")
    span = timedelta(microseconds=int(micros))
    return -span if match[1] == "-" else span


def _read_number(number: str) -> int | Fraction:
    return int(number) if number.isdigit() else Fraction(number.replace(",", "."))


def format_duration(span: timedelta) -> str:
    """Return a span as ISO 8601 in hours, minutes and seconds: `PT48H`, `-PT1H30M`, `PT0S`."""
    micros = span_to_micros(span)
    sign = "-" if micros < 0 else ""
    seconds, micros = divmod(abs(micros), MICROS_PER_SECOND)
    hours, seconds = divmod(seconds, 3600)
    minutes, seconds = divmod(seconds, 60)
    text = f"{hours}H" if hours else ""
    if minutes:
        text += f"{minutes}M"
    if micros:
        text += f"{seconds}.{micros:06}".rstrip("0") + "S"
    elif seconds or not text:
        text += f"{seconds}S"
    return f"{sign}PT{text}"


# Promises have few different targets, each told with every deadline.
@lru_cache(maxsize=4_096)
def describe_duration(within: timedelta | BusinessDays, hours: HoursWords = ELAPSED) -> str:
    """Return a target in English: "48 hours", "4 business hours", "7 business days".

    `hours` names the calendar's time in which a span counts. A span is shown in the largest
    unit up to hours that leaves no rest. A close is "the end of the next business day".
    """
    if isinstance(within, BusinessDays) and within.end_of_day:
        which = {0: "same", 1: "next"}.get(within.days, ordinal(within.days))
        return f"the end of the {which} business day"
    if isinstance(within, BusinessDays):
        return _count(within.days, "business day")
    micros = span_to_micros(within)
    for unit, seconds in (("hour", 3600), ("minute", 60), ("second", 1)):
        number, rest = divmod(micros, seconds * MICROS_PER_SECOND)
        if not rest:
            return _count(number, hours.before + unit) + hours.after
    return f"{format_seconds(micros)} {hours.before}seconds{hours.after}"


def format_seconds(micros: int) -> str:
    """Return a span of microseconds in seconds, exactly, without a needless fraction."""
    sign = "-" if micros < 0 else ""
    seconds, rest = divmod(abs(micros), MICROS_PER_SECOND)
    return f"{sign}{seconds}" + (f".{rest:06}".rstrip("0") if rest else "")


def ordinal(number: int) -> str:
    """Return a number as a place in an order: "2nd", "11th"."""
    teen = number % 100 in range(11, 14)
    ending = "th" if teen else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"


def _count(number: int, unit: str) -> str:
    return f"{number} {unit}" if abs(number) == 1 else f"{number} {unit}s"
