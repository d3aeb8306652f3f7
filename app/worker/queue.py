"""The queue's own tables, in a schema of their own: `pgqueuer` makes and upgrades them itself."""

from datetime import timedelta
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
from sqlalchemy import BigInteger, Column, DateTime, MetaData, Table, bindparam, delete, select

from app.db.engine.compiled import Statement
from app.db.engine.unit_of_work import Db
from app.db.monitoring.lag import JOBS_SCHEMA

if TYPE_CHECKING:
    Connection = asyncpg.Connection[asyncpg.Record]
else:
    Connection = asyncpg.Connection

# What workers listen to and the tables' triggers tell: of the whole database, so with our name.
CHANNEL = Channel("surety_jobs")
# How long the queue's notes of jobs are kept: it never removes any itself.
LOG_KEPT = timedelta(days=7)
_PRUNED_AT_A_TIME = 1_000


def _prune_from(name: str) -> Statement:
    noted = Table(
        name,
        MetaData(schema=JOBS_SCHEMA),
        Column("id", BigInteger),
        Column("created", DateTime(timezone=True)),
    )
    oldest = (
        select(noted.c.id)
        .where(noted.c.created < bindparam("before"))
        .order_by(noted.c.created)
        .limit(bindparam("limit"))
    )
    return Statement(delete(noted).where(noted.c.id.in_(oldest)))


_PRUNE_LOG = _prune_from("pgqueuer_log")
_PRUNE_STATISTICS = _prune_from("pgqueuer_statistics")


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


async def prune_log(db: Db) -> int:
    """Remove the oldest of what the queue noted more than a week ago, and count it."""
    before = db.read_clock() - LOG_KEPT
    logged = await db.execute(_PRUNE_LOG, before=before, limit=_PRUNED_AT_A_TIME)
    counted = await db.execute(_PRUNE_STATISTICS, before=before, limit=_PRUNED_AT_A_TIME)
    return logged + counted
