"""The database handle: one transaction on one connection of asyncpg's own, and their pool."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from itertools import zip_longest
from typing import Any

import asyncpg

from app.db.engine.compiled import Statement, combine
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


def read_clock() -> datetime:
    """Return the present instant, in UTC."""
    return datetime.now(UTC)  # noqa: TID251  the one place where the clock is read


class Db:
    """One transaction on one connection, and the clock that its service reads.

    `immutable` is shared by all transactions of a database: what was made of committed rows
    that never change, by their key, up to a weight. `rollback_only` ends the transaction without
    its effects, however well it went: a dry run. `at_end` are called, in order, before the
    transaction ends well. `locked` are the accounts whose row it has locked, by their id.

    What is written with `write` is gathered, and goes to the database as one statement: before
    the next read, and at the end. So a service that reads first and writes then pays for one
    round trip, and whatever it does, a read sees what was written before it.
    """

    __slots__ = (
        "_clock",
        "_gathered",
        "_wall_clock",
        "at_end",
        "connection",
        "counted",
        "health",
        "immutable",
        "locked",
        "rollback_only",
    )

    def __init__(
        self, connection: Any, clock: Clock, immutable: KeptValues, health: DatabaseHealth
    ) -> None:
        self.connection = connection
        self.health = health
        self.immutable = immutable
        self.counted: list[tuple[str, dict[str, str]]] = []
        self.rollback_only = False
        self.at_end: list[Callable[[], Awaitable[None]]] = []
        self.locked: dict[str, Any] = {}
        self._gathered: dict[object, tuple[Statement, Mapping[str, Any]]] = {}
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

    async def write(self, statement: Statement, *, row: object = None, **values: Any) -> None:
        """Write with the transaction's other writes, before its next read or its end.

        `row` names the one row that the statement writes, where another write may touch the
        same: the same statement again then takes the place of the first, so it has to state
        the row's values, not to add to them.
        """
        key = object() if row is None else row
        before = self._gathered.get(key)
        if len(self._gathered) >= _MOST_GATHERED or (before and before[0] is not statement):
            await self.flush()
        self._gathered[key] = (statement, values)

    async def write_many(
        self,
        statement: Statement,
        values: Sequence[Mapping[str, Any]],
        *,
        rows: Sequence[object] = (),
    ) -> None:
        """Write several rows that nothing has written before, few or many.

        `rows` names them, as for `write`, where another write may touch one of them.
        """
        if len(values) > _FEW_ROWS:
            await self.flush()
            bound = [statement.bind(each) for each in values]
            await self.connection.executemany(bound[0][0], [arguments for _, arguments in bound])
            return
        for each, row in zip_longest(values, rows):
            await self.write(statement, row=row, **each)

    async def flush(self) -> None:
        """Send what was gathered."""
        if not self._gathered:
            return
        gathered = list(self._gathered.values())
        self._gathered.clear()
        texts: list[str] = []
        arguments: list[Any] = []
        for statement, values in gathered:
            text, bound = statement.bind(values)
            texts.append(text)
            arguments += bound
        await self.connection.execute(combine(tuple(texts)), *arguments)

    async def finish(self) -> None:
        """Do what is to be done at the end, and send what was gathered."""
        for step in self.at_end:
            await step()
        self.at_end.clear()
        await self.flush()

    async def rows(self, statement: Statement, **values: Any) -> list[Any]:
        if self._gathered:
            await self.flush()
        sql, arguments = statement.bind(values)
        return await self.connection.fetch(sql, *arguments)  # type: ignore[no-any-return]

    async def row(self, statement: Statement, **values: Any) -> Any | None:
        if self._gathered:
            await self.flush()
        sql, arguments = statement.bind(values)
        return await self.connection.fetchrow(sql, *arguments)

    async def value(self, statement: Statement, **values: Any) -> Any:
        if self._gathered:
            await self.flush()
        sql, arguments = statement.bind(values)
        return await self.connection.fetchval(sql, *arguments)

    async def stream(self, statement: Statement, **values: Any) -> AsyncIterator[Any]:
        """Yield the rows one by one, however many: no more than a thousand are in memory."""
        await self.flush()
        sql, arguments = statement.bind(values)
        cursor = await self.connection.cursor(sql, *arguments)
        while rows := await cursor.fetch(_ROWS_AT_A_TIME):
            for row in rows:
                yield row

    async def execute(self, statement: Statement, **values: Any) -> int:
        """Run the statement and return how many rows it touched."""
        await self.flush()
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
    out, where the clock is the real one.
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
    ) -> None:
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
