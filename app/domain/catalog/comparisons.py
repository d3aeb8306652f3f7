"""The table in which a shop compares a catalogue's plans, made from nothing but its data.

Plans stand side by side from the plainest to the best, as sellers print them: what they cost
and give, on which channels, and how soon they answer; where times depend on a severity, one
part for each (seeds 000 and 004).
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from app.domain.catalog.catalogs import Catalog, Offer, Plan
from app.domain.catalog.offer_texts import METRIC_NAMES, describe_allowance
from app.domain.catalog.price_texts import say_plan_price
from app.domain.promises.durations import describe_duration
from app.domain.promises.promises import METRICS, Clause, Metric, Promise, Strength

NOT_OFFERED = "–"
STRENGTH_TITLES: Mapping[Strength, str] = {
    "guaranteed": "Guaranteed",
    "target": "Target",
    "best_effort": "Best effort",
}


@dataclass(frozen=True, slots=True)
class Cell:
    """What one plan has of a row. `included` None: neither yes nor no, but what `text` says."""

    plan: str
    text: str
    included: bool | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """One thing that plans are compared by."""

    label: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Section:
    """Rows that belong together. `note` says what they are about."""

    title: str
    note: str | None
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    """Plans side by side, and what can be bought of each."""

    plans: tuple[Plan, ...]
    sections: tuple[Section, ...]
    offers: tuple[Offer, ...]


def compare_plans(catalog: Catalog) -> Comparison:
    """Return the comparison of a catalogue's plans."""
    plans = tuple(sorted(catalog.plans.values(), key=lambda plan: -plan.rank))
    sections = [
        Section("Plans", None, tuple(_plan_rows(catalog, plans))),
        Section("Channels", None, tuple(_channel_rows(catalog, plans))),
        *_time_sections(catalog, plans),
    ]
    order = {plan.code: place for place, plan in enumerate(plans)}
    offers = sorted(catalog.offers.values(), key=lambda each: order.get(each.plan or "", 99))
    return Comparison(plans, tuple(each for each in sections if each.rows), tuple(offers))


def _plan_rows(catalog: Catalog, plans: Sequence[Plan]) -> Iterator[Row]:
    offers = {
        plan.code: [each for each in catalog.offers.values() if each.plan == plan.code]
        for plan in plans
    }
    yield _text_row("Price", plans, lambda plan: say_plan_price(offers[plan.code]))
    yield _text_row("Allowance", plans, lambda plan: _describe_allowances(plan, offers[plan.code]))
    if any(offer.site_bound for offer in catalog.offers.values()):
        yield _text_row("Covers", plans, lambda plan: _describe_sites(offers[plan.code]))
    if any(plan.weekly_cap for plan in plans):
        yield _text_row("In one week", plans, _describe_cap)
    if any(plan.overage for plan in plans):
        yield _flag_row("More, billed separately", [(plan, plan.overage) for plan in plans])
    if any(plan.urgent for plan in plans):
        yield _flag_row("Urgent requests", [(plan, plan.urgent) for plan in plans])
    if any(plan.expedited_bugs for plan in plans):
        yield _flag_row("Bug fixes put first", [(plan, plan.expedited_bugs) for plan in plans])


def _channel_rows(catalog: Catalog, plans: Sequence[Plan]) -> Iterator[Row]:
    for channel, terms in catalog.channels.items():
        yield _flag_row(terms.name, [(plan, channel in plan.channels) for plan in plans])


def _time_sections(catalog: Catalog, plans: Sequence[Plan]) -> Iterator[Section]:
    if not any(promise.severities for plan in plans for promise in plan.promises):
        yield Section("Times", None, tuple(_time_rows(plans, severity=None)))
        return
    levels = sorted(
        {level for plan in plans for promise in plan.promises for level in promise.severities}
    )
    for level in levels:
        known = catalog.severities.get(level)
        title = f"Severity {level}" if known is None else f"Severity {level} ({known.name})"
        note = None if known is None else known.definition
        yield Section(title, note, tuple(_time_rows(plans, severity=level)))


def _time_rows(plans: Sequence[Plan], *, severity: int | None) -> Iterator[Row]:
    for metric in METRICS:
        found = [
            promise
            for plan in plans
            for promise in _find(plan, metric, severity=severity, urgent=None)
        ]
        if not found:
            continue
        name = METRIC_NAMES[metric].capitalize()
        by_urgency = any(promise.urgent is not None for promise in found)
        for urgent in (False, True) if by_urgency else (None,):
            label = f"{name}, urgent" if urgent else name
            yield Row(
                label,
                tuple(
                    _time_cell(plan, _find(plan, metric, severity=severity, urgent=urgent))
                    if plan.urgent or not urgent
                    else Cell(plan.code, NOT_OFFERED, False)
                    for plan in plans
                ),
            )


def _find(
    plan: Plan, metric: Metric, *, severity: int | None, urgent: bool | None
) -> list[Promise]:
    return [
        promise
        for promise in plan.promises
        if promise.metric == metric
        and (not promise.severities or severity in promise.severities)
        and (urgent is None or promise.urgent in (None, urgent))
    ]


def _time_cell(plan: Plan, promises: Sequence[Promise]) -> Cell:
    if not promises or promises[0].strength == "none":
        return Cell(plan.code, NOT_OFFERED, False)
    return Cell(plan.code, describe_briefly(promises[0]), True)


def describe_briefly(promise: Promise) -> str:
    """Return a promise in few words: "8 business hours", "Best effort"."""
    binding = [clause for clause in promise.clauses if clause.strength != "typical"]
    if not binding:
        return STRENGTH_TITLES[promise.strength]
    always = [_target(clause) for clause in binding if clause.opened_in_hours is None]
    inside = [_target(clause) for clause in binding if clause.opened_in_hours is not None]
    usual = [_target(clause) for clause in promise.clauses if clause.strength == "typical"]
    text = ", ".join(always)
    if inside:
        text += f"{'; ' if always else ''}{', '.join(inside)} if asked in business hours"
    if usual:
        text += f", usually {', '.join(usual)}"
    if promise.strength == "guaranteed":
        return text
    return f"{text} ({STRENGTH_TITLES[promise.strength].lower()})"


def _target(clause: Clause) -> str:
    return describe_duration(clause.within, business=clause.calendar is not None)


def _describe_allowances(plan: Plan, offers: Sequence[Offer]) -> str:
    """Return what a plan's offers grant: one amount, a range, and whether one has no limit."""
    if not offers:
        return NOT_OFFERED
    counted = [each for each in offers if each.allowance.amount is not None]
    texts = list(
        dict.fromkeys(describe_allowance(each.allowance, each.unit) for each in counted or offers)
    )
    if len(texts) == 1:
        text = texts[0]
    else:
        ordered = sorted(counted, key=lambda each: each.allowance.amount or 0)
        last = describe_allowance(ordered[-1].allowance, ordered[-1].unit)
        text = f"{ordered[0].allowance.amount:,} to {last}"
    unlimited = any(each.allowance.unlimited for each in offers)
    text = f"{text}, or unlimited" if unlimited and counted else text
    text = f"{text}, under fair use" if unlimited and plan.fair_use else text
    return f"{text[0].upper()}{text[1:]}"


def _describe_sites(offers: Sequence[Offer]) -> str:
    return "One store" if offers and all(each.site_bound for each in offers) else "Every store"


def _describe_cap(plan: Plan) -> str:
    if plan.weekly_cap is None:
        return "No limit"
    share = Fraction(*plan.weekly_cap)
    return "No more than half" if share == Fraction(1, 2) else f"No more than {share}"


def _text_row(label: str, plans: Iterable[Plan], say: Callable[[Plan], str]) -> Row:
    return Row(label, tuple(Cell(plan.code, say(plan)) for plan in plans))


def _flag_row(label: str, has: Iterable[tuple[Plan, bool]]) -> Row:
    return Row(label, tuple(Cell(plan.code, "Yes" if it else NOT_OFFERED, it) for plan, it in has))
