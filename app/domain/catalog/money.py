"""Money: integers of the currency's minor unit."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in minor units of an ISO 4217 currency: 67333 USD is $673.33."""

    amount: int
    currency: str


def percent_off(amount: int, percent: int) -> int:
    """Return what `percent` of `amount` is, rounded half up to a minor unit."""
    return (amount * percent + 50) // 100
