"""Shares of what all use: nobody has more places than their share, and others wait in memory."""

import asyncio
from collections import deque
from collections.abc import Callable
from types import TracebackType

from app.api.http.limits import RateLimited
from app.api.http.refusals.frame_refusals import Busy
from app.db.engine.database import PoolExhausted
from app.domain.access.refusals import Refusal

# Large bodies that one key may have on their way at once; each may be 4 MiB.
LARGE_BODIES = 4
_WAITING_FOR_EACH = 10
_MOST_LATE = 16


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


class Bulkheads:
    """What keeps one key's or one account's requests from taking everybody's connections.

    One at a time writes to an account, and the others wait without a connection; an account's
    requests have a quarter of the connections at most, and a key's three quarters; what waits for
    a catalogue's row, bookings and publications, has a quarter. So whatever waits for one of
    them, there are connections for the rest.
    """

    def __init__(self, *, pool_size: int, wait_s: float, lock_wait_s: float) -> None:
        most_waiting = _WAITING_FOR_EACH * pool_size
        quarter = max(1, pool_size // 4)

        def share(most: int, seconds: float, refuse: Callable[[], Refusal]) -> Shares:
            return Shares(most, most_waiting=most_waiting, wait_s=seconds, refuse=refuse)

        self.writers = share(1, lock_wait_s, _busy)
        self.accounts = share(quarter, lock_wait_s, _busy)
        self.catalogs = share(quarter, lock_wait_s, _many_wait_for_catalogs)
        self.keys = share(max(1, pool_size - quarter), wait_s, _key_has_its_share)
        self.strangers = share(quarter, wait_s, _key_has_its_share)
        self.bodies = share(LARGE_BODIES, wait_s, _too_many_bodies)
        self._late = Shares(1, most_waiting=_MOST_LATE, wait_s=wait_s, refuse=_too_many_keys)

    def place(
        self,
        *,
        key: str | None,
        stranger: bool,
        account_id: str | None,
        writes: bool,
        waits_for_catalog: bool = False,
    ) -> "TakenShares":
        """Return a request's place, to be entered and left.

        `key` is the name of its holder, if that is known; a `stranger` has sent a key that
        nobody was found by yet. Who needs no key has a share of its own in nothing.
        """
        wanted: list[tuple[Shares, str]] = []
        if account_id is not None:
            if writes:
                wanted.append((self.writers, account_id))
            wanted.append((self.accounts, account_id))
        if waits_for_catalog:
            wanted.append((self.catalogs, ""))
        if key is not None:
            wanted.append((self.keys, key))
        elif stranger:
            wanted.append((self.strangers, ""))
        return TakenShares(wanted)

    def late(self) -> "TakenShares":
        """Return the one place where keys are looked up of those who sent too many wrong ones."""
        return TakenShares([(self._late, "")])


class TakenShares:
    """Several shares taken together, in the one order that lets nobody wait for each other."""

    __slots__ = ("_taken", "_wanted")

    def __init__(self, wanted: list[tuple[Shares, str]]) -> None:
        self._wanted = wanted
        self._taken: list[tuple[Shares, str]] = []

    async def __aenter__(self) -> None:
        try:
            for shares, name in self._wanted:
                await shares.take(name)
                self._taken.append((shares, name))
        except BaseException:
            self._leave()
            raise

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        where: TracebackType | None,
    ) -> None:
        self._leave()

    def _leave(self) -> None:
        while self._taken:
            shares, name = self._taken.pop()
            shares.leave(name)


def _busy() -> Refusal:
    return Busy("Others are writing to the account; try again shortly.")


def _many_wait_for_catalogs() -> Refusal:
    return Busy("Others are booking or publishing; try again shortly.")


def _key_has_its_share() -> Refusal:
    return PoolExhausted("This key's other requests take all that one may; try again shortly.")


def _too_many_bodies() -> Refusal:
    return PoolExhausted(
        f"This key is sending {LARGE_BODIES} large bodies already; try again shortly."
    )


def _too_many_keys() -> Refusal:
    return RateLimited(
        "Too many keys that are not valid came from this address.", retry_after_seconds=1
    )
