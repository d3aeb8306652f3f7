"""Coverage: which of the account's pools pays for a request, or why none does.

One pure decision, and the function to read first: `decide_coverage`. Each pool is accepted, or
refused with a code of `PoolCode`; the trace says which, for every pool, in the order in which
they were asked.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from app.domain.catalog.catalogs import Catalog
from app.domain.catalog.channels import Channel
from app.domain.catalog.conditions import WorkedTicket
from app.domain.catalog.money import Money
from app.domain.catalog.rate_cards import BUG_CATEGORY
from app.domain.catalog.regions import require_known_region
from app.domain.catalog.requesters import Asker
from app.domain.catalog.time_terms import TimeTerms
from app.domain.coverage.not_covered import TraceLine, find_covering_offers, refuse_all, trace_of
from app.domain.coverage.pool_refusals import refuse_pool, refuse_price
from app.domain.coverage.pricing import Price, costs_nothing, price_request, require_known_price
from app.domain.coverage.requests import (
    Request,
    require_known_severity,
    require_known_topic,
    require_severity,
    require_topic,
    site_required,
    unknown_plan,
)
from app.domain.coverage.serving import (
    OpeningHours,
    Rejection,
    refuse_request,
)
from app.domain.coverage.ticket_limits import TicketCount
from app.domain.ledger.burn_order import Allocation, burn_key, draw
from app.domain.ledger.pools import Pool
from app.domain.promises.promises import (
    Promise,
    Subject,
    select_promises,
)
from app.domain.values import Value, field, replace

# How long an ended term is still named in a trace.
TRACE_ENDED = timedelta(days=90)


class Coverage(Value):
    """Who pays. `pool` None: served without a plan: on demand, or because it costs nothing.

    `overage` of the price is more than the pool has, and is billed once it is used, at
    `overage_rate` an hour of that time where that is published, or at `overage_price` a unit.
    `promises` are all that the plan makes, for whatever severity; none where nothing is promised
    for such a request (a bug that goes to a tracker, a topic served as it comes). `site` is the
    store that the cover is for.
    """

    terms: Catalog
    pool: Pool | None
    channel: Channel
    price: Price
    allocations: tuple[Allocation, ...]
    promises: tuple[Promise, ...]
    on_demand: bool
    trace: tuple[TraceLine, ...]
    site: str | None
    overage: int = 0
    overage_rate: Money | None = None
    overage_price: Money | None = None

    @property
    def held(self) -> int:
        """How many units opening holds."""
        return sum(each.amount for each in self.allocations)


class CoverageInputs(Value):
    """An account's pools in one catalogue, of which `current` is the published `version`.

    `region` is the account's own: of pools of several regions, those go first. `asker` is who
    asks, where a plan says who may; None: it is not looked at. `counts` are of the account's
    tickets, by plan, where a plan limits them.
    """

    current: Catalog
    version: int
    pools: tuple[Pool, ...]
    region: str | None = None
    asker: Asker | None = None
    counts: Mapping[str, TicketCount] = field(default_factory=dict)


def decide_coverage(
    request: Request,
    *,
    current: Catalog,
    pools: Sequence[Pool],
    at: datetime,
    hours: OpeningHours,
    ended_by: datetime | None = None,
    region: str | None = None,
    asker: Asker | None = None,
    counts: Mapping[str, TicketCount] | None = None,
) -> Coverage:
    """Return which pool pays for `request` at `at`, or refuse with the whole trace.

    `pools` are the account's in one catalogue, of which `current` is the published version, and
    `region` is its own. Order: site-bound before account-wide; rank; the account's region; the
    one ending sooner; the older. A charge draws on several lots of one pool, never on two
    pools. If no pool will do, what costs nothing is served for everyone, and for the rest the
    catalogue's policy for those without a plan decides. Lots that have ended at the later
    instant `ended_by` are over already.
    """
    ended_by = at if ended_by is None else max(at, ended_by)
    _check_request(request, current, pools)
    asked = [
        pool
        for pool in pools
        if request.plan in (None, pool.subscription.plan)
        and request.region in (None, pool.subscription.region)
    ]
    request = _name_site(request, asked, at=at, free=_is_free(request, current))
    refused: list[tuple[Pool, Rejection]] = []
    for pool in sorted(asked, key=lambda each: _pool_key(each, region)):
        rejection = refuse_pool(
            pool, request, at=at, ended_by=ended_by, hours=hours, asker=asker, counts=counts or {}
        )
        if rejection is None:
            price = price_request(request, terms=pool.terms, plan=pool.plan)
            lots = [lot for lot in pool.lots if not lot.has_ended(ended_by)]
            allocations, missing = draw(lots, price.amount, at=at)
            rejection = refuse_price(pool, price, missing)
            if rejection is None:
                trace = (*trace_of(refused), TraceLine(pool, None, "accepted"))
                accepted = _accept(request, pool, price, allocations, trace=trace)
                worked = request.worked(accepted.channel)
                rate = _rate_at(pool.plan.time, worked, pool.terms, at=at, hours=hours)
                return replace(accepted, overage_rate=rate)
        refused.append((pool, rejection))
    return _decide_without_plan(request, current=current, refused=refused, at=at, hours=hours)


def _pool_key(pool: Pool, region: str | None) -> tuple[bool, int, int, bool, bool, datetime, int]:
    lot = min(pool.lots, key=burn_key)
    site = pool.subscription.site
    ends_at = pool.subscription.ends_at
    return (
        site is None,
        -len(site or ""),  # the store itself before one that it is a page of
        pool.plan.rank,
        pool.subscription.region not in (None, region),
        ends_at is None,
        ends_at or pool.subscription.starts_at,
        lot.granted_sequence,
    )


def _check_request(request: Request, current: Catalog, pools: Sequence[Pool]) -> None:
    """Refuse what no terms know: neither the published ones nor those that the account has."""
    known = [current, *(pool.terms for pool in pools)]
    if request.plan is not None and not any(request.plan in each.plans for each in known):
        raise unknown_plan(request.plan, current)
    if not any(request.topic in each.topics for each in known):
        require_known_topic(request.topic, current)
    require_known_severity(request.severity, current)
    if not any(request.region in each.regions for each in known):
        require_known_region(request.region, current)
    if not any(request.category in each.rate_card for each in known):
        require_known_price(current, request.category, {})


def _is_free(request: Request, current: Catalog) -> bool:
    return costs_nothing(current, category=request.category, amount=request.amount)


def _name_site(request: Request, pools: Sequence[Pool], *, at: datetime, free: bool) -> Request:
    """Return the request with the account's only covered store, where it names none.

    Stores whose term runs go before those whose term is over or has not begun. Of several,
    refuses `site_required`, unless the request costs nothing, or has cover for all stores.
    """
    if request.site is not None:
        return request
    bound = [pool for pool in pools if pool.subscription.site is not None]
    running = [pool for pool in bound if any(lot.is_usable(at) for lot in pool.lots)]
    sites = sorted({pool.subscription.site or "" for pool in running or bound})
    if len(sites) == 1:
        return replace(request, site=sites[0])
    if len(running) > 1 and not free:
        raise site_required(sites)
    return request


def _accept(
    request: Request,
    pool: Pool,
    price: Price,
    allocations: list[Allocation],
    *,
    trace: tuple[TraceLine, ...],
) -> Coverage:
    require_topic(pool.plan, request, pool.terms)
    channel = request.channel or pool.plan.channels[0]
    promises: tuple[Promise, ...] = ()
    if _is_promised(request, pool.terms):
        subject = Subject(channel, request.topic, request.category)
        promises = select_promises(pool.plan.promises, subject)
    require_severity(
        promises,
        severity=request.severity,
        urgent=request.urgent,
        terms=pool.terms,
        counted=pool.plan.counts_by_severity and request.category != BUG_CATEGORY,
    )
    return Coverage(
        terms=pool.terms,
        pool=pool,
        channel=channel,
        price=price,
        allocations=tuple(allocations),
        promises=promises,
        on_demand=False,
        trace=trace,
        site=pool.subscription.site or request.site,
        overage=price.amount - sum(each.amount for each in allocations),
        overage_price=pool.plan.overage_price,
    )


def _rate_at(
    time: TimeTerms, worked: WorkedTicket, terms: Catalog, *, at: datetime, hours: OpeningHours
) -> Money | None:
    """Return what an hour to be billed costs at `at`, where that is published."""
    return time.hourly_rate(worked, is_open=lambda calendar: hours.is_open(terms, calendar, at))


def _is_promised(request: Request, terms: Catalog) -> bool:
    if request.category == BUG_CATEGORY and not terms.policies.bug_promises:
        return False
    topic = terms.topics.get(request.topic or "")
    return topic is None or topic.promised


def _decide_without_plan(
    request: Request,
    *,
    current: Catalog,
    refused: Sequence[tuple[Pool, Rejection]],
    at: datetime,
    hours: OpeningHours,
) -> Coverage:
    free = _is_free(request, current) and _is_in_scope(request, current)
    short = any(each.code in ("exhausted", "cap_reached") for _, each in refused)
    if free or (current.policies.without_plan == "on_demand" and not short):
        first = min(current.plans.values(), key=lambda plan: plan.rank)
        channel, time, rate = request.channel or "ticket", current.policies.time, None
        if not free:
            require_severity(
                (),
                severity=request.severity,
                urgent=request.urgent,
                terms=current,
                counted=time.depend_on_severity,
            )
            rate = _rate_at(time, request.worked(channel), current, at=at, hours=hours)
        return Coverage(
            terms=current,
            pool=None,
            channel=channel,
            price=Price(first.unit, 0),
            allocations=(),
            promises=(),
            on_demand=not free,
            trace=trace_of(refused),
            site=request.site,
            overage=0 if free else request.amount or 0,
            overage_rate=rate,
        )
    offers = find_covering_offers(request, current=current, at=at, hours=hours, refused=refused)
    raise refuse_all(refused, current=current, offers=offers, request=request)


def _is_in_scope(request: Request, current: Catalog) -> bool:
    """Say whether some plan serves such a request at all; a bug report is everybody's."""
    return request.category == BUG_CATEGORY or any(
        refuse_request(plan, current, request, at=None, hours=None) is None
        for plan in current.plans.values()
    )
