"""Counted minutes: what was worked, weighed by factors and rounded up as its seller says.

Weights add up over any split of the time at the calendars' edges; only their sum, over a piece
of work, a ticket or a day, is rounded. So it is never less than what was worked.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction
from itertools import groupby

from app.domain.catalog.counting import Counting, Factor
from app.domain.metering.work import WorkSpan, split_work
from app.domain.time.business_time import OpenTime, from_micros, to_micros
from app.domain.time.zones import load_zone

_MINUTE = timedelta(minutes=1)
_PLAIN = Factor(by=Fraction(1))


@dataclass(frozen=True, slots=True)
class Worked:
    """A piece of work to be counted: from when on, how long, and where it is to be split."""

    starts_at: datetime
    minutes: int
    turns: Sequence[datetime]


@dataclass(frozen=True, slots=True)
class SessionTerms:
    """How a ticket's minutes are counted: its plan's way, its catalogue's calendars and zone."""

    counting: Counting
    calendars: Mapping[str, OpenTime]
    zone: str
    urgent: bool
    severity: int | None


@dataclass(frozen=True, slots=True)
class _Weighed:
    span: WorkSpan
    weight: Fraction
    least: int
    day: int


def count_plainly(piece: Worked) -> list[WorkSpan]:
    """Return the spans of a piece of work that counts as it was worked."""
    return split_work(piece.starts_at, piece.minutes, piece.turns)


def count_work(pieces: Iterable[Worked], terms: SessionTerms) -> list[list[WorkSpan]]:
    """Return the spans of pieces of work, each with the minutes that it counts.

    The pieces are a ticket's, in their order: each counts what it adds to what those before it
    have come to.
    """
    known: dict[int, tuple[Fraction, int]] = {}
    counted: list[list[WorkSpan]] = []
    for piece in pieces:
        if terms.counting.over == "work":
            known = {}
        weighed = _weigh(piece, terms)
        by_day = terms.counting.over == "day"
        found: list[WorkSpan] = []
        for day, group in groupby(weighed, key=lambda each: each.day if by_day else 0):
            before, least = known.get(day, (Fraction(0), 0))
            parts = list(group)
            after = before + sum(each.weight for each in parts)
            known[day] = after, max(least, *(each.least for each in parts))
            count = terms.counting.round_up
            whole = count(*known[day]) - count(before, least)
            found += _share_out(parts, whole)
        counted.append(found)
    return counted


def skip_counted(spans: Iterable[WorkSpan], minutes: int) -> list[WorkSpan]:
    """Return what is left of spans after so many counted minutes."""
    left: list[WorkSpan] = []
    for each in spans:
        skipped = min(minutes, each.minutes)
        minutes -= skipped
        if each.minutes > skipped:
            past = each.worked * skipped // each.minutes
            at = each.at + past * _MINUTE
            left.append(WorkSpan(at, each.minutes - skipped, each.worked - past))
    return left


def _weigh(piece: Worked, terms: SessionTerms) -> list[_Weighed]:
    """Split a piece of work where a factor may begin or end, and weigh each part."""
    ends_at = piece.starts_at + piece.minutes * _MINUTE
    zone = load_zone(terms.zone)
    turns = [*piece.turns]
    for factor in terms.counting.factors:
        if factor.calendar is not None:
            calendar = terms.calendars[factor.calendar]
            periods = calendar.periods(to_micros(piece.starts_at), to_micros(ends_at))
            turns += [from_micros(edge) for period in periods for edge in period]
    first, last = (zone.date_at(to_micros(each)) for each in (piece.starts_at, ends_at))
    turns += [from_micros(zone.midnight(day)) for day in range(first + 1, last + 1)]
    spans = split_work(piece.starts_at, piece.minutes, turns)
    factors = [_factor_at(each.at, terms) for each in spans]
    return [
        _Weighed(each, each.worked * factor.by, factor.least, zone.date_at(to_micros(each.at)))
        for each, factor in zip(spans, factors, strict=True)
    ]


def _factor_at(at: datetime, terms: SessionTerms) -> Factor:
    for factor in terms.counting.factors:
        if _applies(factor, at, terms):
            return factor
    return _PLAIN


def _applies(factor: Factor, at: datetime, terms: SessionTerms) -> bool:
    if not factor.is_for(urgent=terms.urgent, severity=terms.severity):
        return False
    if factor.calendar is None:
        return True
    is_open = terms.calendars[factor.calendar].is_open(to_micros(at))
    return is_open == (factor.inside is not None)


def _share_out(parts: Sequence[_Weighed], whole: int) -> list[WorkSpan]:
    """Share counted minutes out over spans by weight; what is rounded up is the last's."""
    shared: list[WorkSpan] = []
    weight, given = Fraction(0), 0
    for number, each in enumerate(parts, start=1):
        weight += each.weight
        until = whole if number == len(parts) else min(-(-weight // 1), whole)
        shared.append(WorkSpan(each.span.at, until - given, each.span.worked))
        given = until
    return shared
