"""Coverage: what opening a ticket would give, without opening it."""

from typing import Any
from uuid import UUID

from app.api.http.refusals.problems import describe_problem, problem_members
from app.api.http.routing import RequestCaller, RequestDb, operation, router
from app.api.http.wire import AccountId, MoneyWire, render_money, reply
from app.api.ledger.remaining_shapes import PoolRemainingWire, render_pool_remaining
from app.api.promises.deadline_shapes import DeadlineWire, render_deadlines
from app.api.tickets.opening_shapes import CoverageAsked
from app.api.tickets.ticket_shapes import AllocationWire, CoverageWire, render_trace
from app.domain.access.refusals import Refusal
from app.domain.coverage.coverage import Coverage
from app.domain.coverage.not_covered import NotCovered, describe_trace
from app.domain.tickets.opening_texts import describe_opening_text, describe_refusal_text
from app.domain.tickets.openings import Opening, find_report_to
from app.domain.time.backdating import AtInFuture, AtTooLongAgo
from app.services.coverage import previews

routes = router("Tickets")


@reply
class CoverageCharge:
    """The charge that opening the ticket would make."""

    status: str
    """Whether units would be `held`, or `none`, when there is nothing to pay."""
    unit: str
    """The unit that is counted: incident, point or minute."""
    amount: int
    """How many units opening the ticket would hold."""
    estimate: bool
    """Whether the amount may change while the work goes on."""
    overage: int
    """How many units go beyond what there is, and would be billed once they are used."""
    overage_rate: MoneyWire | None
    """What an hour of overage costs; null where that is not published."""
    overage_price: MoneyWire | None
    """What each incident or point of overage costs; null where the plan bills none."""
    allocations: list[AllocationWire]
    """The lots from which the units would be held, in burn order."""


@reply
class CoverageAnswer:
    """The answer that opening such a ticket would give."""

    covered: bool
    """Whether the ticket would be opened."""
    text: str
    """The answer in a sentence, in the seller's words: who serves it, what is left, or why not."""
    coverage: CoverageWire | None
    """The plan that would pay, and what every pool said; null when not covered."""
    charge: CoverageCharge | None
    """The charge that the ticket would have, and what of it would be billed; null when not
    covered."""
    remaining: PoolRemainingWire | None
    """What would be left of the pool after the opening; null without a plan, and when not
    covered."""
    deadlines: list[DeadlineWire]
    """The deadlines that the ticket would have; empty when not covered."""
    report_to: str | None
    """Where the seller wants the request to be reported instead, as a bug to a tracker; null where
    nowhere else."""
    refusal: dict[str, Any] | None
    """The problem that opening would answer with; null when covered."""
    sequence: int
    """The number of the last movement of the account's units."""


@routes.post("/v1/accounts/{account_id}/coverage", summary="Ask what is covered", status_code=200)
@operation("read", brief=True, refuses=[AtInFuture, AtTooLongAgo])
async def ask_coverage(
    db: RequestDb, caller: RequestCaller, account_id: AccountId, body: CoverageAsked
) -> CoverageAnswer:
    """Make the same decision as opening a ticket does, with nothing written.

    With `at` of more than 72 hours ago it needs `history:write`, as opening does.
    """
    found = await previews.preview_ticket(
        db,
        account_id=account_id,
        request=body.as_request(),
        catalog=body.catalog,
        at=body.at,
        caller=caller,
        requester=body.requester,
    )
    if found.refusal is not None:
        return _render_refused(found.refusal, account_id, sequence=found.sequence)
    assert found.opening is not None  # noqa: S101  one of the two is there
    opening = found.opening
    remaining = opening.remaining()
    return CoverageAnswer(
        covered=True,
        text=describe_opening_text(opening, remaining),
        coverage=_render(opening),
        charge=_render_charge(opening.coverage),
        remaining=render_pool_remaining(remaining, opening.coverage.terms),
        deadlines=render_deadlines(opening.deadlines),
        report_to=find_report_to(opening.coverage.terms, opening.request.category),
        refusal=None,
        sequence=found.sequence,
    )


def _render_refused(refusal: Refusal, account_id: str, *, sequence: int) -> CoverageAnswer:
    offers = refusal.offers if isinstance(refusal, NotCovered) else ()
    return CoverageAnswer(
        covered=False,
        text=describe_refusal_text(refusal.detail, offers),
        coverage=None,
        charge=None,
        remaining=None,
        deadlines=[],
        report_to=None,
        refusal=describe_problem(
            type(refusal), detail=refusal.detail, instance=f"/v1/accounts/{account_id}/tickets"
        )
        | problem_members(refusal),
        sequence=sequence,
    )


def _render(opening: Opening) -> CoverageWire:
    decided = opening.coverage
    pool = decided.pool
    subscription: UUID | None = pool.subscription.subscription_id if pool else None
    return CoverageWire(
        subscription_id=subscription,
        catalog=decided.terms.code,
        catalog_version=opening.catalog_version,
        plan=pool.plan.code if pool else None,
        priority=pool.plan.rank if pool else None,
        region=opening.region,
        on_demand=decided.on_demand,
        trace=[render_trace(line) for line in describe_trace(decided.trace)],
    )


def _render_charge(decided: Coverage) -> CoverageCharge:
    held = decided.held
    return CoverageCharge(
        status="held" if held else "none",
        unit=decided.price.unit,
        amount=held,
        overage=decided.overage,
        overage_rate=render_money(decided.overage_rate)
        if decided.overage or decided.on_demand
        else None,
        overage_price=render_money(decided.overage_price) if decided.overage else None,
        estimate=decided.price.estimate,
        allocations=[
            AllocationWire(
                lot_id=each.lot.lot_id,
                amount=each.amount,
                held=each.amount,
                used=0,
                expires_at=each.lot.expires_at,
            )
            for each in decided.allocations
        ],
    )
