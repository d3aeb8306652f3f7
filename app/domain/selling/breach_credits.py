"""Credits for broken promises, month by month; granted by a person."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from fractions import Fraction
from uuid import UUID

from app.domain.catalog.amounts import Unit
from app.domain.catalog.money import Money
from app.domain.catalog.plans import Plan
from app.domain.promises.credit_rules import CreditRule
from app.domain.promises.promises import Metric, Strength
from app.domain.selling.purchases import Purchase
from app.domain.time.months import Month
from app.domain.values import Value

DAYS_A_MONTH = 30


class Breach(Value):
    """A promise that was broken, or a target missed, at `at`, on a ticket of a subscription."""

    ticket_id: str
    metric: Metric
    strength: Strength
    at: datetime
    excused: bool
    subscription_id: UUID | None


class Covered(Value):
    """The subscription that tickets were on: its plan as it was sold, and its order, if any.

    `paid_once` is the part of what the order cost that is for no month of it, in minor units.
    """

    subscription_id: UUID
    catalog: str
    plan: Plan
    order: Purchase | None
    paid_once: int = 0


class Credit(Value):
    """What the breaches of a month give on one subscription; `breaches` are those not excused.

    `fee` is what the subscription costs a month. `money` is None where it has no price, or
    where units are given.
    """

    month: str
    covered: Covered
    metric: Metric | None
    strength: Strength
    breaches: int
    excused: int
    tickets: tuple[str, ...]
    percent: int | None
    fee: Money | None
    money: Money | None
    units: int | None

    @property
    def unit(self) -> Unit:
        """In what its units are counted."""
        return self.covered.plan.unit


def count_credits(
    breaches: Iterable[Breach],
    covered: Mapping[UUID, Covered],
    months: Mapping[str, Sequence[Month]],
) -> list[Credit]:
    """Return the credits of each month, by the rules of the plans that were sold.

    `months` are those to be reported, by catalogue, each counted whole.
    """
    broken = list(breaches)
    found = []
    for each in covered.values():
        own = [breach for breach in broken if breach.subscription_id == each.subscription_id]
        for month in months.get(each.catalog, ()):
            within = [breach for breach in own if month.start <= breach.at < month.end]
            for rule in each.plan.credits:
                credit = _credit(rule, within, each, month)
                if credit is not None:
                    found.append(credit)
    return sorted(
        found, key=lambda credit: (credit.month, credit.covered.catalog, credit.metric or "")
    )


def _credit(
    rule: CreditRule, within: Sequence[Breach], covered: Covered, month: Month
) -> Credit | None:
    matching = [
        breach
        for breach in within
        if rule.metric in (None, breach.metric) and breach.strength == rule.strength
    ]
    held_against = [breach for breach in matching if not breach.excused]
    share = rule.credit(len(held_against))
    if share is None:
        return None
    fee = None if covered.order is None else monthly_fee(covered.order, covered.paid_once)
    return Credit(
        month=month.name,
        covered=covered,
        metric=rule.metric,
        strength=rule.strength,
        breaches=len(held_against),
        excused=len(matching) - len(held_against),
        tickets=tuple(dict.fromkeys(breach.ticket_id for breach in held_against)),
        percent=share.percent or None,
        fee=fee,
        money=_take(fee, share.percent),
        units=share.units or None,
    )


def monthly_fee(order: Purchase, paid_once: int) -> Money | None:
    """Return what an order costs a month but for what is paid once; None without a term.

    That is of its term, or of its contract of several. Rounded half up to a minor unit.
    """
    term = order.terms.term
    if term is None:
        return None
    months = Fraction(term.months) if term.months else Fraction(term.days, DAYS_A_MONTH)
    if order.contract_months is not None:
        months = Fraction(order.contract_months)
    amount = max(0, order.paid_amount - paid_once)
    return Money(_round(Fraction(amount) / months), order.total_currency)


def _take(fee: Money | None, percent: int) -> Money | None:
    if fee is None or not percent:
        return None
    return Money(_round(Fraction(fee.amount * percent, 100)), fee.currency)


def _round(amount: Fraction) -> int:
    return (2 * amount.numerator + amount.denominator) // (2 * amount.denominator)
