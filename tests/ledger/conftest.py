"""The service as in `tests/api`, with two more sellers whose lots are small and end soon."""

import os
from collections.abc import AsyncIterator

import pytest
from hypothesis import HealthCheck, settings

from app.db.engine.database import Database
from tests.api.conftest import _published, api, app, clock, postgres_user  # noqa: F401
from tests.conftest import Connection, clone_database, url_of
from tests.ledger.sellers import publish_sellers

pytest.register_assert_rewrite("tests.ledger.history", "tests.ledger.machine", "tests.ledger.model")

# The same histories every day, so that a failure is of the change; thousands of new ones by
# `make test-long`.
settings.register_profile(
    "everyday",
    max_examples=150,
    stateful_step_count=20,
    deadline=None,
    print_blob=True,
    derandomize=True,
)
settings.register_profile(
    "long", max_examples=3000, stateful_step_count=30, deadline=None, print_blob=True
)
PROFILE = settings.get_profile(os.environ.get("HYPOTHESIS_PROFILE", "everyday"))
LAWS = settings(PROFILE, suppress_health_check=list(HealthCheck))


@pytest.fixture(scope="session")
async def _sellers(server: Connection, postgres: str, _published: str) -> AsyncIterator[str]:  # noqa: F811
    async with clone_database(server, _published) as name:
        database = Database(url_of(postgres, name), pool_size=1)
        await database.open()
        await publish_sellers(database)
        await database.close()
        yield name


@pytest.fixture
async def published_url(server: Connection, postgres: str, _sellers: str) -> AsyncIterator[str]:
    """Make a fresh database with all the catalogues published; its URL."""
    async with clone_database(server, _sellers) as name:
        yield url_of(postgres, name)
