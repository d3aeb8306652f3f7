"""The ledger's words and arithmetic: lots, their buckets, and the entries that move units.

granted = available + held + used + expired + revoked, for every counted lot, from its
`valid_from` on, at every instant (docs/laws.md, law 2). What is neither held, used nor revoked is
*free*: available within [valid_from, expires_at), expired from there on, upcoming before.
Expiry is read from the clock, so no entry is needed for it.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Literal
from uuid import UUID

from app.domain.catalog.amounts import Unit
from app.domain.values import Value, replace

EntryKind = Literal[
    "grant",
    "hold",
    "release",
    "settle",
    "refund",
    "revoke",
    "extend",
    "overage",
    "adjust",
    "move",
]
LotSource = Literal["purchase", "grant", "licence", "grace", "agreement"]


class Lot(Value):
    """Units granted together. `granted` None: without a count; `expires_at` None: no end.

    `lowest_free` bounds what a charge may draw: of the past, what was free at every instant
    since; now, what running sessions leave. None: all that is free.
    """

    lot_id: UUID
    subscription_id: UUID
    tally_id: int
    catalog: str
    plan: str
    site: str | None
    unit: Unit
    source: LotSource
    order_id: str | None
    origin_lot_id: UUID | None
    granted_sequence: int
    granted: int | None
    held: int
    used: int
    revoked: int
    valid_from: datetime
    expires_at: datetime | None
    created_at: datetime
    region: str | None = None
    lowest_free: int | None = None

    @property
    def free(self) -> int | None:
        """What is neither held, used nor revoked; None without a count."""
        if self.granted is None:
            return None
        return self.granted - self.held - self.used - self.revoked

    def has_begun(self, at: datetime) -> bool:
        return self.valid_from <= at

    def has_ended(self, at: datetime) -> bool:
        return self.expires_at is not None and self.expires_at <= at

    def is_left(self, at: datetime) -> bool:
        """Say whether it has not ended by then, and was not ended before it began."""
        return self.expires_at is None or self.expires_at > max(at, self.valid_from)

    def is_usable(self, at: datetime) -> bool:
        return self.has_begun(at) and not self.has_ended(at)

    def available(self, at: datetime) -> int | None:
        """Return what can be drawn at `at`; None without a count, 0 outside the lot's term."""
        if not self.is_usable(at):
            return 0
        return self.free


class Movement(Value):
    """One movement to be written: `amount` units of a lot, of one kind.

    `held_part` says how many of a settled amount were held before; the rest comes from what is
    free. `expires_at` is a grant's end, or the new end that an extension gives.
    """

    kind: EntryKind
    lot: Lot
    amount: int
    held_part: int = 0
    expires_at: datetime | None = None


class Deltas(Value):
    """What an entry adds to its lot's buckets."""

    granted: int = 0
    held: int = 0
    used: int = 0
    revoked: int = 0


def movement_deltas(movement: Movement) -> Deltas:
    """Say what a movement does to its lot's buckets."""
    amount = movement.amount
    match movement.kind:
        case "grant":
            return Deltas(granted=amount)
        case "hold":
            return Deltas(held=amount)
        case "release":
            return Deltas(held=-amount)
        case "settle":
            return Deltas(held=-movement.held_part, used=amount)
        case "refund":
            return Deltas(used=-amount)
        case "adjust":
            return Deltas(used=amount)
        case "revoke":
            return Deltas(revoked=amount)
        case "extend" | "overage" | "move":
            return Deltas()


def apply_deltas(lot: Lot, deltas: Deltas) -> Lot:
    """Return the lot after an entry. An uncounted lot's `granted` stays None."""
    return replace(
        lot,
        granted=None if lot.granted is None else lot.granted + deltas.granted,
        held=lot.held + deltas.held,
        used=lot.used + deltas.used,
        revoked=lot.revoked + deltas.revoked,
    )


class TicketUse(Value):
    """What one ticket holds and has used of one lot, as its entries add up to.

    `takes` are the uses that are not given back, oldest first: each the sequence of its entry
    and what is left of it. `released` came back of what was held, `refunded` of what was used.
    """

    lot_id: UUID
    held: int = 0
    used: int = 0
    takes: tuple[tuple[int, int], ...] = ()
    released: int = 0
    refunded: int = 0


def fold_ticket_entries(rows: Iterable[tuple[int, UUID, int, int]]) -> dict[UUID, TicketUse]:
    """Add up a ticket's entries, given in order as (sequence, lot, held, used)."""
    uses: dict[UUID, TicketUse] = {}
    for sequence, lot_id, held, used in rows:
        if not held and not used:
            continue
        before = uses.get(lot_id) or TicketUse(lot_id)
        takes = before.takes
        if used > 0:
            takes += ((sequence, used),)
        elif used < 0:
            takes = _return_units(takes, -used)
        uses[lot_id] = TicketUse(
            lot_id,
            before.held + held,
            before.used + used,
            takes,
            before.released + (max(0, -held) if used == 0 else 0),
            before.refunded + max(0, -used),
        )
    return uses


def _return_units(takes: tuple[tuple[int, int], ...], amount: int) -> tuple[tuple[int, int], ...]:
    left = list(takes)
    while amount and left:
        sequence, taken = left.pop()
        given = min(taken, amount)
        amount -= given
        if taken > given:
            left.append((sequence, taken - given))
    return tuple(left)


class UnitTotals(Value):
    """Everything an account ever had of one unit, by what has become of it.

    What is held and used of lots without a count comes on top of what was granted.
    """

    granted: int = 0
    available: int = 0
    held: int = 0
    used: int = 0
    expired: int = 0
    revoked: int = 0
    upcoming: int = 0
    unlimited: bool = False
