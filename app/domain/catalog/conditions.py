"""Conditions of what counts and costs time: which tickets' work it is for, and at what times."""

from collections.abc import Callable
from typing import Self, TypeVar

from app.domain.catalog.channels import Channel
from app.domain.values import Value

# Whether a calendar is open, by its name, at the time in question.
IsOpen = Callable[[str], bool]
Named = TypeVar("Named")


class WorkedTicket(Value):
    """What of a ticket the count and the price of work on it may depend on."""

    urgent: bool = False
    severity: int | None = None
    category: str | None = None
    channel: Channel | None = None


class TicketConditions(Value, kw_only=True):
    """For which tickets something is: urgent ones, one category, some severities or channels.

    Each that is given holds; without any, it is for all tickets.
    """

    urgent: bool = False
    category: str | None = None
    severities: frozenset[int] = frozenset()
    channels: frozenset[Channel] = frozenset()

    def is_for(self, ticket: WorkedTicket) -> bool:
        """Return whether it is for such a ticket, at some time."""
        return (
            ticket.urgent >= self.urgent
            and self.category in (None, ticket.category)
            and (not self.severities or ticket.severity in self.severities)
            and (not self.channels or ticket.channel in self.channels)
        )

    def includes(self, other: Self) -> bool:
        """Return whether it is for all that another is for."""
        return (
            self.urgent <= other.urgent
            and self.category in (None, other.category)
            and _includes(self.severities, other.severities)
            and _includes(self.channels, other.channels)
        )


class TimeConditions(TicketConditions, kw_only=True):
    """For which tickets something is, and at what times: while a calendar is open, or closed."""

    inside: str | None = None
    outside: str | None = None

    @property
    def calendar(self) -> str | None:
        """The calendar that it looks at, if any."""
        return self.inside or self.outside

    def holds(self, is_open: IsOpen | None) -> bool:
        """Return whether it holds at a time: by which calendars are open then.

        With None, at any time.
        """
        if self.calendar is None:
            return True
        return is_open is not None and is_open(self.calendar) == (self.inside is not None)

    def includes(self, other: Self) -> bool:
        """Return whether it is for all that another is for."""
        times = (self.inside, self.outside)
        return super().includes(other) and times in (
            (None, None),
            (other.inside, other.outside),
        )


def _includes(values: frozenset[Named], others: frozenset[Named]) -> bool:
    """Return whether values have all that others have; none named are all that there are."""
    return not values or (bool(others) and others <= values)
