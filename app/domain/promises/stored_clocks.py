"""Clocks of tickets as they are stored: as they were after the ticket's last event."""

from datetime import datetime
from typing import Literal

from app.domain.promises.deadlines import Status, name_lapse
from app.domain.promises.promises import Metric, Strength
from app.domain.values import Value, replace

ClockNotice = Literal["at_risk", "breached", "missed", "late", "met"]


class StoredClock(Value):
    """A clock of a ticket as it was after its last event; the next response has one a wait.

    `told` is the last event that was recorded of it, and `notify_at` when there may be another.
    """

    account_id: str
    ticket_id: str
    metric: Metric
    spell: int
    catalog: str
    plan: str | None
    severity: int | None
    status: Status
    strength: Strength
    started_at: datetime | None
    warn_at: datetime | None
    due_at: datetime | None
    breaches_after: datetime | None
    met_at: datetime | None
    breached_at: datetime | None
    missed_at: datetime | None
    excused: bool
    used_seconds: int | None
    elapsed_seconds: int | None
    business_seconds: int | None
    percent: int | None
    told: ClockNotice | None
    notify_at: datetime | None

    @property
    def key(self) -> tuple[str, str, str, int]:
        """What names the clock among all."""
        return self.account_id, self.ticket_id, self.metric, self.spell

    def has_lapsed(self, now: datetime) -> bool:
        """Say whether it was stored as running and has been breached since."""
        last = self.breaches_after
        return self.status == "running" and last is not None and last < now

    def as_lapsed(self) -> "StoredClock":
        """Return it as it is once it has lapsed: breached, or missed, at its last instant."""
        lapse = name_lapse(self.strength)
        if lapse == "missed":
            return replace(self, status=lapse, missed_at=self.breaches_after)
        return replace(self, status=lapse, breached_at=self.breaches_after)
