"""Every statement that the stores have, and which accounts' tables each of its selects reads."""

import importlib
import pkgutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import CTE, Column, Delete, Select, Subquery, Table, Update
from sqlalchemy.sql import operators, visitors
from sqlalchemy.sql.elements import BinaryExpression, BindParameter, BooleanClauseList
from sqlalchemy.sql.selectable import Alias, FromClause, FromGrouping, Join, Lateral

import app.db
from app.db.engine.compiled import Statement
from app.db.engine.listings import Listing
from app.db.engine.statement_forms import StatementForms

# An account's by its `account_id`, but not a customer's own: endpoints' deliveries name accounts
# as what they are about.
_OF_NO_ACCOUNT = {"webhook_deliveries"}


@dataclass(frozen=True, slots=True)
class Named:
    """A statement and where it is defined."""

    name: str
    statement: Statement


def collect_statements() -> list[Named]:
    """Return every statement of the stores, each once."""
    found: dict[int, Named] = {}
    for info in pkgutil.walk_packages(app.db.__path__, "app.db."):
        module = importlib.import_module(info.name)
        for name, value in vars(module).items():
            for statement in _find_statements(value):
                short = info.name.removeprefix("app.db.")
                found.setdefault(id(statement), Named(f"{short}.{name}", statement))
    return list(found.values())


def _find_statements(value: Any) -> Iterator[Statement]:
    if isinstance(value, Statement):
        yield value
    elif isinstance(value, Listing):
        yield from value.statements.values()
    elif isinstance(value, StatementForms):
        yield from value.list_all()
    elif isinstance(value, Mapping):
        for each in value.values():
            yield from _find_statements(each)
    elif isinstance(value, list | tuple):
        for each in value:
            yield from _find_statements(each)


def names_an_account(statement: Statement) -> bool:
    """Say whether a statement takes one account's id as a parameter."""
    return any(
        isinstance(each, BindParameter) and each.key == "account_id"
        for each in visitors.iterate(statement.clause)
    )


def find_unnamed(statement: Statement) -> list[str]:
    """Return the accounts' tables of each (sub)select that the parameter does not name there."""
    return [name for own, bound in _levels(statement.clause, ()) for name in _missing(own, bound)]


def find_locked_together(statement: Statement) -> list[str]:
    """Return the tables of which a statement may lock rows of several keys at once."""
    found = []
    for level in visitors.iterate(statement.clause):
        if not isinstance(level, Select) or level._for_update_arg is None:
            continue
        conditions = list(level._where_criteria)
        tables: list[Any] = []
        for source in level.get_final_froms():
            _look_through(source, tables, conditions, every=True)
        locked: Sequence[Any] = level._for_update_arg.of or tables
        named = {
            (column.table.name, column.name)
            for condition in conditions
            for column in _named_columns(condition, every=True)
        }
        for table in locked:
            first = next(iter(table.primary_key)).name
            if (table.name, first) not in named:
                found.append(table.name)
    return found


def _missing(own: Sequence[Any], bound: set[int]) -> list[str]:
    return [table.name for table in own if id(table) not in bound]


def _levels(clause: Any, outer: tuple[Any, ...]) -> Iterator[tuple[list[Any], set[int]]]:
    """Yield each select's own accounts' tables, with those that the parameter names there."""
    if isinstance(clause, Lateral) and isinstance(clause.element, Subquery):
        clause = clause.element.element
    if isinstance(clause, Subquery | CTE):
        outer = ()
    if isinstance(clause, Select | Update | Delete):
        conditions = list(clause._where_criteria)
        tables: list[Any] = []
        for source in _sources(clause):
            _look_through(source, tables, conditions)
        followed = {id(each) for each in getattr(clause, "_correlate", ()) or outer}
        own = [each for each in dict.fromkeys(tables) if id(each) not in followed]
        named = (column for condition in conditions for column in _named_columns(condition))
        yield own, {id(column.table) for column in named}
        outer = (*outer, *own)
    for child in clause.get_children():
        yield from _levels(child, outer)


def _sources(level: Any) -> list[FromClause]:
    if isinstance(level, Select):
        return list(level.get_final_froms())
    return [level.table]


def _look_through(
    source: Any, tables: list[Any], conditions: list[Any], *, every: bool = False
) -> None:
    if isinstance(source, FromGrouping):
        _look_through(source.element, tables, conditions, every=every)
    elif isinstance(source, Join):
        conditions.append(source.onclause)
        _look_through(source.left, tables, conditions, every=every)
        _look_through(source.right, tables, conditions, every=every)
    elif _is_owned(source) or (every and isinstance(source, Table)):
        tables.append(source)


def _is_owned(source: Any) -> bool:
    table = source.element if isinstance(source, Alias) else source
    return isinstance(table, Table) and "account_id" in table.c and table.name not in _OF_NO_ACCOUNT


def _named_columns(condition: Any, *, every: bool = False) -> Iterator[Any]:
    """Yield the account columns that a condition's parts, all of which hold, name; or `every`."""
    if isinstance(condition, BooleanClauseList) and condition.operator is operators.and_:
        for part in condition.clauses:
            yield from _named_columns(part, every=every)
    elif isinstance(condition, BinaryExpression) and condition.operator is operators.eq:
        for column, value in (
            (condition.left, condition.right),
            (condition.right, condition.left),
        ):
            wanted = isinstance(column, Column) and (every or column.name == "account_id")
            if wanted and isinstance(value, BindParameter):
                yield column
