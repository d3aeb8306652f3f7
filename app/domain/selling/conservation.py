"""Conservation: units come from what was sold, given, or granted again by rule, and from nowhere.

Over any history of an account, what its lots were granted is what its orders sold, what was
given by hand or with a licence, and what was granted again of units that came back; and what is
paid back is never more than was paid, by each order and by the account (docs/laws.md).
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from uuid import UUID

from app.domain.ledger.ledger import Lot
from app.domain.ledger.verification import Difference
from app.domain.selling.purchases import Purchase
from app.domain.selling.sold_terms import SoldTerms
from app.domain.values import Value


class CameBack(Value):
    """What came back to a lot when it had ended, and what an agreement took from it."""

    after_end: int
    to_agreements: int


def check_granted(
    lots: Sequence[Lot],
    orders: Iterable[Purchase],
    *,
    given: Mapping[UUID, int],
    came_back: Mapping[UUID, CameBack],
) -> Iterator[Difference]:
    """Yield where an account's lots were granted other units than there is a reason for.

    All of its lots and orders are to be given. `given` is what was given by hand or with a
    licence, by the subscription that it made; `came_back` is by lot.
    """
    yield from _check_sold(lots, {order.order_id: order for order in orders})
    by_hand = Counter[UUID]()
    again = Counter[tuple[str, UUID | None]]()
    for lot in lots:
        match lot.source:
            case "grant" | "licence":
                by_hand[lot.subscription_id] += lot.granted or 0
            case "grace" | "agreement":
                again[lot.source, lot.origin_lot_id] += lot.granted or 0
    for subscription_id, amount in by_hand.items():
        if amount != given.get(subscription_id, 0):
            subject, wanted = f"subscription {subscription_id}", given.get(subscription_id, 0)
            yield Difference(subject, "what it was given", amount, wanted)
    for (source, origin), amount in again.items():
        found = came_back.get(origin, _NOTHING) if origin else _NOTHING
        most = found.after_end if source == "grace" else found.to_agreements
        if amount > most:
            yield Difference(f"lot {origin}", "what was granted again of it", amount, most)


def check_paid_back(orders: Sequence[Purchase]) -> Iterator[Difference]:
    """Yield where more money is paid back than was paid; all orders of an account are given."""
    paid = {order.order_id: order.total_amount for order in orders if order.paid_at is not None}
    back: Counter[str] = Counter()
    cash = 0
    for order in orders:
        cancellation = order.cancellation
        if cancellation is None:
            continue
        whole = _count_paid(order)
        settled = cancellation.refund_amount + cancellation.kept_amount
        if settled != whole or min(cancellation.refund_amount, cancellation.kept_amount) < 0:
            subject = f"order {order.order_id}"
            yield Difference(subject, "what is paid back and kept of it", settled, whole)
        if cancellation.refund != "upgrade":
            cash += cancellation.refund_amount
        for each in cancellation.payments:
            back[each.order_id] += each.amount
    for order_id, amount in back.items():
        if amount > paid.get(order_id, 0):
            most = paid.get(order_id, 0)
            yield Difference(f"order {order_id}", "what is paid back of it", amount, most)
    if cash > sum(paid.values()):
        yield Difference("the account", "what is paid back", cash, sum(paid.values()))


def count_units(terms: SoldTerms) -> int:
    """Return how many units an order grants in all its lots; none where they have no count."""
    if terms.unlimited or terms.plan is None:
        return 0
    if terms.adds_to is not None:
        return (terms.amount or 0) * terms.quantity if terms.scales else 0
    months = terms.term.months if terms.term is not None else 1
    periods = terms.contract_months // months if terms.contract_months and months else 1
    count = months * periods if terms.per == "month" else periods
    return (terms.amount or 0) * terms.times * count


_NOTHING = CameBack(0, 0)


def _check_sold(lots: Iterable[Lot], orders: Mapping[str, Purchase]) -> Iterator[Difference]:
    """Yield orders that granted other units than they sold; what raises another, at most those."""
    granted = Counter[str]()
    for lot in lots:
        if lot.source == "purchase":
            granted[lot.order_id or "of no order"] += lot.granted or 0
    for order_id in sorted({*granted, *orders}):
        order = orders.get(order_id)
        wanted, found = 0 if order is None else _count_sold(order), granted[order_id]
        if order is not None and order.terms.adds_to is not None and found <= wanted:
            continue
        if found != wanted:
            yield Difference(f"order {order_id}", "what it granted", found, wanted)


def _count_sold(order: Purchase) -> int:
    return 0 if order.subscription_id is None else count_units(order.terms)


def _count_paid(order: Purchase) -> int:
    """Return what was paid for an order; one that never began was credited nothing."""
    if order.paid_at is None:
        return 0
    return order.total_amount if order.subscription_id is None else order.paid_amount
