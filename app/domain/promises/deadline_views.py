"""From a clock to the deadline that people see: status, instants, seconds, doubts."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from app.domain.promises.deadlines import Deadline, DeadlineWarning, Spell, Status, Timing
from app.domain.promises.durations import describe_duration
from app.domain.promises.promises import MEASURED, REPEATED, Clause
from app.domain.promises.stopwatches import Stopwatch
from app.domain.promises.targets import Measure, Reckoning, TargetTerms, counted_micros
from app.domain.time.business_time import OpenTime
from app.domain.time.instants import MICROS_PER_SECOND, from_micros

# The calendar in which a time without one is shown as business time too.
BUSINESS_CALENDAR = "business"


def compute_deadline(
    watches: Sequence[Stopwatch], *, at: int, begun: bool = True
) -> Deadline | None:
    """Return the last of a metric's clocks as a deadline at `at`, or None without a promise.

    Several watches are the waits for a next response, or the times between two updates, in
    order; not `begun` is none of them, or one that is counted from an answer to come.
    """
    promised = [watch for watch in watches if watch.terms is not None]
    if not promised:
        return None
    spells = promised if begun and promised[-1].metric in REPEATED else []
    return _compute(
        promised[-1], at, begun=begun, spells=tuple(_as_spell(each, at) for each in spells)
    )


def describe_clause(clause: Clause, calendars: Mapping[str, OpenTime]) -> str:
    """Return a clause's target in English: "4 business hours", "1 business day", "24 hours"."""
    if clause.calendar is None:
        return describe_duration(clause.within)
    return describe_duration(clause.within, calendars[clause.calendar].words)


def _compute(watch: Stopwatch, at: int, *, begun: bool, spells: tuple[Spell, ...] = ()) -> Deadline:
    terms, reckoning = watch.terms, watch.reckon()
    assert terms is not None  # noqa: S101 - only clocks with a promise are shown
    if reckoning is None or not begun:
        return Deadline(
            metric=watch.metric,
            strength=terms.promise.strength,
            status="none",
            target=_join(
                (each for each in terms.promise.clauses if each.strength != "typical"), terms
            ),
            text=terms.promise.text,
            percent=terms.promise.percent,
            excused=watch.excused,
            spells=spells,
        )
    status = _status(watch, reckoning)
    timed = status not in ("paused", "cancelled")
    warn_at = reckoning.warn_at if timed else None
    remaining, used = _count_seconds(watch, reckoning, at)
    elapsed, business = _count_taken(watch, terms, reckoning)
    return Deadline(
        metric=watch.metric,
        strength=reckoning.strength,
        status=status,
        target=_join((each.clause for each in reckoning.binding), terms),
        text=terms.promise.text,
        started_at=from_micros(watch.start),
        typical_at=_instant(reckoning.typical_at) if timed else None,
        warn_at=_instant(warn_at),
        due_at=_instant(reckoning.due_at) if timed else None,
        breaches_after=_instant(reckoning.breaches_after) if timed else None,
        remaining_seconds=remaining,
        used_seconds=used,
        elapsed_seconds=elapsed,
        business_seconds=business,
        percent=terms.promise.percent,
        at_risk=status == "running" and warn_at is not None and warn_at <= at,
        met_at=_instant(watch.ended_at) if watch.outcome == "met" else None,
        breached_at=_instant(watch.breached_at) if status == "breached" else None,
        missed_at=_instant(watch.breached_at) if status == "missed" else None,
        breach_cause=watch.breach_cause,
        excused=watch.excused,
        warnings=_warn(terms, reckoning) if timed else (),
        calendars=_name_calendars(terms),
        spells=spells,
        timing=Timing(
            terms=terms,
            reckoning=reckoning,
            stops=tuple(watch.own_stops),
            halted_at=watch.halted_at,
            halted_for=watch.halted_for,
            ended_at=watch.ended_at,
            seen_at=at,
        ),
    )


def _status(watch: Stopwatch, reckoning: Reckoning) -> Status:
    if watch.breached_at is not None:
        return "missed" if reckoning.strength == "target" else "breached"
    if watch.outcome == "met" and _ended_late(watch, reckoning):
        return "late"
    if watch.outcome is not None:
        return watch.outcome
    return "running" if watch.halted_at is None else "paused"


def _ended_late(watch: Stopwatch, reckoning: Reckoning) -> bool:
    """Say whether best effort was done after its due; what is measured is not late but broken."""
    if reckoning.strength in MEASURED or reckoning.due_at is None or watch.ended_at is None:
        return False
    return watch.ended_at > reckoning.due_at


def _count_seconds(
    watch: Stopwatch, reckoning: Reckoning, at: int
) -> tuple[int | None, int | None]:
    """Return what remains and what is used, in the winning clause's own time."""
    if reckoning.won is None:
        return None, None
    measure, due_at = reckoning.won.measure, reckoning.won.due.due_at
    ran_until = next(each for each in (watch.ended_at, watch.halted_at, at) if each is not None)
    used = counted_micros(measure, watch.start, ran_until, watch.own_stops) // MICROS_PER_SECOND
    if watch.outcome is not None:
        return None, used
    if watch.breached_at is not None or ran_until >= due_at:
        return 0, used
    return measure.micros(ran_until, due_at) // MICROS_PER_SECOND, used


def _count_taken(
    watch: Stopwatch, terms: TargetTerms, reckoning: Reckoning
) -> tuple[int | None, int | None]:
    """Return how long what is done took, in elapsed and in open time, less its stops."""
    if watch.outcome != "met" or watch.ended_at is None:
        return None, None
    open_time = _find_business_time(terms, reckoning)
    elapsed, business = (
        counted_micros(Measure(0, each), watch.start, watch.ended_at, watch.stops)
        for each in (None, open_time)
    )
    return (
        elapsed // MICROS_PER_SECOND,
        None if open_time is None else business // MICROS_PER_SECOND,
    )


def _find_business_time(terms: TargetTerms, reckoning: Reckoning) -> OpenTime | None:
    """Return the open time of the clause that won, else of another, else of business hours."""
    if reckoning.won is not None and reckoning.won.measure.open_time is not None:
        return reckoning.won.measure.open_time
    named = (each.calendar or each.opened_in_hours for each in terms.promise.clauses)
    name = next((each for each in named if each is not None), BUSINESS_CALENDAR)
    return terms.calendars.get(name)


def _as_spell(watch: Stopwatch, at: int) -> Spell:
    shown = _compute(watch, at, begun=True)
    return Spell(
        started_at=from_micros(watch.start),
        status=shown.status,
        warn_at=shown.warn_at,
        due_at=shown.due_at,
        breaches_after=shown.breaches_after,
        met_at=shown.met_at,
        breached_at=shown.breached_at,
        missed_at=shown.missed_at,
        breach_cause=shown.breach_cause,
        excused=shown.excused,
        used_seconds=shown.used_seconds,
        elapsed_seconds=shown.elapsed_seconds,
        business_seconds=shown.business_seconds,
    )


def _warn(terms: TargetTerms, reckoning: Reckoning) -> tuple[DeadlineWarning, ...]:
    """Warn of each calendar that was asked about a time for which its holidays are not known.

    That is the due of what counts in it, and the start for what it guards.
    """
    asked: dict[str, int] = {}
    for clause in terms.promise.clauses:
        if clause.opened_in_hours is not None:
            asked[clause.opened_in_hours] = reckoning.start
    for each in reckoning.binding:
        if each.clause.calendar is not None:
            name, due_at = each.clause.calendar, each.due.due_at
            asked[name] = max(due_at, asked.get(name, due_at))
    warnings = []
    for name, at in asked.items():
        open_time = terms.calendars[name]
        known_until = open_time.holidays_until
        if known_until is not None and open_time.is_past_known(at):
            detail = f"Holidays of {name} are known until {known_until}; the deadline lies after."
            warnings.append(DeadlineWarning("holidays_unknown", name, known_until, detail))
    return tuple(warnings)


def _name_calendars(terms: TargetTerms) -> tuple[str, ...]:
    names = [
        name
        for clause in terms.promise.clauses
        for name in (clause.calendar, clause.opened_in_hours)
        if name is not None
    ]
    return tuple(dict.fromkeys(names))


def _join(clauses: Iterable[Clause], terms: TargetTerms) -> str | None:
    return ", ".join(describe_clause(clause, terms.calendars) for clause in clauses) or None


def _instant(at: int | None) -> datetime | None:
    return None if at is None else from_micros(at)
