"""Row types: each dataclass of a table's row agrees with the table, column by column."""

import importlib
import pkgutil
from collections.abc import Iterator
from datetime import datetime
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints
from uuid import UUID

import pytest
from sqlalchemy import ARRAY, JSON, Column, MetaData, Table, Text

import app.db
from app.db.engine.rows import RowType
from app.domain.promises.stored_clocks import StoredClock


def find_row_types() -> Iterator[RowType[Any]]:
    found: dict[int, RowType[Any]] = {}
    for module in pkgutil.walk_packages(app.db.__path__, "app.db."):
        for value in vars(importlib.import_module(module.name)).values():
            if isinstance(value, RowType):
                found[id(value)] = value
    yield from found.values()


ROW_TYPES = sorted(find_row_types(), key=lambda each: each.table.name)
COLUMNS = [
    pytest.param(row_type, column, id=f"{row_type.table.name}.{column.name}")
    for row_type in ROW_TYPES
    for column in row_type.columns
]


def test_the_tables_of_tickets_have_row_types() -> None:
    assert {"deadlines", "ticket_events", "tickets"} <= {each.table.name for each in ROW_TYPES}


@pytest.mark.parametrize(("row_type", "column"), COLUMNS)
def test_a_field_has_the_type_of_its_column(row_type: RowType[Any], column: Column[Any]) -> None:
    hint = get_type_hints(row_type.type)[column.name]
    is_union = get_origin(hint) in (Union, UnionType)
    options = set(get_args(hint)) if is_union else {hint}
    assert (NoneType in options) is column.nullable
    kinds = {kind for option in options - {NoneType} for kind in plain_types(option)}
    if column.name in row_type.converted:
        return
    if isinstance(column.type, JSON | ARRAY):
        assert not kinds & {str, int, bool, datetime, UUID}
    else:
        assert kinds == {column.type.python_type}


def plain_types(hint: Any) -> set[type]:
    if get_origin(hint) is Literal:
        return {type(value) for value in get_args(hint)}
    return {get_origin(hint) or hint}


def test_a_row_is_read_by_place_and_written_by_name() -> None:
    (clocks,) = (each for each in ROW_TYPES if each.type is StoredClock)
    record = [f"value of {name}" for name in clocks.names]
    clock = clocks.read([*record, "of another column"])
    assert clock.breaches_after == "value of breaches_after"
    assert dict(clocks.values(clock)) == dict(zip(clocks.names, record, strict=True))


def test_a_row_that_is_not_its_tables_is_refused() -> None:
    table = Table("other", MetaData(), Column("account_id", Text))
    with pytest.raises(TypeError, match="StoredClock is not the row of other"):
        RowType(table, StoredClock)
