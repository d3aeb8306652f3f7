"""Problems of a document's part: a code, a sentence, and where it is."""

from collections.abc import Iterable
from difflib import get_close_matches
from typing import NamedTuple

from pydantic import ValidationError
from pydantic_core import InitErrorDetails, PydanticCustomError

MOST_GUESSES = 100


class Problem(NamedTuple):
    """One thing wrong: `steps` lead to it from the part of the document that is checked."""

    code: str
    detail: str
    steps: tuple[str | int, ...] = ()


def problem(code: str, detail: str, *steps: str | int) -> Problem:
    return Problem(code, detail, steps)


def refuse(code: str, detail: str) -> PydanticCustomError:
    """Return what a validator raises about the very value that it was given."""
    return PydanticCustomError(code, detail)


def refuse_all(problems: Iterable[Problem]) -> None:
    """Raise every problem at once, each at its place; nothing where there is none."""
    found: list[InitErrorDetails] = [
        {"type": refuse(each.code, each.detail), "loc": each.steps, "input": None}
        for each in problems
    ]
    if found:
        raise ValidationError.from_exception_data("document", found)


def hint(name: str, known: Iterable[str]) -> str:
    """Return a sentence that names the known name most like this one, if any is."""
    near = get_close_matches(name[:64], list(known), n=1)
    return f' Did you mean "{near[0]}"?' if near else ""
