"""Health of a database: its clock beside ours, its disk, and whether it can be written to.

A clock that runs far from the database's would stamp entries with a time that never was, and
what an account has recorded it never falls behind again. So writes are refused before that.
"""

import logging
import time
from collections.abc import Callable
from datetime import datetime
from typing import Any

import asyncpg

from app.db.engine.revisions import find_revision, require_revision
from app.domain.access.refusals import Refusal

_log = logging.getLogger("surety.database")
# Machines that keep their time agree to a fraction of a second.
TOLERANCE_S = 120.0
_LOOKED_AT_EVERY_S = 60.0
_REVISION_READ_EVERY_S = 5.0
_JUMP_S = 1.0
# How long a full disk is taken to be full still, where nobody writes.
_FULL_FOR_S = 30.0

# What a statement meets that was made for another version's tables.
_OF_ANOTHER_SHAPE = (
    asyncpg.SyntaxOrAccessError,
    asyncpg.IntegrityConstraintViolationError,
    asyncpg.FeatureNotSupportedError,
)

_STATE = """
    SELECT clock_timestamp() AS clock, pg_is_in_recovery() AS replica,
        current_setting('default_transaction_read_only')::boolean AS read_only
"""


class ClockDiffers(Refusal):
    """The service's clock and the database's are minutes apart. Nothing was done.

    One of the two machines has lost the time: see "Clocks" in OPERATING.md.
    """

    kind = "unavailable"
    code = "clock_differs"
    title = "The service's clock is not the database's"


class DatabaseFull(Refusal):
    """The database's disk is full. Nothing was done; it can still be read."""

    kind = "unavailable"
    code = "database_full"
    title = "The database's disk is full"


class DatabaseReadOnly(Refusal):
    """The database takes no writes: it is a replica, or was set to be only read."""

    kind = "unavailable"
    code = "database_read_only"
    title = "The database takes no writes"


class DatabaseHealth:
    """What this process knows of whether its database can be written to.

    The clocks are compared once a minute, and as soon as ours has jumped: against the steady
    clock that no one sets. `clock` None: they are not compared.
    """

    def __init__(self, clock: Callable[[], datetime] | None) -> None:
        self._clock = clock
        self._look_at = 0.0
        self._revision_at = 0.0
        self._offset_s = 0.0
        self._full_until = 0.0
        self.ahead_s = 0.0

    async def require_clock(self, connection: Any) -> None:
        """Refuse with `clock_differs` while the clocks are further apart than they may be."""
        if self._clock is None:
            return
        steady = time.monotonic()
        offset = self._clock().timestamp() - steady
        if steady >= self._look_at or abs(offset - self._offset_s) > _JUMP_S:
            self._compare(await connection.fetchval("SELECT clock_timestamp()"))
        self._require_agreement()

    async def require_revision(self, connection: Any) -> None:
        """Refuse with `not_migrated` once a newer version has migrated the database.

        It is read every few seconds, and while it is another's at every write.
        """
        steady = time.monotonic()
        if steady >= self._revision_at:
            require_revision(await find_revision(connection))
            self._revision_at = steady + _REVISION_READ_EVERY_S

    async def explain(self, connection: Any, error: asyncpg.PostgresError) -> None:
        """Refuse with `not_migrated` where that is why the database would not have a statement."""
        if isinstance(error, _OF_ANOTHER_SHAPE):
            self._revision_at = 0.0
            await self.require_revision(connection)

    async def require_writable(self, connection: Any) -> None:
        """Refuse while nothing can be written, by asking the database now."""
        state = await connection.fetchrow(_STATE)
        self._compare(state["clock"])
        self._require_agreement()
        if state["replica"] or state["read_only"]:
            raise DatabaseReadOnly("The database takes no writes: it can only be read.")
        if time.monotonic() < self._full_until:
            raise DatabaseFull("The database's disk was full a moment ago.")

    def record_full(self) -> None:
        """Remember that the disk was full."""
        self._full_until = time.monotonic() + _FULL_FOR_S

    def record_write(self) -> None:
        """Remember that something could be written."""
        self._full_until = 0.0

    def _compare(self, theirs: datetime) -> None:
        if self._clock is None:
            return
        ours, steady = self._clock().timestamp(), time.monotonic()
        self.ahead_s = ours - theirs.timestamp()
        self._offset_s = ours - steady
        self._look_at = steady + _LOOKED_AT_EVERY_S

    def _require_agreement(self) -> None:
        if abs(self.ahead_s) > TOLERANCE_S:
            _log.error({"event": "clock_differs", "ahead_seconds": round(self.ahead_s)})
            way = "ahead of" if self.ahead_s > 0 else "behind"
            raise ClockDiffers(
                f"The service's clock is {abs(self.ahead_s):.0f} seconds {way} the database's.",
                ahead_seconds=round(self.ahead_s),
            )
