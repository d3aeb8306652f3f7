"""Rated minutes: what overage costs where an hour's rate depends on when it was worked, or how.

Each part of a piece of work says from when it was worked and how many minutes it would count
without factors. So what is billed can be rated part by part, and adds up over any split.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta

from app.domain.catalog.hourly_rates import HourlyRate
from app.domain.metering.work import WorkPart, WorkSpan
from app.domain.values import Value, replace

_MINUTE = timedelta(minutes=1)
# The rate that holds at an instant, or, of None, at any time.
FindRate = Callable[[datetime | None], HourlyRate | None]


class RatedMinutes(Value):
    """Overage at one rate: the `minutes` that count, and those that the rate is for, `rated`."""

    rate: HourlyRate | None
    minutes: int
    rated: int


def mark_parts(parts: Iterable[WorkPart], spans: Sequence[WorkSpan]) -> list[WorkPart]:
    """Return the parts of a piece of work with the times at which they were worked.

    `spans` are those of the whole piece, and count what its parts do; a part of several spans
    becomes several. What spans count without factors is shared out among their parts.
    """
    marked: list[WorkPart] = []
    left = list(spans)
    begin = 0
    for part in parts:
        minutes = part.minutes
        while minutes and left:
            span = left[0]
            end = min(begin + minutes, span.minutes)
            plain = _share(span, end) - _share(span, begin)
            marked.append(
                replace(
                    part,
                    minutes=end - begin,
                    worked_at=span.at + span.worked_in(begin) * _MINUTE,
                    plain=plain,
                )
            )
            minutes -= end - begin
            begin = end
            if end == span.minutes:
                left.pop(0)
                begin = 0
    return marked


def rate_overage(amount: int, parts: Iterable[WorkPart], find_rate: FindRate) -> list[RatedMinutes]:
    """Return an amount of overage by rates, in the order in which they were first worked at.

    `parts` are the billed ones of a period, in their order. What is more than those was not
    worked, and has the rate that holds at any time; what is less is the last of them.
    """
    worked: list[RatedMinutes] = []
    left = amount
    for part in parts:
        given = max(0, min(part.minutes, left))
        left -= given
        if given:
            rate = find_rate(part.worked_at or part.at)
            worked.append(RatedMinutes(rate, given, _rate_part(part, given, rate)))
    if left:
        worked.append(RatedMinutes(find_rate(None), left, left))
    return _join(worked)


def _rate_part(part: WorkPart, given: int, rate: HourlyRate | None) -> int:
    if rate is None or rate.hours == "counted" or part.plain is None:
        return given
    return -(-part.plain * given // part.minutes)


def _join(found: Iterable[RatedMinutes]) -> list[RatedMinutes]:
    by_rate: dict[HourlyRate | None, RatedMinutes] = {}
    for each in found:
        known = by_rate.get(each.rate, RatedMinutes(each.rate, 0, 0))
        minutes, rated = known.minutes + each.minutes, known.rated + each.rated
        by_rate[each.rate] = RatedMinutes(each.rate, minutes, rated)
    return [each for each in by_rate.values() if each.minutes]


def _share(span: WorkSpan, counted: int) -> int:
    """Return what the first of a span's counted minutes would count without factors."""
    return -(-span.plain * counted // span.minutes)
