"""Explanations: from a deadline's start to its due, what counted, what did not, and why."""

from datetime import datetime
from itertools import islice
from typing import assert_never

from app.domain.promises.counted_spans import Why, trace
from app.domain.promises.deadline_views import describe_clause
from app.domain.promises.deadlines import Deadline, Timing
from app.domain.promises.promises import MEASURED, Clause, Metric, Strength
from app.domain.promises.targets import AppliedClause
from app.domain.time.instants import MICROS_PER_SECOND, from_micros
from app.domain.values import Value

MAX_SEGMENTS = 1_000


class ExplainedSegment(Value):
    """A half-open part of the time from start to due.

    `detail` is the holiday's or the override's name, what was waited for, what closed the
    ticket, or why open time did not count. The time of a target without a calendar is open.
    """

    start: datetime
    end: datetime
    counted: bool
    why: Why
    detail: str | None


class ExplainedClause(Value):
    """One clause of the promise: when it is due, or why it does not apply."""

    target: str
    strength: Strength
    calendar: str | None
    opened_in_hours: str | None
    applies: bool
    won: bool
    due_at: datetime | None
    breaches_after: datetime | None
    reason: str


class Explanation(Value):
    """How a deadline came about.

    `target`, `calendar` and `zone` are of the clause that won; `segments` count in its time,
    from the start to its due, or to now where a pause leaves no due. `counted_seconds` is what
    they come to: the target itself once all of it is there. `truncated` says that segments
    were left out after `MAX_SEGMENTS`.
    """

    metric: Metric
    target: str | None
    calendar: str | None
    zone: str | None
    clauses: tuple[ExplainedClause, ...]
    segments: tuple[ExplainedSegment, ...]
    counted_seconds: int
    truncated: bool


def explain_deadline(deadline: Deadline) -> Explanation:
    """Explain a deadline as `run_clocks` returned it.

    One without a time has its clauses, if any, and no segments.
    """
    timing = deadline.timing
    won = timing.reckoning.won if timing is not None else None
    if timing is None or won is None:
        clauses = explain_clauses(deadline, timing) if timing is not None else ()
        return Explanation(deadline.metric, None, None, None, clauses, (), 0, False)
    spans = trace(timing, _end_of(deadline, timing, won))
    shown = list(islice(spans, MAX_SEGMENTS + 1))
    truncated = len(shown) > MAX_SEGMENTS
    shown = shown[:MAX_SEGMENTS]
    counted = sum(each.end - each.start for each in shown if each.counted)
    open_time = won.measure.open_time
    return Explanation(
        metric=deadline.metric,
        target=describe_clause(won.clause, timing.terms.calendars),
        calendar=won.clause.calendar,
        zone=open_time.calendar.zone if open_time is not None else None,
        clauses=explain_clauses(deadline, timing),
        segments=tuple(
            ExplainedSegment(
                from_micros(each.start), from_micros(each.end), each.counted, each.why, each.detail
            )
            for each in shown
        ),
        counted_seconds=counted // MICROS_PER_SECOND,
        truncated=truncated,
    )


def explain_clauses(deadline: Deadline, timing: Timing) -> tuple[ExplainedClause, ...]:
    """Explain each clause of a deadline's promise, in the promise's order."""
    reckoning = timing.reckoning
    applied = {each.clause: each for each in (*reckoning.binding, *reckoning.typical)}
    timed = deadline.status not in ("paused", "cancelled")
    return tuple(
        _explain_clause(clause, applied.get(clause), timing, timed=timed)
        for clause in timing.terms.promise.clauses
    )


def _explain_clause(
    clause: Clause, applied: AppliedClause | None, timing: Timing, *, timed: bool
) -> ExplainedClause:
    due = applied.due if applied is not None and timed else None
    breaches = applied in timing.reckoning.binding and timing.reckoning.strength in MEASURED
    return ExplainedClause(
        target=describe_clause(clause, timing.terms.calendars),
        strength=clause.strength,
        calendar=clause.calendar,
        opened_in_hours=clause.opened_in_hours,
        applies=applied is not None,
        won=applied is not None and applied is timing.reckoning.won,
        due_at=from_micros(due.due_at) if due is not None else None,
        breaches_after=from_micros(due.breaches_after) if due is not None and breaches else None,
        reason=_find_reason(clause, applied, timing),
    )


def _find_reason(clause: Clause, applied: AppliedClause | None, timing: Timing) -> str:
    reckoning, guard = timing.reckoning, clause.opened_in_hours
    if applied is None:
        if guard is not None and not timing.terms.calendars[guard].is_open(reckoning.start):
            return f"It does not apply: the clock did not start in the hours of {guard}."
        return "It does not bind, because something firmer does."
    if clause.strength == "typical":
        return "It says when an answer usually comes, and binds nothing."
    if applied is reckoning.won:
        reason = "It won: its target is used up first"
    else:
        reason = "It binds as well: its target is used up later"
    if reckoning.strength == "best_effort":
        return f"{reason}. On best effort it is never breached: done after it, it is late."
    if applied.due.breaches_after == reckoning.breaches_after:
        broken = "when it is missed" if reckoning.strength == "target" else "the breach"
        return f"{reason}, and it decides {broken}."
    return f"{reason}."


def _end_of(deadline: Deadline, timing: Timing, won: AppliedClause) -> int:
    match deadline.status:
        case "paused":
            return timing.seen_at
        case "cancelled":
            return timing.seen_at if timing.ended_at is None else timing.ended_at
        case "running" | "met" | "breached" | "missed" | "late" | "none":
            return won.due.due_at
        case _:
            assert_never(deadline.status)
