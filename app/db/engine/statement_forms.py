"""Statement forms: what is asked in several ways, each of which is made when it is first read."""

from collections.abc import Callable, Iterable, Iterator

from app.db.engine.compiled import Statement

Key = tuple[object, ...]


class StatementForms:
    """The statements that `make` makes of each of `keys`; of another key there is none (KeyError).

    A process reads few of them, and to make them all is a part of its start. `list_all` makes
    those that are left, for whoever looks at every statement.
    """

    __slots__ = ("_made", "_make")

    def __init__(self, make: Callable[..., Statement], keys: Iterable[Key]) -> None:
        self._make = make
        self._made: dict[Key, Statement | None] = dict.fromkeys(keys)

    def of(self, *key: object) -> Statement:
        """Return the statement of a key."""
        made = self._made[key]
        if made is None:
            made = self._made[key] = self._make(*key)
        return made

    def list_all(self) -> Iterator[Statement]:
        """Yield the statement of every key."""
        for key in self._made:
            yield self.of(*key)
