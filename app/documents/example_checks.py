"""Verification of a document's examples, by the code that decides real requests."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from uuid import UUID

from app.documents.form.basis.problems import Problem, problem
from app.documents.form.catalog import CatalogDocument
from app.documents.form.examples import AskedDocument, BoughtDocument, DueDocument, ExampleDocument
from app.documents.money_texts import describe_money
from app.documents.worked_examples import WorkedExample, cost_worked, price_worked
from app.domain.access.refusals import Refusal
from app.domain.catalog.amounts import Unit, write_amount
from app.domain.catalog.catalogs import Catalog
from app.domain.catalog.money import Money
from app.domain.catalog.plans import Plan
from app.domain.catalog.regions import choose_region
from app.domain.coverage.coverage import Coverage, decide_coverage
from app.domain.coverage.not_covered import NotCovered
from app.domain.coverage.requests import Request
from app.domain.coverage.serving import OpeningHours
from app.domain.ledger.ledger import Lot
from app.domain.ledger.pools import Pool, Subscription
from app.domain.metering.sessions import (
    SessionKind,
    SessionUsage,
    TicketSessions,
    count_steps,
    pays_by_steps,
)
from app.domain.promises.clock_events import ClockEvent
from app.domain.promises.clocks import run_clocks
from app.domain.selling.selling import price_sale
from app.domain.time.business_time import OpenTime, from_micros, to_micros
from app.domain.time.compiled_calendars import compile_calendar
from app.domain.values import Value

_NOBODY = UUID(int=0)
_PLENTY = 1_000_000_000
_KINDS: tuple[SessionKind, ...] = ("chat", "phone", "video")


class _Answer(Value):
    """What becomes of a request: who pays, what it takes, and by when each metric is due."""

    coverage: Coverage
    unit: Unit
    cost: int
    worked: WorkedExample | None
    dues: Mapping[str, datetime | None]


def check_examples(document: CatalogDocument, catalog: Catalog) -> Iterator[Problem]:
    """Return every example that comes out otherwise: where, and what it comes to."""
    compiled: dict[str | None, dict[str, OpenTime]] = {}
    for place, example in enumerate(document.examples):
        if example.asked is not None:
            found = _ask(example, example.asked, catalog, compiled)
        elif example.bought is not None:
            found = _buy(example, example.bought, catalog)
        else:
            found = iter(())
        for each in found:
            yield problem(each.code, each.detail, "examples", place, *each.steps)


def _ask(
    example: ExampleDocument,
    asked: AskedDocument,
    catalog: Catalog,
    compiled: dict[str | None, dict[str, OpenTime]],
) -> Iterator[Problem]:
    try:
        region = choose_region(catalog, named=asked.region, accounts=None)
    except Refusal as refusal:
        yield _differs(refusal.detail, "asked")
        return
    catalog = catalog.in_region(region)
    plan = None if asked.plan is None else catalog.plans[asked.plan]
    calendars = compiled.setdefault(region, {})
    if not calendars:
        calendars |= {name: compile_calendar(each) for name, each in catalog.calendars.items()}
    try:
        answer = _decide(asked, plan, catalog, calendars)
    except Refusal as refusal:
        codes = _codes_of(refusal)
        if example.refused not in codes:
            detail = f"It is refused with {codes[-1]}: {refusal.detail}"
            yield _differs(detail, "asked" if example.refused is None else "refused")
        return
    passed_over = [line.code for line in answer.coverage.trace if line.code is not None]
    if answer.coverage.on_demand and example.refused in passed_over:
        return  # the plan refuses it, and it is taken without one
    if answer.coverage.on_demand and passed_over and answer.worked is None and example.costs == 0:
        detail = f"The plan refuses it with {passed_over[0]}: it costs what is worked, without one."
        yield _differs(detail, "costs")
    yield from _compare(example, answer, catalog)


def _decide(
    asked: AskedDocument, plan: Plan | None, catalog: Catalog, calendars: Mapping[str, OpenTime]
) -> _Answer:
    """Return what becomes of a request; raises a Refusal as a ticket is refused."""
    coverage = _cover(asked, plan, catalog, calendars)
    worked: WorkedExample | None = None
    if asked.worked is not None:
        worked = WorkedExample(asked, asked.worked, coverage, catalog, calendars)
    dues = _find_dues(asked, coverage, calendars)
    if worked is not None and worked.counts_minutes:
        return _Answer(coverage, "minute", cost_worked(worked), worked, dues)
    cost = _count_cost(asked, plan, catalog, coverage)
    return _Answer(coverage, coverage.price.unit, cost, worked, dues)


def _compare(example: ExampleDocument, answer: _Answer, catalog: Catalog) -> Iterator[Problem]:
    unit, cost, worked = answer.unit, answer.cost, answer.worked
    came = f"It costs {_count(cost, unit, catalog)}."
    if example.refused is not None:
        yield _differs(f"It is not refused. {came}", "refused")
    if example.costs is not None and example.costs * _size_of(unit, catalog) != cost:
        yield _differs(came, "costs")
    if example.price is not None and worked is not None:
        yield from _compare_price(price_worked(worked), example.price.value())
    for metric, wanted, *steps in _wanted(example):
        found = answer.dues.get(metric)
        if found != wanted:
            due = "It is not due at any time" if found is None else f"It is due {_write(found)}"
            yield _differs(f"{due}, not {_write(wanted)}.", "due", *steps)


def _buy(example: ExampleDocument, bought: BoughtDocument, catalog: Catalog) -> Iterator[Problem]:
    offer = catalog.offers[f"{catalog.code}.{bought.offer}"]
    try:
        sale = price_sale(
            catalog,
            offer,
            quantity=bought.quantity,
            contract_months=bought.contract_months,
            share_of=None if bought.share_of is None else bought.share_of.value(),
        )
    except Refusal as refusal:
        yield _differs(f"It is refused with {refusal.code}: {refusal.detail}", "bought")
        return
    if example.price is not None:
        yield from _compare_price(sale.total, example.price.value())


def _compare_price(found: Money | None, wanted: Money) -> Iterator[Problem]:
    if found is None:
        yield _differs("An hour beyond the allowance has no price.", "price")
    elif found != wanted:
        yield _differs(f"It costs {describe_money(found)}, not {describe_money(wanted)}.", "price")


def _cover(
    asked: AskedDocument, plan: Plan | None, catalog: Catalog, calendars: Mapping[str, OpenTime]
) -> Coverage:
    """Decide who pays, for a customer who has nothing but this plan, and plenty of it."""
    size = 1 if plan is None else _size_of(plan.unit, catalog)
    return decide_coverage(
        Request(
            channel=asked.channel,
            severity=asked.severity,
            urgent=asked.urgent,
            plan=asked.plan,
            category=asked.category,
            variables=asked.variables,
            topic=asked.topic,
            amount=None if asked.amount is None else asked.amount * size,
        ),
        current=catalog,
        pools=[] if plan is None else [_make_pool(plan, catalog, asked.at - timedelta(days=1))],
        at=asked.at,
        hours=OpeningHours(
            lambda _, name, at: calendars[name].is_open(to_micros(at)),
            lambda _, name, at: from_micros(calendars[name].next_opening(to_micros(at))),
        ),
    )


def _make_pool(plan: Plan, catalog: Catalog, starts_at: datetime) -> Pool:
    subscription = Subscription(
        subscription_id=_NOBODY,
        source="grant",
        order_id=None,
        catalog=catalog.code,
        catalog_version=0,
        plan=plan.code,
        site=None,
        unit=plan.unit,
        starts_at=starts_at,
        ends_at=None,
        suspended_at=None,
        extra_calendars=(),
        version=1,
        created_at=starts_at,
    )
    return Pool(catalog, subscription, (_make_lot(subscription),), suspended=False)


def _make_lot(subscription: Subscription) -> Lot:
    return Lot(
        lot_id=_NOBODY,
        subscription_id=_NOBODY,
        tally_id=0,
        catalog=subscription.catalog,
        plan=subscription.plan,
        site=None,
        unit=subscription.unit,
        source="grant",
        order_id=None,
        origin_lot_id=None,
        granted_sequence=1,
        granted=_PLENTY,
        held=0,
        used=0,
        revoked=0,
        valid_from=subscription.starts_at,
        expires_at=None,
        created_at=subscription.starts_at,
    )


def _count_cost(
    asked: AskedDocument, plan: Plan | None, catalog: Catalog, coverage: Coverage
) -> int:
    """Return what the request takes, with the minutes of its session."""
    own = coverage.price.amount
    kind = next((each for each in _KINDS if each == coverage.channel), None)
    if asked.minutes is None or kind is None:
        return own
    sessions = TicketSessions(
        channels=catalog.channels,
        by_steps=plan is not None and pays_by_steps(plan, category=asked.category),
        own=own,
        usages=(SessionUsage("example", kind, 0, 0),),
    )
    sessions.require_left(kind, asked.minutes, besides="example")
    return own + sessions.due("example", count_steps(asked.minutes, sessions.step_minutes(kind)))


def _find_dues(
    asked: AskedDocument, coverage: Coverage, calendars: Mapping[str, OpenTime]
) -> dict[str, datetime | None]:
    """Return when each metric is due; after an answer, also what is counted from that."""
    dues: dict[str, datetime | None] = {}
    answer = () if asked.answered is None else (ClockEvent("agent_reply", asked.answered),)
    for events in ((), answer):
        deadlines = run_clocks(
            promises=coverage.promises,
            calendars=calendars,
            opened_at=asked.at,
            severity=asked.severity,
            urgent=asked.urgent,
            events=events,
            now=asked.answered if events and asked.answered else asked.at,
        )
        dues |= {each.metric: each.due_at for each in deadlines if each.due_at is not None}
    return dues


def _wanted(example: ExampleDocument) -> Iterator[tuple[str, datetime, *tuple[str, ...]]]:
    if isinstance(example.due, DueDocument):
        for metric in example.due.model_fields_set:
            yield metric, getattr(example.due, metric), metric
    elif example.due is not None:
        yield "first_response", example.due


def _codes_of(refusal: Refusal) -> list[str]:
    """Return the refusal's code, and what the plan was refused with."""
    lines = refusal.trace if isinstance(refusal, NotCovered) else ()
    return [refusal.code, *(line.code for line in lines if line.code is not None)]


def _differs(detail: str, *steps: str) -> Problem:
    return problem("example_differs", detail, *steps)


def _write(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _count(number: int, unit: Unit, catalog: Catalog) -> str:
    if unit == "minute" and catalog.names.time is not None:
        return write_amount(number, unit, catalog.names)
    return f"{number} {unit}" if number == 1 else f"{number} {unit}s"


def _size_of(unit: Unit, catalog: Catalog) -> int:
    """Return how many of a unit one is, as the document writes them."""
    time = catalog.names.time
    return 1 if unit != "minute" or time is None else time.minutes
