"""Values stored in memory by their key, up to what they may weigh together."""

from collections import OrderedDict
from collections.abc import Hashable
from typing import Any

# In bytes, roughly.
MOST_KEPT = 64 * 1024 * 1024


class KeptValues:
    """Values made of what never changes, those used last; what was not used for longest goes.

    Whoever keeps a value says what it weighs, in bytes; the one kept last stays, whatever it
    weighs.
    """

    __slots__ = ("_most", "_values", "weight")

    def __init__(self, *, most: int = MOST_KEPT) -> None:
        self._most = most
        self._values: OrderedDict[Hashable, tuple[Any, int]] = OrderedDict()
        self.weight = 0

    def find(self, key: Hashable) -> Any | None:
        """Return a value, or None where it is not kept, or not any more."""
        known = self._values.get(key)
        if known is None:
            return None
        self._values.move_to_end(key)
        return known[0]

    def store(self, key: Hashable, value: object, *, weight: int) -> None:
        """Store a value, and let those go that were not used for longest."""
        _, before = self._values.pop(key, (None, 0))
        self._values[key] = value, weight
        self.weight += weight - before
        while self.weight > self._most and len(self._values) > 1:
            _, (_, lighter) = self._values.popitem(last=False)
            self.weight -= lighter
