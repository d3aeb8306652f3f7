"""`migrations.by_accounts`: rows are selected by account, and written as plain values."""

import asyncio

import asyncpg
from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy import Connection, NullPool
from sqlalchemy.ext.asyncio import create_async_engine

from migrations.by_accounts import rewrite_rows
from tests.api.conftest import Api


async def test_each_accounts_rows_are_written_anew(api: Api, published_url: str) -> None:
    for account_id in ("c-1", "c-2"):
        account = await api.make_account(account_id)
        await api.buy(account, "livecart.express-1y")
        await api.open(account)

    def rewrite(connection: Connection) -> None:
        with Operations.context(MigrationContext.configure(connection)):
            rewrite_rows(
                "SELECT ticket_id, account_id || to_char(opened_at, ' YYYY') AS subject"
                " FROM tickets WHERE account_id = :account_id",
                "UPDATE tickets SET subject = :subject"
                " WHERE account_id = :account_id AND ticket_id = :ticket_id",
            )

    engine = create_async_engine(
        "postgresql+asyncpg://",
        async_creator=lambda: asyncpg.connect(published_url),
        poolclass=NullPool,
    )
    async with engine.begin() as connection:
        await connection.run_sync(rewrite)
    subjects = await asyncio.gather(
        *(api.get(f"/v1/accounts/{each}/tickets/HD-1") for each in ("c-1", "c-2"))
    )
    assert [each.json()["subject"] for each in subjects] == ["c-1 2026", "c-2 2026"]
