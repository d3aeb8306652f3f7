"""Units of time: a catalogue that was written in its seller's own, with its amounts in minutes."""

from collections.abc import Mapping

from app.domain.catalog.catalogs import Catalog
from app.domain.catalog.counting import Counting
from app.domain.catalog.offers import FreeGrant, Offer
from app.domain.catalog.plans import Plan
from app.domain.catalog.policies import Policies
from app.domain.catalog.rate_cards import Rate
from app.domain.promises.credit_rules import CreditRule
from app.domain.values import replace


def write_in_minutes(catalog: Catalog, minutes: int) -> Catalog:
    """Return a catalogue in which what counts time was written in units of so many minutes.

    What is granted, costs and is given of it is in minutes then, and of work each unit that is
    begun counts. The times that were worked, or are worked at least, were in minutes before.
    """
    return replace(
        catalog,
        plans={code: _write_plan(each, minutes) for code, each in catalog.plans.items()},
        offers={code: _write_offer(each, minutes) for code, each in catalog.offers.items()},
        first_licence=_write_grant(catalog.first_licence, minutes),
        rate_card=_write_rates(catalog.rate_card, minutes),
        policies=_write_policies(catalog.policies, minutes),
    )


def _write_plan(plan: Plan, minutes: int) -> Plan:
    if plan.unit != "minute":
        return plan
    counting = plan.counting or Counting(least=1, step=1, over="work", factors=())
    return replace(
        plan,
        counting=_write_counting(counting, minutes),
        fair_use=None if plan.fair_use is None else plan.fair_use * minutes,
        credits=tuple(_write_credit(each, minutes) for each in plan.credits),
    )


def _write_policies(policies: Policies, minutes: int) -> Policies:
    if policies.counting is None:
        return policies
    return replace(policies, counting=_write_counting(policies.counting, minutes))


def _write_counting(counting: Counting, minutes: int) -> Counting:
    return replace(counting, step=minutes) if counting.step % minutes else counting


def _write_credit(rule: CreditRule, minutes: int) -> CreditRule:
    return replace(
        rule,
        steps=tuple(
            (least, replace(share, units=share.units * minutes)) for least, share in rule.steps
        ),
        each=None if rule.each is None else replace(rule.each, units=rule.each.units * minutes),
    )


def _write_offer(offer: Offer, minutes: int) -> Offer:
    amount = offer.allowance.amount
    if offer.unit != "minute" or amount is None:
        return offer
    return replace(offer, allowance=replace(offer.allowance, amount=amount * minutes))


def _write_grant(grant: FreeGrant | None, minutes: int) -> FreeGrant | None:
    if grant is None or grant.unit != "minute":
        return grant
    return replace(grant, amount=grant.amount * minutes)


def _write_rates(rates: Mapping[str, Rate], minutes: int) -> Mapping[str, Rate]:
    return {
        code: each
        if each.unit != "minute"
        else replace(
            each,
            base=each.base * minutes,
            upper=None if each.upper is None else each.upper * minutes,
            per_unit=each.per_unit * minutes,
        )
        for code, each in rates.items()
    }
