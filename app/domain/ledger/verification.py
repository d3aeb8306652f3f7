"""Verification of an account: its stored rows against its entries (docs/laws.md, laws 1 to 4).

The entries are the truth; lots, tallies, the account's sequence and tickets' charges are caches
of their fold. Nothing here needs more memory than an account has lots, however many entries.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from uuid import UUID

from app.domain.ledger.entries import Entry, fits_kind
from app.domain.ledger.ledger import Lot, TicketUse
from app.domain.values import State, Value, field


class Difference(Value):
    """One thing that is not as the entries say: of what, which, as stored and as computed."""

    subject: str
    name: str
    stored: object
    computed: object

    def __str__(self) -> str:
        return f"{self.subject}: {self.name} is {self.stored}, and should be {self.computed}"


class Buckets(State):
    """What entries add up to. `granted` None: without a count."""

    granted: int | None
    held: int = 0
    used: int = 0
    revoked: int = 0

    def add(self, entry: Entry) -> None:
        if self.granted is not None:
            self.granted += entry.granted
        self.held += entry.held
        self.used += entry.used
        self.revoked += entry.revoked

    def lowest(self) -> int:
        """Return the least of the buckets, what is free among them."""
        least = min(self.held, self.used, self.revoked)
        if self.granted is None:
            return least
        return min(least, self.granted - self.held - self.used - self.revoked)


class _LotFold(State):
    buckets: Buckets
    tally_id: int | None
    granted_sequence: int
    valid_from: datetime | None
    expires_at: datetime | None


class TallyRow(Value):
    """A tally as it is stored."""

    tally_id: int
    catalog: str
    site: str | None
    unit: str
    counted: bool
    granted: int
    held: int
    used: int
    revoked: int


class EntriesCheck(State):
    """Reads an account's entries in the order of their sequence, and then compares.

    Of each lot and tally only the first wrong running value is told.
    """

    sequence: int = 0
    clock_at: datetime | None = None
    lots: dict[UUID, _LotFold] = field(default_factory=dict)
    tallies: dict[int, Buckets] = field(default_factory=dict)
    told: set[str] = field(default_factory=set)

    def read(self, entry: Entry) -> Iterator[Difference]:
        """Yield what is wrong with the next entry, after those read before."""
        subject = f"entry {entry.sequence}"
        if entry.sequence != self.sequence + 1:
            yield Difference(subject, "its sequence", entry.sequence, self.sequence + 1)
        self.sequence = entry.sequence
        if self.clock_at is not None and entry.clock_at < self.clock_at:
            yield Difference(subject, "clock_at", entry.clock_at, f"{self.clock_at} or later")
        self.clock_at = max(entry.clock_at, self.clock_at or entry.clock_at)
        if entry.effective_at > entry.clock_at:
            yield Difference(
                subject, "effective_at", entry.effective_at, f"{entry.clock_at} or before"
            )
        if not fits_kind(entry):
            moved = (entry.granted, entry.held, entry.used, entry.revoked)
            yield Difference(subject, "what it moves", moved, f"a {entry.kind} of {entry.amount}")
        if (entry.lot_id is None) != (entry.kind == "overage"):
            yield Difference(subject, "its lot", entry.lot_id, f"as a {entry.kind} has it")
        if entry.lot_id is not None:
            yield from self._read_lot(subject, entry, entry.lot_id)
            yield from self._read_tally(subject, entry)

    def compare_lots(
        self, lots: Iterable[Lot], tallies: Mapping[int, TallyRow]
    ) -> Iterator[Difference]:
        """Yield where stored lots differ from their entries; all of them are to be given."""
        seen = set()
        for lot in lots:
            seen.add(lot.lot_id)
            fold = self.lots.get(lot.lot_id)
            if fold is None:
                yield Difference(f"lot {lot.lot_id}", "its grant", "none", "an entry")
                continue
            buckets = fold.buckets
            yield from _compare(
                f"lot {lot.lot_id}",
                ("granted", lot.granted, buckets.granted),
                ("held", lot.held, buckets.held),
                ("used", lot.used, buckets.used),
                ("revoked", lot.revoked, buckets.revoked),
                ("tally_id", lot.tally_id, fold.tally_id),
                ("granted_sequence", lot.granted_sequence, fold.granted_sequence),
                ("valid_from", lot.valid_from, fold.valid_from),
                ("expires_at", lot.expires_at, fold.expires_at),
            )
            tally = tallies.get(lot.tally_id)
            kind = (lot.catalog, lot.site, lot.unit, lot.granted is not None)
            if tally and (tally.catalog, tally.site, tally.unit, tally.counted) != kind:
                yield Difference(f"lot {lot.lot_id}", "its tally", lot.tally_id, f"one of {kind}")
        for lot_id in self.lots.keys() - seen:
            yield Difference(f"lot {lot_id}", "its row", "none", "a lot, as entries name it")

    def compare_tallies(self, tallies: Iterable[TallyRow]) -> Iterator[Difference]:
        """Yield where stored tallies differ from their entries; all of them are to be given."""
        seen = set()
        for tally in tallies:
            seen.add(tally.tally_id)
            buckets = self.tallies.get(tally.tally_id, Buckets(0))
            yield from _compare(
                f"tally {tally.tally_id}",
                ("granted", tally.granted, buckets.granted),
                ("held", tally.held, buckets.held),
                ("used", tally.used, buckets.used),
                ("revoked", tally.revoked, buckets.revoked),
            )
        for tally_id in self.tallies.keys() - seen:
            yield Difference(f"tally {tally_id}", "its row", "none", "a tally, as entries name it")

    def compare_account(
        self, *, sequence: int, tallies: int, effective_at: datetime
    ) -> Iterator[Difference]:
        """Yield where the account's own row differs from its entries."""
        yield from _compare(
            "the account",
            ("sequence", sequence, self.sequence),
            ("tallies", tallies, max(self.tallies, default=0)),
        )
        if self.clock_at is not None and effective_at < self.clock_at:
            yield Difference(
                "the account", "effective_at", effective_at, f"{self.clock_at} or later"
            )

    def _read_lot(self, subject: str, entry: Entry, lot_id: UUID) -> Iterator[Difference]:
        fold = self.lots.get(lot_id)
        if fold is None:
            if entry.kind != "grant":
                yield Difference(subject, "its lot's grant", "none", "an earlier entry")
            fold = self.lots[lot_id] = _LotFold(
                Buckets(None if entry.lot_granted is None else 0),
                entry.tally_id,
                entry.sequence,
                entry.valid_from,
                entry.expires_at,
            )
        elif entry.kind == "grant":
            yield Difference(subject, "kind", "a second grant of its lot", "another kind")
        fold.buckets.add(entry)
        if entry.kind == "extend":
            fold.expires_at = entry.expires_at
        buckets = fold.buckets
        yield from self._report_once(
            f"lot {lot_id}",
            subject,
            ("tally_id", entry.tally_id, fold.tally_id),
            ("lot_granted", entry.lot_granted, buckets.granted),
            ("lot_held", entry.lot_held, buckets.held),
            ("lot_used", entry.lot_used, buckets.used),
            ("lot_revoked", entry.lot_revoked, buckets.revoked),
            ("valid_from", entry.valid_from, fold.valid_from),
            ("expires_at", entry.expires_at, fold.expires_at),
        )

    def _read_tally(self, subject: str, entry: Entry) -> Iterator[Difference]:
        if entry.tally_id is None:
            yield Difference(subject, "tally_id", None, "a tally")
            return
        buckets = self.tallies.setdefault(entry.tally_id, Buckets(0))
        buckets.add(entry)
        yield from self._report_once(
            f"tally {entry.tally_id}",
            subject,
            ("tally_granted", entry.tally_granted, buckets.granted),
            ("tally_held", entry.tally_held, buckets.held),
            ("tally_used", entry.tally_used, buckets.used),
            ("tally_revoked", entry.tally_revoked, buckets.revoked),
        )

    def _report_once(
        self, of: str, subject: str, *pairs: tuple[str, object, object]
    ) -> Iterator[Difference]:
        if of not in self.told:
            for difference in _compare(subject, *pairs):
                self.told.add(of)
                yield difference


class InstantsCheck(State):
    """Reads an account's entries lot by lot, each lot's by effective time, then sequence.

    No lot may be below zero in any bucket, nor have given more than it was granted, at any
    instant; entries of one instant count together. A hold takes effect within its lot's term.
    """

    # Their stamps were set to the present as their account's clock was repaired.
    restamped: frozenset[int] = frozenset()
    lot_id: UUID | None = None
    at: datetime | None = None
    buckets: Buckets = field(default_factory=lambda: Buckets(0))

    def read(self, entry: Entry) -> Iterator[Difference]:
        """Yield what is wrong at the instant before the next entry's, and with the entry."""
        if entry.lot_id != self.lot_id:
            yield from self.finish()
            self.lot_id, self.buckets = entry.lot_id, Buckets(None)
            if entry.lot_granted is not None:
                self.buckets.granted = 0
        elif entry.effective_at != self.at:
            yield from self.finish()
        self.at = entry.effective_at
        self.buckets.add(entry)
        if (
            entry.kind == "hold"
            and not _is_within_term(entry)
            and entry.sequence not in self.restamped
        ):
            term = f"from {entry.valid_from} until {entry.expires_at}"
            yield Difference(f"entry {entry.sequence}", "effective_at", entry.effective_at, term)

    def finish(self) -> Iterator[Difference]:
        """Yield what is wrong at the last instant read."""
        lowest = self.buckets.lowest()
        if lowest < 0:
            yield Difference(f"lot {self.lot_id} at {self.at}", "a bucket", lowest, "0 or more")


class ChargeRow(Value):
    """What is stored of a ticket's charge, and whether the ticket may hold units.

    A resolved ticket may not, unless its charge says that it does.
    """

    ticket_id: str
    charge_amount: int
    overage_amount: int
    may_hold: bool


def check_charge(
    charge: ChargeRow, *, uses: Mapping[UUID, TicketUse], overage: int
) -> Iterator[Difference]:
    """Yield where a ticket's stored charge differs from what its entries hold and have used."""
    subject = f"ticket {charge.ticket_id}"
    held = sum(use.held for use in uses.values())
    used = sum(use.used for use in uses.values())
    yield from _compare(
        subject,
        ("charge_amount", charge.charge_amount, held + used),
        ("overage_amount", charge.overage_amount, overage),
    )
    if held and not charge.may_hold:
        yield Difference(subject, "what it holds", held, "0, as it is resolved")
    for use in uses.values():
        if use.held < 0 or use.used < 0:
            part = f"{use.held} held and {use.used} used"
            yield Difference(subject, f"its part of lot {use.lot_id}", part, "0 or more of each")


def report_unknown_ticket(ticket_id: str) -> Difference:
    """Return what is wrong where entries name a ticket that is not there."""
    return Difference(f"ticket {ticket_id}", "its row", "none", "a ticket, as entries name it")


def _is_within_term(entry: Entry) -> bool:
    begun = entry.valid_from is None or entry.valid_from <= entry.effective_at
    return begun and (entry.expires_at is None or entry.effective_at < entry.expires_at)


def _compare(subject: str, *pairs: tuple[str, object, object]) -> Iterator[Difference]:
    for name, stored, computed in pairs:
        if stored != computed:
            yield Difference(subject, name, stored, computed)
