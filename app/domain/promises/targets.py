"""Clauses applied to time: what a promise's targets come to, for a clock with its stops.

Everything here is in UTC microseconds. A clause counts in its own time: elapsed time, a
calendar's open time, or its business days (docs/concepts.md).
"""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Literal

from app.domain.promises.promises import FIRMNESS, MEASURED, BusinessDays, Clause, Promise, Strength
from app.domain.time.business_time import HORIZON, Due, NeverOpens, OpenTime
from app.domain.time.instants import span_to_micros
from app.domain.values import Value

Amount = int | Fraction


class TargetTerms(Value):
    """A promise together with the calendars, by name, of the version it was made with."""

    promise: Promise
    calendars: Mapping[str, OpenTime]


class Stop(Value):
    """A half-open span in which a clock stood still; `detail` is what it waited for, or why
    the ticket was closed.
    """

    start: int
    end: int
    why: Literal["paused", "stopped"]
    detail: str


class Measure(Value):
    """A clause's own time; `target` is in microseconds, or in business days when `in_days`."""

    target: Amount
    open_time: OpenTime | None
    in_days: bool = False

    def due(self, start: int, amount: Amount) -> Due:
        """Return when `amount` of this time after `start` is used up, first and last instant."""
        if self.open_time is None:
            at = start + int(amount)
            if at >= HORIZON:
                raise NeverOpens("The target is not reached before year 9999.")
            return Due(at, at)
        if self.in_days:
            return self.open_time.due_business_days(start, amount)
        return self.open_time.due(start, int(amount))

    def elapsed(self, start: int, end: int) -> Amount:
        """Return how much of this time lies between two instants, in the target's unit."""
        if self.open_time is not None and self.in_days:
            return self.open_time.elapsed_business_days(start, end)
        return self.micros(start, end)

    def micros(self, start: int, end: int) -> int:
        """Return the time that counts between two instants, business days as their open time."""
        return end - start if self.open_time is None else self.open_time.elapsed(start, end)


class AppliedClause(Value):
    """A clause that applies to a clock, and when its target is used up."""

    clause: Clause
    measure: Measure
    due: Due


class Reckoning(Value):
    """What a promise comes to on one clock.

    `binding` are the clauses that set the target, the shortest due first: the first has won.
    `passed_over` are those that do not apply: their guard does not hold, or something stronger
    binds. `stops` are those that moved the target: nothing moves one that has passed already.
    `strength` is that of the binding clauses; without any, the promise's own.
    """

    start: int
    stops: tuple[Stop, ...]
    strength: Strength
    binding: tuple[AppliedClause, ...]
    typical: tuple[AppliedClause, ...]
    passed_over: tuple[Clause, ...]
    warn_at: int | None

    @property
    def won(self) -> AppliedClause | None:
        return self.binding[0] if self.binding else None

    @property
    def due_at(self) -> int | None:
        return self.binding[0].due.due_at if self.binding else None

    @property
    def breaches_after(self) -> int | None:
        if self.strength not in MEASURED or not self.binding:
            return None
        return min(each.due.breaches_after for each in self.binding)

    @property
    def typical_at(self) -> int | None:
        return min((each.due.due_at for each in self.typical), default=None)


def reckon(terms: TargetTerms, *, start: int, stops: Sequence[Stop]) -> Reckoning:
    """Apply every clause to a clock that started at `start` and stood still during `stops`.

    Stops are in order and do not overlap. A clause's guard is judged at `start`. Raises
    `never_opens` for a target that is not reached before the year 9999.
    """
    promise = terms.promise
    applying = [
        clause
        for clause in promise.clauses
        if clause.opened_in_hours is None or terms.calendars[clause.opened_in_hours].is_open(start)
    ]
    strength, chosen = _choose_binding(promise, applying)
    usual = [clause for clause in applying if clause.strength == "typical"]
    moved, counted = _move_by_stops([_apply(each, terms, start) for each in chosen], start, stops)
    binding = sorted(moved, key=lambda each: (each.due.due_at, each.due.breaches_after))
    return Reckoning(
        start=start,
        stops=counted,
        strength=strength,
        binding=tuple(binding),
        typical=tuple(
            _move_by_stops([_apply(each, terms, start)], start, counted)[0][0] for each in usual
        ),
        passed_over=_pass_over(promise.clauses, (*chosen, *usual)),
        warn_at=_find_warning(promise, binding[0], start, counted) if binding else None,
    )


def measure_clause(clause: Clause, calendars: Mapping[str, OpenTime], *, start: int) -> Measure:
    """Return the time in which a clause counts, with its target for a clock that begins then.

    That of the close of a business day is the open time until then, and so moves by stops.
    """
    open_time = calendars[clause.calendar] if clause.calendar is not None else None
    if isinstance(clause.within, BusinessDays) and clause.within.end_of_day and open_time:
        closes = open_time.close_of_business_day(start, clause.within.days)
        return Measure(open_time.elapsed(start, closes), open_time)
    if isinstance(clause.within, BusinessDays):
        return Measure(Fraction(clause.within.days), open_time, in_days=True)
    return Measure(span_to_micros(clause.within), open_time)


def counted_micros(measure: Measure, start: int, end: int, stops: Sequence[Stop]) -> int:
    """Return the clause's time between two instants less what of it fell into `stops`."""
    stood_still = sum(measure.micros(stop.start, stop.end) for stop in stops)
    return measure.micros(start, end) - stood_still


def _choose_binding(promise: Promise, applying: Sequence[Clause]) -> tuple[Strength, list[Clause]]:
    """Choose the clauses that set the target, and say how strong it then is.

    The firmest that apply bind together, and what is less firm sets no target beside them. No
    clause is firmer than its promise: one that is best effort as a whole guarantees nothing.
    """
    if promise.strength not in FIRMNESS:
        return promise.strength, []
    at_most = FIRMNESS.index(promise.strength)
    ranked = [
        (max(at_most, FIRMNESS.index(each.strength)), each)
        for each in applying
        if each.strength in FIRMNESS
    ]
    firmest = min((rank for rank, _ in ranked), default=at_most)
    return FIRMNESS[firmest], [each for rank, each in ranked if rank == firmest]


def _pass_over(clauses: Sequence[Clause], taken: Sequence[Clause]) -> tuple[Clause, ...]:
    if len(taken) == len(clauses):
        return ()
    return tuple(each for each in clauses if not any(each is one for one in taken))


def _apply(clause: Clause, terms: TargetTerms, start: int) -> AppliedClause:
    measure = measure_clause(clause, terms.calendars, start=start)
    return AppliedClause(clause, measure, measure.due(start, measure.target))


def _move_by_stops(
    clauses: Sequence[AppliedClause], start: int, stops: Sequence[Stop]
) -> tuple[list[AppliedClause], tuple[Stop, ...]]:
    """Move the dues of `clauses` by each stop, as long as none of them has passed before it.

    A stop that covers P of a clause's time moves its due by P, so one outside the clause's
    hours moves nothing.
    """
    if not stops:
        return list(clauses), ()
    amounts = [each.measure.target for each in clauses]
    dues = [each.due for each in clauses]
    counted = []
    for stop in stops:
        if dues and min(due.breaches_after for due in dues) < stop.start:
            break
        counted.append(stop)
        for place, each in enumerate(clauses):
            stood_still = each.measure.elapsed(stop.start, stop.end)
            if stood_still:
                amounts[place] += stood_still
                dues[place] = each.measure.due(start, amounts[place])
    moved = [
        AppliedClause(each.clause, each.measure, due)
        for each, due in zip(clauses, dues, strict=True)
    ]
    return moved, tuple(counted)


def _find_warning(
    promise: Promise, won: AppliedClause, start: int, stops: Sequence[Stop]
) -> int | None:
    """Return when the deadline is at risk, in the winning clause's own time, or None.

    With a share and a span both, the earlier holds; a span longer than the budget is at risk
    from the start.
    """
    warnings = []
    if promise.warn_at is not None:
        share = _take_share(won.measure, promise.warn_at)
        warnings.append(_pass_stops(won.measure, start, stops, share))
    if promise.warn_before is not None:
        own_time = Measure(0, won.measure.open_time)
        budget = counted_micros(own_time, start, won.due.due_at, stops)
        before = max(0, budget - span_to_micros(promise.warn_before))
        warnings.append(_pass_stops(own_time, start, stops, before))
    return min(warnings, default=None)


def _take_share(measure: Measure, share: Fraction) -> Amount:
    """Return a share of a target: exact in business days, and in microseconds all that is whole."""
    if measure.in_days:
        return measure.target * share
    return int(measure.target) * share.numerator // share.denominator


def _pass_stops(measure: Measure, start: int, stops: Sequence[Stop], amount: Amount) -> int:
    at = measure.due(start, amount).due_at
    for stop in stops:
        if at <= stop.start:
            break
        amount += measure.elapsed(stop.start, stop.end)
        at = measure.due(start, amount).due_at
    return at
