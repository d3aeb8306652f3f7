"""Terms: lengths of subscriptions, where they end on the calendar, and how that is written."""

import re
from datetime import datetime

from dateutil.relativedelta import relativedelta

from app.domain.time.anchored_months import add_months
from app.domain.time.civil_time import move_civil
from app.domain.values import Value

LONGEST_MONTHS = 120
LONGEST_DAYS = 3660

_PERIOD = re.compile(r"P(?:(\d{1,4})Y)?(?:(\d{1,4})M)?|P(\d{1,4})W|P(\d{1,4})D", re.ASCII)


class Term(Value):
    """A length of subscription in calendar months and days; exactly one is above zero."""

    months: int = 0
    days: int = 0


# What an offer lasts that names no term of its own, and what is carried over of a month.
A_MONTH = Term(months=1)


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
        return move_civil(anchor, relativedelta(days=term.days), zone)
    return add_months(anchor, term.months, zone)


def before_end(ends_at: datetime, term: Term, zone: str) -> datetime:
    """Return the instant that lies a term before an end."""
    return add_term(ends_at, Term(months=-term.months, days=-term.days), zone)
