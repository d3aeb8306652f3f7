"""The answer to a request in a sentence, made from the data in the seller's words."""

from collections.abc import Sequence

from app.domain.catalog.amounts import write_amount
from app.domain.catalog.catalogs import Catalog
from app.domain.catalog.conditions import WorkedTicket
from app.domain.catalog.money import write_money
from app.domain.catalog.offers import Offer
from app.domain.catalog.rate_cards import BUG_CATEGORY
from app.domain.catalog.time_terms import TimeTerms
from app.domain.coverage.coverage import Coverage
from app.domain.ledger.remaining import Remaining, write_remaining
from app.domain.promises.deadlines import Deadline
from app.domain.tickets.openings import Opening, find_report_to
from app.domain.time.civil_time import write_civil, write_end

_OWED = {"guaranteed": "guaranteed", "target": "aimed at", "best_effort": "aimed at"}
# How many offers a sentence names.
_MOST_NAMED = 3


def describe_opening_text(opening: Opening, remaining: Remaining | None) -> str:
    """Return who serves a request, what it costs, what is left, and by when an answer is owed.

    `remaining` is what is left of its pool afterwards.
    """
    coverage = opening.coverage
    terms = coverage.terms
    category = opening.request.category
    sentences = [_who_serves(opening)]
    report_to = find_report_to(terms, category)
    if report_to is not None:
        sentences.append(f"Report it to: {report_to.rstrip('.')}.")
    if remaining is not None:
        sentences.append(describe_remaining(remaining, terms))
    sentences += [_owed(each, terms) for each in opening.deadlines if each.due_at is not None][:1]
    return " ".join(sentences)


def describe_refusal_text(detail: str, offers: Sequence[Offer]) -> str:
    """Return why a request is not covered, and what would cover it now."""
    if not offers:
        return detail
    named = ", ".join(offer.name for offer in offers[:_MOST_NAMED])
    more = f" and {len(offers) - _MOST_NAMED} more" if len(offers) > _MOST_NAMED else ""
    return f"{detail} What would cover it: {named}{more}."


def describe_remaining(remaining: Remaining, terms: Catalog) -> str:
    """Return what is left of a pool, until when, and when it begins anew."""
    left = write_remaining(remaining, terms.names)
    left = f"{left[0].upper()}{left[1:]} left"
    if remaining.unlimited:
        left = left.removesuffix(" left")
    if remaining.ends_at is not None:
        left += f" until {write_end(remaining.ends_at, terms.zone)}"
    if remaining.resets_at is not None and remaining.resets_at != remaining.ends_at:
        left += f"; more from {write_civil(remaining.resets_at, terms.zone)}"
    elif remaining.resets_at is not None:
        left += ", when the next begin"
    return f"{left}."


def _who_serves(opening: Opening) -> str:
    coverage, terms = opening.coverage, opening.coverage.terms
    pool, price = coverage.pool, coverage.price
    worked = opening.request.worked(coverage.channel)
    if pool is None and coverage.on_demand:
        billed = _describe_billing(coverage, worked)
        text = terms.policies.without_plan_text
        return f"Served on demand, after requests on a plan. {text}{billed}"
    if pool is None:
        what = "A bug report" if opening.request.category == BUG_CATEGORY else "This"
        return f"{what} costs nothing, and is served for everyone."
    costs = (
        "It costs nothing"
        if not price.amount
        else (
            f"It costs {'about ' if price.estimate else ''}"
            f"{write_amount(price.amount, price.unit, terms.names)}"
        )
    )
    if price.unit == "minute" and not price.amount:
        costs = "It costs the time that is worked on it" + _describe_least(pool.plan.time, worked)
    if coverage.overage:
        over = write_amount(coverage.overage, price.unit, terms.names)
        if coverage.overage == price.amount and price.unit != "minute":
            costs += ", beyond the plan and billed"
        else:
            verb = "is" if over.startswith("1 ") else "are"
            costs += f", of which {over} {verb} beyond the plan and billed"
    where = f" for {coverage.site}" if pool.subscription.site else ""
    return f"Covered by {pool.plan.name}{where}. {costs}."


def _describe_billing(coverage: Coverage, worked: WorkedTicket) -> str:
    """Return what an hour without a plan costs at that time, and the least of it; or nothing."""
    least = _describe_least(coverage.terms.policies.time, worked)
    if coverage.overage_rate is not None:
        return f" An hour costs {write_money(coverage.overage_rate)}{least}."
    return f" It takes the time that is worked on it{least}." if least else ""


def _describe_least(time: TimeTerms, worked: WorkedTicket) -> str:
    """Return to what the minutes of a ticket are rounded up: ", at least 1 hour"; or nothing."""
    counting = time.counting_of(worked)
    if counting is None or (counting.least == 1 and counting.step == 1):
        return ""
    least = f", at least {write_amount(max(counting.least, counting.step), 'minute')}"
    return least if counting.step == 1 else f"{least} by steps of {counting.step} minutes"


def _owed(deadline: Deadline, terms: Catalog) -> str:
    assert deadline.due_at is not None  # noqa: S101  the caller's own condition
    metric = deadline.metric.replace("_", " ")
    by = write_civil(deadline.due_at, terms.zone)
    return f"The {metric} is {_OWED.get(deadline.strength, 'due')} by {by}."
