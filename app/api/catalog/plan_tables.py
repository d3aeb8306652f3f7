"""The table in which a shop compares a catalogue's plans, made from nothing but its data.

Plans stand side by side in the order in which the seller sells them: what they cost and give,
on which channels, and how soon they answer; where times depend on a severity, one part for
each (seeds 000 and 004).
"""

from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction

from app.api.catalog.allowance_texts import describe_allowances, describe_unused
from app.api.catalog.channel_rows import build_channel_rows
from app.api.catalog.plan_values import PlanCell, PlanRow, Section
from app.api.catalog.price_texts import describe_money, describe_plan_price
from app.api.catalog.requester_texts import describe_requesters
from app.api.catalog.rule_texts import (
    describe_counting,
    describe_credits,
    describe_monthly_limits,
    describe_rates,
)
from app.api.catalog.time_rows import build_time_sections
from app.api.pages.words import Words
from app.domain.catalog.catalogs import Catalog
from app.domain.catalog.offers import Offer
from app.domain.catalog.plans import Plan


def order_plans(catalog: Catalog) -> tuple[Plan, ...]:
    """Return the plans in the order of their offers; those without an offer come last."""
    first: dict[str, int] = {}
    for place, offer in enumerate(catalog.offers.values()):
        first.setdefault(offer.plan or "", place)
    return tuple(
        sorted(
            catalog.plans.values(), key=lambda plan: (first.get(plan.code, len(first)), -plan.rank)
        )
    )


def build_sections(catalog: Catalog, words: Words) -> tuple[Section, ...]:
    """Return the parts of a catalogue's plan table; a part without rows is left out."""
    plans = order_plans(catalog)
    found = [
        Section(words("plans"), None, tuple(_plan_rows(catalog, plans, words))),
        Section(words("channels"), None, tuple(build_channel_rows(catalog, plans, words))),
        *build_time_sections(catalog, plans, words),
    ]
    return tuple(each for each in found if each.rows)


def _plan_rows(catalog: Catalog, plans: Sequence[Plan], words: Words) -> Iterator[PlanRow]:
    offers = {
        plan.code: [each for each in catalog.offers.values() if each.plan == plan.code]
        for plan in plans
    }

    def row(
        label: str, describe: Callable[[Plan, list[Offer]], PlanCell | None]
    ) -> Iterator[PlanRow]:
        found = [describe(plan, offers[plan.code]) for plan in plans]
        if any(cell is not None for cell in found):
            cells = [
                cell or PlanCell(plan.code, "") for plan, cell in zip(plans, found, strict=True)
            ]
            yield PlanRow(label, tuple(cells))

    yield from row(words("price"), lambda plan, sold: _price_cell(plan, sold, words))
    yield from row(
        words("allowance"), lambda plan, sold: _cell(plan, describe_allowances(plan, sold, words))
    )
    yield from row(words("unused"), lambda plan, sold: _unused_cell(plan, sold, catalog, words))
    yield from row(words("covers"), lambda plan, sold: _site_cell(plan, sold, words))
    yield from row(words("in_one_week"), lambda plan, sold: _cap_cell(plan, sold, words))
    yield from row(
        words("counted"),
        lambda plan, _: _cell(plan, describe_counting(plan.counting, catalog, words)),
    )
    yield from row(words("more"), lambda plan, _: _overage_cell(plan, catalog, words))
    yield from row(words("may_ask"), lambda plan, _: _cell(plan, describe_requesters(plan, words)))
    yield from row(
        words("open_at_once"), lambda plan, _: _most_cell(plan, plan.open_at_most, words)
    )
    yield from row(words("urgent_month"), lambda plan, _: _urgent_cell(plan, words))
    yield from row(
        words("tickets_month"),
        lambda plan, _: _cell(plan, describe_monthly_limits(plan, catalog, words)),
    )
    yield from row(words("if_broken"), lambda plan, _: _cell(plan, describe_credits(plan, words)))
    yield from _joined_rows(plans, words)
    if any(plan.topic_required for plan in plans):
        flags = [(plan, plan.topic_required) for plan in plans]
        yield _flag_row(words("topic_named"), flags, words)
    if any(plan.urgent for plan in plans):
        yield _flag_row(words("urgent_requests"), [(plan, plan.urgent) for plan in plans], words)
    if any(plan.expedited_bugs for plan in plans):
        flags = [(plan, plan.expedited_bugs) for plan in plans]
        yield _flag_row(words("expedited_bugs"), flags, words)
    for feature in dict.fromkeys(each for plan in plans for each in plan.features):
        yield _flag_row(feature, [(plan, feature in plan.features) for plan in plans], words)


def _cell(plan: Plan, text: str) -> PlanCell | None:
    return PlanCell(plan.code, text) if text else None


def _most_cell(plan: Plan, most: int | None, words: Words) -> PlanCell | None:
    return _cell(plan, "" if most is None else words("at_most", count=words.number(most)))


def _urgent_cell(plan: Plan, words: Words) -> PlanCell | None:
    limits = [each for each in plan.monthly_limits if each.urgent and not each.severities]
    return _most_cell(plan, min((each.at_most for each in limits), default=None), words)


def _price_cell(plan: Plan, offers: Sequence[Offer], words: Words) -> PlanCell | None:
    text, detail = describe_plan_price(offers, words)
    return PlanCell(plan.code, text, detail=detail) if text else None


def _unused_cell(
    plan: Plan, offers: Sequence[Offer], catalog: Catalog, words: Words
) -> PlanCell | None:
    text, chosen = describe_unused(offers, catalog.policies.ending, words)
    return PlanCell(plan.code, text, chosen=chosen) if text else None


def _site_cell(plan: Plan, offers: Sequence[Offer], words: Words) -> PlanCell | None:
    if not offers or not all(each.site_bound for each in offers):
        return None
    return PlanCell(
        plan.code, words("one_store", site=words.noun("site", 1)), detail=words("each_store")
    )


def _cap_cell(plan: Plan, offers: Sequence[Offer], words: Words) -> PlanCell | None:
    if plan.weekly_cap is None:
        return None
    share = Fraction(*plan.weekly_cap)
    half = share == Fraction(1, 2)
    text = words("half_at_most") if half else words("share_at_most", share=share)
    amounts = {each.allowance.amount for each in offers}
    amount = amounts.pop() if len(amounts) == 1 else None
    detail = None if amount is None else words.units(int(amount * share), plan.unit)
    return PlanCell(plan.code, text, detail=detail)


def _overage_cell(plan: Plan, catalog: Catalog, words: Words) -> PlanCell | None:
    if not plan.overage:
        return None
    if plan.overage_price is not None:
        each = describe_money(plan.overage_price, words)
        return PlanCell(plan.code, words("each_more", price=each, unit=words.noun(plan.unit, 1)))
    detail = describe_rates(plan.time.rates, catalog, words)
    return PlanCell(plan.code, words("billed_by_time"), detail=detail)


def _joined_rows(plans: Sequence[Plan], words: Words) -> Iterator[PlanRow]:
    for months in sorted({plan.joins_months for plan in plans if plan.joins_months}):
        cells = [
            PlanCell(plan.code, words("by_agreement") if plan.joins_months == months else "")
            for plan in plans
        ]
        yield PlanRow(words("joins_months", count=months), tuple(cells))


def _flag_row(label: str, has: Sequence[tuple[Plan, bool]], words: Words) -> PlanRow:
    return PlanRow(
        label,
        tuple(PlanCell(plan.code, words("yes") if it else words("no"), it) for plan, it in has),
    )
