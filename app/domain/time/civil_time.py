"""Civil time of a zone: instants moved along it, ended with its day, and written in it."""

import re
from datetime import UTC, datetime, time, timedelta, timezone, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo

from dateutil.relativedelta import relativedelta

from app.domain.time.calendar_texts import DAY_NAMES, MONTH_NAMES

_OFFSET = re.compile(r"([+-])(\d\d):(\d\d)", re.ASCII)


def end_of_day(at: datetime, zone: str) -> datetime:
    """Return the midnight (UTC) at which the civil day of `at` ends in `zone`.

    Raises OverflowError after the year 9999.
    """
    zone_info = read_zone(zone)
    try:
        civil = at.astimezone(zone_info).replace(tzinfo=None, fold=0, hour=0, minute=0)
        civil = civil.replace(second=0, microsecond=0) + timedelta(days=1)
        return civil.replace(tzinfo=zone_info).astimezone(UTC)
    except (OverflowError, ValueError) as beyond:
        raise OverflowError(str(beyond)) from beyond


def write_civil(at: datetime, zone: str) -> str:
    """Return an instant as people of a zone read it: "Monday 30 November 2026, 09:00 (UTC+3)"."""
    civil = at.astimezone(read_zone(zone))
    named = f"UTC{zone}" if zone[0] in "+-" else zone
    day, month = DAY_NAMES[civil.weekday()], MONTH_NAMES[civil.month - 1]
    return f"{day} {civil.day} {month} {civil.year}, {civil.hour:02}:{civil.minute:02} ({named})"


def write_end(end: datetime, zone: str) -> str:
    """Return an end as people of a zone read it: one at midnight is the end of the day before."""
    if end.astimezone(read_zone(zone)).time() != time():
        return write_civil(end, zone)
    day, _, _ = write_civil(end - timedelta(microseconds=1), zone).partition(",")
    return f"the end of {day}"


def move_civil(anchor: datetime, by: relativedelta, zone: str) -> datetime:
    """Move along civil time, then turn it into UTC once."""
    zone_info = read_zone(zone)
    try:
        civil = anchor.astimezone(zone_info).replace(tzinfo=None, fold=0) + by
        return civil.replace(tzinfo=zone_info).astimezone(UTC)
    except ValueError as beyond:
        raise OverflowError(str(beyond)) from beyond


@lru_cache(maxsize=1_000)
def read_zone(zone: str) -> tzinfo:
    """Return the zone of an IANA name or an explicit offset (`+02:00`)."""
    offset = _OFFSET.fullmatch(zone)
    if offset is None:
        return ZoneInfo(zone)
    sign, hours, minutes = offset.groups()
    ahead = timedelta(hours=int(hours), minutes=int(minutes))
    return timezone(-ahead if sign == "-" else ahead)
