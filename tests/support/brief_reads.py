"""Helpers of the tests of brief reads, shared with others."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from asyncpg.connection import LoggedQuery
from fastapi import FastAPI

from app.db.engine.database import Database


@asynccontextmanager
async def statements_of(app: FastAPI) -> AsyncIterator[list[str]]:
    """Collect what the service's one connection in use runs, transactions among it."""
    ran: list[str] = []

    def keep(query: LoggedQuery) -> None:
        ran.append(query.query.strip())

    database: Database = app.state.database
    async with database.connection() as connection:
        connection.add_query_logger(keep)
    yield ran
    await asyncio.sleep(0)  # the driver tells of a statement in the loop's next turn
    async with database.connection() as connection:
        connection.remove_query_logger(keep)
