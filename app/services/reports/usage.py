"""The report of units: what became of them in a period, and what is owed at its end."""

from datetime import datetime, timedelta

from app.db.engine.unit_of_work import Db
from app.db.reports.usage import find_latest_sandbox, sum_usage
from app.domain.ledger.usage_reports import UsageGroup, UsageRow
from app.domain.ledger.usage_reports import report_usage as fold_usage
from app.services.reports.periods import find_months, require_period


async def report_usage(
    db: Db,
    *,
    groups: tuple[UsageGroup, ...],
    catalog: str | None,
    since: datetime,
    until: datetime,
    sandbox: bool,
) -> list[UsageRow]:
    """Return what moved in [since, until), up to now, by groups; refuses with `invalid_period`.

    It is reported as it is known now: what was recorded late stands where it happened. Now is,
    for sandbox accounts, each one's own.
    """
    require_period(since, until)
    now = db.read_clock()
    latest = max(now, await find_latest_sandbox(db) or now) if sandbox else now
    # No month after the last present has anything to report.
    until = max(since, min(until, latest + timedelta(microseconds=1)))
    months = None
    if "month" in groups:
        months = await find_months(db, since=since, until=until, catalog=catalog)
    sums = await sum_usage(
        db, catalog=catalog, since=since, until=until, now=now, months=months, sandbox=sandbox
    )
    names = sorted({month.name for month in months or ()})
    return fold_usage(sums, groups, names)
