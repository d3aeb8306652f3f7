"""Money in the words of a document's faults: as people write it, not in minor units."""

from decimal import Decimal

from babel.numbers import get_currency_precision

from app.domain.catalog.money import Money


def write_money(money: Money) -> str:
    """Return an amount with its currency: "AUD 1,200.00"; the document says 120000."""
    digits = get_currency_precision(money.currency)
    amount = Decimal(money.amount).scaleb(-digits)
    return f"{money.currency} {amount:,.{digits}f} ({money.amount} in minor units)"
