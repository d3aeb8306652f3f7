"""Promises counted: the clocks of a period, by groups."""

from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any, Literal

from sqlalchemy import (
    ARRAY,
    Boolean,
    ColumnElement,
    DateTime,
    SmallInteger,
    Text,
    and_,
    any_,
    bindparam,
    case,
    func,
    literal_column,
    or_,
    select,
)

from app.db.engine.compiled import Statement
from app.db.engine.unit_of_work import Db
from app.db.promises.standing import read_status
from app.db.reports.months import MONTHS, CatalogMonth, month_parameters
from app.db.tables import accounts, deadlines, tickets
from app.domain.promises.sla_reports import SlaRow

Grouping = Literal["catalog", "plan", "severity", "month", "channel", "account"]

_GROUPS: dict[Grouping, ColumnElement[Any]] = {
    "catalog": deadlines.c.catalog,
    "plan": deadlines.c.plan,
    "severity": deadlines.c.severity,
    "month": MONTHS.c.name,
    "channel": tickets.c.channel,
    "account": deadlines.c.account_id,
}
_COUNTS = ("met", "breached", "missed", "late", "open", "cancelled")


@lru_cache(maxsize=128)
def _report(groups: tuple[Grouping, ...], *, sandbox: bool) -> Statement:
    stands = read_status(sandbox=sandbox)
    status = case(
        (stands.in_([_text("running"), _text("paused")]), literal_column("'open'", Text)),
        else_=stands,
    )
    counts = {name: func.count().filter(_text(name) == status) for name in _COUNTS}
    by = [_GROUPS[each] for each in groups]
    statement = (
        select(
            deadlines.c.metric,
            deadlines.c.strength,
            *(each.label(f"group_{place}") for place, each in enumerate(by)),
            *(each.label(name) for name, each in counts.items()),
            func.count()
            .filter(and_(stands.in_([_text("breached"), _text("missed")]), deadlines.c.excused))
            .label("excused"),
            case(
                (
                    and_(
                        func.count(deadlines.c.percent) == func.count(),
                        func.min(deadlines.c.percent) == func.max(deadlines.c.percent),
                    ),
                    func.min(deadlines.c.percent),
                )
            ).label("percent"),
            *(
                func.percentile_disc(share)
                .within_group(deadlines.c[f"{time}_seconds"])
                .filter(deadlines.c.met_at.is_not(None))
                .label(f"p{int(share * 100)}_{time}_seconds")
                for share in (0.5, 0.9)
                for time in ("elapsed", "business")
            ),
        )
        .where(
            deadlines.c.started_at >= bindparam("since", type_=DateTime(timezone=True)),
            deadlines.c.started_at < bindparam("until", type_=DateTime(timezone=True)),
            deadlines.c.status != _text("none"),
            deadlines.c.strength == any_(bindparam("strengths", type_=ARRAY(Text))),
            *(
                _asked(name, deadlines.c[name], type_)
                for name, type_ in (
                    ("catalog", Text),
                    ("plan", Text),
                    ("severity", SmallInteger),
                    ("metric", Text),
                    ("account_id", Text),
                )
            ),
            or_(
                bindparam("sandbox", type_=Boolean),
                deadlines.c.account_id.not_in(
                    select(accounts.c.account_id).where(accounts.c.sandbox_at.is_not(None))
                ),
            ),
        )
        .group_by(deadlines.c.metric, deadlines.c.strength, *by)
        .order_by(*(each.asc().nulls_last() for each in by), deadlines.c.metric)
        .order_by(deadlines.c.strength)
    )
    if "channel" in groups:
        statement = statement.join(
            tickets,
            and_(
                tickets.c.account_id == deadlines.c.account_id,
                tickets.c.ticket_id == deadlines.c.ticket_id,
            ),
        )
    if "month" in groups:
        statement = statement.join(
            MONTHS,
            and_(
                MONTHS.c.catalog == deadlines.c.catalog,
                deadlines.c.started_at >= MONTHS.c.start,
                deadlines.c.started_at < MONTHS.c.finish,
            ),
        )
    return Statement(statement)


def _text(value: str) -> ColumnElement[str]:
    return literal_column(f"'{value}'", Text)


def _asked(name: str, column: ColumnElement[Any], type_: Any) -> ColumnElement[bool]:
    parameter: ColumnElement[Any] = bindparam(name, type_=type_)
    return or_(parameter.is_(None), column == parameter)


async def count_clocks(
    db: Db,
    *,
    groups: tuple[Grouping, ...],
    strengths: Sequence[str],
    catalog: str | None,
    plan: str | None,
    severity: int | None,
    metric: str | None,
    account_id: str | None,
    since: datetime,
    until: datetime,
    months: Sequence[CatalogMonth],
    sandbox: bool,
    now: datetime,
) -> list[SlaRow]:
    """Count the clocks that began in [since, until), for each group, metric and strength.

    `months` are needed where they are a group: of each catalogue, in its own zone.
    """
    found = await db.rows(
        _report(groups, sandbox=sandbox),
        strengths=list(strengths),
        catalog=catalog,
        plan=plan,
        severity=severity,
        metric=metric,
        account_id=account_id,
        since=since,
        until=until,
        sandbox=sandbox,
        now=now,
        **(month_parameters(months) if "month" in groups else {}),
    )
    return [
        SlaRow(
            metric=row["metric"],
            strength=row["strength"],
            groups=tuple(row[f"group_{place}"] for place in range(len(groups))),
            total=sum(row[name] for name in _COUNTS if name != "cancelled"),
            **{name: row[name] for name in (*_COUNTS, "excused", "percent")},
            **{
                name: row[name]
                for name in (
                    "p50_elapsed_seconds",
                    "p50_business_seconds",
                    "p90_elapsed_seconds",
                    "p90_business_seconds",
                )
            },
        )
        for row in found
    ]
