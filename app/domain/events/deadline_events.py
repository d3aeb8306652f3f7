"""Events of deadlines: the clock of a ticket as it was stored then."""

from datetime import datetime

from app.domain.events.event_data import EventData
from app.domain.events.notices import DeadlineEventType
from app.domain.promises.deadlines import Status
from app.domain.promises.promises import Metric, Strength
from app.domain.promises.stored_clocks import StoredClock
from app.domain.values import field_names


class DeadlineData(EventData, kw_only=True):
    """A ticket's deadline."""

    ticket_id: str
    """The ticket that the deadline is of, by the helpdesk's own id."""
    metric: Metric
    """What is owed: an answer, a remedy or a resolution."""
    spell: int
    """For the next response, which of the customer's waits it is: 0, 1, 2 …"""
    catalog: str
    """The catalogue whose promise the deadline is."""
    plan: str | None
    """The plan whose promise the deadline is; null where the ticket is served without one."""
    severity: int | None
    """The severity of the ticket, 1 (gravest) to 5; null where it has none."""
    strength: Strength
    """How firmly the deadline is promised: guaranteed, a target, or best effort."""
    status: Status
    """Whether the deadline runs, is paused, was met or was broken, as of the event."""
    started_at: datetime | None
    """When the deadline's clock began; null while it has not."""
    warn_at: datetime | None
    """The instant from which the deadline is at risk; null while its clock is paused, once that
    was cancelled, and where there is no time."""
    due_at: datetime | None
    """The instant by which the deadline is owed; null while its clock is paused, once that was
    cancelled, and where there is no time."""
    breaches_after: datetime | None
    """The last instant at which the deadline is kept; null while its clock is paused, once that
    was cancelled, and where nothing breaks it."""
    met_at: datetime | None
    """When what was owed was done; null while it is not."""
    breached_at: datetime | None
    """When the guarantee was broken; null where it was not."""
    missed_at: datetime | None
    """When the target was missed; null where it was not."""


class DeadlineAtRiskData(DeadlineData, kw_only=True):
    """Little is left of a deadline's time."""


class DeadlineMetData(DeadlineData, kw_only=True):
    """A deadline was kept."""


class DeadlineBreachedData(DeadlineData, kw_only=True):
    """A guaranteed deadline was not kept."""


class DeadlineMissedData(DeadlineData, kw_only=True):
    """A target was missed: nothing guaranteed is broken by it."""


class DeadlineLateData(DeadlineData, kw_only=True):
    """Best effort came after the time that it was hoped for."""


class DeadlineExcusedData(DeadlineData, kw_only=True):
    """A breach, or a target missed, is not held against the seller; it stays one."""


_DEADLINES: dict[DeadlineEventType, type[DeadlineData]] = {
    "deadline.at_risk": DeadlineAtRiskData,
    "deadline.met": DeadlineMetData,
    "deadline.breached": DeadlineBreachedData,
    "deadline.missed": DeadlineMissedData,
    "deadline.late": DeadlineLateData,
    "deadline.excused": DeadlineExcusedData,
}
_FIELDS = field_names(DeadlineData)


def describe_deadline(type_: DeadlineEventType, clock: StoredClock) -> DeadlineData:
    """Return what became of a stored clock."""
    return _DEADLINES[type_](**{name: getattr(clock, name) for name in _FIELDS})
