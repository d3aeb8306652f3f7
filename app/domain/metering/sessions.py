"""Sessions: chat, phone and video on a ticket, and what their minutes cost (docs/concepts.md).

The ticket's own incident pays the first step (say 10 minutes of chat, 5 of phone); in all
a ticket costs max(1, Σ ⌈minutes ÷ step⌉) over its sessions, each further incident being held
when its minutes begin. Where a plan has a limit instead there is
no further incident, and the session ends at the limit.

Minutes are counted as begun: 10 minutes and a second are 11.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Literal

from app.domain.access.refusals import Refusal
from app.domain.catalog.amounts import write_with_verb
from app.domain.catalog.channels import ChannelTerms
from app.domain.catalog.plans import Plan
from app.domain.catalog.rate_cards import BUG_CATEGORY
from app.domain.values import Value

SessionKind = Literal["chat", "phone", "video"]
SessionStatus = Literal["booked", "running", "ended", "no_show", "cancelled"]
EndedBy = Literal["agent", "limit", "units"]

# No session counts longer than a day: one that nobody ended is not charged for ever.
LONGEST_MINUTES = 24 * 60
# What may be booked where the plan has no limit of its own.
LONGEST_SLOT_MINUTES = 4 * 60
# How long a slot is when neither the request nor the catalogue says.
USUAL_MINUTES = 30
# More incidents than any session can cost.
MOST_STEPS = LONGEST_MINUTES

_MINUTE = timedelta(minutes=1)


class SessionLimitReached(Refusal):
    """The plan's limit leaves fewer minutes of such sessions than are asked for, or none."""

    kind = "conflict"
    code = "session_limit_reached"
    title = "The limit leaves fewer minutes"


class Meter(Value):
    """A session as it is metered: from when, until when at most, and what is paid already.

    `paid_steps` are the steps of this session that units already held pay for. `limit_ends_at`
    is where the plan's limit ends it, `longest_ends_at` where any session ends.
    """

    started_at: datetime
    step_minutes: int | None
    paid_steps: int
    limit_ends_at: datetime | None

    @property
    def longest_ends_at(self) -> datetime:
        longest = self.started_at + LONGEST_MINUTES * _MINUTE
        return longest if self.limit_ends_at is None else min(longest, self.limit_ends_at)

    def step_begins_at(self, number: int) -> datetime:
        """Return when the minutes of a step begin, the first being number 1."""
        return self.started_at + max(number - 1, 0) * (self.step_minutes or 0) * _MINUTE

    def unpaid_begin_at(self, due: int) -> list[datetime]:
        """Return when the minutes of the next so many unpaid steps begin."""
        return [self.step_begins_at(self.paid_steps + number + 1) for number in range(due)]


class Reading(Value):
    """A running session at an instant.

    `due` further incidents have begun and are not held yet, as far as there are units.
    `covered_until` is the end of the minutes that are paid for, `must_end_at` when the session
    has to end: none is left, or the limit is reached; None: neither is in sight.
    """

    minutes: int
    due: int
    covered_until: datetime | None
    further_available: bool
    must_end_at: datetime | None


class SessionEnding(Value):
    """What an ended session counts: its minutes, those beyond what could be charged, and why."""

    minutes: int
    over_minutes: int
    ended_by: EndedBy
    steps: int


class SessionUsage(Value):
    """What one session of a ticket has come to: the minutes that count, and what it charged.

    `booked` are the minutes of its slot while it is still to come or runs.
    """

    session_id: str
    kind: SessionKind
    minutes: int
    charged: int
    booked: int = 0


class TicketSessions(Value):
    """A ticket's sessions together, and what their minutes cost.

    `own` is what the ticket costs besides its sessions. `by_steps` says whether their minutes cost
    further incidents at all (`pays_by_steps`).
    """

    channels: Mapping[str, ChannelTerms]
    by_steps: bool
    own: int
    usages: tuple[SessionUsage, ...]

    def step_minutes(self, kind: SessionKind) -> int | None:
        """Return how long a step is, each costing an incident; None: minutes cost nothing."""
        terms = self.channels.get(kind)
        return terms.incident_minutes if terms is not None and self.by_steps else None

    def limit_minutes(self, kind: SessionKind) -> int | None:
        """Return how long an incident's sessions may last together; None: no limit."""
        terms = self.channels.get(kind)
        return None if terms is None else terms.limit_minutes

    def left_minutes(self, kind: SessionKind, *, besides: str, booked: bool = False) -> int | None:
        """Return what the limit leaves after the ticket's other sessions; None: no limit.

        Of those that are still to come, or run, it leaves out the slots too where `booked`.
        """
        limit = self.limit_minutes(kind)
        if limit is None:
            return None
        taken = sum(
            max(each.minutes, each.booked) if booked else each.minutes
            for each in self.usages
            if each.session_id != besides and self.limit_minutes(each.kind) is not None
        )
        return max(0, limit - taken)

    def slot_minutes(self, kind: SessionKind, asked: int | None, *, besides: str) -> int:
        """Return how long a slot is: as asked, else what the limit leaves, a step, or the usual.

        Refuses with `session_limit_reached` what is longer than the limit leaves, and, where
        there is no limit, than anybody may book.
        """
        left = self.left_minutes(kind, besides=besides, booked=True)
        self.require_left(kind, asked or 1, besides=besides, booked=True)
        if left is None and (asked or 0) > LONGEST_SLOT_MINUTES:
            raise SessionLimitReached(
                f"A session may be booked for {LONGEST_SLOT_MINUTES} minutes.",
                limit_minutes=LONGEST_SLOT_MINUTES,
                left_minutes=LONGEST_SLOT_MINUTES,
            )
        return asked or left or self.step_minutes(kind) or USUAL_MINUTES

    def require_left(
        self, kind: SessionKind, minutes: int, *, besides: str, booked: bool = False
    ) -> None:
        """Refuse with `session_limit_reached` more minutes than the limit leaves."""
        left = self.left_minutes(kind, besides=besides, booked=booked)
        if left is not None and minutes > left:
            limit = self.limit_minutes(kind)
            raise SessionLimitReached(
                f"Sessions on this ticket may last {limit} minutes together;"
                f" {write_with_verb(left, 'minute')} left.",
                limit_minutes=limit,
                left_minutes=left,
            )

    def meter(self, kind: SessionKind, session_id: str, *, started_at: datetime) -> Meter:
        """Return a session as it is metered, after the ticket's others."""
        left = self.left_minutes(kind, besides=session_id)
        return Meter(
            started_at=started_at,
            step_minutes=self.step_minutes(kind),
            paid_steps=max(self.own, 1) + self._charged - self._steps(besides=session_id),
            limit_ends_at=None if left is None else started_at + left * _MINUTE,
        )

    def due(self, session_id: str, steps: int) -> int:
        """Return the further incidents to be charged once a session has come to so many steps.

        Below zero, so many are to be given back; what a revision or a refund has given back
        already (`own` is below zero then) is not given twice.
        """
        whole = self._steps(besides=session_id) + steps
        due = max(0, whole - max(self.own, 1)) - self._charged
        return due if due >= 0 else min(0, due - min(self.own, 0))

    @property
    def _charged(self) -> int:
        return sum(each.charged for each in self.usages)

    def _steps(self, *, besides: str) -> int:
        return sum(
            count_steps(each.minutes, self.step_minutes(each.kind))
            for each in self.usages
            if each.session_id != besides
        )


def pays_by_steps(plan: Plan, *, category: str | None) -> bool:
    """Say whether minutes of sessions cost further incidents on a plan.

    Where points or minutes are counted a session costs nothing of its own (work does), and a
    bug report costs nothing, however it is talked about.
    """
    return plan.unit == "incident" and category != BUG_CATEGORY


def count_minutes(started_at: datetime, ended_at: datetime) -> int:
    """Return the minutes begun between two instants."""
    return -((started_at - ended_at) // _MINUTE)


def count_steps(minutes: int, step_minutes: int | None) -> int:
    """Return the steps begun in some minutes; none where minutes cost nothing."""
    return 0 if step_minutes is None else -(-minutes // step_minutes)


def read_meter(meter: Meter, *, at: datetime, free: int) -> Reading:
    """Return how a running session stands at `at`, with `free` units that could be drawn."""
    end = meter.longest_ends_at
    minutes = count_minutes(meter.started_at, min(at, end))
    if meter.step_minutes is None:
        return Reading(minutes, 0, meter.limit_ends_at, False, meter.limit_ends_at)
    begun = (min(at, end - _MINUTE) - meter.started_at) // (meter.step_minutes * _MINUTE) + 1
    due = max(0, begun - meter.paid_steps)
    affordable = min(due, free)
    covered_until = min(meter.step_begins_at(meter.paid_steps + affordable + 1), end)
    further = covered_until < end and free > affordable
    return Reading(
        minutes=minutes,
        due=affordable,
        covered_until=covered_until,
        further_available=further,
        must_end_at=meter.limit_ends_at if further else covered_until,
    )


def decide_end(meter: Meter, *, at: datetime, free: int) -> SessionEnding:
    """Return what a session that ended at `at` counts, with `free` units to be drawn.

    Minutes beyond the limit, or beyond what there are units for, are told and not counted.
    """
    ran = count_minutes(meter.started_at, at)
    counted = min(ran, count_minutes(meter.started_at, meter.longest_ends_at))
    ended_by: EndedBy = "agent" if counted == ran else "limit"
    steps = count_steps(counted, meter.step_minutes)
    if meter.step_minutes is not None:
        affordable = max(meter.paid_steps + free, 0)
        if steps > affordable:
            steps, counted = affordable, affordable * meter.step_minutes
            ended_by = "units"
    return SessionEnding(counted, ran - counted, ended_by, steps)
