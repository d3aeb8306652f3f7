"""Turns: the writers of one account in this process, as the database's units of work see them."""

from app.domain.values import State


class Left(State):
    """What a writer leaves to the next: what it knows of the account once its own is written.

    `void`: it was not written, so that what was left is not true.
    """

    known: object
    void: bool = False


class Turn:
    """The turn of a writer who is alone: there is nobody before it or after.

    Writers of one account have an `AccountTurn`, by which one at a time decides, and one at a time
    sends what it has decided: the next decides while the one before sends.
    """

    __slots__ = ()

    def take_left(self) -> Left | None:
        """Return what the one before left, once, if it left something and is still being sent."""
        return None

    async def follow(self) -> None:
        """Wait until what the one before sends is written, or is not."""

    def hand_on(self, known: object | None) -> None:
        """Let the next decide by what it may take as `known` of the account once this is sent.

        It may take nothing, and waits, where that is None.
        """

    def miss(self) -> None:
        """Record that what was sent was not written, for somebody else was there before."""

    async def stand_aside(self) -> None:
        """Before it waits for what others may have who follow: let them, or follow itself."""

    def end(self) -> None:
        """Let the next one follow: what was sent is written."""


ALONE = Turn()
