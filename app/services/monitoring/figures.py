"""Figures over all accounts, for monitoring."""

import math
import time
from collections.abc import Mapping

from app.db.engine.clocks import Steady
from app.db.engine.unit_of_work import Db
from app.db.monitoring import figures
from app.db.promises import deadlines
from app.domain.values import Value
from app.services.monitoring.readiness import WorkerState, check_worker

# How long what is held, and how the worker keeps up, is not asked again: it costs the more the
# more tickets are open, and the more is still to be delivered.
REMEMBERED_S = 15.0


class Moment(Value):
    """Clocks by how they stand, units held, by unit, and how the worker keeps up."""

    deadlines: Mapping[str, int]
    held: Mapping[str, int]
    worker: WorkerState


class MetricsCache:
    """Reads how things stand, remembering for a little what is costly to ask."""

    def __init__(self, *, steady: Steady = time.monotonic) -> None:
        self._steady = steady
        self._known: tuple[Mapping[str, int], WorkerState] | None = None
        self._known_until_s = -math.inf

    async def read_moment(self, db: Db) -> Moment:
        """Return how things stand now."""
        now = db.read_clock()
        clocks = await deadlines.count_soonest(db, now=now)
        if self._known is None or self._steady() >= self._known_until_s:
            self._known = await figures.sum_held(db), await check_worker(db)
            self._known_until_s = self._steady() + REMEMBERED_S
        held, worker = self._known
        return Moment(deadlines=clocks, held=held, worker=worker)
