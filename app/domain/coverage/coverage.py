"""Coverage: which of the account's pools pays for a request, or why none does.

One pure decision, and the function to read first: `decide_coverage`. Each pool is accepted, or
refused with a code of `PoolCode`; the trace says which, for every pool, in the order in which
they were asked.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from app.domain.access.refusals import Fault, Refusal
from app.domain.catalog.catalogs import (
    BUG_CATEGORY,
    Catalog,
    Channel,
    Offer,
    Plan,
)
from app.domain.coverage.pricing import Price, price_ticket
from app.domain.coverage.requests import (
    IsOpen,
    PoolCode,
    Request,
    UnknownTopic,
    refuse_channel,
    require_known_severity,
    require_severity,
)
from app.domain.ledger.ledger import Allocation, burn_key, draw
from app.domain.ledger.pools import Cap, Pool
from app.domain.promises.promises import Promise

# How long an ended term is still named in a trace.
TRACE_ENDED = timedelta(days=90)


class NotCovered(Refusal):
    """No pool serves this request, for reasons other than the number of units.

    `trace` has every pool that was asked, `offers` what would have covered it, of `terms`.
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
        **members: object,
    ) -> None:
        super().__init__(detail, **members)
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


@dataclass(frozen=True, slots=True)
class TraceLine:
    """What became of one pool: accepted, or refused with a code and a sentence."""

    pool: Pool
    code: PoolCode | None
    detail: str


@dataclass(frozen=True, slots=True)
class Coverage:
    """Who pays. `pool` None: served without a plan, on demand or as a free bug report.

    `promises` are all that the plan makes, for whatever severity; none where nothing is
    promised for such a request (a bug that goes to a tracker, a topic served as it comes).
    """

    terms: Catalog
    pool: Pool | None
    channel: Channel
    price: Price
    allocations: tuple[Allocation, ...]
    promises: tuple[Promise, ...]
    on_demand: bool
    trace: tuple[TraceLine, ...]


def decide_coverage(
    request: Request,
    *,
    current: Catalog,
    pools: Sequence[Pool],
    at: datetime,
    is_open: IsOpen,
) -> Coverage:
    """Return which pool pays for `request` at `at`, or refuse with the whole trace.

    `pools` are the account's in one catalogue, of which `current` is the published version.
    Order: site-bound before account-wide; rank; the one ending sooner; the older. A charge
    draws on several lots of one pool, never on two pools. If no pool will do, the catalogue's
    policy for those without a plan decides.
    """
    _check_request(request, current)
    trace: list[TraceLine] = []
    best_short: tuple[Price, int] | None = None
    capped: Pool | None = None
    for pool in sorted(pools, key=_pool_key):
        if request.plan is not None and pool.subscription.plan != request.plan:
            continue
        refused = _refuse_pool(pool, request, at=at, is_open=is_open)
        if refused is not None:
            trace.append(TraceLine(pool, *refused))
            continue
        price = _price(request, terms=pool.terms, plan=pool.plan)
        allocations, missing = draw(pool.lots, price.amount, at=at)
        if missing and not (pool.plan.overage and price.unit == "minute"):
            trace.append(TraceLine(pool, "exhausted", _exhausted_detail(price, missing)))
            best_short = best_short or (price, missing)
            continue
        if pool.cap is not None and _over_cap(pool.cap, price.amount):
            detail = f"The limit of {pool.cap.limit} {price.unit}s for the period is reached."
            trace.append(TraceLine(pool, "cap_reached", detail))
            capped = capped or pool
            continue
        trace.append(TraceLine(pool, None, "accepted"))
        return _accept(request, pool, price, allocations, trace)
    return _decide_without_plan(
        request, current=current, trace=trace, best_short=best_short, capped=capped
    )


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


def _pool_key(pool: Pool) -> tuple[bool, int, bool, datetime, int]:
    lot = min(pool.lots, key=burn_key)
    ends_at = pool.subscription.ends_at
    return (
        pool.subscription.site is None,
        pool.plan.rank,
        ends_at is None,
        ends_at or pool.subscription.starts_at,
        lot.granted_sequence,
    )


def _check_request(request: Request, current: Catalog) -> None:
    if request.topic is not None and request.topic not in current.topics:
        detail = f"{current.code} has no topic {request.topic!r}."
        raise UnknownTopic([Fault("/topic", detail, UnknownTopic.code)])
    require_known_severity(request.severity, current)


def _refuse_pool(
    pool: Pool, request: Request, *, at: datetime, is_open: IsOpen
) -> tuple[PoolCode, str] | None:
    if not any(lot.is_usable(at) for lot in pool.lots):
        if any(not lot.has_begun(at) for lot in pool.lots):
            begins = min(lot.valid_from for lot in pool.lots if not lot.has_begun(at))
            return "not_started", f"The term begins at {begins.isoformat()}."
        ended = max(lot.expires_at for lot in pool.lots if lot.expires_at is not None)
        return "term_ended", f"The term ended at {ended.isoformat()}."
    if pool.suspended:
        return "suspended", "The subscription is suspended."
    bound_to = pool.subscription.site
    if bound_to is not None and bound_to != request.site:
        return "site_not_covered", f"The subscription covers {bound_to} only."
    return refuse_channel(pool.plan, pool.terms, request, at=at, is_open=is_open)


def _price(request: Request, *, terms: Catalog, plan: Plan) -> Price:
    return price_ticket(
        catalog=terms,
        plan=plan,
        category=request.category,
        variables=request.variables,
        amount=request.amount,
    )


def _exhausted_detail(price: Price, missing: int) -> str:
    return f"It costs {price.amount} {price.unit}s, and {missing} of them are missing."


def _over_cap(cap: Cap, amount: int) -> bool:
    return amount > 0 and cap.used + cap.held + amount > cap.limit


def _accept(
    request: Request,
    pool: Pool,
    price: Price,
    allocations: list[Allocation],
    trace: list[TraceLine],
) -> Coverage:
    promises = pool.plan.promises if _is_promised(request, pool.terms) else ()
    require_severity(promises, severity=request.severity, urgent=request.urgent)
    return Coverage(
        terms=pool.terms,
        pool=pool,
        channel=request.channel or pool.plan.channels[0],
        price=price,
        allocations=tuple(allocations),
        promises=promises,
        on_demand=False,
        trace=tuple(trace),
    )


def _is_promised(request: Request, terms: Catalog) -> bool:
    if request.category == BUG_CATEGORY and not terms.policies.bug_promises:
        return False
    topic = terms.topics.get(request.topic or "")
    return topic is None or topic.promised


def _decide_without_plan(
    request: Request,
    *,
    current: Catalog,
    trace: list[TraceLine],
    best_short: tuple[Price, int] | None,
    capped: Pool | None,
) -> Coverage:
    is_bug = request.category == BUG_CATEGORY
    if is_bug or (current.policies.without_plan == "on_demand" and not (best_short or capped)):
        unit = min(current.plans.values(), key=lambda plan: plan.rank).unit
        return Coverage(
            terms=current,
            pool=None,
            channel=request.channel or "ticket",
            price=Price(unit, 0),
            allocations=(),
            promises=(),
            on_demand=not is_bug,
            trace=tuple(trace),
        )
    offers = find_covering_offers(request, current=current)
    if best_short is not None:
        price, missing = best_short
        raise InsufficientUnits(
            f"It costs {price.amount} {price.unit}s and {price.amount - missing} are available.",
            trace=tuple(trace),
            terms=current,
            offers=offers,
            required=price.amount,
            available=price.amount - missing,
            shortfall=missing,
            unit=price.unit,
        )
    if capped is not None and capped.cap is not None:
        raise CapReached(
            f"The limit of {capped.cap.limit} for the period is reached.",
            trace=tuple(trace),
            terms=current,
            offers=offers,
            limit=capped.cap.limit,
            used=capped.cap.used + capped.cap.held,
            resets_at=capped.cap.resets_at,
        )
    raise NotCovered(
        trace[0].detail if trace else f"The account has no plan of {current.code}.",
        trace=tuple(trace),
        terms=current,
        offers=offers,
    )


def find_covering_offers(request: Request, *, current: Catalog) -> tuple[Offer, ...]:
    """Return the offers that would cover the request, had the account bought one now."""
    found = []
    for offer in current.offers.values():
        plan = current.plans.get(offer.plan or "")
        if plan is None or request.plan not in (None, plan.code):
            continue
        if _refuse_for_good(plan, current, request) is not None:
            continue
        cost = _price(request, terms=current, plan=plan).amount
        amount = offer.allowance.amount
        if offer.allowance.unlimited or amount is None or amount >= cost:
            found.append(offer)
    return tuple(found)


def _refuse_for_good(plan: Plan, terms: Catalog, request: Request) -> tuple[PoolCode, str] | None:
    return refuse_channel(plan, terms, request, at=None, is_open=lambda *_: True)
