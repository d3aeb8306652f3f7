"""Helpers of the tests of brief reads, shared with others."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

from asyncpg.connection import LoggedQuery
from fastapi import FastAPI

from app.db.engine.database import Database


@asynccontextmanager
async def statements_of(app: FastAPI, *, connections: int = 1) -> AsyncIterator[list[str]]:
    """Collect what the service's connections run, transactions among it: of so many at once."""
    ran: list[str] = []

    def keep(query: LoggedQuery) -> None:
        ran.append(query.query.strip())

    async with AsyncExitStack() as stack:
        for each in await _take(app, connections, stack):
            each.add_query_logger(keep)
    yield ran
    await asyncio.sleep(0)  # the driver tells of a statement in the loop's next turn
    async with AsyncExitStack() as stack:
        for each in await _take(app, connections, stack):
            each.remove_query_logger(keep)


async def _take(app: FastAPI, connections: int, stack: AsyncExitStack) -> list[Any]:
    database: Database = app.state.database
    return [await stack.enter_async_context(database.connection()) for _ in range(connections)]
