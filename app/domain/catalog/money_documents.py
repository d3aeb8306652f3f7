"""Parses amounts of money in a catalogue, all in the catalogue's one currency."""

from typing import Literal

from babel.numbers import list_currencies

from app.domain.catalog.catalogs import ListPrice
from app.domain.catalog.document_reading import LONGEST_NAME, Table
from app.domain.catalog.money import Money

LARGEST_AMOUNT = 1_000_000_000_000
ListPricePer = Literal["month", "year", "hour", "term"]
LIST_PRICE_PERIODS: tuple[ListPricePer, ...] = ("month", "year", "hour", "term")


def parse_currency(table: Table) -> str:
    """Read the `currency` field: an ISO 4217 code in capitals."""
    code = table.text("currency", longest=LONGEST_NAME)
    if code and code not in list_currencies():
        detail = 'A currency is an ISO 4217 code in capitals, like "EUR".'
        table.fault("unknown_currency", detail, "currency")
        return ""
    return code


def parse_money(table: Table, name: str, *, currency: str) -> Money | None:
    """Read an amount in minor units, with its currency, if it is given."""
    money = table.table_or_none(name)
    return None if money is None else _read_money(money, currency, end=True)


def parse_list_price(table: Table, name: str, *, currency: str) -> ListPrice | None:
    """Read an advertised price and what it is for, if it is given."""
    price = table.table_or_none(name)
    if price is None:
        return None
    money = _read_money(price, currency, end=False)
    per = price.choice("per", LIST_PRICE_PERIODS)
    price.end()
    return ListPrice(money, per)


def _read_money(table: Table, currency: str, *, end: bool) -> Money:
    amount = table.integer("amount", low=0, high=LARGEST_AMOUNT)
    stated = parse_currency(table)
    if table.sound and currency and stated != currency:
        detail = f"The catalogue's prices are in {currency}, and this one is in {stated}."
        table.fault("currency_mismatch", detail, "currency")
    if end:
        table.end()
    return Money(amount, stated)
