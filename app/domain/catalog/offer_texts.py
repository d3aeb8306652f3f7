"""What an offer gives, in plain English sentences made from the data."""

from collections.abc import Mapping, Sequence

from app.domain.catalog.catalogs import Allowance, Term, Unit
from app.domain.promises.durations import describe_duration
from app.domain.promises.promises import Clause, Metric, Promise, count_alike
from app.domain.time.calendars import Calendar, Shift

METRIC_NAMES: Mapping[Metric, str] = {
    "first_response": "first response",
    "next_response": "next response",
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

DAY_NAMES = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def describe_promise(promise: Promise, calendars: Mapping[str, Calendar]) -> str:
    """Return one sentence that says what a promise gives, to which requests, how firmly.

    `calendars` are the catalogue's, by name; where a promise counts in one that is not called
    `business`, its hours are spelled out. The seller's own `text` goes before all this.
    """
    if promise.text is not None:
        return promise.text
    subject = _describe_requests(promise)
    body = _describe_body(promise, calendars)
    sentence = f"{subject}: {body}" if subject else body
    return f"{sentence[0].upper()}{sentence[1:]}."


def describe_allowance(allowance: Allowance, unit: Unit) -> str:
    """Return what an offer grants: "10 incidents", "40 hours a month", "unlimited incidents"."""
    each = " a month" if allowance.per == "month" else ""
    if allowance.unlimited:
        return f"unlimited {_plural(unit)}{each}"
    if allowance.amount == 0:
        return f"no {_plural(unit)} of its own"
    if allowance.amount is None:
        return f"{'hours' if unit == 'minute' else _plural(unit)}{each}, as agreed"
    if unit == "minute" and allowance.amount % 60 == 0:
        return _count(allowance.amount // 60, "hour") + each
    return _count(allowance.amount, unit) + each


def describe_term(term: Term | None) -> str:
    """Return a term in words: "1 year", "18 months", "30 days", "a term as agreed"."""
    if term is None:
        return "a term as agreed"
    if term.days:
        return _count(term.days, "day")
    if term.months % 12 == 0:
        return _count(term.months // 12, "year")
    return _count(term.months, "month")


def describe_hours(calendar: Calendar) -> str:
    """Return a week's hours and their zone: "Monday to Friday 09:30 to 17:30, UTC+02:00".

    Those of the calendars that it joins follow, after semicolons.
    """
    spells: list[tuple[int, int]] = []  # the first and last of days in a row with equal shifts
    for day, shifts in enumerate(calendar.hours):
        if spells and spells[-1][1] == day - 1 and calendar.hours[day - 1] == shifts:
            spells[-1] = (spells[-1][0], day)
        elif shifts:
            spells.append((day, day))
    parts = [
        f"{_name_days(first, last)} {_name_shifts(calendar.hours[first])}"
        for first, last in spells
        if calendar.hours[first]
    ]
    zone = calendar.zone if calendar.zone[0] not in "+-" else f"UTC{calendar.zone}"
    own = [", ".join([*parts, zone])] if parts else []
    return "; ".join([*own, *(describe_hours(joined) for joined in calendar.union)])


def _describe_requests(promise: Promise) -> str:
    """Return which requests a promise is for; nothing when it is for all of them."""
    severities = _name_severities(sorted(promise.severities))
    match promise.urgent:
        case True:
            return f"urgent requests of {severities}" if severities else "urgent requests"
        case False:
            return f"ordinary requests of {severities}" if severities else "ordinary requests"
        case None:
            return severities


def _describe_body(promise: Promise, calendars: Mapping[str, Calendar]) -> str:
    metric = METRIC_NAMES[promise.metric]
    if promise.strength == "none":
        return f"no {metric} time is offered"
    if not promise.clauses:
        return f"{metric} {TIMELESS_NAMES[promise.strength]}"
    binding = [clause for clause in promise.clauses if clause.strength != "typical"]
    usual = [clause for clause in promise.clauses if clause.strength == "typical"]
    guarded = any(clause.opened_in_hours for clause in binding)
    spans = ", and ".join(_describe_span(clause, usual, calendars, guarded) for clause in binding)
    body = f"{metric} {spans}{_describe_pauses(promise)}, {STRENGTH_NAMES[promise.strength]}"
    apart = [each for each in usual if not any(count_alike(each, other) for other in binding)]
    if apart:
        targets = " or ".join(_describe_target(clause) for clause in apart)
        body += f"; usually within {targets}"
    return body


def _describe_span(
    clause: Clause, usual: Sequence[Clause], calendars: Mapping[str, Calendar], guarded: bool
) -> str:
    """Return one bound, led by what is usual of the same time ("within 1 to 4 business hours").

    Where others hold in hours only, it says that this one always does.
    """
    low = next((_describe_target(each) for each in usual if count_alike(each, clause)), None)
    led = "" if low is None else f"{low.partition(' ')[0]} to "
    span = f"within {led}{_describe_target(clause)}"
    if clause.calendar not in (None, PLAIN_CALENDAR) and clause.calendar in calendars:
        span += f" ({describe_hours(calendars[clause.calendar])})"
    if clause.opened_in_hours:
        return f"{span} when asked in business hours"
    return f"{span} at any time" if guarded else span


def _describe_target(clause: Clause) -> str:
    return describe_duration(clause.within, business=clause.calendar is not None)


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


def _name_days(first: int, last: int) -> str:
    if first == last:
        return DAY_NAMES[first]
    return f"{DAY_NAMES[first]} {'and' if last == first + 1 else 'to'} {DAY_NAMES[last]}"


def _name_shifts(shifts: tuple[Shift, ...]) -> str:
    return " and ".join(
        f"{_name_time(shift.start_minute)} to {_name_time(shift.end_minute)}" for shift in shifts
    )


def _name_time(minute: int) -> str:
    return "24:00" if minute == 1440 else f"{minute // 60 % 24:02}:{minute % 60:02}"


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun if number == 1 else _plural(noun)}"


def _plural(noun: str) -> str:
    return f"{noun}s"
