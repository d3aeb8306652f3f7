"""The next deadline of a ticket: what is owed soonest, for the views that look across tickets."""

from collections.abc import Iterable
from datetime import UTC, datetime

from app.domain.promises.deadlines import Deadline
from app.domain.promises.promises import Metric, Strength
from app.domain.values import Value

_NEVER = datetime.max.replace(tzinfo=UTC)


class NextDeadline(Value):
    """What a ticket owes soonest: of the clocks that run, the one that is broken first.

    A clock that ran out and was not answered yet is still owed, and comes before all others.
    `warn_at` is the first instant at which any running clock is at risk.
    """

    metric: Metric
    strength: Strength
    due_at: datetime | None
    breaches_after: datetime | None
    warn_at: datetime | None


def find_next_deadline(deadlines: Iterable[Deadline]) -> NextDeadline | None:
    """Return what is owed soonest, or None where nothing is."""
    owed = [each for each in deadlines if _is_owed(each)]
    if not owed:
        return None
    soonest = min(owed, key=lambda each: (each.breaches_after or _NEVER, each.due_at or _NEVER))
    running = [each.warn_at for each in owed if each.status == "running" and each.warn_at]
    return NextDeadline(
        metric=soonest.metric,
        strength=soonest.strength,
        due_at=soonest.due_at,
        breaches_after=soonest.breaches_after,
        warn_at=min(running, default=None),
    )


def _is_owed(deadline: Deadline) -> bool:
    if deadline.status in ("breached", "missed"):
        return deadline.met_at is None
    return deadline.status == "running"
