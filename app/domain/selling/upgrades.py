"""Upgrades: a better plan in place of an order, whose unused part is paid towards it."""

from datetime import timedelta

from app.domain.access.refusals import Fault, InvalidPayload, Refusal
from app.domain.catalog.amounts import NO_NAMES, Names, Unit
from app.domain.catalog.catalogs import Catalog
from app.domain.catalog.money import Money, write_money
from app.domain.catalog.offers import Offer
from app.domain.selling.cancellations import Unused, describe_share
from app.domain.selling.selling import Sale, credit_sale

# An upgrade credits what is unused, which grows less while its quote waits.
LONGEST_WAIT = timedelta(days=7)


class NotAnUpgrade(InvalidPayload):
    """The offer is not a better one than what the order gives, or is worth less than its rest."""

    code = "not_an_upgrade"
    title = "The offer is not an upgrade"


class QuoteOutdated(Refusal):
    """What the quote gives credit for has changed since: another quote is needed."""

    kind = "conflict"
    code = "quote_outdated"
    title = "The quote is outdated"


def require_upgrade(terms: Catalog, offer: Offer, *, present: Offer) -> None:
    """Refuse with `not_an_upgrade` another seller's offer, a lesser plan, or the very same one."""
    plan, had = terms.plans.get(offer.plan or ""), terms.plans.get(present.plan or "")
    if (
        present.code.partition(".")[0] != terms.code
        or plan is None
        or had is None
        or plan.rank > had.rank
        or offer.code == present.code
    ):
        detail = f"{offer.code} is no better than {present.code}."
        raise NotAnUpgrade([Fault("/offer", detail, NotAnUpgrade.code)])


def add_credit(
    sale: Sale, *, order_id: str, paid: int, unused: Unused, unit: Unit, names: Names = NO_NAMES
) -> Sale:
    """Return the sale with a line for what is unused of the order that it replaces.

    `paid` is what was paid for that order, credit for another before it included.

    A credit above the price is refused with `not_an_upgrade`: money is never lost.
    """
    credit = unused.share_of(paid)
    if credit > sale.total.amount:
        worth = write_money(Money(credit, sale.total.currency))
        detail = (
            f"What is unused of {order_id} is worth {worth}, and {sale.offer.code} costs"
            f" {write_money(sale.total)}: cancel the order instead."
        )
        raise NotAnUpgrade([Fault("/offer", detail, NotAnUpgrade.code)])
    if credit == 0:
        return sale
    text = f"Credit for the order {order_id}: {describe_share(unused, unit, names)}"
    return credit_sale(sale, credit, text)


def require_current(order: Unused, *, quoted: Unused, credit: int, paid: int, total: Money) -> None:
    """Refuse with `quote_outdated` a credit that what is unused now is no longer worth.

    `order` is what is unused of the replaced order now, `quoted` what was when the quote
    credited `credit` of what was `paid` for it; `total` is what the quote costs. The time that a
    quote may wait is not held against it; units are, to the last.
    """
    worth = order.share_of(paid)
    if order.by == "units":
        outdated = order != quoted
    else:
        outdated = credit - worth > _worth_of_waiting(order, paid)
    if outdated:
        raise QuoteOutdated(
            f"What is unused is worth {write_money(Money(worth, total.currency))} now, and"
            f" {write_money(Money(credit, total.currency))} was quoted.",
            quoted=quoted.left,
            unused=order.left,
            credit={"amount": worth, "currency": total.currency},
            total={"amount": total.amount + credit - worth, "currency": total.currency},
        )


def _worth_of_waiting(order: Unused, paid: int) -> int:
    """Return what the longest wait of a quote is worth of an order's time, rounded up."""
    seconds = int(LONGEST_WAIT.total_seconds())
    return -(-paid * seconds // order.whole)
