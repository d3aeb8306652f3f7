"""One movement of units as the ledger keeps it, and what it may do to its lot's buckets."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from app.domain.ledger.ledger import EntryKind
from app.domain.values import Value


class Entry(Value):
    """An entry whole. An overage has no lot, no tally and no buckets.

    `granted` … `revoked` are what it adds to its lot's buckets, `lot_*` and `tally_*` what they
    are after it; `lot_granted` None: a lot without a count. `expires_at` is the lot's end after
    it. `clock_at` never falls along `sequence`; `effective_at` is before it where backdated.
    """

    sequence: int
    kind: EntryKind
    lot_id: UUID | None
    tally_id: int | None
    unit: str
    amount: int
    granted: int
    held: int
    used: int
    revoked: int
    lot_granted: int | None
    lot_held: int
    lot_used: int
    lot_revoked: int
    tally_granted: int
    tally_held: int
    tally_used: int
    tally_revoked: int
    valid_from: datetime | None
    expires_at: datetime | None
    effective_at: datetime
    clock_at: datetime
    recorded_at: datetime
    ticket_id: str | None
    order_id: str | None
    reference: str | None
    cause: str | None
    reason: str | None
    actor: str | None


# What a kind adds to (granted, held, used, revoked) for each unit of its amount. A settlement
# may take less from what was held than it uses: the rest comes from what is free.
SIGNS: Mapping[EntryKind, tuple[int, int, int, int]] = {
    "grant": (1, 0, 0, 0),
    "hold": (0, 1, 0, 0),
    "release": (0, -1, 0, 0),
    "settle": (0, -1, 1, 0),
    "refund": (0, 0, -1, 0),
    "adjust": (0, 0, 1, 0),
    "revoke": (0, 0, 0, 1),
    "extend": (0, 0, 0, 0),
    "overage": (0, 0, 0, 0),
    "move": (0, 0, 0, 0),
}


def fits_kind(entry: Entry) -> bool:
    """Say whether an entry moves what its kind and amount say, and nothing else."""
    moved = (entry.granted, entry.held, entry.used, entry.revoked)
    told = tuple(sign * entry.amount for sign in SIGNS[entry.kind])
    if entry.kind == "settle":
        return moved[::2] == told[::2] and entry.revoked == 0 and told[1] <= entry.held <= 0
    return moved == told
