"""One metric's clock: it starts, stands still, is re-targeted, ends, and may run out.

Everything here is in UTC microseconds; `clocks` drives it with a ticket's events in order.
"""

from typing import Literal, assert_never

from app.domain.promises.deadlines import BreachCause, Excuse
from app.domain.promises.promises import Metric, StartsOn
from app.domain.promises.targets import Reckoning, Stop, TargetTerms, reckon
from app.domain.values import State, field, replace

Policy = Literal["carry_elapsed", "restart_now", "frozen"]
Outcome = Literal["met", "cancelled"]


class Stopwatch(State):
    """The clock of one metric; `terms` is None where the plan promises nothing for it.

    It keeps its stops even without a promise, so that a promise made later finds them.
    `pending` are re-targetings that came while it had ended, for when it is reopened.
    `breached_at` is when its time ran out: a guarantee is broken then, and a target missed.
    """

    metric: Metric
    terms: TargetTerms | None
    start: int
    stops: list[Stop] = field(default_factory=list)
    halted_at: int | None = None
    halted_for: str | None = None
    outcome: Outcome | None = None
    ended_at: int | None = None
    breached_at: int | None = None
    breach_cause: BreachCause | None = None
    excused: Excuse | None = None
    pending: list[tuple[TargetTerms | None, Policy]] = field(default_factory=list)
    known: Reckoning | None = None  # of these terms, start and stops
    opened_at: int | None = None
    answered_at: int | None = None

    @property
    def begun(self) -> bool:
        """Whether it counts yet: what is counted from the first answer waits for that."""
        return self.answered_at is not None or _starts_on(self.terms) == "opening"

    @property
    def own_stops(self) -> list[Stop]:
        """The times it stood still since it began."""
        return [
            stop if stop.start >= self.start else replace(stop, start=self.start)
            for stop in self.stops
            if stop.end > self.start
        ]

    def answer(self, at: int) -> None:
        """Begin, where the promise counts from the first answer, which came at `at`."""
        if self.answered_at is None:
            self.answered_at = at
            if _starts_on(self.terms) == "answer":
                self._begin_anew()

    def wait(self, cause: str | None, *, at: int) -> None:
        """Stand still from `at` while the ticket waits for `cause`, if the promise pauses on it.

        None, or a cause on which it does not pause, lets it run on.
        """
        if self.outcome is not None:
            return
        halting = cause if cause is not None and _pauses_on(self.terms, cause) else None
        if halting != self.halted_for:
            self._resume(at)
            self.halted_at, self.halted_for = (at, halting) if halting else (None, None)

    def end(self, outcome: Outcome, *, at: int) -> None:
        """End a clock that has not ended."""
        if self.outcome is None:
            self._resume(at)
            self.outcome, self.ended_at = outcome, at

    def reopen(self, *, at: int, closed_by: str) -> None:
        """Let a clock that had ended run on; the time since is a stop, named `closed_by`."""
        if self.ended_at is None:
            return
        if at > self.ended_at:
            self._stop(Stop(self.ended_at, at, "stopped", closed_by))
        self.outcome = self.ended_at = None
        pending, self.pending = self.pending, []
        for terms, policy in pending:
            self.retarget(terms, policy, at=at)

    def retarget(self, terms: TargetTerms | None, policy: Policy, *, at: int) -> None:
        """Put a running clock under new terms; what is already met or breached stays so.

        carry_elapsed keeps the start and the stops: time already used, counted in the new
        clause's own time, counts against the new target, and a target that this puts in the
        past is breached at `at` by reclassification. restart_now starts again at `at`. frozen
        changes nothing.
        """
        match policy:
            case "frozen":
                return
            case "carry_elapsed" | "restart_now":
                pass
            case _:
                assert_never(policy)
        if self.outcome is not None:
            self.pending.append((terms, policy))
            return
        self.find_breach(at)
        if self.breached_at is not None:
            return
        self._drop_stops_of_others(terms)
        moved = _starts_on(self.terms) != _starts_on(terms)
        self.terms, self.known = terms, None
        if moved:
            self._begin_anew()
        if policy == "restart_now":
            self.start, self.stops = at, []
            self.halted_at = at if self.halted_for else None
        elif self._lapsed_before(at) is not None:
            self.breached_at, self.breach_cause = at, "reclassification"

    def find_breach(self, at: int) -> None:
        """Record the breach of a target that has passed before `at`, or before the clock ended.

        What a clock has used up it has used up, however it stood still, ended and ran on after
        that: so it is enough to ask when its terms change, and when it is shown.
        """
        if self.breached_at is None and self.terms is not None:
            lapsed_at = self._lapsed_before(at)
            if lapsed_at is not None:
                self.breached_at, self.breach_cause = lapsed_at, "time"

    def reckon(self) -> Reckoning | None:
        """Apply the promise as if the clock ran on now; None where nothing is promised."""
        if self.terms is None or self.terms.promise.strength == "none":
            return None
        if self.known is None:
            self.known = reckon(self.terms, start=self.start, stops=self.own_stops)
        return self.known

    def _lapsed_before(self, at: int) -> int | None:
        reckoning = self.reckon() if self.begun else None
        last = None if reckoning is None else reckoning.breaches_after
        if last is None:
            return None
        if self.ended_at is not None:
            ran_until = self.ended_at
        else:
            ran_until = at if self.halted_at is None else self.halted_at
        return last if last < ran_until else None

    def _begin_anew(self) -> None:
        """Start where the promise counts from: the opening, or the first answer."""
        starts_on = self.opened_at if _starts_on(self.terms) == "opening" else self.answered_at
        self.start = self.start if starts_on is None else starts_on
        self.known = None

    def _resume(self, at: int) -> None:
        if self.halted_at is not None and self.halted_for is not None and at > self.halted_at:
            self._stop(Stop(self.halted_at, at, "paused", self.halted_for))
        self.halted_at = self.halted_for = None

    def _stop(self, stop: Stop) -> None:
        self.stops.append(stop)
        self.known = None

    def _drop_stops_of_others(self, terms: TargetTerms | None) -> None:
        """Drop the stops that `terms` would not have made, where nothing was promised so far.

        Stops made under a promise are kept: a change does not take them back.
        """
        if not _promised(self.terms) and _promised(terms):
            self.stops = [
                stop
                for stop in self.stops
                if stop.why == "stopped" or _pauses_on(terms, stop.detail)
            ]
            if self.halted_for is not None and not _pauses_on(terms, self.halted_for):
                self.halted_at = self.halted_for = None


def _promised(terms: TargetTerms | None) -> bool:
    return terms is not None and terms.promise.strength != "none"


def _pauses_on(terms: TargetTerms | None, cause: str) -> bool:
    if terms is None or not _promised(terms):
        return True
    # An update is nobody's due while the customer has to answer.
    waits = terms.promise.metric == "next_update" and cause == "customer"
    return waits or cause in terms.promise.pauses


def _starts_on(terms: TargetTerms | None) -> StartsOn:
    return "opening" if terms is None else terms.promise.starts_on
