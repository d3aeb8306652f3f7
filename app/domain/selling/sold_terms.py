"""What a sale gives over time: its term, its lots, and the copy of it that an order keeps."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from app.domain.catalog.catalogs import Catalog, Term
from app.domain.catalog.money import Money
from app.domain.catalog.terms import add_term
from app.domain.selling.selling import Line, Sale, count_periods
from app.domain.time.instants import InstantOutOfRange

# What an offer lasts that names no term of its own: one month of a contract.
A_MONTH = Term(months=1)


@dataclass(frozen=True, slots=True)
class LotTerm:
    """One lot to be granted: its units (None: without a count) and its half-open term."""

    granted: int | None
    valid_from: datetime
    expires_at: datetime


def end_of_sale(sale: Sale, starts_at: datetime, zone: str) -> datetime:
    """Return the end of what is sold, each month counted from the anchor (docs/concepts.md).

    Refuses `instant_out_of_range` an end after the year 9999.
    """
    term = sale.offer.term or A_MONTH
    return _after(starts_at, term, sale.periods, zone)


def lot_terms(sale: Sale, starts_at: datetime, zone: str) -> Iterator[LotTerm]:
    """Yield the lots of a sale: one a term, or one a month, all known at the sale.

    What carries over lasts a month longer than its own, within the sale.
    """
    allowance = sale.offer.allowance
    term = sale.offer.term or A_MONTH
    if allowance.unlimited:
        yield LotTerm(None, starts_at, end_of_sale(sale, starts_at, zone))
        return
    step, count = term, sale.periods
    if allowance.per == "month":
        step, count = A_MONTH, term.months * sale.periods
    longer = 2 if sale.offer.carries_over else 1
    for index in range(count):
        yield LotTerm(
            (sale.amount or 0) * sale.quantity,
            _after(starts_at, step, index, zone),
            _after(starts_at, step, min(index + longer, count), zone),
        )


def describe_sale(sale: Sale) -> dict[str, Any]:
    """Return the copy of a sale that an order or a quote keeps, as plain JSON."""
    offer = sale.offer
    return {
        "offer": offer.code,
        "plan": offer.plan,
        "unit": offer.unit,
        "quantity": sale.quantity,
        "contract_months": sale.contract_months,
        "amount": sale.amount,
        "unlimited": offer.allowance.unlimited,
        "per": offer.allowance.per,
        "term": None if offer.term is None else asdict(offer.term),
        "lines": [asdict(line) for line in sale.lines],
        "total": asdict(sale.total),
        "credit": sale.credit,
    }


def read_sale(kept: Mapping[str, Any], terms: Catalog) -> Sale:
    """Return a sale as it was sold, out of its copy; `terms` are those it was sold under."""
    offer = terms.offers[kept["offer"]]
    return Sale(
        offer=offer,
        quantity=kept["quantity"],
        periods=count_periods(offer, kept["contract_months"]),
        contract_months=kept["contract_months"],
        amount=kept["amount"],
        lines=tuple(Line(**line) for line in kept["lines"]),
        total=Money(**kept["total"]),
        credit=kept["credit"],
    )


def _after(starts_at: datetime, term: Term, times: int, zone: str) -> datetime:
    if times == 0:
        return starts_at
    try:
        return add_term(starts_at, Term(term.months * times, term.days * times), zone)
    except OverflowError:
        raise InstantOutOfRange("The term would end after the year 9999.") from None
