"""Reports of promises: how often they were kept, by what is asked for."""

from collections.abc import Sequence
from functools import partial
from typing import Annotated, Any

from fastapi import Query, Request, Response

from app.api.http.replies.media import CSV, HTML, JSON, answer_csv, choose_media_type
from app.api.http.routing import RequestDb, operation, router
from app.api.http.wire import (
    Code,
    Id,
    Instant,
)
from app.api.reports.listed import listed, split_listed
from app.api.reports.report_pages import Bar, Chart, render_report
from app.api.reports.sla_shapes import (
    PercentileWire,
    ReportWire,
)
from app.db.reports.sla import Grouping
from app.domain.catalog.catalogs import MOST_SEVERITIES
from app.domain.promises.promises import Metric, Strength
from app.domain.promises.sla_reports import SlaRow
from app.services.reports import sla
from app.services.reports.periods import InvalidPeriod

routes = router("Across accounts")

GROUPINGS: tuple[Grouping, ...] = ("catalog", "plan", "severity", "month", "channel", "account")
STRENGTHS: tuple[Strength, ...] = ("guaranteed", "target", "best_effort")
_COUNTED = (
    "total",
    "met",
    "breached",
    "missed",
    "late",
    "excused",
    "open",
    "cancelled",
    "percent",
    "kept_percent",
    "reached",
)
_PERCENTILES = (
    "p50_elapsed_seconds",
    "p50_business_seconds",
    "p90_elapsed_seconds",
    "p90_business_seconds",
)


_FORMS: dict[int | str, dict[str, Any]] = {
    200: {"content": {CSV: {"schema": {"type": "string"}}, HTML: {"schema": {"type": "string"}}}}
}


@routes.get(
    "/v1/reports/sla",
    summary="Report how promises were kept",
    response_model=ReportWire,
    responses=_FORMS,
)
@operation("read", across=True, refuses=[InvalidPeriod])
async def report_sla(
    db: RequestDb,
    request: Request,
    from_: Annotated[
        Instant,
        Query(
            alias="from",
            description="The beginning of the period: clocks that began at this instant or after"
            " are counted.",
        ),
    ],
    to: Annotated[
        Instant,
        Query(
            description="The end of the period, itself excluded: clocks that began before this"
            " instant are counted."
        ),
    ],
    group_by: Annotated[
        str, listed(GROUPINGS, "The fields to group the counts by, comma-separated")
    ] = "",
    catalog: Annotated[
        Code | None,
        Query(description="Count only clocks of tickets of this catalogue, by its code."),
    ] = None,
    plan: Annotated[
        Code | None, Query(description="Count only clocks of tickets on this plan, by its code.")
    ] = None,
    severity: Annotated[
        int | None,
        Query(
            ge=1,
            le=MOST_SEVERITIES,
            description="Count only clocks of tickets of this severity, 1 (gravest) to 5.",
        ),
    ] = None,
    metric: Annotated[Metric | None, Query(description="Count only clocks of this metric.")] = None,
    strength: Annotated[
        str, listed(STRENGTHS, "Count only clocks of these strengths, comma-separated")
    ] = "guaranteed,target",
    account_id: Annotated[
        Id | None, Query(description="Count only clocks of this account, by the seller's own id.")
    ] = None,
    timezone: Annotated[
        str | None,
        Query(
            max_length=64,
            description="The time zone in which months turn, by its IANA name; default each"
            " catalogue's own.",
        ),
    ] = None,
    sandbox: Annotated[
        bool,
        Query(
            description="Whether clocks of sandbox accounts are counted as well; left out, they"
            " are not."
        ),
    ] = False,
) -> ReportWire | Response:
    """What became of the clocks of a period, and the time taken in both times.

    A clock is in the period, and in the month, in which it began: one of 30 November that was met
    on 1 December is November's, so that months add up to the period and none of them changes its
    clocks later. Months turn in each catalogue's zone, or in `timezone`.

    As JSON, a table (`text/csv`), or a page with bars by month (`text/html`).

    Always by metric and strength. A clock past its last instant counts as breached or missed,
    whether or not anybody was told.
    """
    groups = split_listed(group_by, GROUPINGS)
    report = partial(
        sla.report_sla,
        db,
        strengths=split_listed(strength, STRENGTHS),
        catalog=catalog,
        plan=plan,
        severity=severity,
        metric=metric,
        account_id=account_id,
        since=from_,
        until=to,
        timezone=timezone,
        sandbox=sandbox,
    )
    rows = await report(groups=groups)
    wanted = choose_media_type(request.headers.get("Accept"), (JSON, CSV, HTML))
    columns = ("metric", "strength", *groups, *_COUNTED, *_PERCENTILES)
    if wanted == HTML:
        return _render_page(columns, rows, await report(groups=("month",)))
    if wanted == CSV:
        return answer_csv(request, columns, map(_write_line, rows), name="sla")
    return ReportWire.model_validate(
        {
            "from": from_,
            "to": to,
            "group_by": groups,
            "timezone": timezone,
            "rows": [_render_row(row, groups) for row in rows],
        }
    )


def _render_row(row: SlaRow, groups: Sequence[Grouping]) -> dict[str, object]:
    return (
        {"metric": row.metric, "strength": row.strength}
        | dict(zip(groups, row.groups, strict=True))
        | {name: getattr(row, name) for name in _COUNTED}
        | {
            "p50": PercentileWire(
                elapsed_seconds=row.p50_elapsed_seconds, business_seconds=row.p50_business_seconds
            ),
            "p90": PercentileWire(
                elapsed_seconds=row.p90_elapsed_seconds, business_seconds=row.p90_business_seconds
            ),
        }
    )


def _write_line(row: SlaRow) -> list[object]:
    numbers = (getattr(row, name) for name in (*_COUNTED, *_PERCENTILES))
    return [row.metric, row.strength, *row.groups, *numbers]


def _render_page(
    columns: Sequence[str], rows: Sequence[SlaRow], months: Sequence[SlaRow]
) -> Response:
    """Return the report as a page, with what was kept and what was not by month."""
    kept: dict[str, tuple[int, int]] = {}
    for row in months:
        (month,) = row.groups
        met, broken = kept.get(str(month), (0, 0))
        kept[str(month)] = (met + row.met, broken + row.breached + row.missed)
    bars = tuple(Bar(month, values) for month, values in sorted(kept.items()))
    return render_report(
        title="How promises were kept",
        note="Clocks that began in the period; times taken are in seconds.",
        charts=[Chart("Kept and broken, by month", ("Kept", "Breached or missed"), bars)],
        columns=[each.replace("_", " ").capitalize() for each in columns],
        rows=[_write_line(row) for row in rows],
    )
