"""Handing a connection from one unit of work to the next, without the pool's work in between.

asyncpg's pool makes a task and a timer for each connection that comes back, which together cost
as much as a short statement.
"""

import asyncio
from contextlib import suppress
from typing import Any

import asyncpg

# How long one that nobody takes is in hand at most; from the pool it is closed some time later.
_IN_HAND_S = 60.0


class HandOver:
    """Takes connections out of a pool, and has those in hand that were left as they were taken."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool
        self._in_hand: list[Any] = []
        self._waiting = 0
        self._returning: asyncio.Task[None] | None = None
        self._closing = False

    async def open(self) -> None:
        """Open the pool."""
        await self._pool
        self._returning = asyncio.create_task(self._return_now_and_then())

    async def close(self) -> None:
        """Close the pool, once what was taken out of it is back."""
        self._closing = True
        if self._returning is not None:
            self._returning.cancel()
        await self._return_all()
        await self._pool.close()

    def count(self) -> dict[str, int]:
        """Return how many connections work and are idle, and how many wait for one."""
        idle = self._pool.get_idle_size() + sum(map(_is_open, self._in_hand))
        return {
            "working": self._pool.get_size() - idle,
            "idle": idle,
            "waiting": self._waiting,
        }

    @property
    def waiting(self) -> int:
        """How many wait for a connection."""
        return self._waiting

    async def take(self, *, within_s: float) -> Any:
        """Return a connection; TimeoutError where there is none in time."""
        while self._in_hand:
            connection = self._in_hand.pop()
            if _is_open(connection):
                return connection
            await self._release(connection)
        self._waiting += 1
        try:
            # Its own timeout would make a task of it.
            async with asyncio.timeout(within_s):
                return await self._pool.acquire()
        finally:
            self._waiting -= 1

    async def put_back(self, connection: Any, *, as_taken: bool) -> None:
        """Take back a connection; one that may not be as it was is the pool's to see to."""
        if as_taken and not (self._waiting or self._closing) and _is_open(connection):
            self._in_hand.append(connection)
        else:
            await self._release(connection)

    async def _release(self, connection: Any) -> None:
        """Give a connection back to the pool, which ends one that it cannot use."""
        with suppress(Exception):
            await self._pool.release(connection)

    async def _return_now_and_then(self) -> None:
        while True:
            await asyncio.sleep(_IN_HAND_S)
            await self._return_all()

    async def _return_all(self) -> None:
        """Return those that are in hand now, the longest there first.

        One that is not on its way yet stays in hand: the end may come in between, and returns it.
        """
        for _ in range(len(self._in_hand)):
            if not self._in_hand:  # others took them meanwhile
                return
            connection = self._in_hand.pop(0)
            await self._release(connection)


def _is_open(connection: Any) -> bool:
    try:
        return not connection.is_closed()
    except asyncpg.InterfaceError:  # the pool has ended it
        return False
