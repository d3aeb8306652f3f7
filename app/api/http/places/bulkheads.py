"""Bulkheads: what keeps one key's or one account's requests from taking everybody's places."""

from collections.abc import Callable
from types import TracebackType

from app.api.http.limits import RateLimited
from app.api.http.places.account_turns import AccountTurn, AccountTurns
from app.api.http.places.shares import Shares
from app.api.http.refusals.frame_refusals import Busy
from app.db.engine.database import PoolExhausted
from app.db.engine.turns import ALONE, Turn
from app.domain.access.refusals import Refusal

# Large bodies that one key may have on their way at once; each may be 4 MiB.
LARGE_BODIES = 4
_WAITING_FOR_EACH = 10
_MOST_LATE = 16


class Bulkheads:
    """What keeps one key's or one account's requests from taking everybody's connections.

    One at a time decides what to write to an account, while what was decided before is sent, and
    the others wait without a connection; an account's requests have a quarter of the connections
    at most, and a key's three quarters; what waits for a catalogue's row, bookings and
    publications, has a quarter. So whatever waits for one of them, there are connections for the
    rest.
    """

    def __init__(self, *, pool_size: int, wait_s: float, lock_wait_s: float) -> None:
        most_waiting = _WAITING_FOR_EACH * pool_size
        quarter = max(1, pool_size // 4)

        def share(most: int, seconds: float, refuse: Callable[[], Refusal]) -> Shares:
            return Shares(most, most_waiting=most_waiting, wait_s=seconds, refuse=refuse)

        self.writers = AccountTurns(
            deciding=share(1, lock_wait_s, _busy), sending=share(1, lock_wait_s, _busy)
        )
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
        turn: AccountTurn | None = None
        wanted: list[tuple[Shares, str]] = []
        if account_id is not None:
            if writes:
                turn = AccountTurn(self.writers, account_id)
            wanted.append((self.accounts, account_id))
        if waits_for_catalog:
            wanted.append((self.catalogs, ""))
        if key is not None:
            wanted.append((self.keys, key))
        elif stranger:
            wanted.append((self.strangers, ""))
        return TakenShares(wanted, turn)

    def late(self) -> "TakenShares":
        """Return the one place where keys are looked up of those who sent too many wrong ones."""
        return TakenShares([(self._late, "")])


class TakenShares:
    """Several shares taken together, in the one order that lets nobody wait for each other.

    The turn of a writer is taken first, and left last.
    """

    __slots__ = ("_taken", "_turn", "_wanted")

    def __init__(self, wanted: list[tuple[Shares, str]], turn: AccountTurn | None = None) -> None:
        self._wanted = wanted
        self._turn = turn
        self._taken: list[tuple[Shares, str]] = []

    async def __aenter__(self) -> Turn:
        if self._turn is not None:
            await self._turn.take()
        try:
            for shares, name in self._wanted:
                await shares.take(name)
                self._taken.append((shares, name))
        except BaseException:
            self._leave()
            raise
        return ALONE if self._turn is None else self._turn

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
        if self._turn is not None:
            self._turn.leave()


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
