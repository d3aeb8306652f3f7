"""Terms: lengths of subscriptions, where they end on the calendar, and how that is written."""

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo

from dateutil.relativedelta import relativedelta

from app.domain.catalog.catalogs import Term

LONGEST_MONTHS = 120
LONGEST_DAYS = 3660

_PERIOD = re.compile(r"P(?:(\d{1,4})Y)?(?:(\d{1,4})M)?|P(\d{1,4})W|P(\d{1,4})D", re.ASCII)
_OFFSET = re.compile(r"([+-])(\d\d):(\d\d)", re.ASCII)


def parse_term(text: str) -> Term:
    """Return the term an ISO 8601 period names: `P1Y`, `P1Y6M`, `P1M`, `P2W`, `P30D`.

    Raises ValueError for anything else: a period of nothing, and months with days, which have
    no length of their own.
    """
    found = _PERIOD.fullmatch(text)
    if found is None:
        raise ValueError('A term is written like "P1Y", "P6M" or "P30D".')
    years, months, weeks, days = (int(part or 0) for part in found.groups())
    term = Term(months=12 * years + months, days=7 * weeks + days)
    if term == Term():
        raise ValueError("A term must have a length.")
    return term


def format_term(term: Term) -> str:
    """Return the term as an ISO 8601 period: 12 months are `P1Y`, 18 are `P18M`."""
    if term.days:
        return f"P{term.days}D"
    return f"P{term.months}M" if term.months % 12 else f"P{term.months // 12}Y"


def is_in_range(term: Term) -> bool:
    """Say whether a term is one that can be sold: up to 120 months, or 3,660 days."""
    return 1 <= term.months <= LONGEST_MONTHS or 1 <= term.days <= LONGEST_DAYS


def add_term(anchor: datetime, term: Term, zone: str) -> datetime:
    """Return the end of a term that begins at `anchor`, as `add_months` does."""
    if term.days:
        return _move(anchor, relativedelta(days=term.days), zone)
    return add_months(anchor, term.months, zone)


def before_end(ends_at: datetime, term: Term, zone: str) -> datetime:
    """Return the instant that lies a term before an end."""
    return add_term(ends_at, Term(months=-term.months, days=-term.days), zone)


def add_months(anchor: datetime, months: int, zone: str) -> datetime:
    """Return the instant (UTC) `months` calendar months after `anchor`, in `zone`.

    It has the anchor's civil time of day and its day of the month, or the month's last day
    where there is no such day (31 January, 28 February, 31 March, each counted from the
    anchor). A civil time that occurs twice is the first of the two; one that is skipped keeps
    the offset before the gap (RFC 5545 §3.3.5). Raises OverflowError outside years 1 to 9999.
    """
    return _move(anchor, relativedelta(months=months), zone) if months else anchor


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
    return f"{civil:%A} {civil.day} {civil:%B %Y, %H:%M} ({named})"


def find_month(anchor: datetime, at: datetime, zone: str) -> tuple[datetime, datetime]:
    """Return the calendar month after `anchor` that `at` lies in, counted as `add_months` does."""
    months = 12 * (at.year - anchor.year) + at.month - anchor.month
    while add_months(anchor, months, zone) > at:
        months -= 1
    while add_months(anchor, months + 1, zone) <= at:
        months += 1
    return add_months(anchor, months, zone), add_months(anchor, months + 1, zone)


def _move(anchor: datetime, by: relativedelta, zone: str) -> datetime:
    """Move along civil time, then turn it into UTC once."""
    zone_info = read_zone(zone)
    try:
        civil = anchor.astimezone(zone_info).replace(tzinfo=None, fold=0) + by
        return civil.replace(tzinfo=zone_info).astimezone(UTC)
    except ValueError as beyond:
        raise OverflowError(str(beyond)) from beyond


def read_zone(zone: str) -> tzinfo:
    """Return the zone of an IANA name or an explicit offset (`+02:00`)."""
    offset = _OFFSET.fullmatch(zone)
    if offset is None:
        return ZoneInfo(zone)
    sign, hours, minutes = offset.groups()
    ahead = timedelta(hours=int(hours), minutes=int(minutes))
    return timezone(-ahead if sign == "-" else ahead)
