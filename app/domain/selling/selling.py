"""Selling: what an offer costs, by the list or as agreed by quote, line by line."""

from app.domain.access.refusals import Fault, InvalidPayload, Refusal
from app.domain.catalog.catalogs import Catalog
from app.domain.catalog.money import Money, percent_off, write_money
from app.domain.catalog.offers import Discount, Offer
from app.domain.catalog.terms import LONGEST_MONTHS
from app.domain.selling.offer_prices import CurrencyDiffers, find_offer_price
from app.domain.values import Value, replace

# Money is told exactly up to here, with room for fees, in whatever reads JSON.
LARGEST_TOTAL = 10**15


class QuoteRequired(InvalidPayload):
    """The offer is sold by quote: its price, or what it grants, is agreed for each customer."""

    code = "quote_required"
    title = "The offer is sold by quote"


class QuoteIncomplete(InvalidPayload):
    """The price, or what is granted, is not published: the quote has to say it."""

    code = "quote_incomplete"
    title = "The quote has to say more"


class AllowanceNotCounted(InvalidPayload):
    """The offer grants nothing that is counted, so no number of it can be agreed."""

    code = "allowance_not_counted"
    title = "The offer's allowance is not counted"


class QuantityNotOne(InvalidPayload):
    """The offer grants nothing that is counted: more of it would give nothing more."""

    code = "quantity_not_one"
    title = "More of it would give nothing more"


class TotalTooLarge(InvalidPayload):
    """So many for so long would cost more than can be told exactly."""

    code = "total_too_large"
    title = "The total is too large"


class SiteRequired(InvalidPayload):
    """The offer covers one store, or the account has cover for several, and none is named.

    `choices` has those of the account.
    """

    code = "site_required"
    title = "A store has to be named"


class InvalidContract(InvalidPayload):
    """The contract is not a whole number of the offer's terms."""

    code = "invalid_contract_months"
    title = "The contract does not fit the offer's term"


class TotalDiffers(Refusal):
    """The total is another than the shop expected."""

    kind = "conflict"
    code = "total_differs"
    title = "The total is another than expected"


class PriceLine(Value):
    """One line of an order: `amount` is `quantity` × `unit_amount`, in minor units."""

    text: str
    quantity: int
    unit_amount: int
    amount: int


class Agreed(Value):
    """What is agreed by quote in place of the list.

    `price` is that of one unit of the offer for one of its terms (a month, where the offer has
    none of its own). `amount` is what one unit grants for each `per` of the allowance.
    """

    price: Money | None = None
    amount: int | None = None


class Sale(Value):
    """An offer as sold: for how many of its terms, of how many units each, at what price.

    `total` is what is to be paid; `credit`, in minor units, is what is paid already, by the
    unused part of an order that this one replaces. `share_of` is what its price is a share of.
    """

    offer: Offer
    quantity: int
    periods: int
    contract_months: int | None
    amount: int | None
    lines: tuple[PriceLine, ...]
    total: Money
    credit: int = 0
    share_of: Money | None = None


def price_sale(
    catalog: Catalog,
    offer: Offer,
    *,
    quantity: int,
    contract_months: int | None,
    agreed: Agreed | None = None,
    had: int = 0,
    share_of: Money | None = None,
) -> Sale:
    """Return what `quantity` of an offer cost over a contract, with the discounts that apply.

    A contract of several terms repeats the offer in each. What is `agreed` by quote stands in
    place of the list; None: sold by the list, which refuses `quote_required` what is sold by
    quote. Discounts are rounded half up for each line; `had` are those that are there already.
    `share_of` is the amount that the price is a share of, where the offer's is one.
    """
    if agreed is None and offer.sold == "quote":
        detail = f"The price of {offer.code}, or what it grants, is agreed by quote."
        raise QuoteRequired([Fault("/offer", detail, QuoteRequired.code)])
    periods = count_periods(offer, contract_months)
    _check_quantity(offer, quantity)
    by_list = agreed is None or agreed.price is None
    listed = find_offer_price(catalog, offer, share_of, agreed=not by_list)
    price, amount = _agree(catalog, offer, agreed or Agreed(), listed)
    full = price.amount * quantity * periods
    once = 0 if offer.fee is None else offer.fee.of(quantity)
    if full > LARGEST_TOTAL or once > LARGEST_TOTAL:
        most = write_money(Money(LARGEST_TOTAL, price.currency))
        detail = f"So many of {offer.code} cost more than {most}."
        raise TotalTooLarge([Fault("/quantity", detail, TotalTooLarge.code)])
    name = offer.name
    if offer.sold_by is not None:
        name = f"{name}, for {offer.sold_by.count(quantity)}"
    if share_of is not None and offer.price_share is not None and by_list:
        whole = write_money(share_of)
        name = f"{name}, {offer.price_share.describe()} ({whole})"
    lines = [PriceLine(name, quantity * periods, price.amount, full)]
    discount = find_discount(catalog, contract_months, had + quantity)
    if discount is not None and full:
        off = percent_off(full, discount.percent)
        lines.append(
            PriceLine(_describe_discount(discount, contract_months, had + quantity), 1, -off, -off)
        )
    lines += list_fees(offer, quantity)
    return Sale(
        offer=offer,
        quantity=quantity,
        periods=periods,
        contract_months=contract_months,
        amount=amount,
        lines=tuple(lines),
        total=Money(sum(line.amount for line in lines), price.currency),
        share_of=share_of,
    )


def list_fees(offer: Offer, quantity: int) -> list[PriceLine]:
    """Return the lines of what is paid once with so many of an offer."""
    fee = offer.fee
    if fee is None:
        return []
    text = f"Paid once: {offer.name}"
    return [PriceLine(text, fee.count(quantity), fee.money.amount, fee.of(quantity))]


def surcharge_sale(sale: Sale, percent: int) -> Sale:
    """Return the sale at so many percent more, on a line of its own, for a late renewal."""
    if percent == 0:
        return sale
    more = percent_off(sale.total.amount, percent)
    total = Money(sale.total.amount + more, sale.total.currency)
    line = PriceLine(f"{percent} percent more for a late renewal", 1, more, more)
    return replace(sale, lines=(*sale.lines, line), total=total)


def credit_sale(sale: Sale, credit: int, text: str) -> Sale:
    """Return the sale with `credit` paid already, on a line of its own."""
    total = Money(sale.total.amount - credit, sale.total.currency)
    line = PriceLine(text, 1, -credit, -credit)
    return replace(sale, lines=(*sale.lines, line), total=total, credit=sale.credit + credit)


def count_periods(offer: Offer, contract_months: int | None) -> int:
    """Return how many of the offer's terms a contract has; 1 without one."""
    if contract_months is None:
        return 1
    if offer.without_end:
        detail = f"{offer.code} is good for ever: it has no contract."
        raise InvalidContract([Fault("/contract_months", detail, InvalidContract.code)])
    months = offer.term.months if offer.term is not None else 1
    if months == 0 or contract_months % months or contract_months > LONGEST_MONTHS:
        detail = f"A contract for {offer.code} has a whole number of its terms."
        raise InvalidContract([Fault("/contract_months", detail, InvalidContract.code)])
    return contract_months // months


def find_discount(
    catalog: Catalog, contract_months: int | None, quantity: int = 1
) -> Discount | None:
    """Return the best discount that a contract of so many months, of so many, has."""
    fitting = [
        each
        for each in catalog.discounts
        if (contract_months or 0) >= (each.contract_months or 0)
        and quantity >= (each.from_quantity or 1)
    ]
    return max(fitting, key=lambda each: each.percent, default=None)


def require_site(offer: Offer, site: str | None) -> None:
    """Refuse with `site_required` an order without a site for an offer that covers one."""
    if offer.site_bound and site is None:
        detail = f"{offer.code} covers one site: give its URL."
        raise SiteRequired([Fault("/site", detail, SiteRequired.code)])


def require_total(total: Money, expected: Money | None) -> None:
    """Refuse with `total_differs` another total than the shop expected."""
    if expected is not None and expected != total:
        raise TotalDiffers(
            f"The total is {write_money(total)}, and {write_money(expected)} was expected.",
            expected={"amount": expected.amount, "currency": expected.currency},
            total={"amount": total.amount, "currency": total.currency},
        )


def _describe_discount(discount: Discount, contract_months: int | None, quantity: int) -> str:
    reasons = []
    if discount.contract_months is not None:
        reasons.append(f"a contract of {contract_months} months")
    if discount.from_quantity is not None:
        reasons.append(f"{quantity} at once")
    return f"{discount.percent} percent off for {' and '.join(reasons)}"


def _check_quantity(offer: Offer, quantity: int) -> None:
    uncounted = offer.allowance.unlimited or offer.plan is None or offer.opens_only
    if uncounted and quantity > 1 and offer.sold_by is None:
        detail = f"{offer.code} has no count: {quantity} of it would give no more than one."
        raise QuantityNotOne([Fault("/quantity", detail, QuantityNotOne.code)])


def _agree(
    catalog: Catalog, offer: Offer, agreed: Agreed, listed: Money | None
) -> tuple[Money, int | None]:
    """Return the price of one unit for one term, and what it grants for each `per`."""
    counted = offer.plan is not None and not offer.allowance.unlimited
    if agreed.amount is not None and not counted:
        detail = f"{offer.code} grants nothing that is counted."
        raise AllowanceNotCounted([Fault("/allowance", detail, AllowanceNotCounted.code)])
    if agreed.price is not None and agreed.price.currency != catalog.currency:
        detail = f"{catalog.title} sells in {catalog.currency}."
        raise CurrencyDiffers([Fault("/price/currency", detail, CurrencyDiffers.code)])
    price = agreed.price or listed
    amount = offer.allowance.amount if agreed.amount is None else agreed.amount
    faults = []
    if price is None:
        detail = f"The price of {offer.code} is agreed by quote: give it."
        faults.append(Fault("/price", detail, QuoteIncomplete.code))
    if amount is None and counted:
        detail = f"What {offer.code} grants is agreed by quote: give it."
        faults.append(Fault("/allowance", detail, QuoteIncomplete.code))
    if price is None or faults:
        raise QuoteIncomplete(faults)
    return price, amount if counted else None
