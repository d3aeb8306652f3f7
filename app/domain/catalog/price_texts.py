"""Prices in words, as a shop shows them."""

from collections.abc import Sequence
from decimal import Decimal

from babel.numbers import format_currency, get_currency_precision

from app.domain.catalog.catalogs import ListPrice, Offer
from app.domain.catalog.money import Money

_WITHOUT_A_PRICE = {"included": "Included", "quote": "By quote"}


def say_money(money: Money) -> str:
    """Return money in words: "€399", "$34.50", "¥1,200"; whole amounts without their cents."""
    digits = get_currency_precision(money.currency)
    amount = Decimal(money.amount).scaleb(-digits)
    if amount == amount.to_integral_value():
        return format_currency(amount, money.currency, "¤#,##0", locale="en", currency_digits=False)
    return format_currency(amount, money.currency, locale="en")


def say_list_price(listed: ListPrice) -> str:
    """Return an advertised price: "€1,499 a month"."""
    return f"{say_money(listed.money)} {'an' if listed.per == 'hour' else 'a'} {listed.per}"


def say_price(offer: Offer) -> str:
    """Return what one purchase costs: "€399", "Included", "By quote"."""
    if offer.price is None or offer.sold in _WITHOUT_A_PRICE:
        return _WITHOUT_A_PRICE.get(offer.sold, "By quote")
    return say_money(offer.price)


def say_plan_price(offers: Sequence[Offer]) -> str:
    """Return what a plan costs, whichever of its offers is bought: "from €99", "Included"."""
    if not offers:
        return "–"
    listed = [offer.list_price for offer in offers if offer.list_price is not None]
    if len(offers) == 1 and listed:
        return say_list_price(listed[0])
    priced = [offer for offer in offers if offer.sold == "direct" and offer.price is not None]
    if not priced:
        return say_price(offers[0])
    lowest = min(priced, key=lambda offer: offer.price.amount if offer.price else 0)
    return say_price(lowest) if len(offers) == 1 else f"from {say_price(lowest)}"
