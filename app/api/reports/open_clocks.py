"""Clocks across tickets: what runs out, what has, and open ones moved to newer terms."""

from datetime import datetime
from typing import Annotated

from fastapi import Query

from app.api.http.paging import cut_page
from app.api.http.routing import RequestCaller, RequestDb, operation, router
from app.api.http.wire import (
    Code,
    Cursor,
    DueOrder,
    Instant,
    InvalidCursor,
    Limit,
    Page,
    read_cursor,
    write_cursor,
)
from app.api.promises.deadline_shapes import render_deadlines
from app.api.reports.sla_shapes import (
    MovedWire,
    ReEvaluationOrder,
    ReEvaluationWire,
    RunningDeadline,
)
from app.db.catalog.catalogs import CatalogUnknown
from app.db.promises import deadlines as rows
from app.db.promises.deadlines import ListedClock
from app.domain.promises.deadlines import Status
from app.domain.promises.promises import Metric
from app.services.tickets import re_evaluations

routes = router("Across accounts")

_PLACE = (datetime, str, str, str, int)


@routes.get("/v1/deadlines", summary="List what runs out")
@operation("read", across=True, refuses=[InvalidCursor])
async def list_deadlines(
    db: RequestDb,
    status: Annotated[
        Status | None,
        Query(description="Return only deadlines of this status, as of now by the clock."),
    ] = None,
    metric: Annotated[
        Metric | None, Query(description="Return only deadlines of this metric.")
    ] = None,
    catalog: Annotated[
        Code | None,
        Query(description="Return only deadlines of tickets of this catalogue, by its code."),
    ] = None,
    plan: Annotated[
        Code | None,
        Query(description="Return only deadlines of tickets on this plan, by its code."),
    ] = None,
    due_before: Annotated[
        Instant | None, Query(description="Return only deadlines that are due before this instant.")
    ] = None,
    at_risk: Annotated[
        bool, Query(description="Whether only deadlines that are at risk now are listed.")
    ] = False,
    sandbox: Annotated[
        bool,
        Query(
            description="Whether deadlines of sandbox accounts are listed as well; left out, they"
            " are not."
        ),
    ] = False,
    order: DueOrder = "asc",
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
        after=read_cursor(cursor, *_PLACE),
        ascending=order == "asc",
        limit=limit + 1,
        now=db.read_clock(),
    )
    return cut_page(found, limit=limit, place=lambda listed: listed.place, render=_render)


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
                before=render_deadlines(each.before),
                after=render_deadlines(each.after),
            )
            for each in found.moved
        ],
        next_cursor=None if found.last is None else write_cursor(*found.last),
    )


def _render(listed: ListedClock) -> RunningDeadline:
    clock = listed.clock
    if clock.status != listed.status:  # the clock alone has brought it about since
        clock = clock.as_lapsed()
    return RunningDeadline(
        account_id=clock.account_id,
        account_name=listed.account_name,
        ticket_id=clock.ticket_id,
        subject=listed.subject,
        channel=listed.channel,
        catalog=clock.catalog,
        plan=clock.plan,
        severity=clock.severity,
        metric=clock.metric,
        strength=clock.strength,
        status=listed.status,
        at_risk=listed.at_risk,
        started_at=clock.started_at,
        warn_at=clock.warn_at,
        due_at=clock.due_at,
        breaches_after=clock.breaches_after,
        met_at=clock.met_at,
        breached_at=clock.breached_at,
        missed_at=clock.missed_at,
        excused=clock.excused,
    )
