"""The lines of an account's history: what its entries move, and what time moves by itself.

Two things happen without an entry: a lot's term begins, and what was upcoming is available;
it ends, and what was available is expired (docs/laws.md, law 1). A history shows each as a line
of its own at its instant, before the entries of that instant, without a sequence. So the lines
add up: what was there before, and every line's change, is what is there after.
"""

import heapq
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Literal
from uuid import UUID

from app.domain.ledger.entries import Entry
from app.domain.ledger.ledger import EntryKind, Lot, UnitTotals
from app.domain.values import State, Value, field_names, replace

LineKind = EntryKind | Literal["start", "expiry"]


class Parts(Value):
    """Units by what has become of them, or how a line changes that.

    granted = available + held + used + expired + revoked. Units of lots without a count are in
    `held` and `used` alone.
    """

    granted: int = 0
    available: int = 0
    held: int = 0
    used: int = 0
    expired: int = 0
    revoked: int = 0
    upcoming: int = 0

    def __add__(self, other: "Parts") -> "Parts":
        return Parts(
            self.granted + other.granted,
            self.available + other.available,
            self.held + other.held,
            self.used + other.used,
            self.expired + other.expired,
            self.revoked + other.revoked,
            self.upcoming + other.upcoming,
        )

    def __sub__(self, other: "Parts") -> "Parts":
        return Parts(
            self.granted - other.granted,
            self.available - other.available,
            self.held - other.held,
            self.used - other.used,
            self.expired - other.expired,
            self.revoked - other.revoked,
            self.upcoming - other.upcoming,
        )


PARTS = field_names(Parts)


def parts_of(totals: UnitTotals) -> Parts:
    """Return a balance's totals of one unit as parts."""
    return Parts(*(getattr(totals, name) for name in PARTS))


class HistoryLine(Value):
    """One line: its change to the account's units, and what the lot and the unit have after it.

    `entry` None: derived from the clock alone. `at` is when it takes effect. An overage has no
    lot and changes nothing. `counted` is false for a lot without a count.
    """

    kind: LineKind
    at: datetime
    unit: str
    amount: int
    change: Parts
    total: Parts
    entry: Entry | None = None
    lot_id: UUID | None = None
    counted: bool = True
    lot: Parts | None = None
    ticket_id: str | None = None


def hide_notes(line: HistoryLine) -> HistoryLine:
    """Return a line without who decided it, nor why, unless it was given: a gift says what for."""
    if line.entry is None:
        return line
    reason = line.entry.reason if line.kind == "grant" else None
    return replace(line, entry=replace(line.entry, reason=reason, actor=None))


class _Track(State):
    """A lot while a history passes over it."""

    lot_id: UUID
    unit: str
    granted: int | None
    held: int
    used: int
    revoked: int
    valid_from: datetime
    expires_at: datetime | None
    begun: bool = False
    ended: bool = False

    def see(self, at: datetime) -> None:
        self.begun = self.valid_from <= at
        self.ended = self.expires_at is not None and self.expires_at <= at

    def parts(self) -> Parts:
        if self.granted is None:
            return Parts(held=self.held, used=self.used)
        free = self.granted - self.held - self.used - self.revoked
        if not self.begun and not self.ended:
            return Parts(held=self.held, used=self.used, upcoming=free)
        return Parts(
            granted=self.granted,
            available=0 if self.ended else free,
            held=self.held,
            used=self.used,
            expired=free if self.ended else 0,
            revoked=self.revoked,
        )


class History:
    """Passes over time from an instant on, with the lots and totals of that instant.

    A lot that is not among those given has ended before, unless an entry read grants it; a lot
    that has ended is never extended.
    """

    def __init__(
        self, lots: Iterable[Lot], totals: Mapping[str, UnitTotals], *, at: datetime
    ) -> None:
        self.totals = {unit: parts_of(total) for unit, total in totals.items()}
        self._tracks: dict[UUID, _Track] = {}
        self._turns: list[tuple[datetime, int, UUID]] = []
        for lot in lots:
            self._take_up(
                _Track(
                    lot.lot_id,
                    lot.unit,
                    lot.granted,
                    lot.held,
                    lot.used,
                    lot.revoked,
                    lot.valid_from,
                    lot.expires_at,
                ),
                at,
            )

    def pass_until(self, at: datetime) -> Iterator[HistoryLine]:
        """Yield what the clock alone changes up to `at`, itself included."""
        while self._turns and self._turns[0][0] <= at:
            turn, _, lot_id = heapq.heappop(self._turns)
            track = self._tracks[lot_id]
            before = track.parts()
            track.see(turn)
            change = track.parts() - before
            if change.expired:
                yield self._line(track, change, kind="expiry", at=turn, amount=change.expired)
            elif change != Parts():
                yield self._line(track, change, kind="start", at=turn, amount=change.granted)

    def read(self, entry: Entry, *, at: datetime) -> HistoryLine:
        """Return the line of the next entry, as it stands at `at`.

        What returns to a lot that has ended is expired by that line itself.
        """
        if entry.lot_id is None:
            total = self.totals.setdefault(entry.unit, Parts())
            return HistoryLine(
                entry.kind,
                entry.effective_at,
                entry.unit,
                entry.amount,
                Parts(),
                total,
                entry,
                ticket_id=entry.ticket_id,
            )
        known = self._tracks.get(entry.lot_id)
        track = known or _before(entry, entry.lot_id, at)
        before = Parts() if entry.kind == "grant" else track.parts()
        if track.granted is not None:
            track.granted += entry.granted
        track.held += entry.held
        track.used += entry.used
        track.revoked += entry.revoked
        if entry.kind in ("grant", "extend"):
            track.expires_at = entry.expires_at
        if known is None or entry.kind == "extend":
            self._take_up(track, at)
        return self._line(
            track,
            track.parts() - before,
            kind=entry.kind,
            at=entry.effective_at,
            amount=entry.amount,
            entry=entry,
        )

    def _take_up(self, track: _Track, at: datetime) -> None:
        track.see(at)
        self._tracks[track.lot_id] = track
        for order, turn in ((0, track.expires_at), (1, track.valid_from)):
            if turn is not None and turn > at:
                heapq.heappush(self._turns, (turn, order, track.lot_id))

    def _line(
        self,
        track: _Track,
        change: Parts,
        *,
        kind: LineKind,
        at: datetime,
        amount: int,
        entry: Entry | None = None,
    ) -> HistoryLine:
        total = self.totals.get(track.unit, Parts()) + change
        self.totals[track.unit] = total
        return HistoryLine(
            kind,
            at,
            track.unit,
            amount,
            change,
            total,
            entry,
            lot_id=track.lot_id,
            counted=track.granted is not None,
            lot=track.parts(),
            ticket_id=None if entry is None else entry.ticket_id,
        )


def _before(entry: Entry, lot_id: UUID, at: datetime) -> _Track:
    """Return a lot as it was before an entry that is the first to be read of it."""
    granted = None if entry.lot_granted is None else entry.lot_granted - entry.granted
    track = _Track(
        lot_id,
        entry.unit,
        granted,
        entry.lot_held - entry.held,
        entry.lot_used - entry.used,
        entry.lot_revoked - entry.revoked,
        entry.valid_from or at,
        entry.expires_at,
    )
    track.see(at)
    return track
