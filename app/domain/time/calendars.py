"""A calendar: when support is open. Values only; `business_time` computes with them."""

from datetime import date

from app.domain.values import Value

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


class Shift(Value):
    """A half-open span of civil time on the date it starts on, in minutes after midnight.

    `end_minute` runs to 2880: above 1440 the shift ends on the next civil date.
    It lasts at least one minute and at most 24 hours.
    """

    start_minute: int
    end_minute: int


class Calendar(Value):
    """One seller's opening hours: a zone, weekly shifts, holidays and overrides.

    `zone` is an IANA name, or an explicit fixed offset written `+02:00`. `hours` has seven
    places, Monday first. `holidays` are civil dates in the zone with their names, and
    `overrides` give a date its own shifts; both are sorted by date, as are `override_names`
    for those that have one. `union` holds further calendars whose open time counts too (cover
    bought on top, desks in other zones). `extra_business_days` are dates that count as business
    dates whatever their weekday (a Saturday made a working day); they have the hours of their
    weekday, or an override's. `name` is what people call the hours: "support hours".

    A holiday closes its civil date: no shift that starts on it takes place, and one of the
    night before ends at midnight. An override replaces the shifts that start on its date and
    cancels that date's holiday; the night before keeps its tail.
    """

    zone: str
    hours: tuple[tuple[Shift, ...], ...]
    holidays: tuple[tuple[date, str], ...] = ()
    overrides: tuple[tuple[date, tuple[Shift, ...]], ...] = ()
    business_days: frozenset[int] = frozenset({0, 1, 2, 3, 4})
    holidays_until: date | None = None
    union: tuple["Calendar", ...] = ()
    override_names: tuple[tuple[date, str], ...] = ()
    extra_business_days: frozenset[date] = frozenset()
    name: str | None = None
