"""Amounts of money in a catalogue, all in the catalogue's one currency."""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field, ValidationInfo

from app.documents.form.basis.parts import Part
from app.documents.form.basis.problems import refuse
from app.documents.form.basis.surroundings import Surroundings
from app.documents.form.basis.values import CurrencyCode, Name
from app.domain.catalog.money import Money

LARGEST_AMOUNT = 1_000_000_000_000


def _match(currency: str, info: ValidationInfo) -> str:
    around: Surroundings | None = info.context
    if around is not None and around.currency not in (None, currency):
        detail = f"The catalogue's prices are in {around.currency}, and this one is in {currency}."
        raise refuse("currency_mismatch", detail)
    return currency


class MoneyDocument(Part):
    """An amount of money: 67333 in USD is 673.33."""

    amount: Annotated[int, Field(ge=0, le=LARGEST_AMOUNT)]
    """The amount in the currency's minor unit, such as cents."""
    currency: Annotated[CurrencyCode, AfterValidator(_match)]
    """The catalogue's own currency, by its ISO 4217 code."""

    def value(self) -> Money:
        return Money(self.amount, self.currency)


class ListPriceDocument(MoneyDocument):
    """A price as it is advertised, where one purchase costs another amount."""

    per: Literal["month", "year", "hour", "term"]
    """The time that the advertised price is for: a month, a year, an hour, or the whole term."""


class PriceShareDocument(Part):
    """A price that is a percentage of something else that is sold, such as the licence."""

    percent: Annotated[int, Field(ge=1, le=100)]
    """The percentage of the amount that each order says."""
    of: Name
    """What it is a percentage of, in the seller's words, such as the licence's price."""
    least: MoneyDocument | None = None
    """The least that one purchase costs, where the percentage comes to less."""


class FeeDocument(MoneyDocument):
    """What is paid once, beside the price."""

    each: bool = False
    """Whether it is paid for each that is bought, and not whatever the quantity."""
