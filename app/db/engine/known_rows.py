"""Known rows: what was read of an account that is taken, for whoever asks the same again."""

from collections.abc import Mapping
from typing import Any

from app.db.engine.compiled import Statement


class KnownRows:
    """The rows that statements were answered with, until something that they read is written."""

    __slots__ = ("_rows",)

    def __init__(self) -> None:
        self._rows: dict[tuple[Statement, str], list[Any]] = {}

    def find(self, statement: Statement, values: Mapping[str, Any]) -> list[Any] | None:
        """Return what the statement was answered with for these values; None: nothing is known."""
        return self._rows.get((statement, repr(values)))

    def keep(self, statement: Statement, values: Mapping[str, Any], rows: list[Any]) -> None:
        """Have these rows answer the statement from now on."""
        self._rows[statement, repr(values)] = rows

    def drop(self, target: str | None) -> None:
        """Have what was read of a table be read again; None: it may be any table."""
        for key in list(self._rows):
            tables = key[0].tables
            if target is None or tables is None or target in tables:
                del self._rows[key]
