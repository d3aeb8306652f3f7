"""Work: minutes logged on a ticket, from what they are taken, and what of them is overage.

Minutes are split at the week's and the month's turn. Each part is taken from what the ticket
holds, then from what its pool has; what is above the allowance is overage where the plan bills
it, and what is above the week's cap is refused unless an agreement bills it.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Literal
from uuid import UUID

from app.domain.access.refusals import Refusal
from app.domain.catalog.amounts import Unit
from app.domain.catalog.channels import Channel
from app.domain.catalog.conditions import WorkedTicket
from app.domain.catalog.money import Money
from app.domain.ledger.burn_order import burn_key, draw
from app.domain.ledger.ledger import Lot, Movement
from app.domain.time.weeks import week_of
from app.domain.values import Value

Source = Literal["hold", "allowance", "overage", "nothing"]
OverCap = Literal["refuse", "bill"]

# A week: what is longer was not one piece of work.
LONGEST_MINUTES = 7 * 24 * 60

_MINUTE = timedelta(minutes=1)


class MinutesNotCounted(Refusal):
    """The ticket's plan counts incidents or points, not minutes: work on it costs nothing more."""

    kind = "conflict"
    code = "minutes_not_counted"
    title = "The plan does not count minutes"


class NothingToCorrect(Refusal):
    """The record says so already."""

    kind = "conflict"
    code = "nothing_to_correct"
    title = "There is nothing to correct"


class Work(Value):
    """A piece of work on a ticket as it is stored.

    `worked` minutes were worked, and `minutes` are counted. `sequence` is the account's when it
    was logged, None of old.
    """

    account_id: str
    work_id: str
    ticket_id: str
    request: Mapping[str, Any]
    minutes: int
    overage_minutes: int
    parts: Sequence[Mapping[str, Any]]
    corrections: Sequence[Mapping[str, Any]]
    starts_at: datetime
    worked_by: str
    subscription_id: UUID | None
    created_at: datetime
    worked: int
    sequence: int | None

    def parts_as_of(self, sequence: int) -> Sequence[Mapping[str, Any]]:
        """Return its parts as known at the account's `sequence`; of old corrections, as now."""
        if self.sequence is not None and self.sequence > sequence:
            return ()
        for each in self.corrections:
            if each.get("sequence", 0) > sequence and "from_parts" in each:
                parts: Sequence[Mapping[str, Any]] = each["from_parts"]
                return parts
        return self.parts

    def worked_as_of(self, sequence: int) -> int:
        """Return how long it took as known at the account's `sequence`."""
        if self.sequence is not None and self.sequence > sequence:
            return 0
        for each in self.corrections:
            if each.get("sequence", 0) > sequence:
                return int(each["from_worked"])
        return self.worked


class TicketOverage(Value):
    """The units that a ticket used beyond its plan in a period."""

    ticket_id: str
    subject: str
    catalog: str
    catalog_version: int
    plan: str | None
    on_demand: bool
    urgent: bool
    category: str | None
    severity: int | None
    channel: Channel
    region: str | None
    unit: Unit
    amount: int

    @property
    def worked(self) -> WorkedTicket:
        """What the price of work on the ticket depends on."""
        return WorkedTicket(self.urgent, self.severity, self.category, self.channel)


class WorkSpan(Value):
    """Minutes worked within one week and one month, from their first on.

    `minutes` are those that count, `worked` those that were worked; `plain` would count without
    factors, as the least and the steps alone make it.
    """

    at: datetime
    minutes: int
    worked: int
    plain: int

    def worked_in(self, counted: int) -> int:
        """Return how many minutes had been worked when so many of its own had counted."""
        return self.worked * counted // self.minutes


class WorkPart(Value):
    """Minutes of a piece of work, and what they were taken from.

    `at` is when they count. `lot_id` None: from no lot (overage, or what costs nothing). Where a
    rate depends on it, `worked_at` is when they were worked, and `plain` what they would count
    without factors.
    """

    at: datetime
    minutes: int
    source: Source
    lot_id: UUID | None
    worked_at: datetime | None = None
    plain: int | None = None


class Spending(Value):
    """How a span of work is paid.

    `settles` are the movements of lots, `parts` say the same in the work's own words.
    `over_cap` minutes are there, and above what the week may use. `missing` are not there.
    """

    settles: tuple[Movement, ...]
    over_cap: int
    missing: int


def split_work(starts_at: datetime, minutes: int, turns: Iterable[datetime]) -> list[WorkSpan]:
    """Return minutes worked from an instant on, split at these turns.

    Each minute belongs to where it begins; the spans add up to the whole.
    """
    if not minutes:
        return []
    ends_at = starts_at + minutes * _MINUTE
    begins = {0}
    for turn in turns:
        if starts_at < turn < ends_at:
            begins.add(-((starts_at - turn) // _MINUTE))
    marks = sorted(each for each in begins if each < minutes)
    return [
        WorkSpan(starts_at + begin * _MINUTE, end - begin, end - begin, end - begin)
        for begin, end in zip(marks, [*marks[1:], minutes], strict=True)
    ]


def find_turns(
    starts_at: datetime, minutes: int, lots: Iterable[Lot], *, zone: str, now: datetime
) -> list[datetime]:
    """Return where weeks and lots turn within a piece of work.

    Turns that are still ahead do not split it: minutes logged ahead of time count as now.
    """
    until = min(starts_at + minutes * _MINUTE, now + timedelta(microseconds=1))
    turns = [edge for lot in lots for edge in (lot.valid_from, lot.expires_at) if edge is not None]
    week_ends = week_of(starts_at, zone)[1]
    while week_ends < until:
        turns.append(week_ends)
        week_ends = week_of(week_ends, zone)[1]
    return [turn for turn in turns if turn < until]


def spend_minutes(
    minutes: int,
    *,
    held: Sequence[tuple[Lot, int]],
    lots: Sequence[Lot],
    room: int | None,
    at: datetime,
) -> Spending:
    """Decide what a span of work is taken from: what is held first, then what is free.

    `held` is what the ticket holds of each lot and may be used at `at`; `room` is what the
    week's cap leaves (None: no cap).
    """
    of_holds = sum(amount for _, amount in held)
    _, missing = draw(lots, max(0, minutes - of_holds), at=at)
    there = minutes - missing
    taken = there if room is None else min(there, max(0, room))
    settles: list[Movement] = []
    left = taken
    for lot, amount in sorted(held, key=lambda pair: burn_key(pair[0])):
        part = min(amount, left)
        if part:
            settles.append(Movement("settle", lot, part, held_part=part))
            left -= part
    allocations, _ = draw(lots, left, at=at)
    settles += [Movement("settle", each.lot, each.amount) for each in allocations]
    return Spending(tuple(settles), over_cap=there - taken, missing=missing)


def describe_spending(spending: Spending, at: datetime) -> list[WorkPart]:
    """Return what a span was taken from as parts of its work."""
    return [
        WorkPart(at, each.amount, "hold" if each.held_part else "allowance", each.lot.lot_id)
        for each in spending.settles
    ]


def take_back(parts: Sequence[WorkPart], minutes: int) -> tuple[list[WorkPart], list[WorkPart]]:
    """Take the last `minutes` off a piece of work; return what stays, and what comes back."""
    stay, back = list(parts), []
    while minutes:
        last = stay.pop()
        given = min(last.minutes, minutes)
        minutes -= given
        back.append(WorkPart(last.at, given, last.source, last.lot_id))
        if last.minutes > given:
            stay.append(WorkPart(last.at, last.minutes - given, last.source, last.lot_id))
    return stay, back


def lowest_since(entries: Iterable[tuple[UUID, datetime, int]], at: datetime) -> Mapping[UUID, int]:
    """Return the least that a running sum came to in each lot at any instant from `at` on.

    `entries` are (lot, effective at, what it adds); those of one instant count together. More
    than that cannot be taken as of `at` without the sum being below zero at some instant since.
    """
    by_lot: dict[UUID, dict[datetime, int]] = {}
    for lot_id, effective_at, added in entries:
        sums = by_lot.setdefault(lot_id, {})
        sums[effective_at] = sums.get(effective_at, 0) + added
    lowest = {}
    for lot_id, sums in by_lot.items():
        running = sum(added for instant, added in sums.items() if instant <= at)
        least = running
        for instant in sorted(each for each in sums if each > at):
            running += sums[instant]
            least = min(least, running)
        lowest[lot_id] = max(0, least)
    return lowest


def price_minutes(minutes: int, rate: Money) -> Money:
    """Return what minutes cost at a rate for an hour, rounded half up (half away from zero)."""
    sign = -1 if minutes < 0 else 1
    return Money(sign * ((2 * abs(minutes) * rate.amount + 60) // 120), rate.currency)
