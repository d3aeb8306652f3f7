"""Row types: a table's rows as values of one class, and such values as rows."""

from collections.abc import Callable, Mapping, Sequence
from operator import attrgetter
from typing import Any, Generic, TypeVar

from sqlalchemy import Column, Table

from app.domain.values import Value, field_names

Row = TypeVar("Row", bound=Value)
Conversions = Mapping[str, Callable[[Any], object]]


class RowType(Generic[Row]):
    """A table whose rows are values of one class, which has a field for each column.

    `columns` are to be selected first, in this order, before any others: a record is read by
    place. `read` and `write` convert the values of columns that the driver does not know the
    field's type of, where they are not NULL. `without` are the columns that the value has no
    field for.
    """

    __slots__ = (
        "_fields_of",
        "_make",
        "_read",
        "_width",
        "_write",
        "columns",
        "converted",
        "names",
        "table",
        "type",
    )

    def __init__(
        self,
        table: Table,
        type_: type[Row],
        *,
        read: Conversions | None = None,
        write: Conversions | None = None,
        without: Sequence[str] = (),
    ) -> None:
        self.names = field_names(type_)
        difference = {*self.names, *without} ^ set(table.columns.keys())
        if difference:
            raise TypeError(f"{type_.__name__} is not the row of {table.name}: {difference}")
        self.table = table
        self.type = type_
        self.columns: tuple[Column[Any], ...] = tuple(table.columns[name] for name in self.names)
        self._make: Callable[..., Row] = type_
        self._width = len(self.names)
        self._fields_of = attrgetter(*self.names)
        self._read = tuple((self.names.index(name), each) for name, each in (read or {}).items())
        self._write = write or {}
        self.converted = frozenset(read or {})

    def read(self, record: Sequence[Any]) -> Row:
        """Return the value of a record that begins with the columns."""
        if not self._read:
            return self._make(*record[: self._width])
        values = list(record[: self._width])
        for place, convert in self._read:
            if values[place] is not None:
                values[place] = convert(values[place])
        return self._make(*values)

    def values(self, row: Row) -> dict[str, Any]:
        """Return a row's values by the names of its columns, for a statement."""
        values = dict(zip(self.names, self._fields_of(row), strict=True))
        for name, convert in self._write.items():
            if values[name] is not None:
                values[name] = convert(values[name])
        return values
