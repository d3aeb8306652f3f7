"""The queue's own tables, in a schema of their own: `pgqueuer` makes and upgrades them itself."""

from typing import TYPE_CHECKING

import asyncpg
from pgqueuer.adapters.drivers.asyncpg import AsyncpgDriver
from pgqueuer.adapters.persistence.qb import (
    QueryBuilderEnvironment,
    QueryQueueBuilder,
    QuerySchedulerBuilder,
)
from pgqueuer.adapters.persistence.queries import Queries
from pgqueuer.domain.settings import DBSettings
from pgqueuer.domain.types import Channel
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource

from app.db.lag import JOBS_SCHEMA

if TYPE_CHECKING:
    Connection = asyncpg.Connection[asyncpg.Record]
else:
    Connection = asyncpg.Connection

# What workers listen to and the tables' triggers tell: of the whole database, so with our name.
CHANNEL = Channel("surety_jobs")


class QueueSettings(DBSettings):
    """The names of the queue's tables, whatever the environment's variables are called."""

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return (init_settings,)


async def connect(dsn: str) -> Connection:
    """Open a direct connection for the queue: it listens, so no pooler may be between."""
    return await asyncpg.connect(
        dsn, timeout=10, server_settings={"application_name": "surety worker", "timezone": "UTC"}
    )


def queries_on(connection: Connection) -> Queries:
    """Return the queue's statements on a connection, with our names of its tables."""
    settings = QueueSettings(db_schema=JOBS_SCHEMA, channel=CHANNEL)
    return Queries(
        AsyncpgDriver(connection),
        qbe=QueryBuilderEnvironment(settings),
        qbq=QueryQueueBuilder(settings),
        qbs=QuerySchedulerBuilder(settings),
    )


async def install_queue(dsn: str) -> bool:
    """Bring the queue's tables to what this version of `pgqueuer` needs; say if that took doing.

    Safe at the same time as another's, and while workers run. Tables that are as they should
    be are only read, so that a worker's user needs no right to make any.
    """
    connection = await connect(dsn)
    try:
        plan = await queries_on(connection).plan_upgrade()
        if not plan.statements:
            return False
        applied = await queries_on(connection).apply_upgrade()
        return bool(applied.statements)
    finally:
        await connection.close()
