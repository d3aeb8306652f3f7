"""Helpers of the tests of entries, shared with others."""

import csv
import io
from collections import Counter, defaultdict

from tests.api.conftest import Api, Clock

# Enterprise comes with the product subscription.
PROOF = {"status": "paid", "reference": "PRODUCT-1"}

PARTS = ("granted", "available", "held", "used", "expired", "revoked", "upcoming")


def parts(**given: int) -> dict[str, int]:
    return dict.fromkeys(PARTS, 0) | given


async def hold_past_the_end(api: Api, clock: Clock) -> str:
    """A month's two incidents, of which one is held beyond the month and comes back after it."""
    account = await api.make_account()
    await api.buy(account, "corporate.enterprise", "SO-1", payment=PROOF)
    await api.open(account, "HD-1", catalog="corporate", severity=1, channel="email")
    clock.advance(days=40)
    await api.open(account, "HD-2", catalog="corporate", severity=1, channel="email")
    await api.post(f"{account}/tickets/HD-1/resolution", {"outcome": "withdrawn"})
    return account


def add_up(text: str) -> dict[str, Counter[str]]:
    """What a third party needs to re-add a ledger: these lines, and nothing of ours."""
    have: dict[str, Counter[str]] = defaultdict(Counter)
    for number, row in enumerate(csv.DictReader(io.StringIO(text)), start=1):
        unit = have[row["unit"]]
        for part in PARTS:
            unit[part] += int(row[f"change_{part}"])
            assert unit[part] == int(row[f"total_{part}"]), f"line {number}: {part}"
            assert unit[part] >= 0, f"line {number}: {part} is below zero"
        rest = sum(unit[part] for part in ("available", "held", "used", "expired", "revoked"))
        assert unit["granted"] == rest, f"line {number} does not add up"
    return have
