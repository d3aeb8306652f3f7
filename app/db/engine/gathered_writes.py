"""Gathered writes: what a transaction writes to each row, sent together as one statement."""

from collections.abc import Iterable, Mapping
from typing import Any

from app.db.engine.compiled import Statement, combine, combine_guarded
from app.domain.values import Value


class AccountChangedError(Exception):
    """What was read of an account is not so any more, so that nothing was written."""


class LeftVoidError(AccountChangedError):
    """An account is not as a writer before was going to leave it, so that nothing was written."""


class LockNeededError(Exception):
    """What is asked for cannot be done without a lock, and was not begun."""


_Write = tuple[Statement, Mapping[str, Any]]


class Comparison(Value):
    """An account's row that was read without a lock, by which the rest is known to be the same.

    `update` writes the row where it is as it was read; `lock` locks it, and `confirm` reads it,
    where it is. All take `values`, which say how it was read. `row` is the row itself.
    """

    row: tuple[Any, ...]
    update: Statement
    lock: Statement
    confirm: Statement
    values: Mapping[str, Any]


class GatheredWrites:
    """What is to be written, by the row that it is written to: each row once."""

    __slots__ = ("_checks", "_claim", "_guards", "_writes")

    def __init__(self) -> None:
        self._writes: dict[object, _Write] = {}
        self._claim: _Write | None = None
        self._guards: list[_Write] = []
        self._checks: list[_Write] = []

    def __len__(self) -> int:
        return len(self._writes) + (self._claim is not None)

    def add(self, statement: Statement, values: Mapping[str, Any]) -> bool:
        """Add a write, or say that those before it have to be sent first.

        The same update of the same row takes the place of the one before it, so it has to state
        the row's values, not to add to them; an update of a row that is still to be inserted
        becomes part of its insert.
        """
        row = statement.find_row(values)
        before = None if row is None else self._writes.get(row)
        if before is None or (before[0] is statement and not statement.inserts):
            self._writes[object() if row is None else row] = statement, values
            return True
        changes = statement.read_changes(values)
        if changes is None or not before[0].inserts:
            return False
        self._writes[row] = before[0], {**before[1], **changes}
        return True

    def touches(self, tables: frozenset[str] | None) -> bool:
        """Say whether what is to be written may be seen by what reads these tables."""
        if tables is None:
            return True
        return any(
            target is None or target in tables
            for target in (statement.target for statement, _ in self._writes.values())
        )

    def claim(self, statement: Statement, values: Mapping[str, Any]) -> None:
        """Add the insert that comes before all others."""
        self._claim = statement, values

    @property
    def is_guarded(self) -> bool:
        """Whether it is written only where a row of no account is still as it was read."""
        return bool(self._guards)

    def guard(self, statement: Statement, values: Mapping[str, Any]) -> None:
        """Have nothing be written unless an update finds its row, which is of no account, then."""
        self._guards.append((statement, values))

    def require(self, statement: Statement, values: Mapping[str, Any]) -> None:
        """Have nothing be written unless a statement counts a row of no account then."""
        self._checks.append((statement, values))

    def take(self) -> tuple[str, list[Any]]:
        """Return all that was gathered as one statement and its arguments; none is left."""
        if self._claim is not None:
            self._writes[object()] = self._claim
            self._claim = None
        arguments: list[Any] = []
        texts = _bind(self._writes.values(), arguments)
        self._writes.clear()
        self._checks.clear()
        return combine(texts), arguments

    def take_guarded(self, comparison: Comparison) -> tuple[str, list[Any]]:
        """Return it as one statement that writes nothing unless the account is as it was read."""
        _, values = self._writes.pop(comparison.row)
        first: list[_Write] = [(comparison.update, {**values, **comparison.values})]
        if self._claim is not None:
            first.insert(0, self._claim)
        guarding = len(first) - 1
        first += self._guards
        arguments: list[Any] = []
        before = _bind(first, arguments)
        writes = _bind(self._writes.values(), arguments)
        checks = _bind(self._checks, arguments)
        claim = None if self._claim is None else before[0]
        text = combine_guarded(claim, before[guarding:], writes, checks)
        self._writes.clear()
        self._guards.clear()
        self._checks.clear()
        self._claim = None
        return text, arguments


def _bind(writes: Iterable[_Write], arguments: list[Any]) -> tuple[str, ...]:
    """Return the statements' texts, and add their arguments: inserts of one kind are one of them.

    Rows of one `VALUES` cost Postgres less than an insert for each
    (docs/decisions/0005-writes-are-gathered.md).
    """
    parts: dict[object, tuple[Statement, list[Mapping[str, Any]]]] = {}
    for statement, values in writes:
        part = statement if statement.inserts else object()
        parts.setdefault(part, (statement, []))[1].append(values)
    texts: list[str] = []
    for statement, rows in parts.values():
        texts.append(statement.write_text(len(rows)))
        for values in rows:
            arguments += statement.list_arguments(values)
    return tuple(texts)
