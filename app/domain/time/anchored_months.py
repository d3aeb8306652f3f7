"""Anchored months: calendar months counted from an anchor, in a zone."""

from datetime import datetime

from dateutil.relativedelta import relativedelta

from app.domain.time.civil_time import move_civil


def add_months(anchor: datetime, months: int, zone: str) -> datetime:
    """Return the instant (UTC) `months` calendar months after `anchor`, in `zone`.

    It has the anchor's civil time of day and its day of the month, or the month's last day
    where there is no such day (31 January, 28 February, 31 March, each counted from the
    anchor). A civil time that occurs twice is the first of the two; one that is skipped keeps
    the offset before the gap (RFC 5545 §3.3.5). Raises OverflowError outside years 1 to 9999.
    """
    return move_civil(anchor, relativedelta(months=months), zone) if months else anchor


def find_month(anchor: datetime, at: datetime, zone: str) -> tuple[datetime, datetime]:
    """Return the calendar month after `anchor` that `at` lies in, counted as `add_months` does."""
    months = 12 * (at.year - anchor.year) + at.month - anchor.month
    while add_months(anchor, months, zone) > at:
        months -= 1
    while add_months(anchor, months + 1, zone) <= at:
        months += 1
    return add_months(anchor, months, zone), add_months(anchor, months + 1, zone)
