"""Sets of promises and of holidays: what their users have by them, and what that contradicts."""

from collections.abc import Iterator

from app.documents.form.basis.problems import Problem, problem
from app.documents.form.calendars import MAX_EXCEPTIONAL_YEARS
from app.documents.form.catalog import CatalogDocument
from app.documents.form.matrix import place_made
from app.documents.form.plans import PlanDocument, check_apart
from app.documents.form.promises import (
    MOST_PROMISES,
    PlacedPromise,
    PromiseDocument,
    place_listed,
)
from app.documents.form.regions import check_regions


def place_own(plan: PlanDocument) -> list[PlacedPromise]:
    """Return a plan's own promises, those of its list and then of its table, with their places."""
    return place_listed(plan.promises, "promises") + place_made(plan.matrix, "matrix")


def promises_of(plan: PlanDocument, document: CatalogDocument) -> tuple[PromiseDocument, ...]:
    """Return all that a plan promises: its sets, then its own list and its own table."""
    own = (*plan.promises, *(plan.matrix.promises() if plan.matrix else ()))
    shared = (
        promise
        for name in plan.promise_sets
        for promise in document.promise_sets[name].all_promises()
    )
    return (*shared, *own)


def place_shared(name: str, document: CatalogDocument) -> list[PlacedPromise]:
    """Return the promises of a set, each with its place in the document."""
    steps, shared = ("promise_sets", name), document.promise_sets[name]
    listed = place_listed(shared.promises, *steps, "promises")
    return listed + place_made(shared.matrix, *steps, "matrix")


def check_sets(document: CatalogDocument) -> Iterator[Problem]:
    """Return what plans and calendars, each sound by itself, have by sets that do not fit."""
    yield from check_regions(document.regions, document.calendars)
    for name, promise_set in document.promise_sets.items():
        steps = ("promise_sets", name)
        listed = place_listed(promise_set.promises, *steps, "promises")
        yield from check_apart(listed, place_made(promise_set.matrix, *steps, "matrix"))
    for code, plan in document.plans.items():
        yield from _check_plan(code, plan, document)
    for name, calendar in document.calendars.items():
        days = {*calendar.holiday_names(), *calendar.overrides}
        for each in calendar.holiday_sets:
            days |= document.holidays[each].names().keys()
        if calendar.holiday_sets and len({day.year for day in days}) > MAX_EXCEPTIONAL_YEARS:
            detail = f"Holidays and overrides may lie in {MAX_EXCEPTIONAL_YEARS} different years."
            yield problem("too_many_items", detail, "calendars", name)


def _check_plan(code: str, plan: PlanDocument, document: CatalogDocument) -> Iterator[Problem]:
    steps = ("plans", code, "promise_sets")
    known = place_own(plan)
    for place, name in enumerate(plan.promise_sets):
        shared = place_shared(name, document)
        yield from check_apart(known, shared, *steps, place)
        known += shared
        if any(each.promise.urgent for each in shared) and not plan.urgent:
            detail = "The plan promises urgent requests something, and does not serve them."
            yield problem("conflicting_fields", detail, *steps, place)
    if len(known) > MOST_PROMISES:
        yield problem("too_many_items", f"There may be {MOST_PROMISES} at most.", *steps[:2])
