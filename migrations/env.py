"""How migrations run: one at a time, never waiting long for a table that is in use."""

import asyncio

import asyncpg
from alembic import context
from sqlalchemy import Connection, NullPool, text
from sqlalchemy.ext.asyncio import create_async_engine

from app.db.tables import metadata
from app.settings import load_settings

# Two starts at once: the second waits for the first, and then finds nothing to do.
_ONE_AT_A_TIME = 0x5_0E7E
_WAIT_FOR_ANOTHER = "120s"

# A migration that has to wait for a table makes everyone behind it wait too; better to let them
# go first, and to try again.
_LOCK_TIMEOUT = "2s"


def _run(connection: Connection) -> None:
    connection.execute(text(f"SET lock_timeout = '{_WAIT_FOR_ANOTHER}'"))
    connection.execute(text(f"SELECT pg_advisory_lock({_ONE_AT_A_TIME})"))
    connection.execute(text(f"SET lock_timeout = '{_LOCK_TIMEOUT}'"))
    connection.commit()
    context.configure(
        connection=connection,
        target_metadata=metadata,
        compare_type=True,
        compare_server_default=True,
        transaction_per_migration=True,
    )
    with context.begin_transaction():
        context.run_migrations()


async def _run_online(dsn: str) -> None:
    async def connect() -> "asyncpg.Connection[asyncpg.Record]":
        return await asyncpg.connect(dsn, server_settings={"application_name": "surety migrate"})

    engine = create_async_engine("postgresql+asyncpg://", async_creator=connect, poolclass=NullPool)
    async with engine.connect() as connection:
        await connection.run_sync(_run)


dsn = context.config.attributes.get("dsn") or load_settings().dsn
if dsn is None:
    raise SystemExit("surety: set SURETY_DATABASE_URL to the database to migrate")
if context.is_offline_mode():
    raise SystemExit("surety: migrations are not written as SQL; run `surety migrate`")
asyncio.run(_run_online(dsn))
