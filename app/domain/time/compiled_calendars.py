"""Compiled calendars: those computed with last are ready, up to what they may come to keep."""

from collections import OrderedDict

from app.domain.time.business_time import OpenTime
from app.domain.time.calendars import Calendar


def compile_calendar(calendar: Calendar) -> OpenTime:
    """Return the calendar, ready to compute with; the same object for an equal calendar.

    Raises `NeverOpens` if it has no weekly hours and no override with hours, and `ZoneFault`
    for a zone that `app.documents` would not have accepted.
    """
    return _compiled.find(calendar)


class _Compiled:
    """The calendars compiled last, up to what they may come to keep in all.

    A calendar keeps some years of its open time, so it weighs what its shifts, holidays and
    overrides are. One that is heavier than a quarter of the whole is not kept.
    """

    def __init__(self, *, most: int) -> None:
        self._most = most
        self._weight = 0
        self._kept: OrderedDict[Calendar, tuple[OpenTime, int]] = OrderedDict()

    def find(self, calendar: Calendar) -> OpenTime:
        known = self._kept.get(calendar)
        if known is not None:
            self._kept.move_to_end(calendar)
            return known[0]
        compiled = OpenTime(calendar)
        weight = compiled.weight
        if weight <= self._most // 4:
            self._kept[calendar] = compiled, weight
            self._weight += weight
            while self._weight > self._most:
                _, (_, lighter) = self._kept.popitem(last=False)
                self._weight -= lighter
        return compiled


# In intervals and dates, each of some hundred bytes.
_MOST_KEPT = 500_000
_compiled = _Compiled(most=_MOST_KEPT)
