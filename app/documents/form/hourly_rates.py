"""Hourly rates, beyond an allowance or without a plan."""

from typing import Annotated

from pydantic import Field

from app.documents.form.basis.parts import Listed, Part, Reference
from app.documents.form.basis.values import Text
from app.documents.form.money import MoneyDocument
from app.domain.catalog.hourly_rates import HourlyRate

MOST_RATES = 50


class HourlyRateDocument(Part):
    """What an hour costs; of the rates listed, the first that applies to a ticket holds."""

    per_hour: MoneyDocument
    """The price of an hour of work."""
    urgent: bool = False
    """Whether the rate is for urgent tickets only."""
    category: Annotated[Text, Reference("category")] | None = None
    """The category that the rate is for; any, if it is left out."""

    def value(self) -> HourlyRate:
        return HourlyRate(self.per_hour.value(), self.urgent, self.category)


HourlyRates = Annotated[tuple[HourlyRateDocument, ...], Field(max_length=MOST_RATES), Listed]
