"""Refusals of coverage, with the whole trace and the offers that would help now."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import get_args

from app.domain.access.refusals import Refusal
from app.domain.catalog.catalogs import Catalog
from app.domain.catalog.offers import Offer
from app.domain.coverage.pricing import price_request
from app.domain.coverage.requests import Request
from app.domain.coverage.serving import OpeningHours, PoolCode, Rejection, refuse_request
from app.domain.ledger.pools import Pool
from app.domain.values import Value

_STAGES = {code: stage for stage, code in enumerate(get_args(PoolCode))}
# What another purchase of the plan that the account has would not help with.
_HELD_BACK: frozenset[PoolCode] = frozenset(
    {
        "suspended",
        "cap_reached",
        "requester_unknown",
        "requester_not_named",
        "too_many_open",
        "urgent_limit_reached",
        "monthly_limit_reached",
    }
)


class NotCovered(Refusal):
    """No pool serves this request, for reasons other than the number of units.

    `trace` has every pool that was asked, `offers` what would have covered it, of `terms`;
    `detail` says what the pool that came furthest lacked.
    """

    kind = "not_covered"
    code = "not_covered"
    title = "No plan covers this request"

    def __init__(
        self,
        detail: str,
        *,
        trace: tuple["TraceLine", ...] = (),
        terms: Catalog | None = None,
        offers: tuple[Offer, ...] = (),
        members: Mapping[str, object] | None = None,
    ) -> None:
        super().__init__(detail, **(members or {}))
        self.trace = trace
        self.terms = terms
        self.offers = offers


class InsufficientUnits(NotCovered):
    """A plan serves it, and has too few units left."""

    code = "insufficient_units"
    title = "There are not enough units"


class CapReached(NotCovered):
    """A plan serves it and has the units, and a limit for the period is reached."""

    code = "cap_reached"
    title = "The limit for the period is reached"


class TraceLine(Value):
    """What became of one pool: accepted, or refused with a code and a sentence."""

    pool: Pool
    code: PoolCode | None
    detail: str


def describe_trace(trace: tuple[TraceLine, ...]) -> list[dict[str, object]]:
    """Return a trace as plain JSON: what became of each pool."""
    return [
        {
            "subscription_id": str(line.pool.subscription.subscription_id),
            "catalog": line.pool.subscription.catalog,
            "plan": line.pool.subscription.plan,
            "site": line.pool.subscription.site,
            "accepted": line.code is None,
            "code": line.code,
            "detail": line.detail,
        }
        for line in trace
    ]


def trace_of(refused: Sequence[tuple[Pool, Rejection]]) -> tuple[TraceLine, ...]:
    """Return what became of refused pools, in the order in which they were asked."""
    return tuple(TraceLine(pool, each.code, each.detail) for pool, each in refused)


def find_covering_offers(
    request: Request,
    *,
    current: Catalog,
    at: datetime | None = None,
    hours: OpeningHours | None = None,
    refused: Sequence[tuple[Pool, Rejection]] = (),
) -> tuple[Offer, ...]:
    """Return the offers that would cover the request, had the account bought one now.

    What the account has already is left out: a plan that is suspended or has reached its limit,
    cover that it has. A plan whose units are used up can be bought again. What needs a plan is
    left out where the account has none of those.
    """
    held_back = {
        pool.subscription.plan for pool, rejection in refused if rejection.code in _HELD_BACK
    }
    had = {
        pool.subscription.plan
        for pool, rejection in refused
        if rejection.code not in ("term_ended", "not_started")
    }
    found = []
    for offer in current.offers.values():
        if offer.opens_only:
            continue
        if offer.adds_calendar is not None:
            if any(
                _opens_with(offer.adds_calendar, pool, rejection, request, at=at, hours=hours)
                for pool, rejection in refused
            ):
                found.append(offer)
            continue
        if offer.needs and not had.intersection(offer.needs):
            continue
        plan = current.plans.get(offer.plan or "")
        if plan is None or request.plan not in (None, plan.code) or plan.code in held_back:
            continue
        if refuse_request(plan, current, request, at=at, hours=hours) is not None:
            continue
        cost = price_request(request, terms=current, plan=plan).amount
        amount = offer.allowance.amount
        if offer.allowance.unlimited or amount is None or amount >= cost:
            found.append(offer)
    return tuple(found)


def refuse_all(
    refused: Sequence[tuple[Pool, Rejection]],
    *,
    current: Catalog,
    offers: tuple[Offer, ...],
    request: Request,
) -> NotCovered:
    """Return the refusal that says what the pool that came furthest lacked.

    Where there is none, it is what the best plan of the catalogue would say of the request.
    """
    if not refused:
        return _refuse_without_pool(current, offers=offers, request=request)
    _, furthest = max(refused, key=lambda each: _STAGES[each[1].code])
    kinds = {"exhausted": InsufficientUnits, "cap_reached": CapReached}
    return kinds.get(furthest.code, NotCovered)(
        furthest.detail,
        trace=trace_of(refused),
        terms=current,
        offers=offers,
        members=furthest.members,
    )


def _refuse_without_pool(
    current: Catalog, *, offers: tuple[Offer, ...], request: Request
) -> NotCovered:
    named = current.plans.get(request.plan or "")
    detail = (
        f"The account has no plan of {current.title}."
        if named is None
        else f"The account does not have the plan {named.name} of {current.title}."
    )
    members: dict[str, object] = {}
    rejections = [
        refuse_request(plan, current, request, at=None, hours=None)
        for plan in current.plans.values()
    ]
    first = rejections[0]
    if first is not None and all(rejections):
        detail, members = f"{detail} {first.detail}", dict(first.members)
    return NotCovered(detail, members=members, terms=current, offers=offers)


def _opens_with(
    calendar: str,
    pool: Pool,
    rejection: Rejection,
    request: Request,
    *,
    at: datetime | None,
    hours: OpeningHours | None,
) -> bool:
    """Say whether cover would open a channel that is closed for a pool; not if it has it."""
    cover = pool.subscription.extra_calendars
    if rejection.code != "outside_channel_hours" or calendar in cover:
        return False
    return calendar in pool.terms.calendars and (
        refuse_request(pool.plan, pool.terms, request, at=at, hours=hours, cover=(*cover, calendar))
        is None
    )
