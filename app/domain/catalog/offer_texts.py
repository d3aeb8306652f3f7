"""Texts of offers: what one gives, in plain English sentences made from the data."""

from collections.abc import Collection, Mapping, Sequence

from app.domain.catalog.amounts import NO_NAMES, Names, Unit, name_several, name_unit, write_amount
from app.domain.catalog.offers import Allowance
from app.domain.catalog.terms import Term
from app.domain.promises.durations import describe_duration
from app.domain.promises.promises import Clause, Metric, Promise, count_alike
from app.domain.time.calendar_texts import describe_hours, name_hours
from app.domain.time.calendars import Calendar
from app.domain.values import replace

METRIC_NAMES: Mapping[Metric, str] = {
    "first_response": "first response",
    "next_response": "next response",
    "next_update": "next update",
    "remedy": "remedy",
    "resolution": "resolution",
}
STRENGTH_NAMES: Mapping[str, str] = {
    "guaranteed": "guaranteed",
    "target": "as a target, with reasonable efforts",
    "best_effort": "on a best-effort basis",
}
# The same for a promise without a time.
TIMELESS_NAMES: Mapping[str, str] = {
    "guaranteed": "guaranteed, at no set time",
    "target": "as a target, with reasonable efforts, at no set time",
    "best_effort": "on a best-effort basis",
}
# Hours of a calendar of this name are "business hours" without more words.
PLAIN_CALENDAR = "business"


def describe_promise(
    promise: Promise, calendars: Mapping[str, Calendar], *, plain: Collection[str] = ()
) -> str:
    """Return one sentence that says what a promise gives, to which requests, how firmly.

    `calendars` are the catalogue's, by code; where a promise counts in one that is not called
    `business`, nor `plain`, its name for people, if it has one, and its hours are spelled out.
    The seller's own `text` goes before all this.
    """
    if promise.text is not None:
        return promise.text
    subject = _describe_requests(promise)
    body = _describe_body(promise, calendars, {PLAIN_CALENDAR, *plain})
    sentence = f"{subject}: {body}" if subject else body
    return f"{sentence[0].upper()}{sentence[1:]}."


def describe_allowance(allowance: Allowance, unit: Unit, names: Names = NO_NAMES) -> str:
    """Return what an offer grants: "10 incidents", "40 hours a month", "unlimited incidents"."""
    each = " a month" if allowance.per == "month" else ""
    if allowance.unlimited:
        return f"unlimited {name_unit(unit, 2, names)}{each}"
    if allowance.amount == 0:
        return f"no {name_unit(unit, 2, names)} of its own"
    if allowance.amount is None:
        return f"{name_several(unit, names)}{each}, as agreed"
    if unit == "minute" and names.time is not None:
        return write_amount(allowance.amount, unit, names) + each
    if unit == "minute" and allowance.amount % 60 == 0:
        return _count(allowance.amount // 60, "hour") + each
    return f"{allowance.amount:,} {name_unit(unit, allowance.amount, names)}{each}"


def describe_term(term: Term | None) -> str:
    """Return a term in words: "1 year", "18 months", "30 days", "a term as agreed"."""
    if term is None:
        return "a term as agreed"
    if term.days:
        return _count(term.days, "day")
    if term.months % 12 == 0:
        return _count(term.months // 12, "year")
    return _count(term.months, "month")


def _describe_requests(promise: Promise) -> str:
    """Return which requests a promise is for; nothing when it is for all of them."""
    base, subject = _describe_gravity(promise), _describe_subject(promise)
    return f"{base or 'requests'} {subject}" if subject else base


def _describe_gravity(promise: Promise) -> str:
    severities = _name_severities(sorted(promise.severities))
    match promise.urgent:
        case True:
            return f"urgent requests of {severities}" if severities else "urgent requests"
        case False:
            return f"ordinary requests of {severities}" if severities else "ordinary requests"
        case None:
            return severities


def _describe_subject(promise: Promise) -> str:
    """Return by which channels and about what requests come that a promise is for."""
    parts = (
        ("by", promise.channels),
        ("about", promise.topics),
        ("of the category", promise.categories),
    )
    return " ".join(
        f"{word} {' or '.join(name.replace('-', ' ') for name in sorted(names))}"
        for word, names in parts
        if names
    )


def _describe_body(
    promise: Promise, calendars: Mapping[str, Calendar], plain: Collection[str]
) -> str:
    metric = METRIC_NAMES[promise.metric]
    if promise.strength == "none":
        return f"no {metric} time is offered"
    if not promise.clauses:
        return f"{metric} {TIMELESS_NAMES[promise.strength]}"
    binding = [clause for clause in promise.clauses if clause.strength != "typical"]
    usual = [clause for clause in promise.clauses if clause.strength == "typical"]
    guarded = any(clause.opened_in_hours for clause in binding)
    spans = ", and ".join(
        _describe_span(clause, usual, calendars, plain, guarded=guarded) for clause in binding
    )
    body = f"{metric} {spans}{_describe_pauses(promise)}, {STRENGTH_NAMES[promise.strength]}"
    if promise.percent is not None:
        body += f", for {promise.percent} percent of requests"
    apart = [each for each in usual if not any(count_alike(each, other) for other in binding)]
    if apart:
        targets = " or ".join(
            f"{_preposition(clause)} {describe_target(clause, calendars)}" for clause in apart
        )
        body += f"; usually {targets.replace(' or within ', ' or ')}"
    return body


def _describe_span(
    clause: Clause,
    usual: Sequence[Clause],
    calendars: Mapping[str, Calendar],
    plain: Collection[str],
    *,
    guarded: bool,
) -> str:
    """Return one bound, led by what is usual of the same time ("within 1 to 4 business hours").

    Where others hold in hours only, it says that this one always does.
    """
    beside = (each for each in usual if count_alike(each, clause))
    low = next((describe_target(each, calendars) for each in beside), None)
    led = "" if low is None else f"{low.partition(' ')[0]} to "
    calendar = calendars.get(clause.calendar) if clause.calendar is not None else None
    if calendar is None or clause.calendar in plain:
        span = f"{_preposition(clause)} {led}{describe_target(clause, calendars)}"
    else:
        words = name_hours(calendar)
        named = f"{calendar.name}: " if calendar.name and words.after else ""
        target = describe_duration(clause.within, replace(words, after=""))
        span = f"{_preposition(clause)} {led}{target} ({named}{describe_hours(calendar)})"
    if clause.opened_in_hours:
        return f"{span} when asked in {name_period(clause.opened_in_hours, calendars)}"
    return f"{span} at any time" if guarded else span


def _preposition(clause: Clause) -> str:
    return "by" if clause.ends_with_day else "within"


def describe_target(clause: Clause, calendars: Mapping[str, Calendar]) -> str:
    """Return a clause's target: "4 business hours", "24 hours", in its calendar's own words."""
    if clause.calendar is None:
        return describe_duration(clause.within)
    return describe_duration(clause.within, name_hours(calendars[clause.calendar]))


def name_period(calendar: str, calendars: Mapping[str, Calendar]) -> str:
    """Return a calendar's hours as a period: "business hours", "support hours"."""
    return name_hours(calendars[calendar]).phrase


def _describe_pauses(promise: Promise) -> str:
    if not promise.pauses:
        return ""
    causes = " or ".join(f"the {cause.replace('-', ' ')}" for cause in sorted(promise.pauses))
    return f", not counting waits for {causes}"


def _name_severities(levels: list[int]) -> str:
    if len(levels) <= 1:
        return f"severity {levels[0]}" if levels else ""
    first, *between, last = levels
    if between and last - first == len(levels) - 1:
        return f"severities {first} to {last}"
    return f"severities {', '.join(map(str, levels[:-1]))} and {last}"


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun if number == 1 else _plural(noun)}"


def _plural(noun: str) -> str:
    return f"{noun}s"
