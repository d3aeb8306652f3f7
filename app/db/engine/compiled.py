"""SQLAlchemy's statements as the driver takes them: compiled once, or several made one.

SQLAlchemy defines every table and statement; each is compiled when it is first used and then
runs on the driver's connection, which is what costs least between the socket and Postgres
(docs/decisions/0005-writes-are-gathered.md).
"""

import re
from collections.abc import Mapping
from typing import Any

from sqlalchemy.dialects.postgresql import asyncpg as postgresql
from sqlalchemy.sql import ClauseElement

_DIALECT = postgresql.dialect()  # type: ignore[no-untyped-call]
_MOST_COMBINED = 1_000


class Statement:
    """A SQLAlchemy Core statement as the driver takes it: its text and its parameters' order."""

    __slots__ = ("_compiled", "_defaults", "_names", "_sql", "clause")

    def __init__(self, clause: ClauseElement) -> None:
        self.clause = clause
        self._compiled = False
        self._sql = ""
        self._names: tuple[str, ...] = ()
        self._defaults: Mapping[str, Any] = {}

    def bind(self, values: Mapping[str, Any]) -> tuple[str, list[Any]]:
        """Return the text and its positional arguments, by name out of `values`.

        A name that the statement does not have is an error of ours: KeyError.
        """
        if not self._compiled:
            self._compile()
        defaults = self._defaults
        return self._sql, [
            values[name] if name in values else defaults[name] for name in self._names
        ]

    def _compile(self) -> None:
        compiled: Any = self.clause.compile(dialect=_DIALECT)
        self._names = tuple(compiled.positiontup or ())
        required = {name for name, bind in compiled.binds.items() if bind.required}
        self._defaults = {
            name: value
            for name, value in compiled.construct_params(_check=False).items()
            if name not in required
        }
        self._sql = compiled.string
        self._compiled = True


_COMBINED: dict[tuple[str, ...], str] = {}
_PARAMETER = re.compile(r"\$(\d+)")


def combine(texts: tuple[str, ...]) -> str:
    """Return one statement that does what several do, with their parameters one after the other.

    Each writes rows that no other of them touches, so their order does not matter: all see the
    rows as they were before (PostgreSQL, "Data-Modifying Statements in WITH").
    """
    if len(texts) == 1:
        return texts[0]
    known = _COMBINED.get(texts)
    if known is not None:
        return known
    shifted: list[str] = []
    parameters = 0
    for text in texts:
        shifted.append(_shift_parameters(text, parameters))
        parameters += max((int(number) for number in _PARAMETER.findall(text)), default=0)
    *others, last = shifted
    named = ", ".join(f"write_{place} AS ({text})" for place, text in enumerate(others))
    if len(_COMBINED) >= _MOST_COMBINED:
        _COMBINED.clear()
    combined = _COMBINED[texts] = f"WITH {named} {last}"
    return combined


def _shift_parameters(text: str, by: int) -> str:
    return _PARAMETER.sub(lambda found: f"${int(found[1]) + by}", text)
