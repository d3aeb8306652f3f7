"""Burn order of a pool: which lot is drawn upon first, and units drawn in that order."""

from collections.abc import Iterable
from datetime import datetime

from app.domain.ledger.ledger import Lot
from app.domain.values import Value


def burn_key(lot: Lot) -> tuple[bool, datetime, bool, int, str]:
    """Order lots of one pool: earliest expiry, then free before paid, then older, then id.

    "Older" is the account's own order of grants, which no two lots share.
    """
    no_end = lot.expires_at is None
    expires_at = lot.expires_at or lot.valid_from
    paid = lot.source in ("purchase", "agreement")
    return (no_end, expires_at, paid, lot.granted_sequence, str(lot.lot_id))


class Allocation(Value):
    """`amount` units of one lot."""

    lot: Lot
    amount: int


def draw(lots: Iterable[Lot], amount: int, *, at: datetime) -> tuple[list[Allocation], int]:
    """Take `amount` from lots in burn order; return the allocations and what is missing."""
    allocations: list[Allocation] = []
    missing = amount
    for lot in sorted(lots, key=burn_key):
        if missing == 0:
            break
        if not lot.is_usable(at):
            continue
        free = lot.free if lot.lowest_free is None else lot.lowest_free
        taken = missing if free is None else min(free, missing)
        if taken > 0:
            allocations.append(Allocation(lot, taken))
            missing -= taken
    return allocations, missing
