"""Lines of an account's history as they are on the wire."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from app.api.http.wire import Instant, Wire
from app.domain.ledger.histories import PARTS, HistoryLine, Parts
from app.domain.time.instants import write_instant

LineKindWire = Annotated[
    Literal[
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
        "start",
        "expiry",
    ],
    Field(
        description="What moved; `move`: the lot came from another account;"
        " `start` and `expiry` are what the clock does by itself."
    ),
]


class PartsWire(Wire):
    """Units by what has become of them, or what a line adds to that.

    granted = available + held + used + expired + revoked, over the lots that are counted and
    have begun.
    """

    granted: int
    """Given, by lots that have begun."""
    available: int
    """Free to be drawn."""
    held: int
    """Set aside for tickets."""
    used: int
    """Taken for good; of unlimited lots too."""
    expired: int
    """Lost when a term ended."""
    revoked: int
    """Taken back by the seller."""
    upcoming: int
    """Of lots that have not begun."""


class LotPartsWire(Wire):
    """What a lot has after a line."""

    granted: int | None
    """Given; null: without a count. 0 before its term begins."""
    available: int | None
    """Free to be drawn; null: without a count."""
    held: int
    """Set aside for tickets."""
    used: int
    """How many units are taken for good."""
    expired: int
    """Lost when its term ended."""
    revoked: int
    """Taken back by the seller."""
    upcoming: int
    """How many units are in terms to come."""


class EntryWire(Wire):
    """One movement of units, or what the clock did by itself."""

    sequence: int | None
    """Its number in the account, from 1, without gaps; null: derived."""
    derived: bool
    """Whether no entry was needed: a lot's term began or ended."""
    kind: LineKindWire
    unit: str
    """The unit that is counted: incident, point or minute."""
    amount: int
    """How many units moved."""
    effective_at: Instant
    """When it takes effect."""
    recorded_at: Instant | None
    """When it was written; null: derived."""
    lot_id: UUID | None
    """The lot; null for an overage."""
    ticket_id: str | None
    """The ticket it is for."""
    order_id: str | None
    """The order it is for."""
    reference: str | None
    """The caller's own reference for it."""
    cause: str | None
    """What brought it about."""
    reason: str | None
    """The reason for it, in words."""
    actor: str | None
    """Who decided it, as the caller names them."""
    change: PartsWire
    """What it adds to the account's units of this kind."""
    lot: LotPartsWire | None
    """What the lot has after it."""
    totals: PartsWire
    """What the account has of this unit after it: the changes of all lines so far, added up."""


def render_parts(parts: Parts) -> PartsWire:
    """Return units by what has become of them as on the wire."""
    return PartsWire(**{name: getattr(parts, name) for name in PARTS})


def render_line(line: HistoryLine) -> EntryWire:
    """Return a line as it is on the wire."""
    entry = line.entry
    return EntryWire(
        sequence=entry.sequence if entry else None,
        derived=entry is None,
        kind=line.kind,
        unit=line.unit,
        amount=line.amount,
        effective_at=line.at,
        recorded_at=entry.recorded_at if entry else None,
        lot_id=line.lot_id,
        ticket_id=line.ticket_id,
        order_id=entry.order_id if entry else None,
        reference=entry.reference if entry else None,
        cause=entry.cause if entry else None,
        reason=entry.reason if entry else None,
        actor=entry.actor if entry else None,
        change=render_parts(line.change),
        lot=_render_lot(line),
        totals=render_parts(line.total),
    )


ENTRY_COLUMNS = (
    "sequence",
    "derived",
    "kind",
    "unit",
    "amount",
    "effective_at",
    "recorded_at",
    "lot_id",
    "ticket_id",
    "order_id",
    "reference",
    "cause",
    "reason",
    "actor",
    *(f"change_{name}" for name in PARTS),
    *(f"lot_{name}" for name in PARTS),
    *(f"total_{name}" for name in PARTS),
)


def line_cells(line: HistoryLine) -> list[object]:
    """Return a line as the cells of `ENTRY_COLUMNS`."""
    shown = render_line(line)
    return [
        *(_cell(getattr(shown, name)) for name in ENTRY_COLUMNS[:14]),
        *(getattr(shown.change, name) for name in PARTS),
        *("" if shown.lot is None else getattr(shown.lot, name) for name in PARTS),
        *(getattr(shown.totals, name) for name in PARTS),
    ]


def _cell(value: object) -> object:
    if isinstance(value, datetime):
        return write_instant(value)
    return str(value) if isinstance(value, UUID) else value


def _render_lot(line: HistoryLine) -> LotPartsWire | None:
    if line.lot is None:
        return None
    lot = line.lot
    return LotPartsWire(
        granted=lot.granted if line.counted else None,
        available=lot.available if line.counted else None,
        held=lot.held,
        used=lot.used,
        expired=lot.expired,
        revoked=lot.revoked,
        upcoming=lot.upcoming,
    )
