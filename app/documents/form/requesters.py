"""Requesters of a plan: who may ask."""

import itertools
from collections.abc import Iterator
from typing import Annotated, Any

from app.documents.form.basis.parts import Part
from app.documents.form.basis.problems import Problem, problem, refuse
from app.documents.form.basis.surroundings import Surroundings
from app.documents.form.basis.values import Read
from app.domain.catalog.requesters import Requesters

MOST_NAMED = 100_000
MOST_STEPS = 20
_COUNT_SHAPE: dict[str, Any] = {"type": "integer", "minimum": 1, "maximum": MOST_NAMED}
_PAIR_SHAPE: dict[str, Any] = {
    "type": "array",
    "items": _COUNT_SHAPE,
    "minItems": 2,
    "maxItems": 2,
}


def _read_count(value: object) -> int:
    if isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= MOST_NAMED:
        return value
    raise refuse("out_of_range", f"It is a number from 1 to {MOST_NAMED:,}.")


def _read_pair(value: object) -> tuple[int, int]:
    if not isinstance(value, list | tuple) or len(value) != 2:
        raise refuse("invalid_type", "It is a pair like [250, 20]: up to 250, 20 people.")
    first, second = value
    return _read_count(first), _read_count(second)


def _read_steps(value: object) -> tuple[tuple[int | None, int], ...]:
    if not isinstance(value, list | tuple):
        return ((None, _read_count(value)),)
    if not 1 <= len(value) <= MOST_STEPS:
        raise refuse("out_of_range", f"There are 1 to {MOST_STEPS} pairs.")
    pairs = [_read_pair(each) for each in value]
    if any(later[0] <= earlier[0] for earlier, later in itertools.pairwise(pairs)):
        raise refuse("out_of_range", "Each pair is for more than the one before.")
    return tuple(pairs)


NamedAtMost = Annotated[
    tuple[tuple[int | None, int], ...],
    Read(
        _read_steps,
        {
            "anyOf": [
                _COUNT_SHAPE,
                {
                    "type": "array",
                    "items": _PAIR_SHAPE,
                    "minItems": 1,
                    "maxItems": MOST_STEPS,
                },
            ]
        },
    ),
]
Further = Annotated[tuple[int, int], Read(_read_pair, _PAIR_SHAPE)]


class RequestersDocument(Part):
    """Who may ask on a plan: people that the customer named, known addresses, or its domains."""

    named_at_most: NamedAtMost | None = None
    """How many people may be named: a number, or pairs by quantity: up to so many, so many."""
    further: Further | None = None
    """Beyond the last pair: for each so many more, begun, so many people more."""
    registered: bool = False
    """Whether any address or contact of the account may ask."""
    domains: bool = False
    """Whether addresses of the account's own domains may ask."""

    def check(self, around: Surroundings) -> Iterator[Problem]:
        if self.named_at_most is None and not self.registered and not self.domains:
            detail = "Say who may ask: named people, registered addresses, or domains."
            yield problem("required", detail, "named_at_most")
        by_quantity = self.named_at_most is not None and self.named_at_most[0][0] is not None
        if self.further is not None and not by_quantity:
            detail = "More people come after pairs of a number and the people."
            yield problem("conflicting_fields", detail, "further")

    def value(self) -> Requesters:
        return Requesters(self.named_at_most or (), self.further, self.registered, self.domains)
