"""SQLAlchemy's statements as the driver takes them: compiled once, or several made one.

SQLAlchemy defines every table and statement; each is compiled when it is first used and then
runs on the driver's connection, which is what costs least between the socket and Postgres
(docs/decisions/0005-writes-are-gathered.md).
"""

import re
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from operator import itemgetter
from typing import Any

from sqlalchemy import BindParameter, Insert, Table, TextClause, Update
from sqlalchemy.dialects.postgresql import asyncpg as postgresql
from sqlalchemy.sql import ClauseElement, visitors
from sqlalchemy.sql.dml import UpdateBase

_DIALECT = postgresql.dialect()  # type: ignore[no-untyped-call]
_MOST_COMBINED = 1_000
_VALUES = " VALUES "
_AFTER_VALUES = re.compile(r" (RETURNING|ON CONFLICT) ")
# What a statement has nothing of that writes no row, and what one that locks none.
_WRITES = re.compile(r"\bINSERT INTO\b|(?<!FOR )(?<!KEY )\bUPDATE\b|\bDELETE FROM\b")
_LOCKS = re.compile(r"\bFOR (NO KEY )?UPDATE\b|\bFOR (KEY )?SHARE\b|\bLOCK TABLE\b|advisory")


class Statement:
    """A SQLAlchemy Core statement as the driver takes it: its text and its parameters' order.

    `asked_again`: several parts of one operation ask it of the same rows.
    """

    __slots__ = (
        "_compiled",
        "_defaults",
        "_inserts",
        "_locks",
        "_names",
        "_of_rows",
        "_pick",
        "_read_key",
        "_sql",
        "_tables",
        "_target",
        "_writes",
        "asked_again",
        "clause",
    )

    def __init__(self, clause: ClauseElement, *, asked_again: bool = False) -> None:
        self.clause = clause
        self.asked_again = asked_again
        self._compiled = False
        self._writes = self._locks = True
        self._sql = ""
        self._names: tuple[str, ...] = ()
        self._pick: Callable[[Mapping[str, Any]], Sequence[Any]] = partial(_pick_few, ())
        self._tables: frozenset[str] | None = frozenset()
        self._defaults: Mapping[str, Any] = {}
        self._target: str | None = None
        self._read_key: Callable[[Mapping[str, Any]], Any] | None = None
        if isinstance(clause, UpdateBase):
            table: Any = clause.table
            self._target = table.name
            if names := [column.name for column in table.primary_key]:
                self._read_key = itemgetter(*names)
        self._of_rows: dict[int, str] = {}
        self._inserts = False

    @property
    def writes(self) -> bool:
        """Whether it writes a row."""
        if not self._compiled:
            self._compile()
        return self._writes

    @property
    def only_reads(self) -> bool:
        """Whether it neither writes a row nor locks one."""
        if not self._compiled:
            self._compile()
        return not (self._writes or self._locks)

    @property
    def tables(self) -> frozenset[str] | None:
        """The tables that it reads or writes, by name; None where its text does not say."""
        if not self._compiled:
            self._compile()
        return self._tables

    @property
    def target(self) -> str | None:
        """The table that it writes to by itself."""
        return self._target

    @property
    def inserts(self) -> bool:
        """Whether it inserts a row of values, and nothing else."""
        if not self._compiled:
            self._compile()
        return self._inserts

    def find_row(self, values: Mapping[str, Any]) -> tuple[str, Any] | None:
        """Return the one row that it writes with these values: its table and primary key.

        None where the values do not say which row that is.
        """
        if self._target is None or self._read_key is None:
            return None
        try:
            return self._target, self._read_key(values)
        except KeyError:
            return None

    def read_changes(self, values: Mapping[str, Any]) -> dict[str, Any] | None:
        """Return what an update sets, by column; None where that is more than values."""
        if not isinstance(self.clause, Update):
            return None
        assigned: Mapping[Any, Any] = self.clause._values or {}  # noqa: SLF001  what it sets
        found: dict[str, Any] = {}
        for column, value in assigned.items():
            if not isinstance(value, BindParameter):
                return None
            name = column if isinstance(column, str) else column.name
            found[name] = values.get(value.key, value.value)
        return found

    def bind(self, values: Mapping[str, Any]) -> tuple[str, Sequence[Any]]:
        """Return the text and its positional arguments, by name out of `values`.

        A name that the statement does not have is an error of ours: KeyError.
        """
        arguments = self.list_arguments(values)
        return self._sql, arguments

    def list_arguments(self, values: Mapping[str, Any]) -> Sequence[Any]:
        """Return its positional arguments, by name out of `values`."""
        if not self._compiled:
            self._compile()
        if self._defaults:
            values = {**self._defaults, **values}
        return self._pick(values)

    def write_text(self, rows: int = 1) -> str:
        """Return the text; of an insert, that of one of so many rows, one after the other."""
        if not self._compiled:
            self._compile()
        if rows == 1:
            return self._sql
        text = self._of_rows.get(rows)
        if text is None:
            head, _, row = self._sql.partition(_VALUES)
            width = len(self._names)
            every = ", ".join(_shift_parameters(row, place * width) for place in range(rows))
            text = self._of_rows[rows] = head + _VALUES + every
        return text

    def _compile(self) -> None:
        compiled: Any = self.clause.compile(dialect=_DIALECT)
        names = self._names = tuple(compiled.positiontup or ())
        # Of one name it would be the value itself, and of none there is no picking.
        self._pick = itemgetter(*names) if len(names) > 1 else partial(_pick_few, names)
        required = {name for name, bind in compiled.binds.items() if bind.required}
        self._defaults = {
            name: value
            for name, value in compiled.construct_params(_check=False).items()
            if name not in required
        }
        self._sql = compiled.string
        self._tables = _find_tables(self.clause)
        # Not one of a query, nor one that updates or returns what is there.
        of_values = _VALUES in self._sql and _AFTER_VALUES.search(self._sql) is None
        self._inserts = isinstance(self.clause, Insert) and of_values
        self._writes = _WRITES.search(self._sql) is not None
        self._locks = _LOCKS.search(self._sql) is not None
        self._compiled = True


def _pick_few(names: tuple[str, ...], values: Mapping[str, Any]) -> list[Any]:
    return [values[name] for name in names]


def _find_tables(clause: ClauseElement) -> frozenset[str] | None:
    found: set[str] = set()
    for each in visitors.iterate(clause):
        if isinstance(each, TextClause):
            return None
        if isinstance(each, Table):
            found.add(each.name)
    return frozenset(found)


_COMBINED: dict[tuple[object, ...], str] = {}
_PARAMETER = re.compile(r"\$(\d+)")


def combine(texts: tuple[str, ...]) -> str:
    """Return one statement that does what several do, with their parameters one after the other.

    Each writes rows that no other of them touches, so their order does not matter: all see the
    rows as they were before (PostgreSQL, "Data-Modifying Statements in WITH").
    """
    if len(texts) == 1:
        return texts[0]
    known = _COMBINED.get(texts)
    if known is not None:
        return known
    *others, last = _number_on(texts)
    named = ", ".join(f"write_{place} AS ({text})" for place, text in enumerate(others))
    return _store(texts, f"WITH {named} {last}")


def combine_guarded(
    claim: str | None,
    guards: tuple[str, ...],
    texts: tuple[str, ...],
    checks: tuple[str, ...] = (),
) -> str:
    """Return one statement that does what several do if each guard updates its row, or else raises.

    Their parameters are one after the other, in this order. Where a guard finds no row, the
    division by their number raises, and nothing of the statement is written. Guards lock their
    rows in their order. `claim` is an insert that comes before them, so that whoever inserts the
    same row waits there, as others do who insert it before they lock anything. `checks` count
    rows, as the guards do.
    """
    key = ("guarded", claim, guards, texts, checks)
    known = _COMBINED.get(key)
    if known is not None:
        return known
    every = (*guards, *texts, *checks) if claim is None else (claim, *guards, *texts, *checks)
    numbered = _number_on(every)
    named: list[str] = []
    if claim is not None:
        named.append(f"claim AS ({numbered.pop(0)} RETURNING 1)")
    guarding, numbered = numbered[: len(guards)], numbered[len(guards) :]
    writes, counts = numbered[: len(texts)], numbered[len(texts) :]
    named += [f"guard_{place} AS ({text} RETURNING 1)" for place, text in enumerate(guarding)]
    named += [f"write_{place} AS ({text})" for place, text in enumerate(writes)]
    guarded = (f"SELECT count(*) FROM guard_{place}" for place in range(len(guards)))  # noqa: S608
    counted = (*guarded, *counts)
    decided = "SELECT " + " + ".join(f"1 / ({count})" for count in counted)
    if claim is not None:
        # A row of the claims is there before the guard is asked for.
        decided += " FROM (SELECT count(*) FROM claim) AS claimed"
    return _store(key, f"WITH {', '.join(named)} {decided}")


def _number_on(texts: tuple[str, ...]) -> list[str]:
    """Return the texts with their parameters numbered on, from each to the next."""
    shifted: list[str] = []
    parameters = 0
    for text in texts:
        shifted.append(_shift_parameters(text, parameters))
        parameters += max((int(number) for number in _PARAMETER.findall(text)), default=0)
    return shifted


def _store(key: tuple[object, ...], text: str) -> str:
    if len(_COMBINED) >= _MOST_COMBINED:
        _COMBINED.clear()
    _COMBINED[key] = text
    return text


def _shift_parameters(text: str, by: int) -> str:
    return _PARAMETER.sub(lambda found: f"${int(found[1]) + by}", text)
