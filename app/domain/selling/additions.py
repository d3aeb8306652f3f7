"""Additions: more of what a subscription is sold by, in mid-term, for the rest of its term."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from app.domain.access.refusals import Fault, InvalidPayload, Refusal
from app.domain.catalog.catalogs import Catalog
from app.domain.ledger.ledger import Lot
from app.domain.selling.cancellations import Unused, measure_unused
from app.domain.selling.purchases import Purchase
from app.domain.selling.selling import Agreed, PriceLine, Sale, list_fees, price_sale
from app.domain.selling.sold_terms import LotTerm
from app.domain.time.instants import span_to_micros
from app.domain.values import replace


class NotRaisable(InvalidPayload):
    """The order is not of something that its offer is sold by, or its term has no end."""

    code = "not_raisable"
    title = "The order cannot be raised"


class RaisesAnother(Refusal):
    """The order raised another one, which is the one to be renewed, raised and upgraded."""

    kind = "conflict"
    code = "raises_another"
    title = "The order raised another"


class Raised(Refusal):
    """The order was raised by others, which are to be cancelled before it is."""

    kind = "conflict"
    code = "raised"
    title = "The order was raised by others"


def require_first(order: Purchase) -> None:
    """Refuse with `raises_another` an order that raised another one."""
    raised = order.terms.adds_to
    if raised is not None:
        detail = f"The order {order.order_id!r} raised {raised!r}: it goes on with that one."
        raise RaisesAnother(detail, order_id=raised)


def price_addition(
    order: Purchase,
    quantity: int,
    *,
    terms: Catalog,
    had: int,
    lots: Sequence[Lot],
    term: tuple[datetime, datetime | None],
    at: datetime,
) -> Sale:
    """Return what so many more of an order cost for the rest of its term, as it was sold.

    `had` is how many there are, which counts for the discount; `lots` are the order's own. What
    is paid once is not paid again, but for each that is added where it is for each. Refuses
    `not_raisable`.
    """
    offer = terms.offers[order.offer]
    starts_at, ends_at = term
    if offer.sold_by is None or offer.kind == "pack" or ends_at is None:
        detail = f"{offer.code} is not sold by the number of anything for a term."
        raise NotRaisable([Fault("/quantity", detail, NotRaisable.code)])
    price = replace(order.total, amount=order.terms.lines[0].unit_amount)
    counted = None if offer.allowance.unlimited else order.terms.amount
    sale = price_sale(
        terms,
        replace(offer, fee=None, price_share=None),
        quantity=quantity,
        contract_months=order.contract_months,
        agreed=Agreed(price, counted),
        had=had,
    )
    rest = measure_unused((), starts_at=starts_at, ends_at=ends_at, at=at, policy="unused_time")
    off = sale.total.amount - rest.share_of(sale.total.amount)
    line = PriceLine(f"For the rest of the term only: {_write_days(rest)}", 1, -off, -off)
    fees = list_fees(offer, quantity) if offer.fee is not None and offer.fee.each else []
    once = sum(each.amount for each in fees)
    added = add_lots(lots, 1, had=order.quantity, quoted_at=at, at=at)
    given = [each.granted or 0 for each in added]
    return replace(
        sale,
        offer=offer,
        amount=sum(given) if offer.sold_by.scales and counted is not None else counted,
        lines=(*sale.lines, *([line] if off else []), *fees),
        total=replace(sale.total, amount=sale.total.amount - off + once),
    )


def add_lots(
    lots: Sequence[Lot], quantity: int, *, had: int, quoted_at: datetime, at: datetime
) -> Iterator[LotTerm]:
    """Yield what so many more grant, from `at` on, for the rest of each of an order's lots.

    A lot that had begun gives the share of its time that was left when it was quoted, which is
    what the price is for, rounded up for each one: so many are what as many of one are.
    """
    for lot in lots:
        if lot.granted is None or lot.expires_at is None or not lot.is_left(at):
            continue
        left = span_to_micros(lot.expires_at - max(quoted_at, lot.valid_from))
        whole = span_to_micros(lot.expires_at - lot.valid_from)
        each = -(-(lot.granted // had) * left // whole)
        yield LotTerm(each * quantity, max(at, lot.valid_from), lot.expires_at)


def _write_days(rest: Unused) -> str:
    day = 24 * 60 * 60
    return f"{rest.left / day:.0f} of {rest.whole / day:.0f} days"
