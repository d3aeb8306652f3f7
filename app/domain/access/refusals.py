"""Refusals: each has a stable code, a sentence, and the numbers behind it.

A refusal is a small class beside the rule that raises it. Its `kind` says what sort of "no"
it is; a table in `api` gives each kind its status on the wire.
"""

from collections.abc import Sequence
from typing import ClassVar, Literal, Self

from app.domain.values import Value, replace

Kind = Literal[
    "malformed",  # the request cannot be read
    "unauthenticated",  # no valid key
    "not_covered",  # coverage refused
    "forbidden",  # the key lacks a scope
    "unknown",  # there is no such thing, for this caller
    "gone",  # it is somewhere else now
    "conflict",  # the thing's state does not allow it
    "stale",  # a precondition failed
    "too_large",
    "unsupported",
    "invalid",  # the payload says something impossible
    "too_many",
    "unavailable",  # try again
]

# How many faults a reply lists: whoever made more made most of them for one reason.
MOST_LISTED = 100


class Refusal(Exception):
    """A decision not to do something. It moved nothing.

    `code` and `title` are the same for every instance; `detail` says what happened this time,
    and `members` hold the numbers, as plain JSON values.
    """

    kind: ClassVar[Kind]
    code: ClassVar[str]
    title: ClassVar[str]

    def __init__(self, detail: str, **members: object) -> None:
        super().__init__(detail)
        self.detail = detail
        self.members = members


class Fault(Value):
    """One thing wrong with a document: where (an RFC 6901 pointer), what, and its code."""

    pointer: str
    detail: str
    code: str


class Choice(Value):
    """One of the values that a request may have, as a person reads it: what it means, and when."""

    value: str | int
    name: str
    definition: str | None = None
    examples: tuple[str, ...] = ()


class InvalidPayload(Refusal):
    """The payload says something impossible; `faults` names every place at once.

    A reply lists the first `most_listed` of them. Where a choice is wanted, `choices` has all that
    there are, as plain JSON values.
    """

    kind = "invalid"
    most_listed: ClassVar[int] = MOST_LISTED

    def __init__(
        self,
        faults: list[Fault],
        detail: str | None = None,
        *,
        choices: Sequence[Choice] | None = None,
    ) -> None:
        wanted = {} if choices is None else {"choices": [describe_choice(c) for c in choices]}
        super().__init__(detail or "; ".join(fault.detail for fault in faults[:3]), **wanted)
        self.faults = faults

    def below(self, pointer: str) -> Self:
        """Return the refusal of what stands at a pointer of a larger payload."""
        self.faults = [replace(each, pointer=pointer + each.pointer) for each in self.faults]
        return self


def describe_choice(choice: Choice) -> dict[str, object]:
    """Return a choice as plain JSON values, as a refusal has it."""
    described: dict[str, object] = {"value": choice.value, "name": choice.name}
    if choice.definition is not None:
        described["definition"] = choice.definition
    if choice.examples:
        described["examples"] = list(choice.examples)
    return described
