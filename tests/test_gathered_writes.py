"""Writes that are sent together: as few statements as there are kinds of them."""

from typing import Any

import pytest
from sqlalchemy import (
    Column,
    Integer,
    MetaData,
    Table,
    Text,
    bindparam,
    func,
    insert,
    select,
    update,
)
from sqlalchemy.dialects import postgresql

from app.db.engine.compiled import Statement
from app.db.engine.gathered_writes import GatheredWrites

COLOURS = Table(
    "colours",
    MetaData(),
    Column("number", Integer, primary_key=True),
    Column("name", Text, primary_key=True),
    Column("shade", Integer),
)
INSERT = Statement(insert(COLOURS))
SHADE = Statement(
    update(COLOURS)
    .where(COLOURS.c.number == bindparam("number"), COLOURS.c.name == bindparam("name"))
    .values(shade=bindparam("shade"))
)
COPY = Statement(insert(COLOURS).from_select(["number", "name"], select(func.now(), func.now())))
RETURN = Statement(insert(COLOURS).returning(COLOURS.c.shade))
REPLACE = Statement(postgresql.insert(COLOURS).on_conflict_do_nothing())


def gather(*writes: tuple[Statement, dict[str, Any]]) -> tuple[str, list[Any]]:
    gathered = GatheredWrites()
    for statement, values in writes:
        assert gathered.add(statement, values)
    return gathered.take()


def named(number: int, name: str, shade: int = 1) -> dict[str, Any]:
    return {"number": number, "name": name, "shade": shade}


def test_rows_of_one_insert_are_one_statement() -> None:
    text, arguments = gather(
        (INSERT, named(1, "red")),
        (SHADE, named(9, "blue", shade=4)),
        (INSERT, named(2, "green", shade=3)),
        (INSERT, named(3, "white")),
    )
    assert text.count("INSERT INTO colours") == 1
    assert text.count("UPDATE colours") == 1
    assert "($1::INTEGER, $2::VARCHAR, $3::INTEGER), ($4::INTEGER" in text
    assert arguments == [1, "red", 1, 2, "green", 3, 3, "white", 1, 4, 9, "blue"]


def test_one_row_alone_is_its_own_text() -> None:
    text, arguments = gather((INSERT, named(1, "red")))
    assert (text, tuple(arguments)) == INSERT.bind(named(1, "red"))


@pytest.mark.parametrize("statement", [COPY, RETURN, REPLACE, SHADE])
def test_what_is_not_rows_of_values_is_not_put_together(statement: Statement) -> None:
    assert not statement.inserts
