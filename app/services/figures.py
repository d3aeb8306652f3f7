"""How things stand over all accounts, for monitoring."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from app.db import deadlines, figures
from app.db.database import Db

# How long what is held is not asked again: it costs the more the more tickets are open.
REMEMBERED = timedelta(seconds=15)


@dataclass(frozen=True, slots=True)
class Moment:
    """Clocks by how they stand, and units held, by unit."""

    deadlines: Mapping[str, int]
    held: Mapping[str, int]


class Watch:
    """Reads how things stand, remembering for a little what is costly to ask."""

    def __init__(self) -> None:
        self._held: Mapping[str, int] = {}
        self._held_until: datetime | None = None

    async def read_moment(self, db: Db) -> Moment:
        """Return how things stand now."""
        now = db.read_clock()
        if self._held_until is None or now >= self._held_until:
            self._held = await figures.sum_held(db)
            self._held_until = now + REMEMBERED
        return Moment(deadlines=await deadlines.count_soonest(db, now=now), held=self._held)
