"""Counting of minutes: at least, in steps, and by factors."""

import re
from collections.abc import Iterable, Iterator
from fractions import Fraction
from typing import Annotated

from pydantic import Field

from app.documents.form.basis.parts import Listed, Part
from app.documents.form.basis.problems import Problem, problem, refuse
from app.documents.form.basis.surroundings import Surroundings
from app.documents.form.basis.values import Written
from app.documents.form.conditions import TicketConditionsDocument, TimeConditionsDocument
from app.documents.form.hourly_rates import HourlyRateDocument
from app.domain.catalog.counting import CountedOver, Counting, Factor, Rounding

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


class FactorDocument(TimeConditionsDocument):
    """A factor by which minutes count while it applies."""

    by: FactorText
    """The factor by which minutes count, such as 2 or 3/2."""
    least: Annotated[int, Field(ge=1, le=LONGEST_LEAST)] | None = None
    """The fewest minutes that count of what the factor has applied to, if only in part."""

    def check(self, around: Surroundings) -> Iterator[Problem]:
        yield from super().check(around)
        if not self.is_conditional():
            detail = "A factor applies in a calendar, outside one, or to some tickets: say which."
            yield problem("conflicting_fields", detail, "by")

    def value(self) -> Factor:
        return Factor(by=self.by, least=self.least or 0, **self.conditions())


class RoundingDocument(TicketConditionsDocument):
    """The least and the step of some tickets' minutes, in place of those of all."""

    least: Annotated[int, Field(ge=1, le=LONGEST_LEAST)] | None = None
    """The fewest minutes that count once anything was worked; as of all, if it is left out."""
    step: Annotated[int, Field(ge=1, le=LONGEST_LEAST)] | None = None
    """The minutes to whose multiples the count is rounded up; as of all, if it is left out."""

    def check(self, around: Surroundings) -> Iterator[Problem]:
        if not self.is_conditional():
            detail = "It is for some tickets: what is for all of them stands beside this list."
            yield problem("conflicting_fields", detail)
        if self.least is None and self.step is None:
            yield problem("required", "It has a least, a step, or both.", "least")
        yield from check_step(self.step, around)

    def value(self) -> Rounding:
        return Rounding(least=self.least, step=self.step, **self.conditions())


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
    rounding: Annotated[tuple[RoundingDocument, ...], Field(max_length=MOST_FACTORS), Listed] = ()
    """What is another least or step for some tickets; of those listed, the first that applies."""

    def check(self, around: Surroundings) -> Iterator[Problem]:
        yield from check_step(self.step if self.gives("step") else None, around)

    def value(self) -> Counting:
        return Counting(
            least=self.least,
            step=self.step,
            over=self.over,
            factors=tuple(each.value() for each in self.factors),
            roundings=tuple(each.value() for each in self.rounding),
        )


def check_step(step: int | None, around: Surroundings) -> Iterator[Problem]:
    """Return what is wrong with a step where time is sold in a unit of its own."""
    size = around.unit_minutes
    if step is not None and size is not None and step % size:
        detail = f"Time is sold by {size} minutes: a step is so many, or several times that."
        yield problem("unit_mismatch", detail, "step")


def check_rated_hours(
    counting: CountingDocument | None, rates: Iterable[HourlyRateDocument]
) -> Iterator[Problem]:
    """Return rates of hours worked where work is counted together, so that no hour is one's own."""
    if counting is None or counting.over == "work":
        return
    for place, rate in enumerate(rates):
        if rate.hours == "worked":
            over = counting.over
            detail = f"Work that is counted together over a {over} has hours as counted only."
            yield problem("conflicting_fields", detail, "rates", place, "hours")
