"""A deadline: a promise applied to a ticket. Values only; `clocks` makes them.

Instants are aware datetimes in UTC; seconds are whole, rounded down.
"""

from datetime import date, datetime
from typing import Literal

from app.domain.promises.promises import Metric, Strength
from app.domain.promises.targets import Reckoning, Stop, TargetTerms
from app.domain.values import Value, field_names

Status = Literal["running", "paused", "met", "breached", "missed", "late", "cancelled", "none"]
BreachCause = Literal["time", "reclassification"]


class Excuse(Value):
    """Why a breach is not held against the seller; it stands beside the breach."""

    reason: str
    actor: str
    at: datetime


class DeadlineWarning(Value):
    """A doubt about a deadline: past `known_until`, holidays of `calendar` are not known."""

    code: Literal["holidays_unknown"]
    calendar: str
    known_until: date
    detail: str


class Spell(Value):
    """One time that the customer waited for a next response."""

    started_at: datetime
    status: Status
    warn_at: datetime | None
    due_at: datetime | None
    breaches_after: datetime | None
    met_at: datetime | None
    breached_at: datetime | None
    missed_at: datetime | None
    breach_cause: BreachCause | None
    excused: Excuse | None
    used_seconds: int | None
    elapsed_seconds: int | None
    business_seconds: int | None


class Timing(Value):
    """What a deadline was reckoned from, for its explanation; in UTC microseconds.

    `stops` are all the times the clock stood still, `reckoning.stops` those that moved the
    target. `halted_at` and `halted_for` are of a clock that stands still now, `ended_at` is of one
    that was met or cancelled. `seen_at` is the instant the deadline was asked for.
    """

    terms: TargetTerms
    reckoning: Reckoning
    stops: tuple[Stop, ...]
    halted_at: int | None
    halted_for: str | None
    ended_at: int | None
    seen_at: int


class Deadline(Value):
    """One metric of a ticket at one instant.

    `status` tells breached (of a guarantee) and missed (of a target) before all else: once so
    it stays so, and `met_at` says whether the answer came later. Best effort that was done after
    its due is `late`. `none` is not offered, or (next response) not begun.
    `strength` is that of the clauses which bind this ticket. `target` is them in English, the
    shortest due first; None without a time. `text` is the seller's own sentence.

    Kept means done at or before `breaches_after`; `due_at` is what people are shown. Both are
    None while paused, when cancelled, and where there is no time; `breaches_after` is None too
    on best effort. `remaining_seconds` is what is left while running or paused, 0
    once the target is used up, None when the clock has ended; it and `used_seconds` are in the
    winning clause's own time, business days as the open time they came to. Of what is done,
    `elapsed_seconds` and `business_seconds` are the time it took, less its stops, by the clock on
    the wall and in the promise's open time; the latter None where there is no calendar for it.

    `breached_at`, or of a target `missed_at`, is the last instant at which it could still have
    been kept, or, for the cause `reclassification`, the instant of the change. `warn_at` is
    when it is at risk. `calendars` are those that its clauses name. `spells` has every wait for
    a next response, in order; the deadline itself shows the last of them.
    """

    metric: Metric
    strength: Strength
    status: Status
    target: str | None = None
    text: str | None = None
    started_at: datetime | None = None
    typical_at: datetime | None = None
    warn_at: datetime | None = None
    due_at: datetime | None = None
    breaches_after: datetime | None = None
    remaining_seconds: int | None = None
    used_seconds: int | None = None
    elapsed_seconds: int | None = None
    business_seconds: int | None = None
    percent: int | None = None
    at_risk: bool = False
    met_at: datetime | None = None
    breached_at: datetime | None = None
    missed_at: datetime | None = None
    breach_cause: BreachCause | None = None
    excused: Excuse | None = None
    warnings: tuple[DeadlineWarning, ...] = ()
    calendars: tuple[str, ...] = ()
    spells: tuple[Spell, ...] = ()
    timing: Timing | None = None

    def __eq__(self, other: object) -> bool:
        """Return whether it shows the same as another, whatever both were reckoned from."""
        if not isinstance(other, Deadline):
            return NotImplemented
        return all(getattr(self, name) == getattr(other, name) for name in _SHOWN)

    def __hash__(self) -> int:
        return hash((self.metric, self.status, self.started_at))

    @property
    def broken_at(self) -> datetime | None:
        """Return when its time ran out, whether that broke a guarantee or missed a target."""
        return self.breached_at or self.missed_at

    @property
    def all_broken_at(self) -> tuple[datetime, ...]:
        """Return when its time ran out, of every wait for a next response."""
        each = self.spells or (self,)
        return tuple(at for one in each if (at := one.breached_at or one.missed_at) is not None)


_SHOWN = tuple(name for name in field_names(Deadline) if name != "timing")


def name_lapse(strength: str) -> Literal["breached", "missed"]:
    """Return what a promise of this strength is once its time has run out."""
    return "missed" if strength == "target" else "breached"
