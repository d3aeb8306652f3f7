"""The database handle: one transaction on one connection of asyncpg's own, and their pool."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import asyncpg

from app.db.engine.compiled import Statement
from app.db.engine.gathered_writes import (
    AccountChangedError,
    Comparison,
    GatheredWrites,
    LockNeededError,
)
from app.db.engine.health import DatabaseHealth
from app.db.engine.kept_values import KeptValues
from app.domain.access.refusals import Refusal

Clock = Callable[[], datetime]
# Seconds since some instant, that nobody sets back or forward.
Steady = Callable[[], float]

# How long a connection is waited for.
ACQUIRE_TIMEOUT_S = 3.0

_ROWS_AT_A_TIME = 1_000
# More rows of one kind than this go to the database as one batch of the same statement; fewer
# are gathered with the other writes.
_FEW_ROWS = 4
_MOST_GATHERED = 24
# A write of more than this is no longer sent as one statement that compares.
_MOST_COMPARED = 60
# Errors that say nothing of what was decided.
_OF_DATABASE = (
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    OSError,
    TimeoutError,
    AccountChangedError,
    LockNeededError,
)


def read_clock() -> datetime:
    """Return the present instant, in UTC."""
    return datetime.now(UTC)  # noqa: TID251  the one place where the clock is read


class Db:
    """One unit of work on one connection, and the clock that its service reads.

    `immutable` is shared by all units of a database: what was made of committed rows that never
    change, by their key, up to a weight. `rollback_only` ends it without its effects, however
    well it went: a dry run. `at_end` are called, in order, before it ends well. `accounts` are
    those that it has taken, by their id.

    What is written with `write` is gathered, and goes to the database as one statement: before
    the next read, and at the end. So a service that reads first and writes then pays for one
    round trip, and whatever it does, a read sees what was written before it.

    It is a transaction; or it `compares`: what is read is read without a transaction and without
    a lock, and all that is written is one statement at the end, which writes nothing if the
    account has changed since it was read. What needs more than that, a read after a write or a
    lock, has it go on as a transaction, with the account locked as it was read. `key_digest` is
    the `Idempotency-Key` that the account has to be without, as it is read. `apart`: each
    statement until then needs a transaction of its own.
    """

    __slots__ = (
        "_clock",
        "_driver",
        "_gathered",
        "_reads",
        "_wall_clock",
        "accounts",
        "at_end",
        "compares",
        "comparison",
        "connection",
        "counted",
        "health",
        "immutable",
        "key_digest",
        "rollback_only",
        "transaction",
        "wrote",
    )

    def __init__(
        self,
        connection: Any,
        clock: Clock,
        immutable: KeptValues,
        health: DatabaseHealth,
        *,
        compares: bool = False,
        apart: bool = False,
    ) -> None:
        self._driver = connection
        self.connection = _OwnTransactions(connection) if apart else connection
        self.health = health
        self.immutable = immutable
        self.counted: list[tuple[str, dict[str, str]]] = []
        self.rollback_only = False
        self.at_end: list[Callable[[], Awaitable[None]]] = []
        self.accounts: dict[str, Any] = {}
        self.compares = compares
        self.comparison: Comparison | None = None
        self.transaction: Any = None
        self.key_digest: bytes | None = None
        self.wrote = False
        self._reads = 0
        self._gathered = GatheredWrites()
        self._clock = clock
        self._wall_clock = clock

    def read_clock(self) -> datetime:
        """Return the present instant in UTC; a writer reads it after it has the account's row."""
        return self._clock()

    def read_wall_clock(self) -> datetime:
        """Return the real present instant, for what belongs to no account: keys, kept replies."""
        return self._wall_clock()

    def stop_clock(self, at: datetime) -> None:
        """Let the clock stand at `at` from now on: that of a sandbox account, which has its own."""
        self._clock = lambda: at

    def count(self, name: str, **labels: str) -> None:
        """Note that something happened, for monitoring to count once it is committed."""
        self.counted.append((name, labels))

    def compare_with(self, comparison: Comparison) -> None:
        """Have all that is read from now on, and written, stand for the account as it was read."""
        self.comparison = comparison
        self._reads = 0

    async def write(self, statement: Statement, **values: Any) -> None:
        """Write with the others that are gathered, before the next read or the end."""
        self.wrote = True
        most = _MOST_COMPARED if self.compares else _MOST_GATHERED
        if len(self._gathered) >= most or not self._gathered.add(statement, values):
            await self.flush()
            self._gathered.add(statement, values)

    async def write_many(self, statement: Statement, values: Sequence[Mapping[str, Any]]) -> None:
        """Write several rows, few or many."""
        if len(values) > _FEW_ROWS and not self.compares:
            await self.flush()
            self.wrote = True
            bound = [statement.bind(each) for each in values]
            await self.connection.executemany(bound[0][0], [arguments for _, arguments in bound])
            return
        for each in values:
            await self.write(statement, **each)

    def claim(self, statement: Statement, **values: Any) -> None:
        """Write a row before all others: one that somebody else may be about to write."""
        self.wrote = True
        self._gathered.claim(statement, values)

    def require(self, statement: Statement, **values: Any) -> None:
        """Have nothing be written, where this compares, unless the statement counts a row then."""
        if self.compares:
            self._gathered.require(statement, values)

    async def flush(self) -> None:
        """Send what was gathered: seen by what follows, which a transaction is needed for."""
        if not self._gathered:
            return
        await self.lock()
        text, arguments = self._gathered.take()
        try:
            await self.connection.execute(text, *arguments)
        except asyncpg.UniqueViolationError as error:
            if self.transaction is None:
                raise
            raise AccountChangedError from error

    async def lock(self) -> None:
        """Go on as a transaction that has the account locked, where it is as it was read."""
        if not self.compares:
            return
        comparison = self.comparison
        if comparison is None:
            raise LockNeededError
        self.connection = self._driver
        transaction = self.connection.transaction()
        await transaction.start()
        self.transaction = transaction
        self.compares = False
        await self._require(comparison.lock, comparison)

    async def confirm(self) -> None:
        """Require that what was read in several statements was all of one state."""
        comparison = self.comparison
        if not self.compares or comparison is None or not self._reads:
            return
        await self._require(comparison.confirm, comparison)

    async def _require(self, statement: Statement, comparison: Comparison) -> None:
        sql, arguments = statement.bind(comparison.values)
        if await self.connection.fetchval(sql, *arguments) is None:
            raise AccountChangedError

    async def finish(self) -> None:
        """Do what is to be done at the end, and send what was gathered."""
        for step in self.at_end:
            await step()
        self.at_end.clear()
        if not self.compares:
            await self.flush()
        elif self._gathered and not self.rollback_only:
            await self._compare_and_set()
        else:
            await self.confirm()

    async def commit(self) -> None:
        """End the transaction that it went on as, if it did."""
        if self.transaction is None:
            return
        if self.rollback_only:
            await self.transaction.rollback()
        else:
            await self.transaction.commit()

    async def undo(self) -> None:
        """End it without its effects; what was not sent has none."""
        if self.transaction is not None:
            await self.transaction.rollback()

    async def _compare_and_set(self) -> None:
        """Send all that was gathered as the one statement, which is done as a whole or not."""
        if self.comparison is None:
            raise LockNeededError
        text, arguments = self._gathered.take_guarded(self.comparison)
        try:
            await self.connection.execute(text, *arguments)
        except (
            asyncpg.DivisionByZeroError,
            # Somebody else wrote a row that was not there, or waits for what this one has.
            asyncpg.UniqueViolationError,
            asyncpg.DeadlockDetectedError,
        ) as error:
            raise AccountChangedError from error

    async def _begin(self, statement: Statement) -> None:
        """Make ready for a statement: what was written is sent, and what changes has a lock."""
        if self._gathered:
            await self.flush()
        if not statement.only_reads:
            self.wrote = self.wrote or statement.writes
            await self.lock()
        self._reads += 1

    async def rows(self, statement: Statement, **values: Any) -> list[Any]:
        if self._gathered or self.compares or not statement.only_reads:
            await self._begin(statement)
        sql, arguments = statement.bind(values)
        return await self.connection.fetch(sql, *arguments)  # type: ignore[no-any-return]

    async def row(self, statement: Statement, **values: Any) -> Any | None:
        if self._gathered or self.compares or not statement.only_reads:
            await self._begin(statement)
        sql, arguments = statement.bind(values)
        return await self.connection.fetchrow(sql, *arguments)

    async def value(self, statement: Statement, **values: Any) -> Any:
        if self._gathered or self.compares or not statement.only_reads:
            await self._begin(statement)
        sql, arguments = statement.bind(values)
        return await self.connection.fetchval(sql, *arguments)

    async def stream(self, statement: Statement, **values: Any) -> AsyncIterator[Any]:
        """Yield the rows one by one, however many: no more than a thousand are in memory."""
        await self.flush()
        await self.lock()
        sql, arguments = statement.bind(values)
        cursor = await self.connection.cursor(sql, *arguments)
        while rows := await cursor.fetch(_ROWS_AT_A_TIME):
            for row in rows:
                yield row

    async def execute(self, statement: Statement, **values: Any) -> int:
        """Run the statement and return how many rows it touched."""
        await self.flush()
        await self.lock()
        self.wrote = True
        sql, arguments = statement.bind(values)
        tag: str = await self.connection.execute(sql, *arguments)
        count = tag.rpartition(" ")[2]
        return int(count) if count.isdigit() else 0


class SnapshotNeededError(Exception):
    """A read that began without a transaction needs a second statement."""


class _OneStatement:
    """A connection outside of any transaction, which runs one statement and no second."""

    __slots__ = ("_connection", "_ran")

    def __init__(self, connection: Any) -> None:
        self._connection = connection
        self._ran = False

    def __getattr__(self, method: str) -> Any:
        if self._ran:
            raise SnapshotNeededError
        self._ran = True
        return getattr(self._connection, method)


class _OwnTransactions:
    """A connection of which each statement is a transaction: what a pooler needs that gives each
    another server, since a statement is parsed first and then run.
    """

    __slots__ = ("_connection",)

    def __init__(self, connection: Any) -> None:
        self._connection = connection

    def __getattr__(self, method: str) -> Any:
        async def run(sql: str, *arguments: Any) -> Any:
            async with self._connection.transaction():
                return await getattr(self._connection, method)(sql, *arguments)

        return run


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
        self._waiting = 0
        self._max_waiting = 10 * pool_size
        self._immutable = KeptValues()
        self._pool = asyncpg.create_pool(
            dsn,
            min_size=least_connections,
            max_size=pool_size,
            timeout=acquire_timeout_s,
            # For a server that is silent; one that talks ends its statements itself, before.
            command_timeout=statement_timeout_ms / 1000 + 5,
            init=_prepare_connection,
            reset=_leave_connection,
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

    async def open(self) -> None:
        await self._pool

    async def close(self) -> None:
        await self._pool.close()

    def pool_use(self) -> dict[str, int]:
        """Return how many connections work and are idle, and how many transactions wait."""
        idle = self._pool.get_idle_size()
        return {
            "working": self._pool.get_size() - idle,
            "idle": idle,
            "waiting": self._waiting,
        }

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[Any]:
        connection = await self._acquire()
        try:
            yield connection
        finally:
            await self._pool.release(connection)

    @asynccontextmanager
    async def one_statement(self) -> AsyncIterator[Db]:
        """Give what one statement is read by, which sees one snapshot without a transaction.

        A second statement might see another: it raises SnapshotNeededError instead, and who
        reads begins again, in a transaction. Through a pooler that gives each transaction
        another server, even one statement, which is parsed and then run, needs one.
        """
        if not self._prepared_statements:
            async with self.transaction(read_only=True) as db:
                yield db
            return
        connection = await self._acquire()
        try:
            yield Db(_OneStatement(connection), self.clock, self._immutable, self.health)
        finally:
            await self._pool.release(connection)

    async def _acquire(self) -> Any:
        if self._waiting >= self._max_waiting:
            raise PoolExhausted("Too many others wait for the database; try again shortly.")
        self._waiting += 1
        try:
            # Its own timeout would make a task of it.
            async with asyncio.timeout(self._acquire_timeout_s):
                return await self._pool.acquire()
        except TimeoutError:
            raise PoolExhausted(
                "Every connection to the database is in use; try again shortly."
            ) from None
        finally:
            self._waiting -= 1

    @asynccontextmanager
    async def transaction(self, *, read_only: bool = False) -> AsyncIterator[Db]:
        """Open one transaction: committed when the block ends well, rolled back otherwise.

        A read-only one sees one snapshot throughout.
        """
        async with self.connection() as connection:
            transaction = connection.transaction(
                isolation="repeatable_read" if read_only else "read_committed",
                readonly=read_only,
            )
            await transaction.start()
            db = Db(connection, self.clock, self._immutable, self.health)
            try:
                if not read_only:
                    await self.health.require_clock(connection)
                    await self.health.require_revision(connection)
                yield db
                await db.finish()
            except asyncpg.DiskFullError:
                self.health.record_full()
                await transaction.rollback()
                raise
            except asyncpg.PostgresError as error:
                await transaction.rollback()
                await self.health.explain(connection, error)
                raise
            except BaseException:
                await transaction.rollback()
                raise
            if db.rollback_only:
                await transaction.rollback()
            else:
                await transaction.commit()
                if not read_only:
                    self.health.record_write()

    @asynccontextmanager
    async def optimistic_write(self) -> AsyncIterator[Db]:
        """Open what reads without a lock, and writes only where the account is still as it was.

        Raises AccountChangedError where it is not, with nothing written; and LockNeededError
        where it cannot be done so.
        """
        async with self.connection() as connection:
            db = Db(
                connection,
                self.clock,
                self._immutable,
                self.health,
                compares=True,
                apart=not self._prepared_statements,
            )
            try:
                await self.health.require_clock(db.connection)
                await self.health.require_revision(db.connection)
                yield db
                await db.finish()
            except asyncpg.DiskFullError:
                self.health.record_full()
                await db.undo()
                raise
            except Exception as error:
                await db.undo()
                if isinstance(error, asyncpg.PostgresError):
                    await self.health.explain(connection, error)
                if not isinstance(error, _OF_DATABASE):
                    # What was decided by what was never there together has to be decided again.
                    await db.confirm()
                raise
            except BaseException:
                await db.undo()
                raise
            await db.commit()
            if db.wrote and not db.rollback_only:
                self.health.record_write()


async def _leave_connection(connection: Any) -> None:
    """Do nothing to a connection that goes back to the pool.

    Everything here happens in a transaction, which the pool has ended by then: there is no
    setting, cursor or lock of the connection itself to undo, and so no round trip to pay for.
    """


async def _prepare_connection(connection: Any) -> None:
    for name in ("json", "jsonb"):
        await connection.set_type_codec(
            name, encoder=_dump_json, decoder=json.loads, schema="pg_catalog"
        )


def _dump_json(value: object) -> str:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)
