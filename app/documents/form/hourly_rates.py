"""Hourly rates, beyond an allowance or without a plan."""

from collections.abc import Iterator
from typing import Annotated

from pydantic import Field

from app.documents.form.basis.parts import CalendarName, Listed, Part, Reference, SeverityLevels
from app.documents.form.basis.problems import Problem, problem
from app.documents.form.basis.surroundings import Surroundings
from app.documents.form.basis.values import Text
from app.documents.form.money import MoneyDocument
from app.domain.catalog.hourly_rates import HourlyRate, RatedHours

MOST_RATES = 50


class HourlyRateDocument(Part):
    """What an hour costs; of the rates listed, the first that applies holds, hour by hour."""

    per_hour: MoneyDocument
    """The price of an hour of work."""
    urgent: bool = False
    """Whether the rate is for urgent tickets only."""
    category: Annotated[Text, Reference("category")] | None = None
    """The category that the rate is for; any, if it is left out."""
    severities: SeverityLevels = ()
    """The severities that it is for; any, if it is left out."""
    in_: Annotated[CalendarName | None, Field(alias="in")] = None
    """The calendar whose open time it is for."""
    outside: CalendarName | None = None
    """The calendar outside whose open time it is for."""
    hours: RatedHours = "counted"
    """Whether it is for an hour as it is counted, or as it was worked: with the least and the
    steps, and without factors."""

    def check(self, around: Surroundings) -> Iterator[Problem]:
        if self.in_ is not None and self.outside is not None:
            detail = "A rate is for time in a calendar, or outside one: not both."
            yield problem("conflicting_fields", detail, "outside")

    def value(self) -> HourlyRate:
        return HourlyRate(
            per_hour=self.per_hour.value(),
            urgent=self.urgent,
            category=self.category,
            severities=frozenset(self.severities),
            inside=self.in_,
            outside=self.outside,
            hours=self.hours,
        )


HourlyRates = Annotated[tuple[HourlyRateDocument, ...], Field(max_length=MOST_RATES), Listed]
