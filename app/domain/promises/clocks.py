"""Clocks: folds over a ticket's events, by the time they happened and not by arrival.

Late and out-of-order events are folded again from the start, to the same state as in order
(docs/concepts.md). A ticket waits for one thing at a time: a later pause replaces the cause of the
one before. A customer's reply ends a wait for the customer, and only that.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Literal, assert_never

from app.domain.promises.clock_events import Calendars, ClockEvent
from app.domain.promises.deadline_views import compute_deadline
from app.domain.promises.deadlines import Deadline, Excuse
from app.domain.promises.promises import METRICS, Metric, Promise, find_promise
from app.domain.promises.stopwatches import Stopwatch
from app.domain.promises.targets import TargetTerms
from app.domain.time.business_time import OpenTime
from app.domain.time.calendars import Calendar
from app.domain.time.compiled_calendars import compile_calendar
from app.domain.time.instants import from_micros, to_micros
from app.domain.values import State, Value, field


class ClockState(Value):
    """What a ticket's events leave it in; `closed_by` is the event that resolved it.

    `unanswered` says that the customer waits for an answer: the first, or one to a message since.
    """

    status: Literal["open", "paused", "resolved"]
    waiting_on: str | None
    closed_by: Literal["resolution", "withdrawal"] | None
    severity: int | None
    urgent: bool
    unanswered: bool
    resolved_at: datetime | None = None
    remedied: bool = False

    def is_resolved(self, at: datetime) -> bool:
        """Say whether the ticket, as it stands, was resolved by `at` already."""
        return self.status == "resolved" and at >= (self.resolved_at or at)


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
    return ticket.deadlines_at(max(to_micros(now), ticket.opened_at))


def read_state(
    *,
    opened_at: datetime,
    severity: int | None,
    urgent: bool,
    events: Iterable[ClockEvent],
    now: datetime,
) -> ClockState:
    """Return what the events up to `now` leave the ticket in, by the same fold."""
    ticket = _Ticket.open((), {}, to_micros(opened_at), severity=severity, urgent=urgent)
    ticket.fold(events, until=now)
    return ticket.state()


class StateFold:
    """What a ticket's events leave it in, one by one: the fold of `read_state` in steps."""

    __slots__ = ("_ticket", "last_event_at")

    def __init__(self, *, opened_at: datetime, severity: int | None, urgent: bool) -> None:
        self._ticket = _Ticket.open((), {}, to_micros(opened_at), severity=severity, urgent=urgent)
        self.last_event_at = opened_at

    @property
    def state(self) -> ClockState:
        return self._ticket.state()

    def take(self, event: ClockEvent) -> None:
        """Let an event happen, no earlier than those before it."""
        self._ticket.take(event)
        self.last_event_at = max(self.last_event_at, event.at)


class _Ticket(State):
    """The state of the fold."""

    promises: tuple[Promise, ...]
    calendars: Mapping[str, OpenTime]
    opened_at: int
    severity: int | None
    urgent: bool
    first: Stopwatch
    remedy: Stopwatch
    resolution: Stopwatch
    spells: list[Stopwatch] = field(default_factory=list)
    updates: list[Stopwatch] = field(default_factory=list)
    waiting_on: str | None = None
    closed_by: Literal["resolution", "withdrawal"] | None = None
    closed_at: int | None = None
    waits_since: int | None = None
    remedied: bool = False

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
            Stopwatch("remedy", None, opened_at, opened_at=opened_at),
            Stopwatch("resolution", None, opened_at, opened_at=opened_at),
        )
        for watch in (ticket.first, ticket.remedy, ticket.resolution):
            watch.terms = ticket.terms(watch.metric)
        return ticket

    def fold(self, events: Iterable[ClockEvent], *, until: datetime) -> None:
        for event in sorted(events, key=lambda each: (each.at, each.order)):
            if event.at <= until:
                self.take(event)

    def take(self, event: ClockEvent) -> None:
        at = max(to_micros(event.at), self.opened_at)
        self.apply(event, at)
        for watch in self.watches():
            watch.wait(self.waiting_on, at=at)

    def state(self) -> ClockState:
        status: Literal["open", "paused", "resolved"] = "resolved"
        if self.closed_by is None:
            status = "open" if self.waiting_on is None else "paused"
        return ClockState(
            status,
            self.waiting_on,
            self.closed_by,
            self.severity,
            self.urgent,
            unanswered=self.waits_since is not None or self.first.outcome is None,
            resolved_at=None if self.closed_at is None else from_micros(self.closed_at),
            remedied=self.remedied,
        )

    def apply(self, event: ClockEvent, at: int) -> None:
        match event.type:
            case "agent_reply" | "session_start":
                self.answer(at)
            case "customer_reply":
                self.hear_customer(at)
            case "pause" | "resumption":
                self.wait_for(event.waiting_on if event.type == "pause" else None)
            case "severity" | "plan":
                self.change(event, at)
            case "resolution" | "withdrawal":
                self.close(event.type, at)
            case "reopening":
                self.reopen(at)
            case "remedy":
                self.record_remedy(at)
            case "excuse":
                self.excuse(event, at)
            case _:
                assert_never(event.type)

    def wait_for(self, cause: str | None) -> None:
        if self.closed_by is None:
            self.waiting_on = cause

    def answer(self, at: int) -> None:
        """Meet what waits for an agent, and let what is counted from an agent's message begin."""
        self.waits_since = None
        self.remedy.answer(at)
        self.resolution.answer(at)
        for watch in (self.first, *self.spells[-1:], *self.updates[-1:]):
            watch.end("met", at=at)
        if self.closed_by is None:
            self.begin_update(at)

    def begin_update(self, at: int) -> None:
        """Start the clock of the next update, which an agent's next message ends."""
        self.updates.append(Stopwatch("next_update", self.terms("next_update"), at))

    def record_remedy(self, at: int) -> None:
        """Meet the remedy; what is counted from an answer to come has begun with it."""
        self.remedied = True
        self.remedy.answer(at)
        self.remedy.end("met", at=at)

    def hear_customer(self, at: int) -> None:
        """Resume, and begin a spell if the customer has been answered before."""
        if self.waiting_on == "customer":
            self.waiting_on = None
        if self.waits_since is None:
            self.waits_since = at
        self.begin_spell()

    def begin_spell(self) -> None:
        """Start the clock of the next response; until the first, the first response's runs.

        What a customer writes on a resolved ticket waits from then on, once it is reopened.
        """
        waiting = self.spells and self.spells[-1].outcome is None
        if self.waits_since is None or waiting:
            return
        if self.closed_by is None and self.first.outcome == "met":
            terms = self.terms("next_response")
            self.spells.append(Stopwatch("next_response", terms, self.waits_since))

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
            self.closed_by, self.closed_at = by, at
            self.waiting_on = self.waits_since = None
            if by == "resolution":
                self.remedy.answer(at)
                self.resolution.answer(at)
            for watch in self.watches():
                watch.end("met" if by == "resolution" else "cancelled", at=at)

    def reopen(self, at: int) -> None:
        """Let the resolution run on, a remedy that was not given, and what was cancelled."""
        if self.closed_by is None:
            return
        closed_by, self.closed_by, self.closed_at = self.closed_by, None, None
        for watch in self.watches():
            goes_on = watch is self.resolution or (watch is self.remedy and not self.remedied)
            if goes_on or watch.outcome == "cancelled":
                watch.reopen(at=at, closed_by=closed_by)
        self.begin_spell()
        if self.updates and self.updates[-1].outcome is not None:
            self.begin_update(at)

    def excuse(self, event: ClockEvent, at: int) -> None:
        """Put an excuse beside a breach of a metric: the one that is named, or the last."""
        excuse = Excuse(event.reason or "", event.actor or "", from_micros(at))
        watches = [watch for watch in self.all_watches() if watch.metric == event.metric]
        for watch in watches:
            watch.find_breach(at)
        broken = [watch for watch in watches if watch.breached_at is not None]
        if event.breached_at is not None:
            named = to_micros(event.breached_at)
            broken = [watch for watch in broken if watch.breached_at == named]
        else:
            broken = (broken or watches)[-1:]
        for watch in broken:
            watch.excused = excuse

    def watches(self) -> tuple[Stopwatch, ...]:
        """Return the clocks that may run on."""
        return (
            self.first,
            *self.spells[-1:],
            *self.updates[-1:],
            self.remedy,
            self.resolution,
        )

    def all_watches(self) -> tuple[Stopwatch, ...]:
        return (self.first, *self.spells, *self.updates, self.remedy, self.resolution)

    def terms(self, metric: Metric) -> TargetTerms | None:
        promise = find_promise(self.promises, metric, severity=self.severity, urgent=self.urgent)
        return None if promise is None else TargetTerms(promise, self.calendars)

    def deadlines_at(self, at: int) -> tuple[Deadline, ...]:
        for watch in self.all_watches():
            watch.find_breach(at)
        shown = {
            "first_response": compute_deadline((self.first,), at=at),
            "next_response": self.compute_repeated("next_response", self.spells, at),
            "next_update": self.compute_repeated("next_update", self.updates, at),
            "remedy": compute_deadline((self.remedy,), at=at, begun=self.remedy.begun),
            "resolution": compute_deadline((self.resolution,), at=at, begun=self.resolution.begun),
        }
        return tuple(found for metric in METRICS if (found := shown[metric]) is not None)

    def compute_repeated(self, metric: Metric, spells: list[Stopwatch], at: int) -> Deadline | None:
        if spells:
            return compute_deadline(spells, at=at)
        terms = self.terms(metric)
        if terms is None:
            return None
        return compute_deadline((Stopwatch(metric, terms, at),), at=at, begun=False)


def _compile(calendars: Calendars) -> Mapping[str, OpenTime]:
    return {
        name: compile_calendar(calendar) if isinstance(calendar, Calendar) else calendar
        for name, calendar in calendars.items()
    }
