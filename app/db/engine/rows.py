"""Rows of tables as values: a dataclass has a field for each column, in the table's order."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import fields
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Table

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


def row_values(value: object) -> dict[str, Any]:
    """Return a row's value by its columns, as a statement takes it."""
    return {each.name: getattr(value, each.name) for each in fields(value)}  # type: ignore[arg-type]
