"""Limits of a plan's tickets: how many there are, and why no more are taken for now."""

from collections.abc import Mapping
from datetime import datetime

from app.domain.catalog.catalogs import Catalog
from app.domain.catalog.monthly_limits import MonthlyLimit
from app.domain.catalog.plans import Plan
from app.domain.catalog.rate_cards import BUG_CATEGORY
from app.domain.coverage.requests import Request
from app.domain.coverage.serving import Rejection
from app.domain.values import Value


class TicketCount(Value):
    """An account's tickets on one plan: open now, and asked in the month until `until`.

    `asked` says how many, by whether they are urgent and of which severity.
    """

    open: int
    asked: Mapping[tuple[bool, int | None], int]
    until: datetime

    def count_limited(self, limit: MonthlyLimit) -> int:
        """Return how many of the month's tickets a limit counts."""
        return sum(
            number
            for (urgent, severity), number in self.asked.items()
            if limit.counts(urgent=urgent, severity=severity)
        )


def refuse_count(
    plan: Plan, terms: Catalog, request: Request, count: TicketCount | None
) -> Rejection | None:
    """Return why a plan takes no more tickets for now; None where it does. Bugs are not counted."""
    if count is None or request.category == BUG_CATEGORY:
        return None
    most = plan.open_at_most
    if most is not None and count.open >= most:
        detail = f"On {plan.name} {most} tickets may be open at once, and so many are."
        return Rejection("too_many_open", detail, {"open": count.open, "open_at_most": most})
    for limit in plan.monthly_limits:
        if limit.counts(urgent=request.urgent, severity=request.severity):
            found = count.count_limited(limit)
            if found >= limit.at_most:
                return _limited(plan, limit, terms, found, until=count.until)
    return None


def _limited(
    plan: Plan, limit: MonthlyLimit, terms: Catalog, found: int, *, until: datetime
) -> Rejection:
    """Return the refusal of one ticket more than a month takes."""
    urgent = " urgent" if limit.urgent else ""
    tickets = f"{limit.at_most}{urgent} ticket{'' if limit.at_most == 1 else 's'}"
    verb = "is" if limit.at_most == 1 else "are"
    if not limit.severities and limit.urgent:
        detail = f"On {plan.name} {tickets} {verb} taken within a month."
        facts = {"urgent": found, "urgent_at_most": limit.at_most, "resets_at": until}
        return Rejection("urgent_limit_reached", detail, facts)
    levels = sorted(limit.severities)
    names = [
        terms.severities[each].name if each in terms.severities else str(each) for each in levels
    ]
    of = f" of severity {' or '.join(names)}" if names else ""
    return Rejection(
        "monthly_limit_reached",
        f"On {plan.name} {tickets}{of} {verb} taken within a month.",
        {
            "asked": found,
            "at_most": limit.at_most,
            "severities": levels,
            "urgent": limit.urgent,
            "resets_at": until,
        },
    )
