"""Helpers of the tests of brief reads, shared with others."""

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
    async with database.connection() as connection:
        connection.remove_query_logger(keep)
