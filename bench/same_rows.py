"""Whether those compared write the same: as many rows, in the same tables, for one opening."""

import asyncio
from collections.abc import Callable, Mapping

import asyncpg

from app.db.tables import metadata


class WritesOthers(Exception):
    """One of those compared writes other rows than ours: a comparison would mean nothing."""


def require_same_rows(contestants: Mapping[str, tuple[str, Callable[[], object]]]) -> None:
    """Let each do its work once, on its database's URL; refuse if not all write the same rows."""
    written = {name: _count_written(*each) for name, each in contestants.items()}
    name, first = next(iter(written.items()))
    for other, rows in written.items():
        if rows != first:
            raise WritesOthers(f"{name} writes {first}, {other} writes {rows}")


def _count_written(url: str, work: Callable[[], object]) -> dict[str, int]:
    before = asyncio.run(count_rows(url))
    work()
    after = asyncio.run(count_rows(url))
    return {table: after[table] - before[table] for table in after if after[table] != before[table]}


async def count_rows(url: str) -> dict[str, int]:
    """Return how many rows each of our tables has."""
    connection = await asyncpg.connect(url)
    try:
        return {
            table.name: await connection.fetchval(f"SELECT count(*) FROM {table.name}")  # noqa: S608
            for table in metadata.sorted_tables
        }
    finally:
        await connection.close()
