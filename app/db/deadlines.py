"""Clocks across tickets: what runs out, what has, and how often promises were kept."""

from datetime import datetime
from typing import Any, Literal

from sqlalchemy import (
    Boolean,
    ColumnElement,
    DateTime,
    Text,
    and_,
    bindparam,
    case,
    func,
    literal_column,
    not_,
    or_,
    select,
    tuple_,
)

from app.db.database import Db, Statement
from app.db.tables import DEADLINE_ORDER, deadlines

Grouping = Literal["plan", "severity", "metric", "month"]

_NOW = bindparam("now", type_=DateTime(timezone=True))
# A running clock past its last instant is breached, whether or not anybody was told.
_LAPSED = and_(deadlines.c.status == literal_column("'running'"), deadlines.c.breaches_after < _NOW)
_STATUS = case((_LAPSED, literal_column("'breached'", Text)), else_=deadlines.c.status)
_AT_RISK = and_(
    deadlines.c.status == literal_column("'running'"),
    deadlines.c.warn_at <= _NOW,
    not_(_LAPSED),
)
_ORDER = (
    literal_column(DEADLINE_ORDER, DateTime(timezone=True)),
    deadlines.c.account_id,
    deadlines.c.ticket_id,
    deadlines.c.metric,
    deadlines.c.spell,
)


def _asked(name: str, column: ColumnElement[Any]) -> ColumnElement[bool]:
    """Return the condition that a column is what is asked for, or that nothing is."""
    parameter: ColumnElement[Any] = bindparam(name, type_=Text)
    return or_(parameter.is_(None), column == parameter)


_BASE = (
    select(
        deadlines,
        _STATUS.label("status_now"),
        func.coalesce(_AT_RISK, literal_column("false", Boolean)).label("at_risk"),
        _ORDER[0].label("key_0"),
    )
    .where(
        _asked("status", _STATUS),
        _asked("metric", deadlines.c.metric),
        _asked("catalog", deadlines.c.catalog),
        or_(
            bindparam("due_before", type_=DateTime(timezone=True)).is_(None),
            deadlines.c.due_at < bindparam("due_before", type_=DateTime(timezone=True)),
        ),
        or_(not_(bindparam("at_risk", type_=Boolean)), _AT_RISK),
        tuple_(*_ORDER)
        > tuple_(
            *(bindparam(f"after_{place}", type_=part.type) for place, part in enumerate(_ORDER))
        ),
    )
    .order_by(*_ORDER)
    .limit(bindparam("limit"))
)
_LIST = Statement(_BASE)
_LIST_RUNNING = Statement(_BASE.where(deadlines.c.status == literal_column("'running'", Text)))

# The front of the running clocks' index: what is late or nearly so, however many run.
_SOONEST = (
    select(
        _LAPSED.label("breached"), func.coalesce(_AT_RISK, literal_column("false")).label("at_risk")
    )
    .where(deadlines.c.status == literal_column("'running'", Text))
    .order_by(*_ORDER)
    .limit(10_000)
    .subquery()
)
_COUNT_SOONEST = Statement(
    select(
        func.count().filter(_SOONEST.c.breached).label("breached"),
        func.count().filter(_SOONEST.c.at_risk).label("at_risk"),
    ).select_from(_SOONEST)
)

_GROUPS: dict[Grouping, ColumnElement[Any]] = {
    "plan": deadlines.c.plan,
    "severity": deadlines.c.severity,
    "metric": deadlines.c.metric,
    "month": func.to_char(
        deadlines.c.started_at.op("AT TIME ZONE")(literal_column("'UTC'")), "YYYY-MM"
    ),
}
_BREACHED = or_(deadlines.c.status == literal_column("'breached'"), _LAPSED)


def _report(grouping: Grouping) -> Statement:
    group = _GROUPS[grouping].label("group")
    answered = deadlines.c.met_at.is_not(None)

    def percentile(share: float) -> ColumnElement[Any]:
        return func.percentile_disc(share).within_group(deadlines.c.used_seconds).filter(answered)

    return Statement(
        select(
            group,
            func.count().label("total"),
            func.count().filter(deadlines.c.status == literal_column("'met'")).label("met"),
            func.count().filter(and_(_BREACHED, not_(deadlines.c.excused))).label("breached"),
            func.count().filter(and_(_BREACHED, deadlines.c.excused)).label("excused"),
            func.count()
            .filter(
                and_(
                    deadlines.c.status.in_(
                        [literal_column("'running'"), literal_column("'paused'")]
                    ),
                    not_(func.coalesce(_LAPSED, literal_column("false", Boolean))),
                )
            )
            .label("open"),
            func.count()
            .filter(deadlines.c.status == literal_column("'cancelled'"))
            .label("cancelled"),
            percentile(0.5).label("p50"),
            percentile(0.9).label("p90"),
        )
        .where(
            deadlines.c.started_at >= bindparam("from_"),
            deadlines.c.started_at < bindparam("to"),
            deadlines.c.status != literal_column("'none'"),
            _asked("catalog", deadlines.c.catalog),
        )
        .group_by(group)
        .order_by(group.asc().nulls_last())
    )


_REPORTS: dict[Grouping, Statement] = {grouping: _report(grouping) for grouping in _GROUPS}


async def list_deadlines(
    db: Db,
    *,
    status: str | None,
    metric: str | None,
    catalog: str | None,
    due_before: datetime | None,
    at_risk: bool,
    after: tuple[Any, ...],
    limit: int,
    now: datetime,
) -> list[Any]:
    """Return clocks in the order in which they run out, after a place in it.

    A row's `status_now` and `at_risk` are as of `now`.
    """
    running = at_risk or status == "running"
    return await db.rows(
        _LIST_RUNNING if running else _LIST,
        status=status,
        metric=metric,
        catalog=catalog,
        due_before=due_before,
        at_risk=at_risk,
        limit=limit,
        now=now,
        **{f"after_{place}": part for place, part in enumerate(after)},
    )


async def count_soonest(db: Db, *, now: datetime) -> dict[str, int]:
    """Count the running clocks at risk and past their last instant, of the 10,000 soonest."""
    (row,) = await db.rows(_COUNT_SOONEST, now=now)
    return dict(row)


async def report_sla(
    db: Db,
    *,
    grouping: Grouping,
    catalog: str | None,
    from_: datetime,
    to: datetime,
    now: datetime,
) -> list[Any]:
    """Count how the clocks that began in [from_, to) ended, for each group."""
    return await db.rows(_REPORTS[grouping], catalog=catalog, from_=from_, to=to, now=now)
