"""Previews: the same decisions as the real thing, with nothing written."""

from datetime import datetime

from app.db.coverage.coverage_inputs import load_account_units
from app.db.engine.unit_of_work import Db
from app.domain.access.callers import Caller
from app.domain.access.refusals import Refusal
from app.domain.coverage.coverage import TRACE_ENDED
from app.domain.coverage.requests import Request
from app.domain.tickets.openings import Opening
from app.domain.time.backdating import decide_instant, require_recent
from app.domain.values import Value
from app.services.coverage.coverage import plan_opening


class TicketPreview(Value):
    """What opening a ticket would give, or a refusal."""

    opening: Opening | None
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
    requester: str | None = None,
) -> TicketPreview:
    """Decide as opening would; a refusal of coverage is part of the answer.

    Long ago needs `history:write`, as opening does, before anything is read for it; and more
    than a year back is refused, where it could only be asked and not written.
    """
    clock = db.read_clock()
    require_recent(at, now=clock, caller=caller)
    earliest = min(at or clock, clock)
    units_found = await load_account_units(
        db, account_id, at=earliest, ended_since=earliest - TRACE_ENDED
    )
    now = max(clock, units_found.effective_at)
    at = decide_instant(at, now=now, caller=caller)
    try:
        opening = await plan_opening(
            db,
            account_id,
            request,
            catalog=catalog,
            at=at,
            now=now,
            clock_at=units_found.effective_at,
            caller=caller,
            units_found=units_found,
            requester=requester,
        )
    except Refusal as refusal:
        return TicketPreview(None, refusal, units_found.sequence)
    return TicketPreview(opening, None, units_found.sequence)
