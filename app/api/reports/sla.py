"""What is owed across tickets: what runs out, what has, how often promises were kept."""

import csv
import io
from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import Query, Request, Response
from pydantic import Field

from app.api.http.routing import RequestCaller, RequestDb, operation, router
from app.api.http.wire import (
    Code,
    Cursor,
    Instant,
    InvalidCursor,
    Limit,
    LongText,
    Page,
    Text,
    Wire,
    read_cursor,
    write_cursor,
)
from app.api.promises.deadline_shapes import DeadlineStatus, DeadlineWire, show_deadlines
from app.db.accounts.accounts import BEGINNING
from app.db.catalog.catalogs import CatalogUnknown
from app.db.promises import deadlines as rows
from app.domain.catalog.catalogs import Channel
from app.domain.promises.promises import Metric, Strength
from app.services.tickets import re_evaluations

routes = router("Across accounts")

_CSV = "text/csv"
_PLACE = (datetime, str, str, str, int)
Grouping = Literal["plan", "severity", "metric", "month"]


class RunningDeadline(Wire):
    """One clock of one ticket."""

    account_id: str
    """The customer."""
    account_name: str
    """The customer's name for people."""
    ticket_id: str
    """The helpdesk's own id of the ticket."""
    subject: str
    """What the ticket is about, in a line."""
    channel: Channel
    """Through which channel the ticket came."""
    catalog: str
    """The catalogue whose promise it is."""
    plan: str | None
    """On which plan."""
    severity: int | None
    """1 (gravest) to 4."""
    metric: Metric
    """What is owed."""
    strength: Strength
    """Guaranteed, a target (missed, never broken), best effort, or none (not offered)."""
    status: DeadlineStatus
    """How it stands now."""
    at_risk: bool
    """Whether it is at risk now."""
    started_at: Instant | None
    """When the clock began."""
    warn_at: Instant | None
    """From when it is at risk."""
    due_at: Instant | None
    """The earliest instant at which the target is used up."""
    breaches_after: Instant | None
    """The last instant that keeps it."""
    met_at: Instant | None
    """When it was done."""
    breached_at: Instant | None
    """When the promise was broken, if that has been recorded."""
    missed_at: Instant | None
    """When a target was missed, if that has been recorded."""
    excused: bool
    """Whether a breach is not held against the seller."""


class ReportRow(Wire):
    """How the promises of one group were kept."""

    group: str | int | None
    """The plan, severity, metric or month (UTC); null: none."""
    total: int
    """Clocks that began in the period."""
    met: int
    """Kept."""
    breached: int
    """Guarantees that were broken, those excused among them."""
    missed: int
    """Targets that were missed, those excused among them."""
    late: int
    """Best effort that came after its time."""
    excused: int
    """Of the broken and the missed, those that were excused."""
    open: int
    """Neither yet."""
    cancelled: int
    """Withdrawn before they were due."""
    p50_seconds: int | None
    """The median time taken, in the winning target's own time."""
    p90_seconds: int | None
    """The time within which nine of ten were done."""


class ReportWire(Wire):
    """How promises were kept in a period."""

    from_: Annotated[Instant, Field(alias="from", serialization_alias="from")]
    """Clocks that began from here on."""
    to: Instant
    """And before here."""
    group_by: Grouping
    """What the rows are groups of."""
    rows: list[ReportRow]
    """One for each group."""


class ReEvaluationOrder(Wire):
    """Open clocks to be moved to the newest version of their terms."""

    catalog: Code
    """Of which catalogue."""
    policy: Literal["carry_elapsed", "restart_now", "frozen"] = "carry_elapsed"
    """What running clocks keep: the time used, nothing, or their target."""
    reason: LongText
    """Why."""
    actor: Text
    """Who decided it."""
    limit: Annotated[int, Field(ge=1, le=1_000)] = 200
    """How many open tickets to look at, in one transaction."""
    cursor: Annotated[str | None, Field(max_length=1_000)] = None
    """Where the last page ended: its next_cursor."""


class MovedWire(Wire):
    """One ticket whose clocks moved."""

    account_id: str
    """The customer."""
    ticket_id: str
    """The ticket."""
    from_version: int
    """The version that its clocks kept until now."""
    before: list[DeadlineWire]
    """As they were."""
    after: list[DeadlineWire]
    """As they are."""


class ReEvaluationWire(Wire):
    """What moving open clocks to the newest version changed."""

    catalog: str
    """The catalogue."""
    version: int
    """The version that they keep from now on."""
    looked_at: int
    """How many open tickets were looked at."""
    changed: list[MovedWire]
    """Those whose deadlines are others now."""
    next_cursor: str | None
    """Give it as `cursor` to go on; null when every open ticket was looked at."""


@routes.get("/v1/deadlines", summary="List what runs out")
@operation("read", across=True, refuses=[InvalidCursor], brief=True)
async def list_deadlines(
    db: RequestDb,
    status: Annotated[
        DeadlineStatus | None, Query(description="That stand so now, by the clock.")
    ] = None,
    metric: Annotated[Metric | None, Query(description="Of this metric only.")] = None,
    catalog: Annotated[Code | None, Query(description="Of this catalogue only.")] = None,
    plan: Annotated[Code | None, Query(description="On this plan only.")] = None,
    due_before: Annotated[Instant | None, Query(description="Due before this instant.")] = None,
    at_risk: Annotated[bool, Query(description="Only those at risk now.")] = False,
    sandbox: Annotated[bool, Query(description="Those of sandbox accounts too.")] = False,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Page[RunningDeadline]:
    """Clocks across tickets, in the order in which they run out."""
    found = await rows.list_deadlines(
        db,
        status=status,
        metric=metric,
        catalog=catalog,
        plan=plan,
        due_before=due_before,
        at_risk=at_risk,
        sandbox=sandbox,
        after=read_cursor(cursor, *_PLACE) or (BEGINNING, "", "", "", 0),
        limit=limit + 1,
        now=db.read_clock(),
    )
    page = found[:limit]
    last = page[-1] if len(found) > limit else None
    return Page(
        data=[_show(row) for row in page],
        next_cursor=None
        if last is None
        else write_cursor(
            last["key_0"], last["account_id"], last["ticket_id"], last["metric"], last["spell"]
        ),
    )


@routes.get(
    "/v1/reports/sla",
    summary="Report how promises were kept",
    response_model=ReportWire,
    responses={200: {"content": {_CSV: {"schema": {"type": "string"}}}}},
)
@operation("read", across=True)
async def report_sla(
    db: RequestDb,
    request: Request,
    from_: Annotated[Instant, Query(alias="from", description="Clocks that began from here on.")],
    to: Annotated[Instant, Query(description="And before here.")],
    group_by: Annotated[Grouping, Query(description="What to count by.")] = "plan",
    catalog: Annotated[Code | None, Query(description="Of this catalogue only.")] = None,
) -> ReportWire | Response:
    """Met, breached and excused, with the time taken in business time; JSON or CSV.

    A clock past its last instant counts as breached, whether or not anybody was told.
    """
    found = await rows.report_sla(
        db, grouping=group_by, catalog=catalog, from_=from_, to=to, now=db.read_clock()
    )
    lines = [_show_row(row) for row in found]
    if _CSV in request.headers.get("Accept", ""):
        return Response(_write_csv(lines), media_type=_CSV)
    return ReportWire.model_validate({"from": from_, "to": to, "group_by": group_by, "rows": lines})


@routes.post("/v1/deadlines/re-evaluation", summary="Re-evaluate open clocks", status_code=200)
@operation("ledger:write", writes=True, across=True, refuses=[CatalogUnknown, InvalidCursor])
async def re_evaluate_deadlines(
    db: RequestDb, caller: RequestCaller, body: ReEvaluationOrder
) -> ReEvaluationWire:
    """Move open clocks to the newest version of their terms; a dry run lists what would change."""
    after = read_cursor(body.cursor, str, str)
    found = await re_evaluations.re_evaluate(
        db,
        catalog=body.catalog,
        policy=body.policy,
        reason=body.reason,
        actor=body.actor,
        after=None if after is None else (after[0], after[1]),
        limit=body.limit,
        caller=caller,
    )
    return ReEvaluationWire(
        catalog=body.catalog,
        version=found.version,
        looked_at=found.looked_at,
        changed=[
            MovedWire(
                account_id=each.account_id,
                ticket_id=each.ticket_id,
                from_version=each.from_version,
                before=show_deadlines(each.before),
                after=show_deadlines(each.after),
            )
            for each in found.moved
        ],
        next_cursor=None if found.last is None else write_cursor(*found.last),
    )


def _show(row: Any) -> RunningDeadline:
    return RunningDeadline(
        **{
            name: row[name]
            for name in RunningDeadline.model_fields
            if name not in ("status", "at_risk")
        },
        status=row["status_now"],
        at_risk=row["at_risk"],
    )


def _show_row(row: Any) -> ReportRow:
    return ReportRow(
        group=row["group"],
        total=row["total"],
        met=row["met"],
        breached=row["breached"],
        missed=row["missed"],
        late=row["late"],
        excused=row["excused"],
        open=row["open"],
        cancelled=row["cancelled"],
        p50_seconds=row["p50"],
        p90_seconds=row["p90"],
    )


def _write_csv(lines: list[ReportRow]) -> str:
    written = io.StringIO()
    writer = csv.DictWriter(written, list(ReportRow.model_fields), lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(line.model_dump() for line in lines)
    return written.getvalue()
