"""The nodes of a Citus cluster that the tests may use, by their ports on this machine.

SURETY_TEST_CITUS names them, the coordinator first: `6431,6432,6433`. Their user is `postgres`,
and needs no password. Each test's database is cloned on every node from a distributed one.
"""

import asyncio
import os
from contextlib import suppress

import asyncpg

from app.cli.distribution import ROLE_SETTINGS, distribute
from app.cli.migrations import migrate

PORTS = [int(port) for port in os.environ.get("SURETY_TEST_CITUS", "").split(",") if port]
# Who does what now, on every node.
ACTIVITY = "citus_stat_activity" if PORTS else "pg_stat_activity"
_HOST = "127.0.0.1"
_TRIES = 10


def url_on(port: int, database: str = "postgres") -> str:
    """Return the URL of a database on a node."""
    return f"postgresql://postgres@{_HOST}:{port}/{database}"


async def make_distributed(name: str, *, migrated: bool = True) -> None:
    """Make a database on every node, and lay it over them."""
    await on_each_node(f"CREATE DATABASE {name}")
    await on_each_node("CREATE EXTENSION citus", database=name)
    connection = await asyncpg.connect(url_on(PORTS[0], name))
    await connection.execute("SELECT citus_set_coordinator_host($1, $2)", _HOST, PORTS[0])
    for port in PORTS[1:]:
        await connection.execute("SELECT citus_add_node($1, $2)", _HOST, port)
    await connection.execute(f"SET citus.shard_count = {len(PORTS)}")
    if migrated:
        await asyncio.to_thread(migrate, url_on(PORTS[0], name))
        async for _ in distribute(connection):
            pass
    await connection.close()


async def clone_distributed(name: str, template: str) -> None:
    """Make a database like `template` on every node."""
    # The extension's own process is in it, and comes back unless the door is closed.
    await on_each_node(
        f"ALTER DATABASE {template} ALLOW_CONNECTIONS false",
        f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{template}'",  # noqa: S608
        f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY file_copy",
        # A user's settings are not a database's, and are not cloned with it.
        *(
            f"ALTER ROLE CURRENT_USER IN DATABASE {name} SET {setting} = '{value}'"
            for setting, value in ROLE_SETTINGS.items()
        ),
    )


async def drop_distributed(name: str) -> None:
    """Remove a database from every node."""
    for _ in range(_TRIES):
        # The extension's own process comes back between the end of the others and the end of all.
        with suppress(asyncpg.ObjectInUseError):
            await on_each_node(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
            return


async def on_each_node(*statements: str, database: str = "postgres") -> None:
    """Run statements on every node, at once."""
    await asyncio.gather(*(_run(port, database, statements) for port in PORTS))


async def _run(port: int, database: str, statements: tuple[str, ...]) -> None:
    connection = await asyncpg.connect(url_on(port, database), statement_cache_size=0)
    try:
        await connection.execute("SET client_min_messages = error")
        for statement in statements:
            await connection.execute(statement)
    finally:
        await connection.close()
