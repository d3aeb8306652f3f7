"""Rates, factors and rounding that are never reached: one before them holds wherever they would."""

from collections.abc import Iterator, Sequence
from typing import TypeVar

from app.documents.form.basis.problems import Problem, problem
from app.documents.form.catalog import CatalogDocument
from app.documents.form.conditions import TimeConditionsDocument
from app.documents.form.plans import PlanDocument
from app.documents.form.policies import PoliciesDocument
from app.domain.catalog.conditions import TicketConditions

Steps = tuple[str, ...]
Conditions = TypeVar("Conditions", bound=TicketConditions)


def find_unreached(document: CatalogDocument) -> Iterator[Problem]:
    """Return each that never holds: rates, then factors and rounding."""
    for steps, part in _list_time_terms(document):
        for place in _find_hidden([each.value() for each in part.rates]):
            detail = "It never holds: one before it is for all that it is for."
            yield problem("rate_unreached", detail, *steps, "rates", place)
    for steps, part in _list_time_terms(document):
        if part.counting is None:
            continue
        for place in _find_hidden([each.value() for each in part.counting.factors]):
            detail = "It never applies: one before it does wherever it would."
            yield problem("factor_unreached", detail, *steps, "counting", "factors", place)
        for place in _find_hidden([each.value() for each in part.counting.rounding]):
            detail = "It never applies: one before it is for all that it is for."
            yield problem("rounding_unreached", detail, *steps, "counting", "rounding", place)


def list_timed(document: CatalogDocument) -> Iterator[TimeConditionsDocument]:
    """Return every rate and factor that the document has."""
    for _, part in _list_time_terms(document):
        yield from part.rates
        yield from part.counting.factors if part.counting else ()


def _list_time_terms(
    document: CatalogDocument,
) -> Iterator[tuple[Steps, PlanDocument | PoliciesDocument]]:
    """Yield whatever has rates and counting, with the steps to it: the policies, and each plan."""
    yield ("policies",), document.policies
    for code, plan in document.plans.items():
        yield ("plans", code), plan


def _find_hidden(values: Sequence[Conditions]) -> Iterator[int]:
    """Yield the place of each that one before it includes."""
    for place, value in enumerate(values):
        if any(each.includes(value) for each in values[:place]):
            yield place
