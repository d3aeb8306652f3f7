"""Prices in words, as a shop shows them."""

from collections.abc import Sequence
from decimal import Decimal

from babel.numbers import format_currency, get_currency_precision

from app.api.pages.words import Words
from app.domain.catalog.money import Money
from app.domain.catalog.offers import ListPrice, Offer
from app.domain.catalog.terms import A_MONTH


def describe_money(money: Money, words: Words) -> str:
    """Return money in words: "€399", "$34.50", "¥1,200"; whole amounts without their cents."""
    digits = get_currency_precision(money.currency)
    amount = Decimal(money.amount).scaleb(-digits)
    if amount != amount.to_integral_value():
        return format_currency(amount, money.currency, locale=words.locale)
    pattern = words.locale.currency_formats["standard"].pattern.replace(".00", "")
    return format_currency(
        amount, money.currency, pattern, locale=words.locale, currency_digits=False
    )


def describe_list_price(listed: ListPrice, words: Words) -> str:
    """Return an advertised price: "€1,499 a month"."""
    return words(f"per_{listed.per}", price=describe_money(listed.money, words))


def describe_price(offer: Offer, words: Words) -> str:
    """Return what one purchase costs: "€399", "€398 for each socket", "Included", "By quote"."""
    if offer.sold == "included":
        return words("included")
    share = offer.price_share
    if share is not None:
        text = words("percent_of", percent=share.percent, of=share.of)
        least = describe_money(share.least, words)
        return words("with_least", text=text, least=least) if share.least.amount else text
    if offer.price is None or offer.sold == "quote":
        return words("by_quote")
    price = describe_money(offer.price, words)
    if offer.sold_by is not None:
        return words("per_each", price=price, name=offer.sold_by.name)
    return price


def _describe_monthly(offer: Offer, words: Words) -> str:
    """Return the price of a month: "€99 a month", "€99 a month for each server"."""
    assert offer.price is not None  # noqa: S101  the caller's own condition
    price = words("per_month", price=describe_money(offer.price, words))
    if offer.sold_by is None:
        return price
    return words("per_each", price=price, name=offer.sold_by.name)


def describe_fee(offer: Offer, words: Words) -> str | None:
    """Return what is paid once besides the price: "and €50 once"; None where nothing is.

    Where it is for each that is bought it says so: "and €50 for each server once".
    """
    if offer.fee is None:
        return None
    fee = describe_money(offer.fee.money, words)
    if offer.fee.each:
        sold_by = offer.sold_by
        fee = (
            words("each_bought", price=fee)
            if sold_by is None
            else words("per_each", price=fee, name=sold_by.name)
        )
    return words("fee_once", fee=fee)


def describe_plan_price(offers: Sequence[Offer], words: Words) -> tuple[str, str | None]:
    """Return what a plan costs, whichever of its offers is bought, and what else to say of it.

    "from €99", or "€1,499 a month" with "€17,988 for 1 year".
    """
    if not offers:
        return "", None
    first = offers[0]
    if len(offers) == 1 and first.list_price is not None:
        listed = describe_list_price(first.list_price, words)
        if first.price is None or first.term is None:
            return listed, None
        whole = describe_money(first.price, words)
        return listed, words("price_for_term", price=whole, term=words.term(first.term))
    priced = [
        (offer.price.amount, offer)
        for offer in offers
        if offer.sold == "direct" and offer.price is not None
    ]
    if not priced:
        return describe_price(first, words), "; ".join(first.includes) or None
    _, lowest = min(priced, key=lambda each: each[0])
    if len(offers) == 1 and lowest.kind == "term" and lowest.term == A_MONTH:
        return _describe_monthly(lowest, words), None
    text = describe_price(lowest, words)
    return (text if len(offers) == 1 else words("from_price", price=text)), None
