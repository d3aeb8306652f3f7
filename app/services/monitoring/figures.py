"""How things stand over all accounts, for monitoring."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from app.db.engine.database import Db
from app.db.monitoring import figures
from app.db.promises import deadlines
from app.services.monitoring.readiness import WorkerState, look_at_worker

# How long what is held, and how the worker keeps up, is not asked again: it costs the more the
# more tickets are open, and the more is still to be delivered.
REMEMBERED = timedelta(seconds=15)


@dataclass(frozen=True, slots=True)
class Moment:
    """Clocks by how they stand, units held, by unit, and how the worker keeps up."""

    deadlines: Mapping[str, int]
    held: Mapping[str, int]
    worker: WorkerState


class Watch:
    """Reads how things stand, remembering for a little what is costly to ask."""

    def __init__(self) -> None:
        self._known: tuple[Mapping[str, int], WorkerState] | None = None
        self._known_until: datetime | None = None

    async def read_moment(self, db: Db) -> Moment:
        """Return how things stand now."""
        now = db.read_clock()
        clocks = await deadlines.count_soonest(db, now=now)
        if self._known is None or self._known_until is None or now >= self._known_until:
            self._known = await figures.sum_held(db), await look_at_worker(db)
            self._known_until = now + REMEMBERED
        held, worker = self._known
        return Moment(deadlines=clocks, held=held, worker=worker)
