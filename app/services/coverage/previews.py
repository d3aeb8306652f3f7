"""Previews: the same decisions as the real thing, with nothing written."""

from dataclasses import dataclass
from datetime import datetime

from app.db.coverage.coverage_inputs import load_drawable
from app.db.engine.database import Db
from app.domain.access.callers import Caller
from app.domain.access.refusals import Refusal
from app.domain.coverage.coverage import TRACE_ENDED, Coverage
from app.domain.coverage.requests import Request
from app.domain.promises.clocks import run_clocks
from app.domain.promises.deadlines import Deadline
from app.domain.time.backdating import decide_instant
from app.services.coverage.coverage import choose_coverage
from app.services.promises.deadlines import open_times


@dataclass(frozen=True, slots=True)
class TicketPreview:
    """What opening a ticket would give: coverage and deadlines, or a refusal."""

    coverage: Coverage | None
    catalog_version: int
    deadlines: tuple[Deadline, ...]
    refusal: Refusal | None
    sequence: int


async def preview_ticket(
    db: Db,
    *,
    account_id: str,
    request: Request,
    catalog: str | None,
    at: datetime | None,
    caller: Caller,
) -> TicketPreview:
    """Decide as opening would; a refusal of coverage is part of the answer."""
    clock = db.read_clock()
    earliest = min(at or clock, clock)
    drawable = await load_drawable(db, account_id, at=earliest, ended_since=earliest - TRACE_ENDED)
    now = max(clock, drawable.effective_at)
    sequence = drawable.sequence
    at = decide_instant(at, now=now, caller=caller)
    try:
        coverage, holdings, request = await choose_coverage(
            db,
            account_id,
            request,
            catalog=catalog,
            at=at,
            backdated=at < drawable.effective_at,
            drawable=drawable,
        )
        if coverage.price.off_list:
            caller.require("ledger:write", why="A price off the list")
    except Refusal as refusal:
        return TicketPreview(None, 0, (), refusal, sequence)
    pool = coverage.pool
    deadlines: tuple[Deadline, ...] = ()
    version = pool.subscription.catalog_version if pool else holdings.version
    if pool is not None and coverage.promises:
        deadlines = run_clocks(
            promises=coverage.promises,
            calendars=open_times(db, pool.terms, version, pool.subscription.extra_calendars),
            opened_at=at,
            severity=request.severity,
            urgent=request.urgent,
            events=(),
            now=now,
        )
    return TicketPreview(coverage, version, deadlines, None, sequence)
