"""Rows of one table as a column of another's row: several shapes in one round trip."""

import json
from collections.abc import Mapping
from typing import Any

from sqlalchemy import ColumnElement, Select, Text, cast, func
from sqlalchemy.dialects.postgresql import JSONB


class Nested:
    """A query whose rows become one column, `ARRAY(SELECT ROW(…))`, in their order.

    `column` is what to select; `read` returns its value as rows, by the names of the query's
    columns. The driver reads rows within rows in their binary form, which JSON's custom form
    is not: it travels as text.
    """

    __slots__ = ("_json", "_names", "column", "label")

    def __init__(self, label: str, query: Select[Any]) -> None:
        self.label = label
        columns = list(query.selected_columns)
        self._names = tuple(column.key or "" for column in columns)
        self._json = tuple(
            name
            for name, column in zip(self._names, columns, strict=True)
            if isinstance(column.type, JSONB)
        )
        shown: list[ColumnElement[Any]] = [
            cast(column, Text) if isinstance(column.type, JSONB) else column for column in columns
        ]
        rows = query.with_only_columns(func.row(*shown), maintain_column_froms=True)
        self.column: ColumnElement[Any] = func.array(rows.scalar_subquery()).label(label)

    def read(self, value: Any) -> list[Mapping[str, Any]]:
        """Return the rows of the column's value."""
        return [self._read_row(row) for row in value]

    def _read_row(self, row: tuple[Any, ...]) -> dict[str, Any]:
        read = dict(zip(self._names, row, strict=True))
        for name in self._json:
            read[name] = None if read[name] is None else json.loads(read[name])
        return read
