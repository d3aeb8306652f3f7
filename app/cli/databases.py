"""The database that a command works on, migrated."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeVar

from app.embedded import EmbeddedPostgres, find_running
from app.settings import Settings, load_settings

if TYPE_CHECKING:
    from app.db.engine.database import Database

T = TypeVar("T")


def with_database(work: Callable[["Database"], Awaitable[T]]) -> T:
    """Do some work on the database that the settings name, once it is migrated."""
    from app.cli.migrations import migrate

    settings = load_settings()
    with open_direct_dsn(settings) as dsn:
        migrate(dsn)
        return asyncio.run(work_on(dsn, settings, work))


@contextmanager
def open_dsn(settings: Settings) -> Iterator[str]:
    """Give the database's URL: the given one's, or our own Postgres's, running or started now."""
    if settings.dsn is not None:
        yield settings.dsn
    elif running := find_running(settings.data_dir):
        yield running
    else:
        with EmbeddedPostgres(settings.data_dir) as postgres:
            yield postgres.url


@contextmanager
def open_direct_dsn(settings: Settings) -> Iterator[str]:
    """Give the URL that leads to the database without a pooler between, where one is set."""
    if settings.worker_dsn is not None:
        yield settings.worker_dsn
        return
    with open_dsn(settings) as dsn:
        yield dsn


async def work_on(dsn: str, settings: Settings, work: Callable[["Database"], Awaitable[T]]) -> T:
    """Open the database for a little work that nothing else here does at the same time."""
    from app.db.engine.database import Database

    database = Database(
        dsn,
        pool_size=2,
        lock_timeout_ms=settings.lock_timeout_ms,
        prepared_statements=settings.prepared_statements,
    )
    await database.open()
    try:
        return await work(database)
    finally:
        await database.close()
