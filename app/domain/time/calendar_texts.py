"""A calendar in English: its hours spelled out, and how time that counts in it is named."""

from app.domain.time.calendars import Calendar, Shift
from app.domain.values import Value

DAY_NAMES = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MONTH_NAMES = (
    *("January", "February", "March", "April", "May", "June", "July", "August"),
    *("September", "October", "November", "December"),
)
_HOURS = "hours"
_WHOLE_DAY = (Shift(0, 1440),)


class HoursWords(Value):
    """What stands before and after the unit of a calendar's time: "4 [business ]hours[]"."""

    before: str = ""
    after: str = ""

    @property
    def phrase(self) -> str:
        """Return the calendar's time as such: "business hours", "hours (Monday to Friday)"."""
        return f"{self.before}{_HOURS}{self.after}"


ELAPSED = HoursWords()
BUSINESS = HoursWords(before="business ")


def name_hours(calendar: Calendar) -> HoursWords:
    """Return how a calendar's time is named, by its own name if it has one.

    A name that ends in "hours" goes before the unit ("4 support hours"), another one after it
    ("4 hours (day shift)"). Without a name, time that runs around the clock is named by its
    days, and only other time is business hours.
    """
    if calendar.name is not None:
        stem = calendar.name.removesuffix(_HOURS)
        if stem != calendar.name and (not stem or stem.endswith(" ")):
            return HoursWords(before=stem)
        return HoursWords(after=f" ({calendar.name})")
    open_days = [day for day, shifts in enumerate(calendar.hours) if shifts]
    around_the_clock = all(calendar.hours[day] == _WHOLE_DAY for day in open_days)
    if not open_days or not around_the_clock or calendar.union:
        return BUSINESS
    if len(open_days) == len(DAY_NAMES):
        return HoursWords(after=" (excluding holidays)") if calendar.holidays else ELAPSED
    return HoursWords(after=f" ({_name_all(open_days)})")


def describe_hours(calendar: Calendar) -> str:
    """Return a week's hours and their zone: "Monday to Friday 09:30 to 17:30, UTC+02:00".

    Those of the calendars that it joins follow, after semicolons.
    """
    parts = [
        f"{_name_days(first, last)} {_name_shifts(calendar.hours[first])}"
        for first, last in _group_days(calendar)
    ]
    zone = calendar.zone if calendar.zone[0] not in "+-" else f"UTC{calendar.zone}"
    own = [", ".join([*parts, zone])] if parts else []
    return "; ".join([*own, *(describe_hours(joined) for joined in calendar.union)])


def _group_days(calendar: Calendar) -> list[tuple[int, int]]:
    """Return the first and the last of days in a row with equal shifts, those without left out."""
    spells: list[tuple[int, int]] = []
    for day, shifts in enumerate(calendar.hours):
        if spells and spells[-1][1] == day - 1 and calendar.hours[day - 1] == shifts:
            spells[-1] = (spells[-1][0], day)
        elif shifts:
            spells.append((day, day))
    return spells


def _name_all(days: list[int]) -> str:
    """Return weekdays by name, those in a row together: "Monday to Friday", "Monday, Friday"."""
    spells: list[tuple[int, int]] = []
    for day in days:
        if spells and spells[-1][1] == day - 1:
            spells[-1] = (spells[-1][0], day)
        else:
            spells.append((day, day))
    return ", ".join(_name_days(first, last) for first, last in spells)


def _name_days(first: int, last: int) -> str:
    if first == last:
        return DAY_NAMES[first]
    return f"{DAY_NAMES[first]} {'and' if last == first + 1 else 'to'} {DAY_NAMES[last]}"


def _name_shifts(shifts: tuple[Shift, ...]) -> str:
    return " and ".join(
        f"{_name_time(shift.start_minute)} to {_name_time(shift.end_minute)}" for shift in shifts
    )


def _name_time(minute: int) -> str:
    return "24:00" if minute == 1440 else f"{minute // 60 % 24:02}:{minute % 60:02}"
