"""A real Postgres for the tests, and a database of its own for each test that asks for one.

The project starts it itself, unless SURETY_TEST_DATABASE_URL names a server where databases
may be created, or SURETY_TEST_CITUS the nodes of a cluster (tests/support/cluster.py). Every test's
database is cloned from one that was migrated once, so that tests commit, connect as often as they
like, and leave nothing behind.
"""

import asyncio
import itertools
import os
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import asyncpg
import pytest

from app.cli.migrations import migrate
from app.embedded import temporary_postgres
from app.settings import PREFIX, asyncpg_dsn
from tests.support import cluster
from tests.support.folders import find_memory

if TYPE_CHECKING:
    Connection = asyncpg.Connection[asyncpg.Record]
else:
    Connection = asyncpg.Connection

pytest_plugins = ["tests.support.answered_codes", "tests.support.collecting"]

_numbers = itertools.count(1)


@pytest.fixture(autouse=True, scope="session")
def _no_settings() -> Iterator[None]:
    """Keep the settings of whoever runs the tests out of them.

    With SURETY_TEST_LOCKED every write locks its account first.
    """
    with pytest.MonkeyPatch.context() as patch:
        for name in list(os.environ):
            if name.startswith(PREFIX) and not name.startswith("SURETY_TEST_"):
                patch.delenv(name)
        if "SURETY_TEST_LOCKED" in os.environ:
            patch.setenv("SURETY_OPTIMISTIC_WRITES", "false")
        yield


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """Run the tests' server; the URL of a database there, whose user may create others."""
    if cluster.PORTS:
        yield cluster.url_on(cluster.PORTS[0])
    elif given := os.environ.get("SURETY_TEST_DATABASE_URL"):
        yield asyncpg_dsn(given)
    else:
        with temporary_postgres(max_connections=200, within=find_memory()) as server:
            yield server.url


@pytest.fixture(scope="session")
async def server(postgres: str) -> AsyncIterator[Connection]:
    """Connect to where databases are created and dropped."""
    connection = await asyncpg.connect(postgres)
    yield connection
    await connection.close()


@pytest.fixture(scope="session")
async def _template(server: Connection, postgres: str) -> AsyncIterator[str]:
    if cluster.PORTS:
        name = _make_name()
        await cluster.make_distributed(name)
        yield name
        await cluster.drop_distributed(name)
        return
    async with clone_database(server, "template1") as name:
        await asyncio.to_thread(migrate, url_of(postgres, name))
        yield name


@pytest.fixture
async def database_url(server: Connection, postgres: str, _template: str) -> AsyncIterator[str]:
    """Make a fresh, migrated database; its URL."""
    async with clone_database(server, _template) as name:
        yield url_of(postgres, name)


@pytest.fixture
async def blank_database_url(server: Connection, postgres: str) -> AsyncIterator[str]:
    """Make a fresh database with nothing in it; its URL."""
    async with clone_database(server, "template1") as name:
        yield url_of(postgres, name)


@asynccontextmanager
async def clone_database(server: Connection, template: str) -> AsyncIterator[str]:
    """Make a database like `template`; its name. It is dropped in the end."""
    name = _make_name()
    if cluster.PORTS and template != "template1":
        await cluster.clone_distributed(name, template)
        try:
            yield name
        finally:
            await cluster.drop_distributed(name)
        return
    await server.execute(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY file_copy")
    try:
        yield name
    finally:
        await server.execute(f"DROP DATABASE {name} WITH (FORCE)")


def _make_name() -> str:
    return f"surety_test_{os.getpid()}_{next(_numbers)}"


def url_of(url: str, database: str) -> str:
    """Return the URL of another database on the same server."""
    return urlsplit(url)._replace(path=f"/{database}").geturl()
