"""Usage of units across accounts, and what is owed: as data and as a table."""

from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import Query, Request, Response
from pydantic import ConfigDict, Field

from app.api.http.replies.media import CSV, HTML, JSON, answer_csv, choose_media_type
from app.api.http.routing import RequestDb, operation, router
from app.api.http.wire import Code, Instant, Wire
from app.api.reports.listed import listed, split_listed
from app.api.reports.report_pages import Bar, Chart, render_report
from app.domain.catalog.amounts import Unit
from app.domain.ledger.usage_reports import UsageGroup, UsageRow
from app.services.reports import usage
from app.services.reports.periods import InvalidPeriod

routes = router("Across accounts")

GROUPS: tuple[UsageGroup, ...] = ("catalog", "plan", "month")
_COUNTED = ("granted", "used", "returned", "expired", "revoked", "overage", "owed")
_UNCOUNTED = frozenset({"granted", "expired", "revoked", "owed"})
_FORMS: dict[int | str, dict[str, Any]] = {
    200: {"content": {CSV: {"schema": {"type": "string"}}, HTML: {"schema": {"type": "string"}}}}
}


class UsageRowWire(Wire):
    """What became of units of one kind, in one group.

    Besides these it has a member for each group that was asked for: `catalog`, `plan` or
    `month` (2026-11).
    """

    model_config = ConfigDict(extra="allow")

    unit: Unit
    """The unit that is counted: incident, point or minute."""
    unlimited: bool
    """Whether these units have no count: then only uses are counted."""
    granted: int | None
    """The number of units granted, a month's when the month begins; null without a count."""
    used: int
    """The number of units deducted, those given back later among them."""
    returned: int | None
    """The number of units given back after they had been deducted; null without a count."""
    expired: int | None
    """The number of units that ended unused; null without a count."""
    revoked: int | None
    """The number of units taken back, with a cancelled order or by hand; null without a count."""
    overage: int
    """The number of units used beyond what was granted, to be billed."""
    owed: int | None
    """The number of units still owed at the end of the period, free or held for open tickets; null
    without a count."""


class UsageWire(Wire):
    """Units granted, used, given back and gone in a period, and what is owed at its end."""

    from_: Annotated[Instant, Field(alias="from", serialization_alias="from")]
    """The instant at which the period begins."""
    to: Instant
    """The instant at which the period ends, itself excluded; what is yet to come is not counted,
    for a sandbox account by its own clock."""
    group_by: list[UsageGroup]
    """The fields by which the rows are grouped, besides the unit."""
    rows: list[UsageRowWire]
    """The figures, one row for each group and unit in which something moved, or is owed."""


@routes.get(
    "/v1/reports/usage",
    summary="Report what became of units",
    response_model=UsageWire,
    responses=_FORMS,
)
@operation("read", across=True, refuses=[InvalidPeriod])
async def report_usage(
    db: RequestDb,
    request: Request,
    from_: Annotated[
        Instant,
        Query(
            alias="from",
            description="The beginning of the period: movements from this instant on are counted.",
        ),
    ],
    to: Annotated[
        Instant,
        Query(
            description="The end of the period, itself excluded: movements before this instant are"
            " counted."
        ),
    ],
    group_by: Annotated[
        str, listed(GROUPS, "The fields to group the counts by, comma-separated")
    ] = "catalog,plan",
    catalog: Annotated[
        Code | None, Query(description="Count only units of this catalogue, by its code.")
    ] = None,
    sandbox: Annotated[
        bool,
        Query(
            description="Whether units of sandbox accounts are counted as well; left out, they are"
            " not."
        ),
    ] = False,
) -> UsageWire | Response:
    """Units granted, used, given back, expired and taken back, and what is owed; JSON, CSV,
    or a page (`text/html`).

    What is owed at the end is what was owed before, and granted, less the rest. Months turn in
    each catalogue's zone.
    """
    groups = split_listed(group_by, GROUPS)
    rows = await usage.report_usage(
        db, groups=groups, catalog=catalog, since=from_, until=to, sandbox=sandbox
    )
    shown = [_render(row, groups) for row in rows]
    wanted = choose_media_type(request.headers.get("Accept"), (JSON, CSV, HTML))
    columns = (*groups, "unit", "unlimited", *_COUNTED)
    if wanted == HTML:
        months = await usage.report_usage(
            db, groups=("month",), catalog=catalog, since=from_, until=to, sandbox=sandbox
        )
        return _render_page(columns, shown, [_render(row, ("month",)) for row in months])
    if wanted == CSV:
        lines = ([line[name] for name in columns] for line in shown)
        return answer_csv(request, columns, lines, name="usage")
    return UsageWire.model_validate({"from": from_, "to": to, "group_by": groups, "rows": shown})


def _render_page(
    columns: Sequence[str], shown: Sequence[dict[str, Any]], months: Sequence[dict[str, Any]]
) -> Response:
    """Return the report as a page, with bars by month for each unit."""
    charts = [
        Chart(
            title=f"{unit.capitalize()}s used and expired, by month",
            series=("Used", "Expired unused"),
            bars=tuple(
                Bar(each["month"], (each["used"], each["expired"] or 0))
                for each in months
                if each["unit"] == unit and each["month"]
            ),
        )
        for unit in sorted({each["unit"] for each in months})
    ]
    return render_report(
        title="What became of units",
        note="Months turn in each catalogue's zone; minutes are those of plans of hours.",
        charts=charts,
        columns=[each.capitalize() for each in columns],
        rows=[[each[name] for name in columns] for each in shown],
    )


def _render(row: UsageRow, groups: Sequence[UsageGroup]) -> dict[str, object]:
    counted = {name: getattr(row.moved, name) for name in _COUNTED if name != "owed"}
    counted["owed"] = row.owed
    return (
        dict(zip(groups, row.groups, strict=True))
        | {"unit": row.unit, "unlimited": row.unlimited}
        | {
            name: None if row.unlimited and name in _UNCOUNTED else amount
            for name, amount in counted.items()
        }
    )
