"""Parses what a plan promises, and finds promises that contradict one another."""

from collections.abc import Collection, Mapping
from datetime import timedelta
from fractions import Fraction
from typing import Literal

from app.domain.catalog.document_reading import CODE, CODE_RULE, Table
from app.domain.promises.durations import parse_duration
from app.domain.promises.promises import METRICS, BusinessDays, Clause, Promise, Strength

PromiseStrength = Literal["guaranteed", "target", "best_effort", "none"]
STRENGTHS: tuple[PromiseStrength, ...] = ("guaranteed", "target", "best_effort", "none")

# What a clause may be, within a promise of each strength. The first is meant when none is said.
CLAUSE_STRENGTHS: dict[PromiseStrength, tuple[Strength, ...]] = {
    "guaranteed": ("guaranteed", "typical"),
    "target": ("target", "typical"),
    "best_effort": ("best_effort", "typical"),
    "none": (),
}

MOST_PROMISES = 50
MOST_CLAUSES = 8
LONGEST_SPAN = timedelta(days=3660)
MOST_BUSINESS_DAYS = 2600


def parse_promises(
    plan: Table, *, calendars: Collection[str], severities: Collection[int]
) -> tuple[Promise, ...]:
    """Return a plan's promises; two that match one request are a fault of the later one."""
    read: list[tuple[Table, Promise]] = []
    for table in plan.tables("promises", most=MOST_PROMISES):
        promise = _parse_promise(table, calendars, severities)
        if table.sound and any(_overlap(promise, other) for _, other in read):
            detail = f"Another promise of {promise.metric} matches the same requests."
            table.fault("overlapping_promises", detail)
        elif table.sound:
            read.append((table, promise))
    return tuple(promise for _, promise in read)


def _parse_promise(
    table: Table, calendars: Collection[str], severities: Collection[int]
) -> Promise:
    strength = table.choice("strength", STRENGTHS)
    warn_percent = table.integer_or_none("warn_at_percent", low=1, high=99)
    return Promise(
        metric=table.choice("metric", METRICS),
        strength=strength,
        clauses=_parse_clauses(table, strength, calendars),
        severities=_parse_levels(table, severities),
        urgent=table.flag("urgent", default=False) if table.has("urgent") else None,
        pauses=_parse_pauses(table),
        warn_at=None if warn_percent is None else Fraction(warn_percent, 100),
        warn_before=_parse_span(table, "warn_before") if table.has("warn_before") else None,
        text=table.text_or_none("text"),
        seller_choice=table.end(),
    )


def _parse_clauses(
    promise: Table, strength: PromiseStrength, calendars: Collection[str]
) -> tuple[Clause, ...]:
    tables = promise.tables("clauses", most=MOST_CLAUSES)
    allowed = CLAUSE_STRENGTHS[strength]
    if tables and not allowed:
        promise.fault("conflicting_fields", "What is not offered has no clauses.", "clauses")
        return ()
    clauses = tuple(_parse_clause(table, allowed, calendars) for table in tables)
    if clauses and all(clause.strength == "typical" for clause in clauses):
        detail = f"Some clause must be {strength}: a typical time alone binds nobody."
        promise.fault("conflicting_fields", detail, "clauses")
    return clauses


def _parse_clause(
    table: Table, allowed: tuple[Strength, ...], calendars: Collection[str]
) -> Clause:
    calendar = table.reference_or_none("calendar", "calendar", calendars)
    clause = Clause(
        within=_parse_within(table),
        calendar=calendar,
        opened_in_hours=table.reference_or_none("opened_in_hours", "calendar", calendars),
        strength=table.choice("strength", allowed, default=allowed[0]),
    )
    if isinstance(clause.within, BusinessDays) and calendar is None:
        detail = "Business days are counted in a calendar: name it."
        table.fault("required", detail, "calendar")
    table.end()
    return clause


def _parse_within(clause: Table) -> timedelta | BusinessDays:
    """Read a span (`"PT8H"`) or a number of business days (`{ business_days = 7 }`)."""
    if not isinstance(clause.raw("within"), Mapping):
        return _parse_span(clause, "within")
    days = clause.table("within")
    if days is None:
        return BusinessDays(1)
    within = BusinessDays(days.integer("business_days", low=1, high=MOST_BUSINESS_DAYS))
    days.end()
    return within


def _parse_span(table: Table, name: str) -> timedelta:
    text = table.text(name)
    if not text:
        return timedelta()
    try:
        span = parse_duration(text)
    except ValueError as reason:
        table.fault("invalid_duration", str(reason), name)
        return timedelta()
    if not timedelta() < span <= LONGEST_SPAN:
        detail = f"It must be longer than nothing and {LONGEST_SPAN.days:,} days at most."
        table.fault("out_of_range", detail, name)
    return span


def _parse_levels(promise: Table, severities: Collection[int]) -> frozenset[int]:
    levels = promise.integers("severities", low=1, high=4)
    for position, level in enumerate(levels):
        if level not in severities:
            detail = f"The document defines no severity {level}."
            promise.fault("unknown_severity", detail, "severities", position)
    return frozenset(levels)


def _parse_pauses(promise: Table) -> frozenset[str]:
    causes = promise.texts("pauses")
    for position, cause in enumerate(causes):
        if cause and not CODE.fullmatch(cause):
            promise.fault("invalid_code", CODE_RULE, "pauses", position)
    return frozenset(causes)


def _overlap(one: Promise, other: Promise) -> bool:
    return (
        one.metric == other.metric
        and (one.urgent is None or other.urgent is None or one.urgent == other.urgent)
        and (
            not one.severities
            or not other.severities
            or not one.severities.isdisjoint(other.severities)
        )
    )
