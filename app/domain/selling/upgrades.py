"""Upgrades: a better plan in place of an order, whose unused part is paid towards it."""

from app.domain.access.refusals import Fault, InvalidPayload, Refusal
from app.domain.catalog.catalogs import Catalog, Offer
from app.domain.selling.cancellations import Unused, describe_share
from app.domain.selling.selling import Sale, credit_sale


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


def give_credit(sale: Sale, *, order_id: str, paid: int, unused: Unused, unit: str) -> Sale:
    """Return the sale with a line for what is unused of the order that it replaces.

    `paid` is what was paid for that order, credit for another before it included.

    A credit above the price is refused with `not_an_upgrade`: money is never lost.
    """
    credit = unused.share_of(paid)
    if credit > sale.total.amount:
        detail = (
            f"What is unused of {order_id} is worth {credit}, and {sale.offer.code} costs"
            f" {sale.total.amount} (minor units): cancel the order instead."
        )
        raise NotAnUpgrade([Fault("/offer", detail, NotAnUpgrade.code)])
    if credit == 0:
        return sale
    text = f"Credit for the order {order_id}: {describe_share(unused, unit)}"
    return credit_sale(sale, credit, text)


def require_current(unused: Unused, *, quoted: Unused) -> None:
    """Refuse with `quote_outdated` where other units are unused than were quoted.

    Of a term without a count, the credit stands as quoted while the quote is valid.
    """
    if unused.by == "units" and unused != quoted:
        raise QuoteOutdated(
            f"{quoted.left} units were unused at the quote, and {unused.left} are now.",
            quoted=quoted.left,
            unused=unused.left,
        )
