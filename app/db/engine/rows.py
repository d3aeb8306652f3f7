"""Row types: a table's rows as values of a dataclass, and such values as rows."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import fields
from operator import attrgetter
from typing import Any, Generic, TypeVar

from sqlalchemy import Column, ColumnElement, Table

Value = TypeVar("Value")


def row_reader(
    table: Table, kind: type[Value], read: Mapping[str, Callable[[Any], object]] | None = None
) -> Callable[[Any], Value]:
    """Return what makes a value of a whole row of a table.

    `read` has, for a column of JSON, what makes the field's value of it where it is not NULL. A
    field that is not a column, or a column that is not a field, is an error of ours: TypeError
    when the module is loaded.
    """
    columns = tuple(column.name for column in table.columns)
    named = tuple(each.name for each in fields(kind))  # type: ignore[arg-type]
    if columns != named:
        raise TypeError(f"{kind.__name__} has the fields {named}, {table.name} {columns}")
    return value_reader(kind, read)


def value_reader(
    kind: type[Value], read: Mapping[str, Callable[[Any], object]] | None = None
) -> Callable[[Iterable[Any]], Value]:
    """Return what makes a value of the values of its fields, in their order."""
    named = [each.name for each in fields(kind)]  # type: ignore[arg-type]
    readers = [(named.index(name), reader) for name, reader in (read or {}).items()]
    if not readers:
        return lambda row: kind(*row)

    def make(row: Iterable[Any]) -> Value:
        values = list(row)
        for place, reader in readers:
            if values[place] is not None:
                values[place] = reader(values[place])
        return kind(*values)

    return make


def columns_of(table: Table, kind: type[object]) -> tuple[ColumnElement[Any], ...]:
    """Return those columns of a table that a value has fields for, in the fields' order."""
    return tuple(table.c[each.name] for each in fields(kind))  # type: ignore[arg-type]


class RowType(Generic[Value]):
    """A table whose rows are values of one dataclass, which has a field for each column.

    `columns` are to be selected first, in this order, before any others: a record is read by
    place.
    """

    __slots__ = ("_fields_of", "_make", "_width", "columns", "names", "table", "type")

    def __init__(self, table: Table, type_: type[Value]) -> None:
        self.names = tuple(field.name for field in fields(type_))  # type: ignore[arg-type]
        if set(self.names) != set(table.columns.keys()):
            difference = sorted(set(self.names) ^ set(table.columns.keys()))
            raise TypeError(f"{type_.__name__} is not the row of {table.name}: {difference}")
        self.table = table
        self.type = type_
        self.columns: tuple[Column[Any], ...] = tuple(table.columns[name] for name in self.names)
        self._make: Callable[..., Value] = type_
        self._width = len(self.names)
        self._fields_of = attrgetter(*self.names)

    def read(self, record: Sequence[Any]) -> Value:
        """Return the value of a record that begins with the columns."""
        return self._make(*record[: self._width])

    def values(self, row: Value) -> Mapping[str, Any]:
        """Return a row's values by the names of its columns, for a statement."""
        return dict(zip(self.names, self._fields_of(row), strict=True))


def row_values(value: object) -> dict[str, Any]:
    """Return a row's value by its columns, as a statement takes it."""
    return {each.name: getattr(value, each.name) for each in fields(value)}  # type: ignore[arg-type]
