"""Events of deadlines: the clock of a ticket as it was stored then."""

from dataclasses import dataclass, fields
from datetime import datetime

from app.domain.events.event_data import EventData
from app.domain.events.notices import DeadlineEventType
from app.domain.promises.deadlines import Status
from app.domain.promises.promises import Metric, Strength
from app.domain.promises.stored_clocks import StoredClock


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadlineData(EventData):
    """A ticket's deadline."""

    ticket_id: str
    """The ticket, under the helpdesk's own id."""
    metric: Metric
    """What is owed: an answer, a remedy or a resolution."""
    spell: int
    """For the next response, which of the customer's waits it is: 0, 1, 2 …"""
    catalog: str
    """The catalogue that promises it."""
    plan: str | None
    """The plan that promises it."""
    severity: int | None
    """How severe the ticket is."""
    strength: Strength
    """How firmly it is promised."""
    status: Status
    """How it stands now."""
    started_at: datetime | None
    """When its clock began."""
    warn_at: datetime | None
    """From when it is at risk."""
    due_at: datetime | None
    """By when it is owed."""
    breaches_after: datetime | None
    """The last instant at which it is kept."""
    met_at: datetime | None
    """When it was done."""
    breached_at: datetime | None
    """When a guarantee was broken."""
    missed_at: datetime | None
    """When a target was missed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadlineAtRiskData(DeadlineData):
    """Little is left of a deadline's time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadlineMetData(DeadlineData):
    """A deadline was kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadlineBreachedData(DeadlineData):
    """A guaranteed deadline was not kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadlineMissedData(DeadlineData):
    """A target was missed: nothing guaranteed is broken by it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadlineLateData(DeadlineData):
    """Best effort came after the time that it was hoped for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadlineExcusedData(DeadlineData):
    """A breach, or a target missed, is not held against the seller; it stays one."""


_DEADLINES: dict[DeadlineEventType, type[DeadlineData]] = {
    "deadline.at_risk": DeadlineAtRiskData,
    "deadline.met": DeadlineMetData,
    "deadline.breached": DeadlineBreachedData,
    "deadline.missed": DeadlineMissedData,
    "deadline.late": DeadlineLateData,
    "deadline.excused": DeadlineExcusedData,
}
_FIELDS = tuple(each.name for each in fields(DeadlineData))


def describe_deadline(type_: DeadlineEventType, clock: StoredClock) -> DeadlineData:
    """Return what became of a stored clock."""
    return _DEADLINES[type_](**{name: getattr(clock, name) for name in _FIELDS})
