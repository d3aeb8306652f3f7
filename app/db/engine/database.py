"""The database: a pool of connections, and the units of work that are opened on them."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from types import TracebackType
from typing import Any

import asyncpg

from app.db.engine.clocks import Clock, read_clock
from app.db.engine.connections import (
    OneStatement,
    SnapshotNeededError,
    leave_connection,
    prepare_connection,
)
from app.db.engine.gathered_writes import AccountChangedError, LockNeededError
from app.db.engine.hand_over import HandOver
from app.db.engine.health import DatabaseHealth
from app.db.engine.kept_values import KeptValues
from app.db.engine.turns import ALONE, Turn
from app.db.engine.unit_of_work import Db
from app.domain.access.refusals import Refusal

# How long a connection is waited for.
ACQUIRE_TIMEOUT_S = 3.0

# Errors, besides Postgres's, that say nothing of what was decided.
_OF_DATABASE = (
    asyncpg.InterfaceError,
    OSError,
    TimeoutError,
    AccountChangedError,
    LockNeededError,
)


# What is raised without the driver, whose connection is as it was taken.
_OURS = (Refusal, SnapshotNeededError)


class PoolExhausted(Refusal):
    """No connection became free in time."""

    kind = "unavailable"
    code = "overloaded"
    title = "The service has more to do than it can"


class Database:
    """A pool of connections to one Postgres, set up as every transaction here expects.

    A statement runs at most `statement_timeout_ms`, and waits for another's lock at most
    `lock_timeout_ms`. A connection is waited for at most `acquire_timeout_s` seconds, and by at
    most ten transactions for each connection that there is: who comes after them is refused at
    once, rather than added to a queue without end. Nothing is written to a database that another
    version has migrated. `compare_clocks`: nor while our clock is far from the database's; left
    out, where the clock is the real one. `optimistic`: what is asked for most is written without
    a lock, where nobody else writes to the account meanwhile.
    """

    def __init__(
        self,
        dsn: str,
        *,
        pool_size: int = 16,
        clock: Clock = read_clock,
        statement_timeout_ms: int = 30_000,
        lock_timeout_ms: int = 5_000,
        acquire_timeout_s: float = ACQUIRE_TIMEOUT_S,
        prepared_statements: bool = True,
        compare_clocks: bool | None = None,
        least_connections: int = 1,
        optimistic: bool = True,
    ) -> None:
        self.optimistic = optimistic
        self.clock = clock
        compared = clock is read_clock if compare_clocks is None else compare_clocks
        self.health = DatabaseHealth(clock if compared else None)
        self._acquire_timeout_s = acquire_timeout_s
        self._prepared_statements = prepared_statements
        self._max_waiting = 10 * pool_size
        self._immutable = KeptValues()
        self._connections = HandOver(
            asyncpg.create_pool(
                dsn,
                min_size=least_connections,
                max_size=pool_size,
                timeout=acquire_timeout_s,
                # For a server that is silent; one that talks ends its statements itself, before.
                command_timeout=statement_timeout_ms / 1000 + 5,
                init=prepare_connection,
                reset=leave_connection,
                statement_cache_size=256 if prepared_statements else 0,
                server_settings={
                    "application_name": "surety",
                    "statement_timeout": str(statement_timeout_ms),
                    "lock_timeout": str(lock_timeout_ms),
                    "idle_in_transaction_session_timeout": "60000",
                    "timezone": "UTC",
                    "jit": "off",
                },
            )
        )

    async def open(self) -> None:
        await self._connections.open()

    async def close(self) -> None:
        await self._connections.close()

    def pool_use(self) -> dict[str, int]:
        """Return how many connections work and are idle, and how many transactions wait."""
        return self._connections.count()

    def connection(self) -> "_Connection":
        """Give a connection."""
        return _Connection(self)

    def one_statement(self) -> AbstractAsyncContextManager[Db]:
        """Give what one statement is read by, which sees one snapshot without a transaction.

        A second statement might see another: it raises SnapshotNeededError instead, and who
        reads begins again, in a transaction. Through a pooler that gives each transaction
        another server, even one statement, which is parsed and then run, needs one.
        """
        if not self._prepared_statements:
            return self.transaction(read_only=True)
        return _OneStatement(self)

    def make_reader(self, connection: Any) -> Db:
        """Return what one statement is read by on a connection."""
        return Db(OneStatement(connection), self.clock, self._immutable, self.health)

    async def take(self) -> Any:
        """Return a connection, or refuse with `overloaded`."""
        if self._connections.waiting >= self._max_waiting:
            raise PoolExhausted("Too many others wait for the database; try again shortly.")
        try:
            return await self._connections.take(within_s=self._acquire_timeout_s)
        except TimeoutError:
            raise PoolExhausted(
                "Every connection to the database is in use; try again shortly."
            ) from None

    async def put_back(self, connection: Any, *, as_taken: bool) -> None:
        """Take back a connection: as it was taken, or as it may be."""
        await self._connections.put_back(connection, as_taken=as_taken)

    @asynccontextmanager
    async def transaction(self, *, read_only: bool = False) -> AsyncIterator[Db]:
        """Open one transaction: committed when the block ends well, rolled back otherwise.

        A read-only one sees one snapshot throughout.
        """
        async with self.connection() as connection:
            db = self._make_db(connection)
            await db.begin(read_only=read_only)
            try:
                if not read_only:
                    await self.require_healthy(db)
                yield db
            except BaseException as error:
                await self.undo(db, error)
                raise
            await self.finish(db)

    def optimistic_write(self, connection: Any, turn: Turn = ALONE) -> "_OptimisticWrite":
        """Open what reads without a lock, and writes only where the account is still as it was.

        Raises AccountChangedError where it is not, with nothing written; and LockNeededError
        where it cannot be done so. `turn` is its place among the writers of the account.
        """
        return _OptimisticWrite(self, self._make_db(connection, compares=True, turn=turn))

    def _make_db(self, connection: Any, *, compares: bool = False, turn: Turn = ALONE) -> Db:
        return Db(
            connection,
            self.clock,
            self._immutable,
            self.health,
            compares=compares,
            turn=turn,
            apart=not self._prepared_statements,
        )

    async def require_healthy(self, db: Db) -> None:
        """Refuse to write where nothing may be written now."""
        await self.health.require_clock(db.connection)
        await self.health.require_revision(db.connection)

    async def finish(self, db: Db) -> None:
        """End a unit of work with its effects, or without any where that fails."""
        try:
            await db.finish()
        except BaseException as error:
            await self.undo(db, error)
            raise
        await db.commit()
        if db.wrote and not db.rollback_only:
            self.health.record_write()

    async def undo(self, db: Db, error: BaseException) -> None:
        """End a unit of work that failed without its effects; refuse where that says more."""
        if isinstance(error, asyncpg.DiskFullError):
            self.health.record_full()
        await db.undo()
        if isinstance(error, asyncpg.PostgresError):
            await self.health.explain(db.connection, error)
        elif isinstance(error, Exception) and not isinstance(error, _OF_DATABASE):
            # What was decided by what was never there together has to be decided again.
            await db.require_read()


class _Connection:
    """A connection while a block runs."""

    __slots__ = ("_connection", "_database")

    def __init__(self, database: Database) -> None:
        self._database = database
        self._connection: Any = None

    async def __aenter__(self) -> Any:
        self._connection = await self._database.take()
        return self._connection

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        where: TracebackType | None,
    ) -> None:
        as_taken = error is None or isinstance(error, _OURS)
        await self._database.put_back(self._connection, as_taken=as_taken)


class _OptimisticWrite:
    """What decides without a lock while a block runs, and is written at its end."""

    __slots__ = ("_database", "_db")

    def __init__(self, database: Database, db: Db) -> None:
        self._database = database
        self._db = db

    async def __aenter__(self) -> Db:
        try:
            await self._database.require_healthy(self._db)
        except BaseException as error:
            await self._database.undo(self._db, error)
            raise
        return self._db

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        where: TracebackType | None,
    ) -> None:
        if error is None:
            await self._database.finish(self._db)
        else:
            await self._database.undo(self._db, error)


class _OneStatement(_Connection):
    """What one statement is read by while a block runs."""

    __slots__ = ()

    async def __aenter__(self) -> Db:
        return self._database.make_reader(await super().__aenter__())
