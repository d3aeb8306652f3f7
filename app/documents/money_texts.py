"""Money in the words of a document's faults: as people write it, and as the document does."""

from app.domain.catalog.money import Money, write_money


def describe_money(money: Money) -> str:
    """Return an amount in both ways: "AUD 1,200.00 (120000 in minor units)"."""
    return f"{write_money(money)} ({money.amount} in minor units)"
