"""Limits of a plan's tickets: how many there are, and the refusal of what becomes one too many."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from app.db.coverage.ticket_counts import count_tickets
from app.db.engine.unit_of_work import Db
from app.domain.catalog.catalogs import Catalog
from app.domain.catalog.plans import Plan
from app.domain.catalog.rate_cards import BUG_CATEGORY
from app.domain.coverage.requests import Request
from app.domain.coverage.serving import Rejection
from app.domain.coverage.ticket_limits import TicketCount, refuse_count
from app.domain.tickets.tickets import Ticket
from app.domain.time.months import list_months
from app.domain.values import replace
from app.services.coverage import pools


def limits_tickets(plan: Plan) -> bool:
    """Say whether a plan takes only so many tickets."""
    return plan.open_at_most is not None or bool(plan.monthly_limits)


async def count_by_plan(
    db: Db, account_id: str, terms: Catalog, *, at: datetime, besides: str
) -> Mapping[str, TicketCount]:
    """Return an account's tickets by plan, but for one: open, and asked in the month of `at`."""
    (month,) = list_months(at, at + timedelta(microseconds=1), terms.zone)
    return await count_tickets(
        db, account_id, terms.code, since=month.start, until=month.end, besides=besides
    )


async def require_taken(
    db: Db, ticket: Ticket, terms: Catalog, *, urgent: bool, severity: int | None
) -> None:
    """Refuse as coverage does to make of a ticket what its plan would not take as such.

    Urgent where it was not, or of a kind of which a month takes only so many; it counts in the
    month in which it was opened. A bug is anybody's, and one without a plan is served as it comes.
    """
    plan = terms.plans.get(ticket.plan or "")
    if plan is None or ticket.category == BUG_CATEGORY:
        return
    request = Request(
        channel=ticket.channel,
        plan=ticket.plan,
        category=ticket.category,
        urgent=urgent,
        severity=severity,
    )
    if urgent and not ticket.urgent and not plan.urgent:
        detail = f"The plan {plan.name} does not serve urgent requests."
        rejection: Rejection | None = Rejection("urgent_not_included", detail)
    else:
        limits = tuple(
            each
            for each in plan.monthly_limits
            if not each.counts(urgent=ticket.urgent, severity=ticket.severity)
        )
        if not any(each.counts(urgent=urgent, severity=severity) for each in limits):
            return
        counts = await count_by_plan(
            db, ticket.account_id, terms, at=ticket.opened_at, besides=ticket.ticket_id
        )
        found = counts.get(plan.code)
        count = found and replace(found, open=0)
        rejection = refuse_count(replace(plan, monthly_limits=limits), terms, request, count)
    if rejection is not None:
        raise await pools.refuse_ticket(db, ticket, rejection, request=request)
