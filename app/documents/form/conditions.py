"""Conditions of what counts and costs time: for which tickets' work, and at what times."""

from collections.abc import Iterator
from typing import Annotated, Any

from pydantic import Field

from app.documents.form.basis.parts import (
    CalendarName,
    ChannelNames,
    Part,
    Reference,
    SeverityLevels,
)
from app.documents.form.basis.problems import Problem, problem
from app.documents.form.basis.surroundings import Surroundings
from app.documents.form.basis.values import Text


class TicketConditionsDocument(Part):
    """For which tickets something is: each condition that is given holds."""

    urgent: bool = False
    """Whether it is for urgent tickets only."""
    category: Annotated[Text, Reference("category")] | None = None
    """The category of the tickets that it is for; any, if it is left out."""
    severities: SeverityLevels = ()
    """The severities of the tickets that it is for; any, if it is left out."""
    channels: ChannelNames = ()
    """The channels of the tickets that it is for; any, if it is left out."""

    def is_conditional(self) -> bool:
        """Say whether it is for some tickets only, or at some times."""
        return bool(self.urgent or self.category or self.severities or self.channels)

    def conditions(self) -> dict[str, Any]:
        """Return its conditions as the domain's values have them."""
        return {
            "urgent": self.urgent,
            "category": self.category,
            "severities": frozenset(self.severities),
            "channels": frozenset(self.channels),
        }


class TimeConditionsDocument(TicketConditionsDocument):
    """For which tickets something is, and at what times."""

    in_: Annotated[CalendarName | None, Field(alias="in")] = None
    """The calendar in whose open time it applies; at any time, if there is none."""
    outside: CalendarName | None = None
    """The calendar outside whose open time it applies."""

    def is_conditional(self) -> bool:
        """Say whether it is for some tickets only, or at some times."""
        timed = self.in_ is not None or self.outside is not None
        return timed or super().is_conditional()

    def conditions(self) -> dict[str, Any]:
        """Return its conditions as the domain's values have them."""
        times = {"inside": self.in_, "outside": self.outside}
        return super().conditions() | times

    def check(self, around: Surroundings) -> Iterator[Problem]:
        if self.in_ is not None and self.outside is not None:
            detail = "It is for time in a calendar, or outside one: not both."
            yield problem("conflicting_fields", detail, "outside")
