"""Money: integers of the currency's minor unit."""

from decimal import Decimal

from babel.numbers import get_currency_precision

from app.domain.values import Value


class Money(Value):
    """An amount in minor units of an ISO 4217 currency: 67333 USD is $673.33."""

    amount: int
    currency: str


def write_money(money: Money) -> str:
    """Return an amount with its currency, as sentences have it: "USD 673.33", "JPY 1,200"."""
    digits = get_currency_precision(money.currency)
    return f"{money.currency} {Decimal(money.amount).scaleb(-digits):,.{digits}f}"


def percent_off(amount: int, percent: int) -> int:
    """Return what `percent` of `amount` is, rounded half up to a minor unit."""
    return (amount * percent + 50) // 100
