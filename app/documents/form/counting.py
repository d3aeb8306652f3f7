"""Counting of a plan's minutes: at least, in steps, and by factors."""

import re
from collections.abc import Iterator
from fractions import Fraction
from typing import Annotated

from pydantic import Field

from app.documents.form.basis.parts import CalendarName, Listed, Part, SeverityLevels
from app.documents.form.basis.problems import Problem, problem, refuse
from app.documents.form.basis.surroundings import Surroundings
from app.documents.form.basis.values import Written
from app.domain.catalog.counting import CountedOver

LONGEST_LEAST = 24 * 60
LARGEST_FACTOR = 100
MOST_FACTORS = 16
_FACTOR = re.compile(r"([1-9][0-9]{0,2})(?:/([1-9][0-9]{0,2}))?")
_NUMBER = re.compile(r"[0-9]{1,3}(?:[.,][0-9]{1,3})?")


def write_as_fraction(number: str) -> str:
    """Return how a factor is written that was given as another number, as a sentence to add."""
    exact = Fraction(number.replace(",", ".")) if _NUMBER.fullmatch(number) else Fraction(0)
    fits = exact.denominator < 1000 and 1 <= exact <= LARGEST_FACTOR
    return f' A factor of {number} is written "{exact}".' if fits else ""


def _read_factor(text: str) -> Fraction:
    found = _FACTOR.fullmatch(text)
    factor = Fraction(int(found[1]), int(found[2] or 1)) if found else Fraction(0)
    if not 1 <= factor <= LARGEST_FACTOR:
        detail = f'A factor is written like "2" or "3/2", from 1 to {LARGEST_FACTOR}.'
        raise refuse("out_of_range", detail + write_as_fraction(text))
    return factor


FactorText = Annotated[Fraction, Written(_read_factor, shape={"pattern": f"^{_FACTOR.pattern}$"})]


class FactorDocument(Part):
    """A factor by which minutes count while it applies."""

    by: FactorText
    """The factor by which minutes count, such as 2 or 3/2."""
    in_: Annotated[CalendarName | None, Field(alias="in")] = None
    """The calendar in whose open time the factor applies."""
    outside: CalendarName | None = None
    """The calendar outside whose open time the factor applies."""
    urgent: bool = False
    """Whether the factor applies to urgent tickets, at any time."""
    severities: SeverityLevels = ()
    """The severities of the tickets that it applies to, at any time or at those named; any, if it
    is left out."""
    least: Annotated[int, Field(ge=1, le=LONGEST_LEAST)] | None = None
    """The fewest minutes that count of what the factor has applied to, if only in part."""

    def check(self, around: Surroundings) -> Iterator[Problem]:
        named = (self.in_ is not None) + (self.outside is not None) + self.urgent
        if named > 1 or not (named or self.severities):
            detail = "A factor applies in a calendar, outside one, if urgent, or to severities."
            yield problem("conflicting_fields", detail, "by")


class CountingDocument(Part):
    """How minutes of work are counted, where not as they were worked."""

    least: Annotated[int, Field(ge=1, le=LONGEST_LEAST)] = 1
    """The fewest minutes that count once anything was worked."""
    step: Annotated[int, Field(ge=1, le=LONGEST_LEAST)] = 1
    """The minutes to whose multiples the count is rounded up: each step begun counts in full."""
    over: CountedOver = "work"
    """What the least and the steps are for: each piece of work, a ticket, or a ticket's day."""
    factors: Annotated[tuple[FactorDocument, ...], Field(max_length=MOST_FACTORS), Listed] = ()
    """The factors of minutes, of which the first that applies counts."""

    def check(self, around: Surroundings) -> Iterator[Problem]:
        size = around.unit_minutes
        if size is not None and self.gives("step") and self.step % size:
            detail = f"Time is sold by {size} minutes: a step is so many, or several times that."
            yield problem("unit_mismatch", detail, "step")
