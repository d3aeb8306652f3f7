"""Turns of an account's writers: one decides while the one before it is being written."""

import time

from app.api.http.places.shares import Shares
from app.db.engine.turns import Left, Turn
from app.domain.access.refusals import Refusal

# Where others, of another process, write to an account, what is left is void more often than not.
_OTHERS_WRITE_S = 1.0
_MOST_SHARED = 1_000


class AccountTurns:
    """The writers of each account, in the order they came: one decides, and one sends.

    `deciding` and `sending` have one place for each account. What a writer leaves to the next is
    there while it sends, so that of an account to which nobody writes nothing is kept. Nothing is
    left for a second after somebody else has written to the account, in another process.
    """

    __slots__ = ("_shared", "deciding", "left", "sending")

    def __init__(self, *, deciding: Shares, sending: Shares) -> None:
        self.deciding = deciding
        self.sending = sending
        self.left: dict[str, Left] = {}
        self._shared: dict[str, float] = {}

    def record_others(self, account_id: str) -> None:
        """Record that others write to an account as well."""
        now = time.monotonic()
        if len(self._shared) >= _MOST_SHARED:
            self._shared.clear()
        self._shared[account_id] = now + _OTHERS_WRITE_S

    def is_shared(self, account_id: str) -> bool:
        """Say whether others have written to an account lately."""
        return self._shared.get(account_id, 0.0) > time.monotonic()

    def count(self) -> tuple[int, int]:
        """Return how many decide, and how many wait for their turn to."""
        return self.deciding.count()


class AccountTurn(Turn):
    """A writer's turn at an account, which is taken to decide and left by who has answered."""

    __slots__ = ("_account_id", "_decides", "_late", "_leaves", "_sends", "_turns")

    def __init__(self, turns: AccountTurns, account_id: str) -> None:
        self._turns = turns
        self._account_id = account_id
        self._decides = self._sends = False
        self._leaves: Left | None = None
        self._late: Refusal | None = None

    async def take(self) -> None:
        """Wait for its turn to decide."""
        await self._turns.deciding.take(self._account_id)
        self._decides = True

    def take_left(self) -> Left | None:
        """Return what the one before left, once, if it left something and is still being sent."""
        # Who has let the next one decide would take what it left itself.
        return self._turns.left.pop(self._account_id, None) if self._decides else None

    async def follow(self) -> None:
        """Wait until what the one before sends is written, or is not."""
        if self._sends:
            return
        if self._late is not None:
            raise self._late
        try:
            await self._turns.sending.take(self._account_id)
        except Refusal as refused:
            self._late = refused  # who asks again has waited long enough
            raise
        self._sends = True

    def hand_on(self, known: object | None) -> None:
        """Let the next decide by what it may take as `known` of the account once this is sent.

        It may take nothing, and waits, where that is None.
        """
        self._withdraw(void=True)  # what it decided before was not written
        if known is None or not self._decides:
            return
        if not self._turns.is_shared(self._account_id):
            self._leaves = self._turns.left[self._account_id] = Left(known)
            self._leave_deciding()

    def miss(self) -> None:
        """Record that what was sent was not written, for somebody else was there before."""
        self._turns.record_others(self._account_id)

    async def stand_aside(self) -> None:
        """Before it waits for what others may have who follow: let them, or follow itself."""
        if self._decides:
            await self.follow()
        else:
            self._withdraw(void=True)
            self._leave_sending()

    def end(self) -> None:
        """Let the next one follow: what was sent is written."""
        self._withdraw(void=False)
        self._leave_sending()

    def leave(self) -> None:
        """Leave what it has; what it left to the next is void, unless it was written."""
        self._withdraw(void=True)
        self._leave_sending()
        self._leave_deciding()

    def _withdraw(self, *, void: bool) -> None:
        """Leave nothing to the next that has not taken it, and say whether what it took is void."""
        leaves, self._leaves = self._leaves, None
        if leaves is None:
            return
        leaves.void = void
        if self._turns.left.get(self._account_id) is leaves:
            del self._turns.left[self._account_id]

    def _leave_deciding(self) -> None:
        if self._decides:
            self._decides = False
            self._turns.deciding.leave(self._account_id)

    def _leave_sending(self) -> None:
        if self._sends:
            self._sends = False
            self._turns.sending.leave(self._account_id)
