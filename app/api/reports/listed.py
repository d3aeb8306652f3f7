"""Lists of names in one parameter, comma-separated, as reports take them."""

from typing import TypeVar

from fastapi.params import Query

Name = TypeVar("Name", bound=str)


def listed(names: tuple[str, ...], description: str) -> Query:
    """Return the query of a list of some of these names, which may be empty."""
    one = "|".join(names)
    return Query(
        max_length=200,
        pattern=f"^(?:(?:{one})(?:,(?:{one}))*)?$",
        description=f"{description}: {', '.join(names)}.",
    )


def split_listed(given: str, known: tuple[Name, ...]) -> tuple[Name, ...]:
    """Return the names of a list, each once, in the order in which they are asked for."""
    asked = dict.fromkeys(given.split(","))
    return tuple(name for each in asked for name in known if name == each)
