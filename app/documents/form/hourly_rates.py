"""Hourly rates, beyond an allowance or without a plan."""

from typing import Annotated

from pydantic import Field

from app.documents.form.basis.parts import Listed
from app.documents.form.conditions import TimeConditionsDocument
from app.documents.form.money import MoneyDocument
from app.domain.catalog.hourly_rates import HourlyRate, RatedHours

MOST_RATES = 50


class HourlyRateDocument(TimeConditionsDocument):
    """What an hour costs; of the rates listed, the first that applies holds, hour by hour."""

    per_hour: MoneyDocument
    """The price of an hour of work."""
    hours: RatedHours = "counted"
    """Whether it is for an hour as it is counted, or as it was worked: with the least and the
    steps, and without factors."""

    def value(self) -> HourlyRate:
        return HourlyRate(per_hour=self.per_hour.value(), hours=self.hours, **self.conditions())


HourlyRates = Annotated[tuple[HourlyRateDocument, ...], Field(max_length=MOST_RATES), Listed]
