"""Counted minutes: what was worked, weighed by factors and rounded up as its seller says.

Weights add up over any split of the time at the calendars' edges; only their sum, over a piece
of work, a ticket or a day, is rounded. So it is never less than what was worked.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from fractions import Fraction
from itertools import groupby

from app.domain.catalog.conditions import WorkedTicket
from app.domain.catalog.counting import Counting, Factor
from app.domain.catalog.rate_cards import BUG_CATEGORY
from app.domain.metering.work import WorkSpan, split_work
from app.domain.time.business_time import OpenTime, from_micros, to_micros
from app.domain.time.zones import load_zone
from app.domain.values import Value

_MINUTE = timedelta(minutes=1)
_PLAIN = Factor(by=Fraction(1))


class Worked(Value):
    """A piece of work to be counted: from when on, how long, and where it is to be split."""

    starts_at: datetime
    minutes: int
    turns: Sequence[datetime]


class SessionTerms(Value):
    """How a ticket's minutes are counted: its terms' way, its catalogue's calendars and zone."""

    counting: Counting
    calendars: Mapping[str, OpenTime]
    zone: str
    ticket: WorkedTicket


class _Weighed(Value):
    span: WorkSpan
    weight: Fraction
    least: int
    day: int


class _Sum(Value):
    """What is rounded together: its weight, the least of its factors, and what was worked."""

    weight: Fraction
    least: int
    worked: int

    def add(self, parts: Sequence[_Weighed]) -> "_Sum":
        return _Sum(
            self.weight + sum(each.weight for each in parts),
            max(self.least, *(each.least for each in parts)),
            self.worked + sum(each.span.worked for each in parts),
        )

    def count(self, counting: Counting) -> int:
        return counting.round_up(self.weight, self.least)

    def count_plainly(self, counting: Counting) -> int:
        return counting.round_up(Fraction(self.worked))


_NOTHING = _Sum(Fraction(0), 0, 0)


def takes_nothing(category: str | None) -> bool:
    """Return whether work on a ticket takes no minutes at all: on a bug report."""
    return category == BUG_CATEGORY


def count_plainly(piece: Worked) -> list[WorkSpan]:
    """Return the spans of a piece of work that counts as it was worked."""
    return split_work(piece.starts_at, piece.minutes, piece.turns)


def count_work(pieces: Iterable[Worked], terms: SessionTerms) -> list[list[WorkSpan]]:
    """Return the spans of pieces of work, each with the minutes that it counts.

    The pieces are a ticket's, in their order: each counts what it adds to what those before it
    have come to.
    """
    known: dict[int, _Sum] = {}
    counted: list[list[WorkSpan]] = []
    counting = terms.counting.of(terms.ticket)
    for piece in pieces:
        if counting.over == "work":
            known = {}
        weighed = _weigh(piece, terms)
        by_day = counting.over == "day"
        found: list[WorkSpan] = []
        for day, group in groupby(weighed, key=lambda each: each.day if by_day else 0):
            parts = list(group)
            before = known.get(day, _NOTHING)
            known[day] = before.add(parts)
            found += _share_out(
                parts,
                known[day].count(counting) - before.count(counting),
                known[day].count_plainly(counting) - before.count_plainly(counting),
            )
        counted.append(found)
    return counted


def find_edges(calendar: OpenTime, since: datetime, until: datetime) -> list[datetime]:
    """Return where a calendar opens and closes in [since, until)."""
    periods = calendar.periods(to_micros(since), to_micros(until))
    return [from_micros(edge) for period in periods for edge in period]


def skip_counted(spans: Iterable[WorkSpan], minutes: int) -> list[WorkSpan]:
    """Return what is left of spans after so many counted minutes."""
    left: list[WorkSpan] = []
    for each in spans:
        skipped = min(minutes, each.minutes)
        minutes -= skipped
        if each.minutes > skipped:
            past = each.worked_in(skipped)
            at = each.at + past * _MINUTE
            plain = -(-each.plain * skipped // each.minutes)
            left.append(
                WorkSpan(at, each.minutes - skipped, each.worked - past, each.plain - plain)
            )
    return left


def _weigh(piece: Worked, terms: SessionTerms) -> list[_Weighed]:
    """Split a piece of work where a factor may begin or end, and weigh each part."""
    ends_at = piece.starts_at + piece.minutes * _MINUTE
    zone = load_zone(terms.zone)
    turns = [*piece.turns]
    for factor in terms.counting.factors:
        if factor.calendar is not None:
            turns += find_edges(terms.calendars[factor.calendar], piece.starts_at, ends_at)
    first, last = (zone.date_at(to_micros(each)) for each in (piece.starts_at, ends_at))
    turns += [from_micros(zone.midnight(day)) for day in range(first + 1, last + 1)]
    spans = split_work(piece.starts_at, piece.minutes, turns)
    factors = [_factor_at(each.at, terms) for each in spans]
    return [
        _Weighed(each, each.worked * factor.by, factor.least, zone.date_at(to_micros(each.at)))
        for each, factor in zip(spans, factors, strict=True)
    ]


def _factor_at(at: datetime, terms: SessionTerms) -> Factor:
    micros = to_micros(at)
    for factor in terms.counting.factors:
        if factor.is_for(terms.ticket) and factor.holds(
            lambda calendar: terms.calendars[calendar].is_open(micros)
        ):
            return factor
    return _PLAIN


def _share_out(parts: Sequence[_Weighed], whole: int, plain: int) -> list[WorkSpan]:
    """Share counted minutes out over spans by weight; what is rounded up is the last's.

    So too the `plain` ones, that would count without factors, by what was worked.
    """
    shared: list[WorkSpan] = []
    weight, worked, given, plainly = Fraction(0), 0, 0, 0
    for number, each in enumerate(parts, start=1):
        weight += each.weight
        worked += each.span.worked
        is_last = number == len(parts)
        until = whole if is_last else min(-(-weight // 1), whole)
        plain_until = plain if is_last else min(worked, plain)
        span = WorkSpan(each.span.at, until - given, each.span.worked, plain_until - plainly)
        shared.append(span)
        given, plainly = until, plain_until
    return shared
