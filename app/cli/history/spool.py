"""The lines of an import, sorted by account on disk: however many there are, few are in memory."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

_TABLE = "CREATE TABLE lines (account_id TEXT, number INTEGER, text TEXT)"
_INDEX = "CREATE INDEX of_account ON lines (account_id, number)"


class Spool:
    """Lines that were checked, in a file of their own."""

    def __init__(self, store: sqlite3.Connection) -> None:
        self._store = store
        store.execute(_TABLE)
        store.execute(_INDEX)

    def add(self, account_id: str, number: int, text: str) -> None:
        """Store a line of an account."""
        self._store.execute("INSERT INTO lines VALUES (?, ?, ?)", (account_id, number, text))

    def count(self) -> tuple[int, int]:
        """Return how many lines there are, and of how many accounts."""
        row = self._store.execute("SELECT count(*), count(DISTINCT account_id) FROM lines")
        lines, accounts = row.fetchone()
        return int(lines), int(accounts)

    def accounts(self) -> Iterator[str]:
        """Yield the accounts in the order in which the file names them first."""
        found = self._store.execute(
            "SELECT account_id FROM lines GROUP BY account_id ORDER BY min(number)"
        )
        for (account_id,) in found:
            yield account_id

    def lines(self, account_id: str) -> Iterator[tuple[int, str]]:
        """Yield an account's lines with their numbers, in the file's order."""
        yield from self._store.execute(
            "SELECT number, text FROM lines WHERE account_id = ? ORDER BY number", (account_id,)
        )


@contextmanager
def open_spool() -> Iterator[Spool]:
    """Give a spool that is gone afterwards."""
    with TemporaryDirectory(prefix="surety-import-") as folder:
        store = sqlite3.connect(Path(folder) / "lines.sqlite", isolation_level=None)
        try:
            # Nobody needs it after a crash.
            store.execute("PRAGMA journal_mode = OFF")
            store.execute("PRAGMA synchronous = OFF")
            store.execute("BEGIN")
            yield Spool(store)
        finally:
            store.close()
