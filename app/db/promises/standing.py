"""Standing of stored clocks: whether one runs, is at risk or has run out, by the present."""

from typing import Any

from sqlalchemy import (
    ColumnElement,
    DateTime,
    Text,
    and_,
    bindparam,
    case,
    literal_column,
    not_,
)

from app.db.accounts.sandbox_clocks import own_now
from app.db.tables import deadlines

NOW = bindparam("now", type_=DateTime(timezone=True))
# A running clock past its last instant is breached, or its target missed, whether or not anybody
# was told.
IS_TARGET = deadlines.c.strength == literal_column("'target'", Text)
_LAPSE = case((IS_TARGET, literal_column("'missed'", Text)), else_=literal_column("'breached'"))
OWN_NOW = own_now(deadlines, NOW)


def stands(status: str) -> ColumnElement[bool]:
    """Return the condition that a clock is stored with a status."""
    return deadlines.c.status == literal_column(f"'{status}'", Text)


def has_lapsed(now: ColumnElement[Any]) -> ColumnElement[bool]:
    """Return the condition that a clock ran out by `now`, whether or not anybody was told."""
    return and_(stands("running"), deadlines.c.breaches_after < now)


def is_at_risk(now: ColumnElement[Any]) -> ColumnElement[bool]:
    """Return the condition that a clock is at risk at `now`."""
    return and_(stands("running"), deadlines.c.warn_at <= now, not_(has_lapsed(now)))


def read_status(*, sandbox: bool) -> ColumnElement[str]:
    """Return the status of a clock as it stands now, a sandbox's by its own clock if wanted."""
    now = OWN_NOW if sandbox else NOW
    return case((has_lapsed(now), _LAPSE), else_=deadlines.c.status)
