"""The ledger again, as plainly as can be: lists, loops, and no database.

A lot is a list of what moved it. What it had at an instant is the sum of what was effective by
then; what it has free, the least of that from the instant on. Nothing is cached, nothing is
fast, and it shares no code with the service.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from tests.ledger.sellers import GRACE, GRACE_DAYS

FAR = timedelta(days=100_000)
Pool = tuple[str, str, str | None]


@dataclass(frozen=True)
class Move:
    """One entry: its number, when it took effect, and what it added to the lot's buckets."""

    sequence: int
    at: datetime
    kind: str
    granted: int
    held: int
    used: int
    revoked: int
    end: datetime | None

    @property
    def free(self) -> int:
        return self.granted - self.held - self.used - self.revoked


@dataclass
class Lot:
    """Units granted together, and every entry that moved them."""

    lot_id: str
    pool: Pool
    unit: str
    counted: bool
    paid: bool
    subscription_id: str
    valid_from: datetime
    granted_again: bool = False
    moves: list[Move] = field(default_factory=list)

    @property
    def end(self) -> datetime | None:
        return self.moves[-1].end

    def known(self, at: datetime, sequence: int) -> list[Move]:
        return [move for move in self.moves if move.sequence <= sequence and move.at <= at]

    def is_usable(self, at: datetime) -> bool:
        return self.valid_from <= at and (self.end is None or at < self.end)

    def free_from(self, at: datetime) -> int | None:
        """Say what may be drawn at `at`: the least that is free then and ever after."""
        if not self.counted:
            return None
        instants = {at} | {move.at for move in self.moves if move.at > at}
        return min(sum(move.free for move in self.moves if move.at <= each) for each in instants)

    def end_of(self, moves: list[Move]) -> datetime | None:
        return [move.end for move in moves if move.kind in ("grant", "extend")][-1]

    def burns(self) -> tuple[datetime, bool, int]:
        return (self.end or self.valid_from + FAR, self.paid, self.moves[0].sequence)


@dataclass
class Ticket:
    """A ticket's charge: what it holds of which lots, and what it used, oldest first."""

    pool: Pool
    opened_at: datetime
    held: Counter[str] = field(default_factory=Counter)
    takes: list[tuple[str, int]] = field(default_factory=list)
    last: datetime | None = None
    resolved_at: datetime | None = None
    asked_at: datetime | None = None  # of a part: when its ticket was
    reopened_at: datetime | None = None
    disputed: bool = False
    refunds: set[tuple[int, str]] = field(default_factory=set)
    # What a duplicate or a withdrawal gave back, and solved after all it costs again.
    returned: int = 0

    @property
    def begun_at(self) -> datetime:
        """Before this nothing is said to have happened to it."""
        return self.asked_at or self.opened_at

    @property
    def holds(self) -> int:
        return self.held.total()

    @property
    def is_resolved(self) -> bool:
        return self.resolved_at is not None

    @property
    def used(self) -> int:
        return sum(amount for _, amount in self.takes)


@dataclass
class Step:
    """What an operation should do: what it adds to each lot's (held, used), and new lots.

    `missing` units refuse it. `takes` are the uses among it, in order. `grace` are (origin,
    amount, end) of lots granted again.
    """

    at: datetime
    held: Counter[str] = field(default_factory=Counter)
    used: Counter[str] = field(default_factory=Counter)
    takes: list[tuple[str, int]] = field(default_factory=list)
    grace: list[tuple[str, int, datetime]] = field(default_factory=list)
    missing: int = 0

    def moved(self) -> dict[str, tuple[int, int]]:
        every = {*self.held, *self.used}
        found = {lot: (self.held[lot], self.used[lot]) for lot in every}
        return {lot: moved for lot, moved in found.items() if moved != (0, 0)}


class Account:
    """Everything that an account has, and what its next operation should do."""

    def __init__(self) -> None:
        self.lots: dict[str, Lot] = {}
        self.tickets: dict[str, Ticket] = {}
        self.suspended: dict[str, datetime] = {}
        self.sequence = 0

    def usable(self, pool: Pool, at: datetime) -> list[Lot]:
        """List the lots of a pool that may be drawn on at `at`, first to burn first."""
        found = [
            lot
            for lot in self.lots.values()
            if lot.pool == pool
            and lot.is_usable(at)
            and self.suspended.get(lot.subscription_id, at + FAR) > at
        ]
        return sorted(found, key=Lot.burns)

    def stores(self, catalog: str, plan: str, at: datetime) -> list[str]:
        """List the stores that a ticket may be about that names none, suspended ones too."""
        found = {
            site
            for lot in self.lots.values()
            for in_catalog, of_plan, site in [lot.pool]
            if (in_catalog, of_plan) == (catalog, plan) and site and lot.is_usable(at)
        }
        return sorted(found)

    def levels(self, at: datetime, sequence: int) -> dict[Pool, tuple[int, int]]:
        """Say what each pool has free of how much, by the entries up to one; none without lots."""
        found: dict[Pool, tuple[int, int]] = {}
        uncounted = set()
        for lot in self.lots.values():
            moves = [move for move in lot.moves if move.sequence <= sequence]
            end = lot.end_of(moves) if moves else lot.valid_from
            runs = lot.valid_from <= at and (end is None or at < end)
            if not runs or self.suspended.get(lot.subscription_id, at + FAR) <= at:
                continue
            if not lot.counted:
                uncounted.add(lot.pool)
            free, granted = found.get(lot.pool, (0, 0))
            free += sum(move.free for move in moves)
            found[lot.pool] = (free, granted + sum(move.granted for move in moves))
        return {pool: level for pool, level in found.items() if pool not in uncounted}

    def draw(self, pool: Pool, amount: int, at: datetime) -> tuple[Counter[str], int]:
        """Take units one by one from the first lot that has any."""
        taken: Counter[str] = Counter()
        lots = [(lot, lot.free_from(at)) for lot in self.usable(pool, at)]
        for lot, free in lots:
            while amount and (free is None or free > taken[lot.lot_id]):
                taken[lot.lot_id] += 1
                amount -= 1
        return +taken, amount

    def open(self, pools: Iterable[Pool], amount: int, at: datetime) -> tuple[Pool | None, Step]:
        """Say which of these pools pays for a ticket; None with what the first one lacks."""
        shortest = None
        for pool in pools:
            if not self.usable(pool, at):
                continue
            taken, missing = self.draw(pool, amount, at)
            if not missing:
                return pool, Step(at, held=taken)
            shortest = shortest or missing
        return None, Step(at, missing=shortest or 0)

    def revise(self, ticket: Ticket, amount: int, at: datetime) -> Step:
        """Hold so much in all, what is used already included."""
        step = Step(max(at, ticket.last or at))
        more = amount - ticket.used - ticket.holds
        if more > 0:
            step.held, step.missing = self.draw(ticket.pool, more, step.at)
        else:
            self._release(ticket, -more, step, cause=None)
        return step

    def resolve(self, ticket: Ticket, amount: int, outcome: str, at: datetime) -> Step:
        """Use so much in all, and give back the rest of what is held."""
        if amount < ticket.used:
            step = self.refund(ticket, ticket.used - amount, outcome, at)
            self._release(ticket, ticket.holds, step, cause=outcome)
            return step
        step = Step(max(at, ticket.last or at))
        left = amount - ticket.used
        for lot in self._burning(ticket):
            while left and ticket.held[lot.lot_id] + step.held[lot.lot_id]:
                step.held[lot.lot_id] -= 1
                step.takes.append((lot.lot_id, 1))
                left -= 1
        if left:
            taken, step.missing = self.draw(ticket.pool, left, step.at)
            step.takes += taken.items()
        else:
            self._release(ticket, ticket.holds + step.held.total(), step, cause=outcome)
        for lot_id, taken_of_it in step.takes:
            step.used[lot_id] += taken_of_it
        return step

    def refund(self, ticket: Ticket, amount: int, cause: str, at: datetime) -> Step:
        """Give back what was used last."""
        step = Step(max(at, ticket.last or at))
        takes = list(ticket.takes)
        given: Counter[str] = Counter()
        for _ in range(amount):
            lot_id, taken = takes.pop()
            given[lot_id] += 1
            if taken > 1:
                takes.append((lot_id, taken - 1))
        step.used.subtract(given)
        self._return(given, step, cause)
        return step

    def _burning(self, ticket: Ticket) -> list[Lot]:
        return sorted((self.lots[lot_id] for lot_id in ticket.held), key=Lot.burns)

    def _release(self, ticket: Ticket, amount: int, step: Step, *, cause: str | None) -> None:
        given: Counter[str] = Counter()
        for lot in reversed(self._burning(ticket)):
            while amount and ticket.held[lot.lot_id] + step.held[lot.lot_id]:
                step.held[lot.lot_id] -= 1
                given[lot.lot_id] += 1
                amount -= 1
        self._return(given, step, cause)

    def _return(self, given: Counter[str], step: Step, cause: str | None) -> None:
        for lot_id, amount in (+given).items():
            lot = self.lots[lot_id]
            ended = lot.end is not None and lot.end <= step.at
            if lot.granted_again:  # once, and not again
                continue
            if ended and lot.counted and (lot.pool[0] in GRACE or cause == "vendor_defect"):
                end = step.at + timedelta(days=GRACE_DAYS[lot.pool[0]])
                step.grace.append((lot_id, amount, end))

    def balance(self, at: datetime, sequence: int) -> dict[str, dict[str, int]]:
        """Add up everything that was effective by `at`, of the entries up to `sequence`."""
        totals: dict[str, Counter[str]] = {}
        for lot in self.lots.values():
            moves = lot.known(at, sequence)
            if not moves:
                continue
            unit = totals.setdefault(lot.unit, Counter())
            granted, held, used, revoked = (
                sum(getattr(move, name) for move in moves)
                for name in ("granted", "held", "used", "revoked")
            )
            free = granted - held - used - revoked
            end = lot.end_of(moves)
            assert held >= 0
            assert used >= 0
            unit["held"] += held
            unit["used"] += used
            if not lot.counted:
                continue
            assert free >= 0
            if at < lot.valid_from:
                assert held == used == 0
                unit["upcoming"] += free
                continue
            unit["granted"] += granted
            unit["revoked"] += revoked
            unit["expired" if end is not None and end <= at else "available"] += free
        names = ("granted", "available", "held", "used", "expired", "revoked", "upcoming")
        return {unit: {name: total[name] for name in names} for unit, total in totals.items()}

    def live(self, at: datetime, sequence: int) -> dict[str, tuple[int, int, datetime | None]]:
        """List what a balance shows of lots not ended, or ended and still holding.

        Of each what it holds and has used, and its end.
        """
        found = {}
        for lot in self.lots.values():
            moves = lot.known(at, sequence)
            if not moves:
                continue
            end = lot.end_of(moves)
            held, used = sum(move.held for move in moves), sum(move.used for move in moves)
            if end is None or end > at or held:
                found[lot.lot_id] = (held, used, end)
        return found
