"""Rows of one table as a column of another's row: several shapes in one round trip."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, TypeVar

from asyncpg.pgproto.pgproto import UUID
from sqlalchemy import DateTime, Select, Uuid, func
from sqlalchemy.sql.elements import ColumnElement
from sqlalchemy.types import TypeEngine

T = TypeVar("T")


class RowArray:
    """A query whose rows become one column, a JSON array of arrays, in their order.

    `column` is what to select; `rows` returns its value as rows, and `read_as` what is made of
    each. As JSON, because a row without a type of its own
    cannot come from another node, and one array for each column costs twice the time
    (docs/decisions/0010-rows-within-rows-are-json.md).
    """

    __slots__ = ("_readers", "column", "label")

    def __init__(self, label: str, query: Select[Any]) -> None:
        self.label = label
        columns = list(query.selected_columns)
        self._readers = tuple(
            (place, reader)
            for place, column in enumerate(columns)
            if (reader := _find_reader(column.type)) is not None
        )
        rows = query.with_only_columns(func.json_build_array(*columns), maintain_column_froms=True)
        self.column: ColumnElement[Any] = func.array_to_json(
            func.array(rows.scalar_subquery())
        ).label(label)

    def rows(self, value: list[list[Any]]) -> list[list[Any]]:
        """Return the rows of the column's value, each a list of its columns' values."""
        for row in value:
            for place, reader in self._readers:
                if row[place] is not None:
                    row[place] = reader(row[place])
        return value

    def read_as(self, make: Callable[..., T], value: Any) -> list[T]:
        """Return what `make` makes of each row's columns, in their order."""
        return [make(*row) for row in self.rows(value)]


def _read_instant(text: str) -> datetime:
    at = datetime.fromisoformat(text)
    # Another node may write it in its own zone.
    return at if at.tzinfo is UTC else at.astimezone(UTC)


def _find_reader(kind: TypeEngine[Any]) -> Callable[[str], Any] | None:
    """Return what makes a value of its text, where JSON has no such value itself."""
    if isinstance(kind, DateTime):
        return _read_instant
    if isinstance(kind, Uuid):
        return UUID
    return None
