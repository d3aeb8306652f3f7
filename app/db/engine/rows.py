"""Rows of tables as values: a dataclass has a field for each column, in the table's order."""

from collections.abc import Callable
from dataclasses import fields
from typing import Any, TypeVar

from sqlalchemy import Table

Value = TypeVar("Value")


def row_reader(table: Table, kind: type[Value]) -> Callable[[Any], Value]:
    """Return what makes a value of a whole row of a table.

    A field that is not a column, or a column that is not a field, is an error of ours: TypeError
    when the module is loaded.
    """
    columns = tuple(column.name for column in table.columns)
    named = tuple(each.name for each in fields(kind))  # type: ignore[arg-type]
    if columns != named:
        raise TypeError(f"{kind.__name__} has the fields {named}, {table.name} {columns}")
    return lambda row: kind(*row)


def row_values(value: object) -> dict[str, Any]:
    """Return a row's value by its columns, as a statement takes it."""
    return {each.name: getattr(value, each.name) for each in fields(value)}  # type: ignore[arg-type]
