"""Clocks: folds over a ticket's events, by the time they happened and not by arrival.

Late and out-of-order events are folded again from the start, to the same state as in order
(docs/concepts.md). A ticket waits for one thing at a time: a later pause replaces the cause of the
one before. A customer's reply ends a wait for the customer, and only that.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, assert_never, get_args

from app.domain.promises.deadline_views import show_deadline
from app.domain.promises.deadlines import Deadline, Excuse
from app.domain.promises.promises import METRICS, Metric, Promise, find_promise
from app.domain.promises.stopwatches import Policy, Stopwatch
from app.domain.promises.targets import Terms
from app.domain.time.business_time import OpenTime, compile_calendar
from app.domain.time.calendars import Calendar
from app.domain.time.instants import from_micros, to_micros

EventType = Literal[
    "agent_reply",
    "customer_reply",
    "pause",
    "resumption",
    "severity",
    "plan",
    "resolution",
    "withdrawal",
    "reopening",
    "excuse",
]
EVENT_TYPES: tuple[EventType, ...] = get_args(EventType)
Calendars = Mapping[str, Calendar | OpenTime]


@dataclass(frozen=True, slots=True)
class ClockEvent:
    """Something that happened to a ticket at `at` (UTC); one before the opening counts as at it.

    `order` is the arrival number, which only parts events of one instant. A pause has
    `waiting_on`. A severity event has `severity`, `urgent` or both (None: unchanged); a plan
    event has all of the new plan's `promises` and, when they are of another version, its
    `calendars` and its number, `version`; both have a `policy`. A withdrawal is a resolution
    that cancels. An excuse has `metric`, `reason` and `actor`.
    """

    type: EventType
    at: datetime
    order: int = 0
    waiting_on: str | None = None
    severity: int | None = None
    urgent: bool | None = None
    policy: Policy = "carry_elapsed"
    promises: tuple[Promise, ...] | None = None
    calendars: Calendars | None = None
    version: int | None = None
    metric: Metric | None = None
    reason: str | None = None
    actor: str | None = None


@dataclass(frozen=True, slots=True)
class TicketState:
    """What a ticket's events leave it in; `closed_by` is the event that resolved it.

    `unanswered` says that the customer waits for an answer: the first, or one to a message since.
    """

    status: Literal["open", "paused", "resolved"]
    waiting_on: str | None
    closed_by: Literal["resolution", "withdrawal"] | None
    severity: int | None
    urgent: bool
    unanswered: bool


def run_clocks(
    *,
    promises: tuple[Promise, ...],
    calendars: Calendars,
    opened_at: datetime,
    severity: int | None,
    urgent: bool,
    events: Iterable[ClockEvent],
    now: datetime,
) -> tuple[Deadline, ...]:
    """Return a ticket's deadlines at `now`, at most one a metric, in `METRICS` order.

    `promises` are all of the plan's; those for the ticket's severity and urgency are selected
    here, again at each change. Events after `now` have not happened yet. Raises `never_opens`
    for a target that is not reached before the year 9999.
    """
    ticket = _Ticket.open(
        promises, _compile(calendars), to_micros(opened_at), severity=severity, urgent=urgent
    )
    ticket.fold(events, until=now)
    return ticket.show(max(to_micros(now), ticket.opened_at))


def read_state(
    *,
    opened_at: datetime,
    severity: int | None,
    urgent: bool,
    events: Iterable[ClockEvent],
    now: datetime,
) -> TicketState:
    """Return what the events up to `now` leave the ticket in, by the same fold."""
    ticket = _Ticket.open((), {}, to_micros(opened_at), severity=severity, urgent=urgent)
    ticket.fold(events, until=now)
    if ticket.closed_by is not None:
        status: Literal["open", "paused", "resolved"] = "resolved"
    else:
        status = "open" if ticket.waiting_on is None else "paused"
    return TicketState(
        status,
        ticket.waiting_on,
        ticket.closed_by,
        ticket.severity,
        ticket.urgent,
        unanswered=ticket.customer_waits or ticket.first.outcome is None,
    )


@dataclass(slots=True)
class _Ticket:
    """The state of the fold."""

    promises: tuple[Promise, ...]
    calendars: Mapping[str, OpenTime]
    opened_at: int
    severity: int | None
    urgent: bool
    first: Stopwatch
    resolution: Stopwatch
    spells: list[Stopwatch] = field(default_factory=list)
    waiting_on: str | None = None
    closed_by: Literal["resolution", "withdrawal"] | None = None
    customer_waits: bool = False

    @classmethod
    def open(
        cls,
        promises: tuple[Promise, ...],
        calendars: Mapping[str, OpenTime],
        opened_at: int,
        *,
        severity: int | None,
        urgent: bool,
    ) -> "_Ticket":
        ticket = cls(
            promises,
            calendars,
            opened_at,
            severity,
            urgent,
            Stopwatch("first_response", None, opened_at),
            Stopwatch("resolution", None, opened_at),
        )
        ticket.first.terms = ticket.terms("first_response")
        ticket.resolution.terms = ticket.terms("resolution")
        return ticket

    def fold(self, events: Iterable[ClockEvent], *, until: datetime) -> None:
        for event in sorted(events, key=lambda each: (each.at, each.order)):
            if event.at <= until:
                at = max(to_micros(event.at), self.opened_at)
                self.apply(event, at)
                for watch in self.watches():
                    watch.wait(self.waiting_on, at=at)

    def apply(self, event: ClockEvent, at: int) -> None:
        match event.type:
            case "agent_reply":
                self.answer(at)
            case "customer_reply":
                self.hear_customer(at)
            case "pause":
                if self.closed_by is None:
                    self.waiting_on = event.waiting_on
            case "resumption":
                self.waiting_on = None
            case "severity" | "plan":
                self.change(event, at)
            case "resolution" | "withdrawal":
                self.close(event.type, at)
            case "reopening":
                self.reopen(at)
            case "excuse":
                self.excuse(event, at)
            case _:
                assert_never(event.type)

    def answer(self, at: int) -> None:
        self.customer_waits = False
        for watch in (self.first, *self.spells[-1:]):
            watch.end("met", at=at)

    def hear_customer(self, at: int) -> None:
        """Resume, and begin a spell if the customer has been answered before."""
        if self.waiting_on == "customer":
            self.waiting_on = None
        self.customer_waits = True
        self.begin_spell(at)

    def begin_spell(self, at: int) -> None:
        """Start the clock of the next response; until the first, the first response's runs."""
        waiting = self.spells and self.spells[-1].outcome is None
        if self.closed_by is None and self.first.outcome == "met" and not waiting:
            self.spells.append(Stopwatch("next_response", self.terms("next_response"), at))

    def change(self, event: ClockEvent, at: int) -> None:
        self.severity = self.severity if event.severity is None else event.severity
        self.urgent = self.urgent if event.urgent is None else event.urgent
        self.promises = self.promises if event.promises is None else event.promises
        if event.calendars is not None:
            self.calendars = _compile(event.calendars)
        for watch in self.watches():
            watch.retarget(self.terms(watch.metric), event.policy, at=at)

    def close(self, by: Literal["resolution", "withdrawal"], at: int) -> None:
        """End every running clock: met by a resolution, cancelled by a withdrawal."""
        if self.closed_by is None:
            self.closed_by, self.waiting_on, self.customer_waits = by, None, False
            for watch in self.watches():
                watch.end("met" if by == "resolution" else "cancelled", at=at)

    def reopen(self, at: int) -> None:
        """Let the resolution run on, and whatever a withdrawal had cancelled."""
        if self.closed_by is None:
            return
        closed_by, self.closed_by = self.closed_by, None
        for watch in self.watches():
            if watch is self.resolution or watch.outcome == "cancelled":
                watch.reopen(at=at, closed_by=closed_by)
        if self.customer_waits:
            self.begin_spell(at)

    def excuse(self, event: ClockEvent, at: int) -> None:
        """Put an excuse beside a metric: for the next response, beside its last breach."""
        excuse = Excuse(event.reason or "", event.actor or "", from_micros(at))
        for spell in self.spells:
            spell.find_breach(at)
        breached = [spell for spell in self.spells if spell.breached_at is not None]
        last = (breached or self.spells)[-1:]
        for watch in (self.first, self.resolution, *last):
            if watch.metric == event.metric:
                watch.excused = excuse

    def watches(self) -> tuple[Stopwatch, ...]:
        return (self.first, *self.spells[-1:], self.resolution)

    def terms(self, metric: Metric) -> Terms | None:
        promise = find_promise(self.promises, metric, severity=self.severity, urgent=self.urgent)
        return None if promise is None else Terms(promise, self.calendars)

    def show(self, at: int) -> tuple[Deadline, ...]:
        for watch in self.watches():
            watch.find_breach(at)
        spells = self.spells or [Stopwatch("next_response", self.terms("next_response"), at)]
        shown = {
            "first_response": show_deadline((self.first,), at=at),
            "next_response": show_deadline(spells, at=at, begun=bool(self.spells)),
            "resolution": show_deadline((self.resolution,), at=at),
        }
        return tuple(found for metric in METRICS if (found := shown[metric]) is not None)


def _compile(calendars: Calendars) -> Mapping[str, OpenTime]:
    return {
        name: compile_calendar(calendar) if isinstance(calendar, Calendar) else calendar
        for name, calendar in calendars.items()
    }
