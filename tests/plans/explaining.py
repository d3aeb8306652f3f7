"""A connection that asks Postgres, before each statement, how it will be run, and what is found.

Every statement is first explained with its own values and with none known beforehand, as the
driver's prepared statements come to be run, and then runs.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

import asyncpg

from app.db.tables import metadata

# What does not grow with accounts, tickets or time; everything else does.
SMALL = {"catalogs", "catalog_versions", "api_keys", "webhooks", "relay"}
GROWING = {table.name for table in metadata.sorted_tables} - SMALL

_SCANS = {"Index Scan", "Index Only Scan", "Bitmap Heap Scan", "Bitmap Index Scan"}
_FIRST_WORD = re.compile(r"\w+")
_EXPLAINED = {"SELECT", "WITH", "INSERT", "UPDATE", "DELETE"}
_PARAMETER = re.compile(r"\$(\d+)")
# A descent into an index and the row's own page; a bitmap's pages; what an update left behind.
_PAGES, _PAGES_A_ROW, _PAGES_A_LOOP = 24, 4, 8
# Read and not wanted: what ended in the quarter that a trace looks back, a clock ahead that is not
# at risk yet.
_REMOVED, _REMOVED_A_ROW = 40, 3
# What Postgres may rather sort than follow an index for.
_SORTED = 500

_Connection: Any = asyncpg.Connection


@dataclass(frozen=True, slots=True)
class Explained:
    """A statement and what is wrong with how it is run; nothing, most of the time."""

    sql: str
    faults: tuple[str, ...]


class ExplainingConnection(_Connection):  # type: ignore[misc]
    """A connection that explains each statement before it runs, into `found`."""

    found: ClassVar[list[Explained]] = []

    async def fetch(self, query: str, *args: Any, **options: Any) -> Any:
        await self._explain(query, args)
        return await super().fetch(query, *args, **options)

    async def fetchrow(self, query: str, *args: Any, **options: Any) -> Any:
        await self._explain(query, args)
        return await super().fetchrow(query, *args, **options)

    async def fetchval(self, query: str, *args: Any, **options: Any) -> Any:
        await self._explain(query, args)
        return await super().fetchval(query, *args, **options)

    async def execute(self, query: str, *args: Any, **options: Any) -> Any:
        await self._explain(query, args)
        return await super().execute(query, *args, **options)

    async def executemany(self, command: str, args: Any, **options: Any) -> None:
        rows = list(args)
        await self._explain(command, rows[0])
        await super().executemany(command, rows, **options)

    async def _explain(self, sql: str, values: Any) -> None:
        if _FIRST_WORD.findall(sql)[0].upper() not in _EXPLAINED:
            return
        transaction = self.transaction()
        await transaction.start()
        try:
            faults: list[str] = []
            try:
                faults += find_faults(await self._explain_values(sql, values))
                faults += find_faults(await self._explain_unknown(sql))
            except asyncpg.PostgresError as error:
                faults.append(f"it is not explained: {error}")
            self.found.append(Explained(sql, tuple(dict.fromkeys(faults))))
        finally:
            await transaction.rollback()

    async def _explain_values(self, sql: str, values: Any) -> Any:
        return _read(
            await super().fetchval(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {sql}", *values)
        )

    async def _explain_unknown(self, sql: str) -> Any:
        count = max((int(number) for number in _PARAMETER.findall(sql)), default=0)
        await super().execute("SET LOCAL plan_cache_mode = force_generic_plan")
        await super().execute(f"PREPARE explained AS {sql}")
        nothing = f"({', '.join(['NULL'] * count)})" if count else ""
        try:
            return _read(
                await super().fetchval(f"EXPLAIN (FORMAT JSON) EXECUTE explained{nothing}")
            )
        finally:
            await super().execute("DEALLOCATE explained")


def find_faults(plan: Any) -> Iterator[str]:
    """Yield each place in a plan that reads a growing table as a whole, or far too much of it."""
    for node in _walk(plan):
        table = node.get("Relation Name")
        if node["Node Type"] == "Seq Scan" and table in GROWING:
            yield f"the whole of {table} is read"
        if "Actual Rows" not in node:
            continue
        if node["Node Type"] in _SCANS:
            yield from _find_waste(node, node.get("Index Name") or table)
        if node["Node Type"] == "Limit":
            rows, before = node["Actual Rows"], _count_sorted(node)
            if before > _SORTED + rows:
                yield f"{before:.0f} rows are sorted for {rows:.0f}"


def _find_waste(node: Any, name: str) -> Iterator[str]:
    loops = node["Actual Loops"]
    rows = node["Actual Rows"] * loops
    removed = loops * sum(
        node.get(f"Rows Removed by {by}", 0) for by in ("Filter", "Index Recheck")
    )
    if removed > _REMOVED + _REMOVED_A_ROW * rows:
        yield f"{removed:.0f} rows by {name} are read for nothing, beside {rows:.0f}"
    # A node's own: those of the nodes below are counted in it.
    pages = _count_pages(node) - sum(_count_pages(inner) for inner in node.get("Plans", ()))
    if pages > _PAGES + _PAGES_A_ROW * (rows + removed) + _PAGES_A_LOOP * loops:
        yield f"{pages} pages by {name} are read for {rows:.0f} rows"


def _count_pages(node: Any) -> int:
    return int(node["Shared Hit Blocks"] + node["Shared Read Blocks"])


def _count_sorted(limit: Any) -> float:
    """Return how many rows are sorted for a limit to take its own from."""
    node = limit
    while node["Node Type"] != "Sort":
        outer = [each for each in node.get("Plans", ()) if each["Parent Relationship"] == "Outer"]
        if not outer:
            return 0
        node = outer[0]
    return float(node["Plans"][0]["Actual Rows"])


def _walk(node: Any) -> Iterator[Any]:
    yield node
    for inner in node.get("Plans", ()):
        yield from _walk(inner)


def _read(explained: Any) -> Any:
    return (json.loads(explained) if isinstance(explained, str) else explained)[0]["Plan"]
