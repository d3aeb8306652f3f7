"""The report of promises: how they were kept in a period, by groups."""

from collections.abc import Sequence
from datetime import datetime

from app.db.engine.unit_of_work import Db
from app.db.reports.sla import Grouping, count_clocks
from app.domain.promises.promises import Metric, Strength
from app.domain.promises.sla_reports import SlaRow
from app.services.reports.periods import find_months, require_period


async def report_sla(
    db: Db,
    *,
    groups: tuple[Grouping, ...],
    strengths: Sequence[Strength],
    catalog: str | None,
    plan: str | None,
    severity: int | None,
    metric: Metric | None,
    account_id: str | None,
    since: datetime,
    until: datetime,
    timezone: str | None,
    sandbox: bool,
) -> list[SlaRow]:
    """Count the clocks that began in [since, until), always by metric and strength.

    Months are those of each catalogue's zone, or of `timezone`. Refuses with `invalid_period`.
    """
    require_period(since, until, timezone=timezone)
    months = []
    if "month" in groups:
        months = await find_months(db, since=since, until=until, catalog=catalog, timezone=timezone)
    return await count_clocks(
        db,
        groups=groups,
        strengths=strengths,
        catalog=catalog,
        plan=plan,
        severity=severity,
        metric=metric,
        account_id=account_id,
        since=since,
        until=until,
        months=months,
        sandbox=sandbox,
        now=db.read_clock(),
    )
