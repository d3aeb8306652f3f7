"""Laws of clocks, over random calendars and histories (docs/laws.md, law 10).

Times lie in November 2026, when no zone used here changes its offset.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from itertools import pairwise
from zoneinfo import ZoneInfo

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from app.domain.promises.clock_events import ClockEvent, EventType
from app.domain.promises.clocks import run_clocks
from app.domain.promises.deadlines import Deadline
from app.domain.promises.explanations import explain_deadline
from app.domain.promises.promises import BusinessDays, Clause, Promise
from app.domain.promises.stopwatches import Policy
from app.domain.time.business_time import OpenTime
from app.domain.time.calendars import Calendar, Shift
from app.domain.time.compiled_calendars import compile_calendar
from app.domain.time.instants import from_micros, to_micros
from app.domain.values import replace
from tests.domain.clock_examples import HOUR, clause, promise

MINUTE = timedelta(minutes=1)
FIRST = datetime(2026, 11, 2, tzinfo=UTC)
DAYS = 24
CAUSES = ("customer", "vendor")
KINDS: tuple[EventType, ...] = (
    "agent_reply",
    "customer_reply",
    "pause",
    "pause",
    "resumption",
    "severity",
    "resolution",
    "reopening",
    "withdrawal",
)

POLICIES: tuple[Policy, ...] = ("carry_elapsed", "restart_now", "frozen")

minutes = st.integers(0, (DAYS - 10) * 1440)
moments = minutes.map(lambda minute: FIRST + minute * MINUTE)


def build_calendar(chance: random.Random) -> Calendar:
    """Any week of shifts on whole quarters of an hour, some across midnight, some holidays."""
    hours = [
        [
            Shift(start * 15, (start + length) * 15)
            for start, length in (
                (chance.randint(0, 95), chance.randint(1, chance.choice((16, 96))))
                for _ in range(chance.randint(0, 2))
            )
        ]
        for _ in range(7)
    ]
    hours[chance.randint(0, 4)].append(Shift(600, 660))
    holidays = chance.sample(range(DAYS), chance.randint(0, 4))
    return Calendar(
        chance.choice(("UTC", "Europe/Berlin", "Asia/Kathmandu", "-03:30")),
        tuple(tuple(shifts) for shifts in hours),
        holidays=tuple(
            (date(2026, 11, 2) + timedelta(days=day), f"holiday {day}") for day in sorted(holidays)
        ),
    )


def build_history(chance: random.Random) -> tuple[ClockEvent, ...]:
    """Any events, some of one instant, numbered as they arrived."""
    hours = range((DAYS - 10) * 24)
    return tuple(
        ClockEvent(
            chance.choice(KINDS),
            FIRST + chance.choice(hours) * HOUR + chance.choice((0, 0, 1, 30)) * MINUTE,
            order,
            waiting_on=chance.choice(CAUSES),
            severity=chance.randint(1, 3),
            policy=chance.choice(POLICIES),
        )
        for order in range(chance.randint(1, 14))
    )


# Built from a seed, so that rich ones are as likely as bare ones.
seeds = st.integers(0, 2**64 - 1).map(random.Random)
calendars = seeds.map(build_calendar)
histories = seeds.map(build_history)


@st.composite
def clauses(draw: st.DrawFn, *, closes: bool = True) -> Clause:
    """Elapsed time, open time, business days, or the close of one."""
    kind = draw(st.sampled_from(("elapsed", "open", "days", *(["close"] if closes else []))))
    if kind == "close":
        return clause(BusinessDays(draw(st.integers(0, 5)), end_of_day=True), "desk")
    if kind == "days":
        return clause(BusinessDays(draw(st.integers(1, 5))), "desk")
    return clause(draw(st.integers(1, 1200)) * MINUTE, "desk" if kind == "open" else None)


PLAN = (
    promise("first_response", clause(4 * HOUR, "desk"), clause(24 * HOUR)),
    promise("next_response", clause(4 * HOUR, "desk"), pauses={"vendor"}),
    promise("resolution", clause(30 * HOUR, "desk"), severities={1}, pauses=CAUSES),
    promise("resolution", clause(BusinessDays(2), "desk"), severities={2}, pauses={"customer"}),
    promise("resolution", strength="none", severities={3}),
    promise("remedy", clause(BusinessDays(1, end_of_day=True), "desk"), pauses={"customer"}),
)


def run(
    plan: tuple[Promise, ...],
    calendar: Calendar,
    opened_at: datetime,
    events: Sequence[ClockEvent],
    now: datetime,
) -> tuple[Deadline, ...]:
    return run_clocks(
        promises=plan,
        calendars={"desk": calendar},
        opened_at=opened_at,
        severity=1,
        urgent=False,
        events=events,
        now=now,
    )


def run_clause(
    bound: Clause, calendar: Calendar, opened_at: datetime, *events: ClockEvent
) -> Deadline:
    plan = (promise("resolution", bound, pauses=CAUSES),)
    now = max([opened_at, *(event.at for event in events)])
    return run(plan, calendar, opened_at, events, now)[0]


def paused(start: datetime, end: datetime) -> tuple[ClockEvent, ClockEvent]:
    return ClockEvent("pause", start, waiting_on="customer"), ClockEvent("resumption", end)


def close_of(open_time: OpenTime, bound: Clause, start: int) -> int:
    assert isinstance(bound.within, BusinessDays)
    return open_time.close_of_business_day(start, bound.within.days)


def due_by_hand(
    open_time: OpenTime, bound: Clause, opened_at: datetime, gone: tuple[datetime, datetime] | None
) -> tuple[datetime, datetime]:
    """Return due and breach in one step: the target and what a pause covered, from opening."""
    start = to_micros(opened_at)
    since, until = map(to_micros, gone) if gone else (start, start)
    if bound.ends_with_day:
        amount = open_time.elapsed(start, close_of(open_time, bound, start))
        due = open_time.due(start, amount + open_time.elapsed(since, until))
    elif isinstance(bound.within, BusinessDays):
        days = bound.within.days + open_time.elapsed_business_days(since, until)
        due = open_time.due_business_days(start, days)
    elif bound.calendar is None:
        at = opened_at + bound.within + (from_micros(until) - from_micros(since))
        return at, at
    else:
        amount = bound.within // timedelta(microseconds=1) + open_time.elapsed(since, until)
        due = open_time.due(start, amount)
    return from_micros(due.due_at), from_micros(due.breaches_after)


@settings(deadline=None)
@given(calendars, moments, histories, st.randoms(use_true_random=False), minutes)
def test_events_in_any_arrival_order_are_folded_as_in_order(
    calendar: Calendar,
    opened_at: datetime,
    events: tuple[ClockEvent, ...],
    chance: random.Random,
    later: int,
) -> None:
    shuffled = list(events)
    chance.shuffle(shuffled)
    now = opened_at + later * MINUTE
    assert run(PLAN, calendar, opened_at, shuffled, now) == run(
        PLAN, calendar, opened_at, events, now
    )


@settings(deadline=None)
@given(calendars, moments, histories, minutes)
def test_what_is_asked_about_an_instant_does_not_depend_on_what_came_after(
    calendar: Calendar, opened_at: datetime, events: tuple[ClockEvent, ...], later: int
) -> None:
    now = opened_at + later * MINUTE
    until = [event for event in events if event.at <= now]
    assert run(PLAN, calendar, opened_at, events, now) == run(PLAN, calendar, opened_at, until, now)


@settings(deadline=None)
@given(calendars, clauses(), moments)
def test_without_pauses_a_deadline_is_its_clause(
    calendar: Calendar, bound: Clause, opened_at: datetime
) -> None:
    deadline = run_clause(bound, calendar, opened_at)
    expected = due_by_hand(compile_calendar(calendar), bound, opened_at, None)
    assert (deadline.due_at, deadline.breaches_after) == expected


@settings(deadline=None)
@given(calendars, clauses(), moments, st.integers(0, 6000), st.integers(0, 6000))
def test_a_pause_moves_the_deadline_by_the_open_time_that_it_covers(
    calendar: Calendar, bound: Clause, opened_at: datetime, before: int, length: int
) -> None:
    start = opened_at + before * MINUTE
    end = start + length * MINUTE
    open_time = compile_calendar(calendar)
    assume(start <= due_by_hand(open_time, bound, opened_at, None)[1])
    deadline = run_clause(bound, calendar, opened_at, *paused(start, end))
    assert (deadline.due_at, deadline.breaches_after) == due_by_hand(
        open_time, bound, opened_at, (start, end)
    )


@settings(deadline=None)
@given(calendars, clauses(), moments, st.integers(0, 40), st.integers(0, 59))
def test_a_pause_wholly_outside_business_hours_moves_nothing(
    calendar: Calendar, bound: Clause, opened_at: datetime, which: int, inset: int
) -> None:
    bound = replace(bound, calendar="desk")
    open_time = compile_calendar(calendar)
    expected = due_by_hand(open_time, bound, opened_at, None)
    closed = [
        segment
        for segment in open_time.segments(to_micros(opened_at), to_micros(expected[1]))
        if not segment.open and segment.end - segment.start > 2 * 60_000_000
    ]
    assume(closed)
    gap = [from_micros(edge) for edge in closed[which % len(closed)][:2]]
    inside = timedelta(seconds=inset)
    deadline = run_clause(bound, calendar, opened_at, *paused(gap[0] + inside, gap[1] - inside))
    assert (deadline.due_at, deadline.breaches_after) == expected


@settings(deadline=None)
@given(calendars, clauses(), moments, st.integers(0, 5000))
def test_what_is_opened_later_is_due_no_earlier(
    calendar: Calendar, bound: Clause, opened_at: datetime, later: int
) -> None:
    first = run_clause(bound, calendar, opened_at)
    second = run_clause(bound, calendar, opened_at + later * MINUTE)
    assert first.due_at is not None
    assert first.breaches_after is not None
    assert second.due_at is not None
    assert second.breaches_after is not None
    assert first.due_at <= second.due_at
    assert first.breaches_after <= second.breaches_after


@settings(deadline=None)
@given(calendars, clauses(), moments, st.integers(0, 3000), st.integers(0, 3000))
def test_an_explanation_counts_exactly_the_target(
    calendar: Calendar, bound: Clause, opened_at: datetime, before: int, length: int
) -> None:
    start = opened_at + before * MINUTE
    deadline = run_clause(bound, calendar, opened_at, *paused(start, start + length * MINUTE))
    explanation = explain_deadline(deadline)
    segments = explanation.segments
    assert not explanation.truncated
    assert (segments[0].start, segments[-1].end) == (opened_at, deadline.due_at)
    for one, other in pairwise(segments):
        assert one.end == other.start
        assert (one.counted, one.why, one.detail) != (other.counted, other.why, other.detail)
    counted = [each for each in segments if each.counted]
    open_time = compile_calendar(calendar)
    if bound.ends_with_day:
        begins = to_micros(opened_at)
        target = open_time.elapsed(begins, close_of(open_time, bound, begins))
        assert sum(to_micros(each.end) - to_micros(each.start) for each in counted) == target
    elif isinstance(bound.within, BusinessDays):
        days = sum(
            open_time.elapsed_business_days(to_micros(each.start), to_micros(each.end))
            for each in counted
        )
        # The due is rounded up to a microsecond, of at least 15 minutes that a day is long.
        assert 0 <= days - bound.within.days < Fraction(1, 900_000_000)
    else:
        assert sum((each.end - each.start for each in counted), timedelta()) == bound.within


@settings(deadline=None)
@given(calendars, clauses(closes=False), moments, st.integers(1, 99), st.integers(0, 2000))
def test_the_warning_comes_at_its_share_of_the_budget(
    calendar: Calendar, bound: Clause, opened_at: datetime, percent: int, length: int
) -> None:
    """Less a stop from the opening on, which moves warning and due alike."""
    plan = promise("resolution", bound, pauses=CAUSES, warn_at=Fraction(percent, 100))
    events = paused(opened_at, opened_at + length * MINUTE)
    (deadline,) = run((plan,), calendar, opened_at, events, events[1].at)
    (after,) = run((replace(plan, pauses=frozenset()),), calendar, events[1].at, (), events[1].at)
    assert deadline.warn_at is not None
    assert deadline.warn_at == after.warn_at
    open_time = compile_calendar(calendar)
    since, until = to_micros(events[1].at), to_micros(deadline.warn_at)
    if isinstance(bound.within, BusinessDays):
        used = open_time.elapsed_business_days(since, until)
        assert 0 <= used - bound.within.days * Fraction(percent, 100) < Fraction(1, 900_000_000)
    else:
        spent = until - since if bound.calendar is None else open_time.elapsed(since, until)
        assert timedelta(microseconds=spent) == bound.within * percent / 100


@dataclass
class MinuteClock:
    """A resolution counted one minute after the other, knowing nothing of due times."""

    target: int
    used: int = 0
    waiting_on: str | None = None
    closed: str | None = None
    breached_at: datetime | None = None
    met_at: datetime | None = None
    restarts: bool = False

    def hear(self, event: ClockEvent) -> None:
        match event.type:
            case "pause":
                self.waiting_on = self.waiting_on if self.closed else event.waiting_on
            case "resumption":
                self.waiting_on = None
            case "customer_reply":
                self.waiting_on = None if self.waiting_on == "customer" else self.waiting_on
            case "resolution" | "withdrawal":
                if not self.closed:
                    self.closed, self.waiting_on = event.type, None
                    self.met_at = event.at if event.type == "resolution" else None
            case "reopening":
                self.closed = self.met_at = None
                if self.restarts:
                    self.restart()
            case "severity" if event.policy == "restart_now":
                self.restart()
            case _:
                pass

    def restart(self) -> None:
        """Begin again, once open; all severities have the same target here."""
        self.restarts = self.closed is not None
        if not self.closed and self.breached_at is None:
            self.used = 0

    def pass_minute(self, at: datetime, *, is_open: bool) -> None:
        if is_open and not self.closed and self.waiting_on is None:
            if self.used == self.target and self.breached_at is None:
                self.breached_at = at
            self.used += 1

    @property
    def status(self) -> str:
        if self.breached_at:
            return "breached"
        if self.closed:
            return "met" if self.closed == "resolution" else "cancelled"
        return "paused" if self.waiting_on else "running"


def is_open(calendar: Calendar, at: datetime) -> bool:
    zone = calendar.zone
    offset = timedelta(hours=-3, minutes=-30)
    civil = at + offset if zone == "-03:30" else at.astimezone(ZoneInfo(zone))
    holidays = {day for day, _ in calendar.holidays}
    today, minute = civil.date(), civil.hour * 60 + civil.minute
    if today in holidays:
        return False
    before = today - timedelta(days=1)
    return any(
        shift.start_minute <= minute < shift.end_minute for shift in calendar.hours[today.weekday()]
    ) or any(
        before not in holidays and shift.start_minute <= minute + 1440 < shift.end_minute
        for shift in calendar.hours[before.weekday()]
    )


@settings(max_examples=40, deadline=None)
@given(calendars, st.integers(0, 3 * 1440), histories, st.integers(1, 2400))
def test_a_clock_agrees_with_one_that_counts_every_minute(
    calendar: Calendar, opened: int, events: tuple[ClockEvent, ...], target: int
) -> None:
    opened_at, now = FIRST + opened * MINUTE, FIRST + timedelta(days=DAYS - 8)
    counted = MinuteClock(target)
    waiting = sorted(events, key=lambda each: (each.at, each.order))
    at = opened_at
    while at <= now:
        while waiting and waiting[0].at <= at:
            counted.hear(replace(waiting[0], at=max(waiting[0].at, opened_at)))
            del waiting[0]
        if at < now:
            counted.pass_minute(at, is_open=is_open(calendar, at))
        at += MINUTE
    plan = promise("resolution", clause(target * MINUTE, "desk"), pauses=CAUSES)
    (deadline,) = run((plan,), calendar, opened_at, events, now)
    assert deadline.status == counted.status
    assert deadline.met_at == counted.met_at
    assert deadline.breached_at == counted.breached_at
    assert deadline.used_seconds == counted.used * 60
    if deadline.status in ("running", "paused"):
        assert deadline.remaining_seconds == (target - counted.used) * 60
