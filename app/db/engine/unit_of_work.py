"""The unit of work: what one service reads and writes, as a transaction or compared at the end."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

import asyncpg

from app.db.engine.clocks import Clock
from app.db.engine.compiled import Statement
from app.db.engine.connections import OwnTransactions
from app.db.engine.gathered_writes import (
    AccountChangedError,
    Comparison,
    GatheredWrites,
    LeftVoidError,
    LockNeededError,
)
from app.db.engine.health import DatabaseHealth
from app.db.engine.kept_values import KeptValues
from app.db.engine.known_rows import KnownRows
from app.db.engine.turns import ALONE, Left, Turn

_ROWS_AT_A_TIME = 1_000
# More rows of one kind than this go to the database as one batch of the same statement; fewer
# are gathered with the other writes.
_FEW_ROWS = 4
_MOST_GATHERED = 24
# A write of more than this is no longer sent as one statement that compares.
_MOST_COMPARED = 60
# Somebody else wrote a row that was not there when it was decided, or waits for what this one has.
_MET_ANOTHER = (asyncpg.UniqueViolationError, asyncpg.DeadlockDetectedError)


class Db:
    """One unit of work on one connection, and the clock that its service reads.

    `immutable` is shared by all units of a database: what was made of committed rows that never
    change, by their key, up to a weight. `rollback_only` ends it without its effects, however
    well it went: a dry run. `at_end` are called, in order, before it ends well. `accounts` are
    those that it has taken, by their id. `wrote`: it has written, or is going to.

    What is written with `write` is gathered, and goes to the database as one statement: before
    the next read of a table that it is written to, and at the end. So a service that reads first
    and writes then pays for one round trip, and whatever it does, a read sees what was written
    before it. What is asked again of an account that is taken, with nothing written since to what
    it was read from, is answered by what was read.

    It is a transaction; or it `compares`: what is read is read without a transaction and without
    a lock, and all that is written is one statement at the end, which writes nothing if the
    account has changed since it was read. What needs more than that, a read after a write or a
    lock, has it go on as a transaction, with the account locked as it was read. `key_digest` is
    the `Idempotency-Key` that the account has to be without, as it is read. `apart`: outside of
    a transaction each statement needs one of its own.

    Where it compares it has its `turn` among the writers of the account: nothing is read before
    the one before has been written, and the next decides while this one is sent. By `take_left`
    what the one before leaves takes the place of a read; `leave` returns what this one leaves.
    """

    __slots__ = (
        "_clock",
        "_driver",
        "_gathered",
        "_known",
        "_left",
        "_outside",
        "_reads",
        "_sent",
        "_transaction",
        "_turn",
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
        "leave",
        "rollback_only",
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
        turn: Turn = ALONE,
    ) -> None:
        self._turn = turn
        self._driver = connection
        self._outside = OwnTransactions(connection) if apart else connection
        self._transaction: Any = None
        self.connection = self._outside
        self.health = health
        self.immutable = immutable
        self.counted: list[tuple[str, dict[str, str]]] = []
        self.rollback_only = False
        self.at_end: list[Callable[[], Awaitable[None]]] = []
        self.accounts: dict[str, Any] = {}
        self.compares = compares
        self.comparison: Comparison | None = None
        self.key_digest: bytes | None = None
        self.wrote = False
        self._left: Left | None = None
        self._sent = False
        self.leave: Callable[[], object | None] | None = None
        self._reads = 0
        self._gathered = GatheredWrites()
        self._known = KnownRows()
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

    async def rows(self, statement: Statement, **values: Any) -> list[Any]:
        asked_again = statement.asked_again and values.get("account_id") in self.accounts
        if asked_again and (known := self._known.find(statement, values)) is not None:
            return known
        sql, arguments = await self._prepare(statement, values)
        found: list[Any] = await self.connection.fetch(sql, *arguments)
        if asked_again:
            self._known.keep(statement, values, found)
        return found

    def keep(self, statement: Statement, rows: list[Any], **values: Any) -> None:
        """Have what was just read of an account answer a statement that is asked again."""
        self._known.keep(statement, values, rows)

    async def row(self, statement: Statement, **values: Any) -> Any | None:
        sql, arguments = await self._prepare(statement, values)
        return await self.connection.fetchrow(sql, *arguments)

    async def value(self, statement: Statement, **values: Any) -> Any:
        sql, arguments = await self._prepare(statement, values)
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
        self._record_write(statement)
        sql, arguments = statement.bind(values)
        tag: str = await self.connection.execute(sql, *arguments)
        count = tag.rpartition(" ")[2]
        return int(count) if count.isdigit() else 0

    async def write(self, statement: Statement, **values: Any) -> None:
        """Write with the others that are gathered, before the next read of it or the end."""
        self._record_write(statement)
        most = _MOST_COMPARED if self.compares else _MOST_GATHERED
        if len(self._gathered) >= most or not self._gathered.add(statement, values):
            await self.flush()
            self._gathered.add(statement, values)

    async def write_many(self, statement: Statement, values: Sequence[Mapping[str, Any]]) -> None:
        """Write several rows, few or many."""
        if len(values) > _FEW_ROWS and not self.compares:
            await self.flush()
            self._record_write(statement)
            bound = [statement.bind(each) for each in values]
            await self.connection.executemany(bound[0][0], [arguments for _, arguments in bound])
            return
        for each in values:
            await self.write(statement, **each)

    def claim(self, statement: Statement, **values: Any) -> None:
        """Write a row before all others: one that somebody else may be about to write."""
        self.wrote = True
        self._gathered.claim(statement, values)

    def compare_with(self, comparison: Comparison) -> None:
        """Have all that is read from now on, and written, stand for the account as it was read."""
        self.comparison = comparison
        self._reads = 0

    def take_left(self, serves: Callable[[object], bool]) -> object | None:
        """Return what the writer before left of the account, to decide by as if it were read.

        None where it left nothing that serves. A dry run reads: whoever sends nothing would never
        hear that it was void.
        """
        left = None if self.rollback_only else self._turn.take_left()
        if left is None or not serves(left.known):
            return None
        self._left = left
        return left.known

    async def require_read(self) -> None:
        """Require that what was read was all of one state, and that it was read, not left.

        Once it was sent there is nothing to require: it may have been done.
        """
        if self._sent:
            return
        if self._left is not None:
            raise LeftVoidError
        await self.confirm()

    def require(self, statement: Statement, **values: Any) -> None:
        """Have nothing be written, where this compares, unless the statement counts a row then."""
        if self.compares:
            self._gathered.require(statement, values)

    def guard(self, statement: Statement, **values: Any) -> None:
        """Have nothing be written, where this compares, unless an update finds its row then.

        The row is of no account, and not on a cluster, where each node has its own of it. What
        needs the lock after that is begun anew, with the lock.
        """
        self.wrote = True
        self._gathered.guard(statement, values)

    async def flush(self) -> None:
        """Send what was gathered: seen by what follows, which a transaction is needed for."""
        if not self._gathered:
            return
        await self.lock()
        text, arguments = self._gathered.take()
        try:
            await self.connection.execute(text, *arguments)
        except _MET_ANOTHER as error:
            if self.comparison is None:
                raise
            raise self._miss() from error

    async def lock(self) -> None:
        """Go on as a transaction that has the account locked, where it is as it was read."""
        if not self.compares:
            return
        comparison = self.comparison
        if comparison is None or self._gathered.is_guarded:
            raise LockNeededError
        await self._follow()
        await self.begin()
        self.compares = False
        await self._require(comparison.lock, comparison)

    async def confirm(self) -> None:
        """Require that what was read in several statements, or left, was all of one state."""
        comparison = self.comparison
        if not self.compares or comparison is None or not (self._reads or self._left):
            return
        await self._follow()
        await self._require(comparison.confirm, comparison)

    async def begin(self, *, read_only: bool = False) -> None:
        """Begin the transaction that it is, or goes on as; a read-only one sees one snapshot."""
        transaction = self._driver.transaction(
            isolation="repeatable_read" if read_only else "read_committed", readonly=read_only
        )
        await transaction.start()
        self.connection, self._transaction = self._driver, transaction

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
        """End it with its effects, unless it is a dry run."""
        if self.rollback_only:
            await self.undo()
        elif self._transaction is not None:
            await self._transaction.commit()

    async def undo(self) -> None:
        """End it without its effects; what was not sent has none."""
        transaction, self._transaction = self._transaction, None
        self.connection = self._outside
        if transaction is not None:
            await transaction.rollback()

    async def _prepare(
        self, statement: Statement, values: Mapping[str, Any]
    ) -> tuple[str, Sequence[Any]]:
        """Bind a statement that is sent now: what it may see of what was written is sent first,
        and what locks or writes has a transaction.
        """
        if not statement.only_reads:
            await self.flush()
            if statement.writes:
                self._record_write(statement)
            await self.lock()
        elif self._gathered and self._gathered.touches(statement.tables):
            await self.flush()
        await self._follow()
        self._reads += 1
        return statement.bind(values)

    def _record_write(self, statement: Statement) -> None:
        """Note that something is written, and what was read of its table to be read again."""
        self.wrote = True
        self._known.drop(statement.target)

    async def _require(self, statement: Statement, comparison: Comparison) -> None:
        sql, arguments = statement.bind(comparison.values)
        if await self.connection.fetchval(sql, *arguments) is None:
            self._turn.miss()
            raise self._miss()

    async def _follow(self) -> None:
        """Wait for the writer before, who may not have written what this one decides by.

        Then another may have, and of another process: what was left is not to be told from that
        by how far the account has come.
        """
        await self._turn.follow()
        if self._left is not None and self._left.void:
            raise LeftVoidError

    def _miss(self) -> AccountChangedError:
        return AccountChangedError() if self._left is None else LeftVoidError()

    async def _compare_and_set(self) -> None:
        """Send all that was gathered as the one statement, which is done as a whole or not."""
        if self.comparison is None:
            raise LockNeededError
        text, arguments = self._gathered.take_guarded(self.comparison)
        await self._follow()
        self._turn.hand_on(None if self.leave is None else self.leave())
        self._sent = True
        try:
            await self.connection.execute(text, *arguments)
        except asyncpg.DivisionByZeroError as error:
            self._turn.miss()
            raise self._miss() from error
        except _MET_ANOTHER as error:
            raise self._miss() from error
        self._turn.end()
