"""Distribution of a database over several nodes: each table by its key, or whole on every node."""

import logging
from collections.abc import AsyncIterator, Sequence
from typing import Any

import asyncpg

from app.db.tables import metadata
from app.domain.values import Value

_log = logging.getLogger("surety.database")

# Whole on every node: read with everything, and written seldom.
REFERENCE = ("catalogs", "catalog_versions", "api_keys", "alembic_version")
# What belongs to an endpoint is beside it, and so is what belongs to an account.
BY_WEBHOOK = ("webhooks", "webhook_deliveries", "webhook_attempts")
# A row of a reference table cannot be locked alone, so that the readers' rows are one part.
ONE_PART = {"relay": "reader"}

# A session's own do not reach the nodes where the rows are.
ROLE_SETTINGS = {
    "lock_timeout": "5s",
    "TimeZone": "UTC",
    # Statements of many parts look dear to the planner; compiling them takes seconds.
    "jit": "off",
    # Else each connection's first look at a type asks of every table whether it is a part of one.
    "citus.override_table_visibility": "off",
    # The triggers of what is append-only, on each part of it.
    "citus.enable_unsafe_triggers": "on",
}

_STATE = """
    SELECT EXISTS (SELECT FROM pg_extension WHERE extname = 'citus') AS has_citus
"""
_NODES = """
    SELECT (SELECT groupid FROM pg_dist_local_group) AS here,
        count(*) FILTER (WHERE isactive AND shouldhaveshards AND noderole = 'primary') AS holding,
        count(*) FILTER (WHERE groupid = 0) AS coordinators
    FROM pg_dist_node
"""
_PLACED = """
    SELECT logicalrelid::text AS name, partmethod::text AS method,
        column_to_column_name(logicalrelid, partkey) AS key
    FROM pg_dist_partition
"""
# A table that is append-only has two triggers of these names.
_TRUNCATED, _CHANGED = "{}_never_truncated", "{}_append_only"
_APPEND_ONLY = """
    SELECT tgrelid::regclass::text FROM pg_trigger
    WHERE tgname = tgrelid::regclass::text || '_never_truncated' ORDER BY 1
"""
_TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
_SETTINGS = "SELECT DISTINCT result FROM run_command_on_all_nodes($1) WHERE success"


class NotDistributableError(Exception):
    """The database cannot be laid over several nodes, and why."""


class Placement(Value):
    """Where a table's rows are: by a column, beside those of another table; or on every node."""

    table: str
    key: str | None
    beside: str | None = None
    parts: int | None = None


def list_placements() -> list[Placement]:
    """Return how each table is laid out, those that others are beside before them."""
    placed = [Placement(name, None) for name in REFERENCE]
    placed += [Placement(name, key, parts=1) for name, key in ONE_PART.items()]
    for key, names in (("webhook_id", BY_WEBHOOK), ("account_id", _list_owned())):
        first = names[0]
        placed.append(Placement(first, key))
        placed += [Placement(name, key, beside=first) for name in names[1:]]
    return placed


def _list_owned() -> Sequence[str]:
    others = {*REFERENCE, *BY_WEBHOOK, *ONE_PART}
    owned = [table.name for table in metadata.sorted_tables if table.name not in others]
    return ("accounts", *(name for name in owned if name != "accounts"))


async def distribute(connection: Any) -> AsyncIterator[str]:
    """Lay a migrated database over its nodes; yield what was done, step by step.

    What is done already is left as it is. Raises NotDistributableError where the extension or the
    nodes are missing, this is not the coordinator, or a table is laid out in another way.
    """
    await _require_nodes(connection)
    await connection.execute("SET citus.enable_unsafe_triggers = on")
    await connection.execute("SET client_min_messages = warning")
    placed = {row["name"]: row for row in await connection.fetch(_PLACED)}
    there = {row[0] for row in await connection.fetch(_TABLES)}
    for each in list_placements():
        if each.table not in there:  # of a later version
            continue
        before = placed.get(each.table)
        if before is not None:
            _require_same(each, before)
            yield f"{each.table} is {_describe(each)} already."
        else:
            await _place(connection, each)
            yield f"{each.table} is now {_describe(each)}."
    append_only = await _list_append_only(connection)
    for table in append_only:
        await _switch_triggers(connection, table, "ENABLE ALWAYS")
    yield f"{', '.join(append_only)} refuse changes on every node."
    for name, value in ROLE_SETTINGS.items():
        await connection.execute(
            f"DO $$ BEGIN EXECUTE format('ALTER ROLE CURRENT_USER IN DATABASE %I SET {name}"
            f" = %L', current_database(), '{value}'); END $$"
        )
    yield f"Its user's settings: {', '.join(f'{n} = {v}' for n, v in ROLE_SETTINGS.items())}."


async def is_distributed(connection: Any) -> bool:
    """Say whether the database is laid over several nodes."""
    if not (await connection.fetchrow(_STATE))["has_citus"]:
        return False
    return bool(await connection.fetchval("SELECT EXISTS (SELECT FROM pg_dist_partition)"))


async def find_unset(connection: Any) -> list[str]:
    """Return the settings that do not reach every node; none where the database is on one."""
    if not await is_distributed(connection):
        return []
    return [
        name
        for name, value in ROLE_SETTINGS.items()
        for row in await connection.fetch(_SETTINGS, f"SHOW {name}")
        if row["result"] != value
    ]


async def complete(dsn: str, *, migrated: bool) -> None:
    """Lay out what a migration added to a distributed database, and look at its settings."""
    connection = await asyncpg.connect(dsn, timeout=10, statement_cache_size=0)
    try:
        if not await is_distributed(connection):
            return
        if migrated:
            async for _ in distribute(connection):
                pass
        if unset := await find_unset(connection):
            _log.warning({"event": "node_settings_missing", "settings": unset})
    finally:
        await connection.close()


async def _require_nodes(connection: Any) -> None:
    if not (await connection.fetchrow(_STATE))["has_citus"]:
        raise NotDistributableError(
            "The database has no extension citus. Install it on every node, put it first in "
            "shared_preload_libraries, and CREATE EXTENSION citus in this database on each."
        )
    nodes = await connection.fetchrow(_NODES)
    if nodes["here"] != 0:
        raise NotDistributableError("This is a worker node; run it on the coordinator.")
    if not nodes["holding"]:
        raise NotDistributableError(
            "No node holds rows yet. Name each other node with citus_add_node; where the "
            "coordinator is to hold rows, as it has to alone, let it: "
            "SELECT citus_set_node_property('<host>', <port>, 'shouldhaveshards', true)."
        )
    if not nodes["coordinators"]:
        raise NotDistributableError(
            "The coordinator is not among the nodes; name it with citus_set_coordinator_host."
        )


def _require_same(wanted: Placement, found: Any) -> None:
    if (found["method"], found["key"]) != ("n" if wanted.key is None else "h", wanted.key):
        raise NotDistributableError(
            f"{wanted.table} is laid out in another way, by {found['key']}. Nothing was changed."
        )


def _describe(placement: Placement) -> str:
    if placement.key is None:
        return "whole on every node"
    beside = f", beside {placement.beside}" if placement.beside else ""
    return f"by {placement.key}{beside}"


async def _place(connection: Any, placement: Placement) -> None:
    async with connection.transaction():
        if placement.key is None:
            await connection.execute("SELECT create_reference_table($1::text)", placement.table)
        else:
            await connection.execute(
                "SELECT create_distributed_table($1::text, $2::text, colocate_with => $3::text"
                f"{'' if placement.parts is None else f', shard_count => {placement.parts}'})",
                placement.table,
                placement.key,
                placement.beside or "none",
            )
    # What was there before was copied; the copy that no statement sees any more goes.
    append_only = placement.table in await _list_append_only(connection)
    async with connection.transaction():
        if append_only:
            await _switch_triggers(connection, placement.table, "DISABLE")
        await connection.execute(
            "SELECT truncate_local_data_after_distributing_table($1::text)", placement.table
        )
        if append_only:
            await _switch_triggers(connection, placement.table, "ENABLE ALWAYS")


async def _list_append_only(connection: Any) -> list[str]:
    return [row[0] for row in await connection.fetch(_APPEND_ONLY)]


async def _switch_triggers(connection: Any, table: str, way: str) -> None:
    for trigger in (_TRUNCATED, _CHANGED):
        await connection.execute(f"ALTER TABLE {table} {way} TRIGGER {trigger.format(table)}")
