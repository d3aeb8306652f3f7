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
        description="What the movement did with units; `move`: the lot came from another account;"
        " `start` and `expiry` come by the clock alone."
    ),
]


class PartsWire(Wire):
    """Units by what has become of them, or what a line adds to that.

    granted = available + held + used + expired + revoked, over the lots that are counted and
    have begun.
    """

    granted: int
    """Units granted by lots that have begun."""
    available: int
    """Units that are free to be drawn."""
    held: int
    """Units set aside for tickets that are being worked on."""
    used: int
    """Units taken for good, those of lots without a count among them."""
    expired: int
    """Units lost when the term of their lot ended."""
    revoked: int
    """Units taken back by the seller, as after a cancellation."""
    upcoming: int
    """Units of lots whose term has not begun."""


class LotPartsWire(Wire):
    """The units of a lot by what has become of them, after a line."""

    granted: int | None
    """Units that the lot was granted, 0 before its term begins; null: it has no count."""
    available: int | None
    """Units of the lot that are free to be drawn; null: it has no count."""
    held: int
    """Units of the lot that are set aside for tickets."""
    used: int
    """Units of the lot that are taken for good."""
    expired: int
    """Units of the lot that were lost when its term ended."""
    revoked: int
    """Units of the lot that the seller took back."""
    upcoming: int
    """Units of the lot while its term has not begun."""


class EntryWire(Wire):
    """One movement of units, or what the clock did by itself."""

    sequence: int | None
    """The number of the movement in its account, from 1, without gaps; null: derived."""
    derived: bool
    """Whether the line is derived from the clock, without an entry: a lot's term began or ended."""
    kind: LineKindWire
    unit: str
    """The unit that is counted: incident, point or minute."""
    amount: int
    """How many units the movement is of."""
    effective_at: Instant
    """The instant at which the movement takes effect."""
    recorded_at: Instant | None
    """The instant at which the movement was written; null: derived."""
    lot_id: UUID | None
    """The lot whose units moved; null for an overage, which has none."""
    ticket_id: str | None
    """The ticket that the movement is for; null where it is for none."""
    order_id: str | None
    """The order that the movement is for; null where it is for none."""
    reference: str | None
    """The caller's own reference for the movement; null where none was given."""
    cause: str | None
    """The code of what brought the movement about, such as `goodwill`; null where none is
    recorded."""
    reason: str | None
    """The reason for the movement, in words; null where none was given."""
    actor: str | None
    """Who decided on the movement, as the caller names them; null where nobody is named."""
    change: PartsWire
    """The change that the line makes to the account's units of this kind, as it was recorded."""
    lot: LotPartsWire | None
    """The lot's units after the line; null for an overage, which has no lot."""
    totals: PartsWire
    """What the account has of this unit after the line: the changes of all lines so far, added
    up."""


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
