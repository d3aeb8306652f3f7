"""Refusals of a pool: why it does not serve a request, or does not pay what that costs."""

from collections.abc import Mapping
from datetime import datetime

from app.domain.catalog.amounts import write_amount, write_with_verb
from app.domain.catalog.requesters import Asker
from app.domain.coverage.cap_texts import describe_cap
from app.domain.coverage.pricing import Price
from app.domain.coverage.requests import Request
from app.domain.coverage.serving import (
    SUSPENDED,
    OpeningHours,
    Rejection,
    refuse_request,
    refuse_requester,
)
from app.domain.coverage.sites import covers
from app.domain.coverage.ticket_limits import TicketCount, refuse_count
from app.domain.ledger.pools import Pool
from app.domain.time.civil_time import write_civil, write_end


def refuse_pool(
    pool: Pool,
    request: Request,
    *,
    at: datetime,
    ended_by: datetime,
    hours: OpeningHours,
    asker: Asker | None,
    counts: Mapping[str, TicketCount],
) -> Rejection | None:
    """Return why a pool does not serve the request at `at`; None if it does.

    Lots that have ended at `ended_by` are over already.
    """
    zone = pool.terms.zone
    if not any(lot.is_usable(at) and not lot.has_ended(ended_by) for lot in pool.lots):
        if any(not lot.has_begun(at) for lot in pool.lots):
            begins = min(lot.valid_from for lot in pool.lots if not lot.has_begun(at))
            return Rejection("not_started", f"The term begins on {write_civil(begins, zone)}.")
        ended = max(lot.expires_at for lot in pool.lots if lot.expires_at is not None)
        return Rejection("term_ended", f"The term lasted until {write_end(ended, zone)}.")
    if pool.suspended:
        return SUSPENDED
    bound_to = pool.subscription.site
    if bound_to is not None and not covers(bound_to, request.site):
        return Rejection("site_not_covered", f"The subscription covers {bound_to} only.")
    quantity = pool.subscription.quantity
    refused = refuse_requester(pool.plan, request, asker, quantity=quantity)
    if refused is not None:
        return refused
    cover = pool.subscription.extra_calendars
    refused = refuse_request(pool.plan, pool.terms, request, at=at, hours=hours, cover=cover)
    return refused or refuse_count(pool.plan, pool.terms, request, counts.get(pool.plan.code))


def refuse_price(pool: Pool, price: Price, missing: int) -> Rejection | None:
    """Return why a pool that serves the request does not pay its price; None if it does.

    What is over is billed, where the plan bills it, outside the limit for the period.
    """
    if missing and not pool.plan.overage:
        facts = {
            "required": price.amount,
            "available": price.amount - missing,
            "shortfall": missing,
            "unit": price.unit,
        }
        left = write_with_verb(price.amount - missing, price.unit, pool.terms.names)
        costs = write_amount(price.amount, price.unit, pool.terms.names)
        return Rejection("exhausted", f"It costs {costs}, and {left} left.", facts)
    cap, drawn = pool.cap, price.amount - missing
    if cap is not None and drawn > 0 and cap.used + cap.held + drawn > cap.limit:
        used = cap.used + cap.held
        members: dict[str, object] = {"limit": cap.limit, "used": used, "resets_at": cap.resets_at}
        return Rejection("cap_reached", describe_cap(cap, price.unit, pool.terms), members)
    return None
