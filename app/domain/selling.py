"""Selling: what an offer costs, how long it lasts, and the lots that it grants."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from app.domain.catalogs import Catalog, Offer, Term
from app.domain.money import Money, percent_off
from app.domain.refusals import Fault, InvalidPayload, Refusal
from app.domain.terms import LONGEST_MONTHS, add_months, add_term


class QuoteRequired(InvalidPayload):
    """The offer is sold by quote: its price, or what it grants, is agreed for each customer."""

    code = "quote_required"
    title = "The offer is sold by quote"


class SiteRequired(InvalidPayload):
    """The offer covers one site, and none is named."""

    code = "site_required"
    title = "The offer covers one site"


class InvalidContract(InvalidPayload):
    """The contract is not a whole number of the offer's terms."""

    code = "invalid_contract_months"
    title = "The contract does not fit the offer's term"


class TotalDiffers(Refusal):
    """The total is another than the shop expected."""

    kind = "conflict"
    code = "total_differs"
    title = "The total is another than expected"


@dataclass(frozen=True, slots=True)
class Line:
    """One line of an order: `amount` is `quantity` × `unit_amount`, in minor units."""

    text: str
    quantity: int
    unit_amount: int
    amount: int


@dataclass(frozen=True, slots=True)
class Sale:
    """An offer as sold: for how many of its terms, of how many units each, at what price."""

    offer: Offer
    quantity: int
    periods: int
    contract_months: int | None
    amount: int | None
    lines: tuple[Line, ...]
    total: Money


@dataclass(frozen=True, slots=True)
class LotTerm:
    """One lot to be granted: its units (None: without a count) and its half-open term."""

    granted: int | None
    valid_from: datetime
    expires_at: datetime


def price_sale(
    catalog: Catalog,
    offer: Offer,
    *,
    quantity: int,
    contract_months: int | None,
    price: Money | None = None,
    amount: int | None = None,
) -> Sale:
    """Return what `quantity` of an offer cost over a contract, with the discounts that apply.

    `price` and `amount` are those agreed by quote, of one unit for one term; left out, the
    offer's own. A contract of several terms repeats the offer in each. Discounts are rounded
    half up for each line. Refuses `quote_required` and `invalid_contract_months`.
    """
    periods = count_periods(offer, contract_months)
    price = price or offer.price
    if amount is None:
        amount = offer.allowance.amount
    if price is None or (amount is None and not offer.allowance.unlimited and offer.plan):
        detail = f"The price and what {offer.code} grants are agreed by quote."
        raise QuoteRequired([Fault("/offer", detail, QuoteRequired.code)])
    full = price.amount * quantity * periods
    lines = [Line(offer.name, quantity * periods, price.amount, full)]
    percent = max(
        (
            discount.percent
            for discount in catalog.discounts
            if contract_months is not None and contract_months >= discount.contract_months
        ),
        default=0,
    )
    if percent and full:
        off = percent_off(full, percent)
        text = f"{percent} percent off for a contract of {contract_months} months"
        lines.append(Line(text, 1, -off, -off))
    total = sum(line.amount for line in lines)
    return Sale(
        offer=offer,
        quantity=quantity,
        periods=periods,
        contract_months=contract_months,
        amount=amount,
        lines=tuple(lines),
        total=Money(total, price.currency),
    )


def count_periods(offer: Offer, contract_months: int | None) -> int:
    """Return how many of the offer's terms a contract has; 1 without one."""
    if contract_months is None:
        return 1
    months = offer.term.months if offer.term is not None else 1
    if months == 0 or contract_months % months or contract_months > LONGEST_MONTHS:
        detail = f"A contract for {offer.code} has a whole number of its terms."
        raise InvalidContract([Fault("/contract_months", detail, InvalidContract.code)])
    return contract_months // months


def require_site(offer: Offer, site: str | None) -> None:
    """Refuse with `site_required` an order without a site for an offer that covers one."""
    if offer.site_bound and site is None:
        detail = f"{offer.code} covers one site: give its URL."
        raise SiteRequired([Fault("/site", detail, SiteRequired.code)])


def require_total(total: Money, expected: Money | None) -> None:
    """Refuse with `total_differs` another total than the shop expected."""
    if expected is not None and expected != total:
        raise TotalDiffers(
            f"The total is {total.amount} {total.currency} (minor units).",
            expected={"amount": expected.amount, "currency": expected.currency},
            total={"amount": total.amount, "currency": total.currency},
        )


def end_of_sale(sale: Sale, starts_at: datetime, zone: str) -> datetime:
    """Return the end of what is sold, each month counted from the anchor (DESIGN §3)."""
    term = sale.offer.term or Term(months=1)
    if term.months:
        return add_months(starts_at, term.months * sale.periods, zone)
    return add_term(starts_at, Term(days=term.days * sale.periods), zone)


def lot_terms(sale: Sale, starts_at: datetime, zone: str) -> Iterator[LotTerm]:
    """Yield the lots of a sale: one a term, or one a month, all known at the sale."""
    allowance = sale.offer.allowance
    granted = None if allowance.unlimited else (sale.amount or 0) * sale.quantity
    term = sale.offer.term or Term(months=1)
    if allowance.unlimited:
        yield LotTerm(None, starts_at, end_of_sale(sale, starts_at, zone))
        return
    if allowance.per == "month" and term.months:
        step, count = 1, term.months * sale.periods
    else:
        step, count = term.months, sale.periods
    for index in range(count):
        yield LotTerm(
            granted,
            _after(starts_at, step, term, index, zone),
            _after(starts_at, step, term, index + 1, zone),
        )


def _after(starts_at: datetime, step: int, term: Term, index: int, zone: str) -> datetime:
    if index == 0:
        return starts_at
    if step:
        return add_months(starts_at, step * index, zone)
    return add_term(starts_at, Term(days=term.days * index), zone)
