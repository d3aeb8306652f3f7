"""Connections of asyncpg's own: made ready for the pool, and restricted to how one is used."""

from typing import Any

import msgspec
from pydantic_core import from_json

# A server that takes longer is not there: the pool ends the connection.
_LEFT_WITHIN_S = 2.0


class SnapshotNeededError(Exception):
    """A read that began without a transaction needs a second statement."""


class OneStatement:
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


class OwnTransactions:
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


async def prepare_connection(connection: Any) -> None:
    """Set up a new connection: JSON is read and written as values."""
    for name in ("json", "jsonb"):
        await connection.set_type_codec(
            name, encoder=_dump_json, decoder=_load_json, schema="pg_catalog"
        )


async def leave_connection(connection: Any) -> None:
    """End what a connection that goes back to the pool has begun with a statement, if anything.

    There is no setting, cursor or lock of its own to undo, and the pool has ended a transaction.
    But a statement that was prepared and never run, since it could not be bound or nobody waited
    for it any more, has begun one that the driver does not know of: it ends with the next that is
    run.
    """
    await connection.execute("SELECT", timeout=_LEFT_WITHIN_S)


def _load_json(text: str) -> object:
    try:
        return msgspec.json.decode(text)
    except msgspec.ValidationError:  # a number of thousands of digits, which others take
        return from_json(text)


def _dump_json(value: object) -> str:
    return msgspec.json.encode(value).decode()
