"""The rows of a plan table that say how soon each plan answers, and how firmly."""

from collections.abc import Iterator, Mapping, Sequence

from app.api.catalog.plan_values import PlanCell, PlanRow, Section
from app.api.catalog.rule_texts import describe_conditions
from app.api.pages.words import Words
from app.domain.catalog.catalogs import Catalog
from app.domain.catalog.plans import Plan
from app.domain.promises.promises import METRICS, Clause, Metric, Promise, count_alike, count_named
from app.domain.time.calendar_texts import name_hours
from app.domain.time.calendars import Calendar


def build_time_sections(catalog: Catalog, plans: Sequence[Plan], words: Words) -> Iterator[Section]:
    """Yield the times of all plans: one part, or one for each severity they depend on."""
    levels = sorted(
        {level for plan in plans for promise in plan.promises for level in promise.severities}
    )
    if not levels:
        yield Section(words("times"), None, tuple(_rows(catalog, plans, words, severity=None)))
        return
    for level in levels:
        known = catalog.severities.get(level)
        title = (
            words("severity_bare", level=level)
            if known is None
            else words("severity", level=level, name=known.name)
        )
        note = None if known is None else known.definition
        yield Section(title, note, tuple(_rows(catalog, plans, words, severity=level)))


def describe_briefly(promise: Promise, calendars: Mapping[str, Calendar], words: Words) -> str:
    """Return a promise's time in few words: "8 business hours"; "Best effort" without one.

    What is usual is told as a range with what binds in the same hours: 1 to 4 business hours.
    """
    binding = [clause for clause in promise.clauses if clause.strength != "typical"]
    usual = [clause for clause in promise.clauses if clause.strength == "typical"]
    if not binding:
        firm = promise.strength in ("guaranteed", "target")
        return words(f"{promise.strength}_alone" if firm else "best_effort")
    always = [clause for clause in binding if clause.opened_in_hours is None]
    inside = [clause for clause in binding if clause.opened_in_hours is not None]
    parts = [", ".join(_bound(each, usual, calendars, words) for each in always)] if always else []
    if inside:
        spans = ", ".join(_bound(each, usual, calendars, words) for each in inside)
        parts.append(words("when_in_hours", span=spans))
    rest = [each for each in usual if not any(count_alike(each, other) for other in binding)]
    parts += [words("usually", span=_span(each, calendars, words)) for each in rest]
    return "; ".join(parts)


def _rows(
    catalog: Catalog, plans: Sequence[Plan], words: Words, *, severity: int | None
) -> Iterator[PlanRow]:
    for metric in METRICS:
        found = [
            promise
            for plan in plans
            for promise in _find(plan, metric, severity=severity, urgent=None)
        ]
        if not found:
            continue
        by_urgency = any(promise.urgent is not None for promise in found)
        for urgent in (False, True) if by_urgency else (None,):
            label = words("urgent_label", metric=words(metric)) if urgent else words(metric)
            cells = [
                _time_cell(
                    catalog, plan, _find(plan, metric, severity=severity, urgent=urgent), words
                )
                if plan.urgent or not urgent
                else PlanCell(plan.code, words("no"), False)
                for plan in plans
            ]
            yield PlanRow(label, tuple(cells))


def _find(
    plan: Plan, metric: Metric, *, severity: int | None, urgent: bool | None
) -> list[Promise]:
    found = [
        promise
        for promise in plan.promises
        if promise.metric == metric
        and (not promise.severities or severity in promise.severities)
        and (urgent is None or promise.urgent in (None, urgent))
    ]
    # What is for some channels, topics or categories only comes after what is for all.
    return sorted(found, key=count_named)


def _time_cell(catalog: Catalog, plan: Plan, promises: Sequence[Promise], words: Words) -> PlanCell:
    if not promises or promises[0].strength == "none":
        return PlanCell(plan.code, words("no"), False)
    promise = promises[0]
    about = describe_conditions(promise, catalog, words)
    brief = describe_briefly(promise, catalog.calendars, words)
    details = _list_details(promise, words)
    for other in promises[1:]:
        only = describe_conditions(other, catalog, words)
        if only:
            span = describe_briefly(other, catalog.calendars, words)
            details.append(f"{only}: {span if other.strength != 'none' else words('no')}")
    return PlanCell(
        plan.code,
        f"{about}: {brief}" if about else brief,
        True,
        detail=", ".join(details) or None,
        chosen="clauses" in promise.seller_choice,
    )


def _list_details(promise: Promise, words: Words) -> list[str]:
    """Return how firmly a time is owed, from when, and for how many requests."""
    details = []
    if any(clause.strength != "typical" for clause in promise.clauses):
        firmly = words(promise.strength)
        details.append(f"{firmly[0].lower()}{firmly[1:]}")
    if promise.percent is not None:
        details.append(words("share_kept", percent=promise.percent))
    if promise.starts_on == "answer":
        details.append(words("from_answer"))
    return details


def _bound(
    clause: Clause, usual: Sequence[Clause], calendars: Mapping[str, Calendar], words: Words
) -> str:
    """Return a bound, led by what is usual of the same time: "1 to 4 business hours"."""
    beside = [each for each in usual if count_alike(each, clause)]
    if not beside:
        return _span(clause, calendars, words)
    low = _span(beside[0], calendars, words).partition(" ")[0]
    return words("amount_to", low=low, high=_span(clause, calendars, words))


def _span(clause: Clause, calendars: Mapping[str, Calendar], words: Words) -> str:
    if clause.calendar is None:
        return words.within(clause.within)
    return words.within(clause.within, name_hours(calendars[clause.calendar]))
