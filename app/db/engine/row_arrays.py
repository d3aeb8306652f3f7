"""Rows of one table as a column of another's row: several shapes in one round trip."""

import json
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Select, Text, cast, func
from sqlalchemy.dialects.postgresql import JSONB

T = TypeVar("T")


class Nested:
    """A query whose rows become one column, `ARRAY(SELECT ROW(…))`, in their order.

    `column` is what to select; `read` returns its value as rows, by the names of the query's
    columns, and `read_as` by their places. The driver reads rows within rows in their binary
    form, which JSON's custom form is not: it travels as text.
    """

    __slots__ = ("_json", "_names", "column", "label")

    def __init__(self, label: str, query: Select[Any]) -> None:
        self.label = label
        columns = list(query.selected_columns)
        self._names = tuple(column.key or "" for column in columns)
        self._json = tuple(
            place for place, column in enumerate(columns) if isinstance(column.type, JSONB)
        )
        shown: list[ColumnElement[Any]] = [
            cast(column, Text) if isinstance(column.type, JSONB) else column for column in columns
        ]
        rows = query.with_only_columns(func.row(*shown), maintain_column_froms=True)
        self.column: ColumnElement[Any] = func.array(rows.scalar_subquery()).label(label)

    def read(self, value: Any) -> list[Mapping[str, Any]]:
        """Return the rows of the column's value by the names of their columns."""
        return [dict(zip(self._names, self._read_row(row), strict=True)) for row in value]

    def read_as(self, make: Callable[..., T], value: Any) -> list[T]:
        """Return what `make` makes of each row's columns, in their order."""
        if not self._json:
            return [make(*row) for row in value]
        return [make(*self._read_row(row)) for row in value]

    def _read_row(self, row: tuple[Any, ...]) -> list[Any]:
        read = list(row)
        for place in self._json:
            if read[place] is not None:
                read[place] = json.loads(read[place])
        return read
