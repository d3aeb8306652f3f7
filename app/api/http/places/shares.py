"""Shares of what all use: nobody has more places than their share, and others wait in memory."""

import asyncio
from collections import deque
from collections.abc import Callable

from app.domain.access.refusals import Refusal


class Shares:
    """Places, by the name of who takes them: `most` for each, in the order they were asked for.

    At most `most_waiting` wait for one name's places, and none longer than `wait_s`; who would
    is refused with what `refuse` returns. A name that has no place costs nothing.
    """

    __slots__ = ("_most", "_most_waiting", "_refuse", "_taken", "_wait_s", "_waiting")

    def __init__(
        self, most: int, *, most_waiting: int, wait_s: float, refuse: Callable[[], Refusal]
    ) -> None:
        self._most = most
        self._most_waiting = most_waiting
        self._wait_s = wait_s
        self._refuse = refuse
        self._taken: dict[str, int] = {}
        self._waiting: dict[str, deque[asyncio.Future[None]]] = {}

    async def take(self, name: str) -> None:
        """Take one of a name's places, at once or in its turn. Every place is to be left again."""
        taken = self._taken.get(name, 0)
        if taken < self._most:
            self._taken[name] = taken + 1
        else:
            await self._wait(name)

    def leave(self, name: str) -> None:
        """Leave a place: to the one who waits longest, if anybody does."""
        waiting = self._waiting.get(name)
        while waiting:
            turn = waiting.popleft()
            if not turn.done():
                turn.set_result(None)
                return
        self._waiting.pop(name, None)
        left = self._taken[name] - 1
        if left:
            self._taken[name] = left
        else:
            del self._taken[name]

    def count(self) -> tuple[int, int]:
        """Return how many places are taken, and how many wait for one."""
        return sum(self._taken.values()), sum(map(len, self._waiting.values()))

    async def _wait(self, name: str) -> None:
        waiting = self._waiting.setdefault(name, deque())
        if len(waiting) >= self._most_waiting:
            raise self._refuse()
        turn = asyncio.get_running_loop().create_future()
        waiting.append(turn)
        try:
            async with asyncio.timeout(self._wait_s):
                await turn
        except BaseException as error:
            if turn.done() and not turn.cancelled():
                self.leave(name)  # it was given just as we went
            elif turn in waiting:
                waiting.remove(turn)
            if isinstance(error, TimeoutError):
                raise self._refuse() from None
            raise
