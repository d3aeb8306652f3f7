"""The service in a loop of its own, which a test without one steps through."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

from app.main import create_app
from app.settings import Settings
from tests.api.conftest import ADMIN_KEY, Api, Clock


@contextmanager
def run_in_steps(url: str, clock: Clock) -> Iterator[tuple[asyncio.Runner, Api]]:
    """Run the service on a database by a test's clock; the loop's runner, and a client.

    Hypothesis calls a test as a plain function, which awaits nothing: the runner does.
    """
    configuration = Settings(database_url=url, admin_key=ADMIN_KEY, pool_size=2)

    @asynccontextmanager
    async def serve() -> AsyncIterator[Api]:
        app = create_app(configuration, clock=clock)
        async with app.router.lifespan_context(app):
            api = Api(app)
            yield api
            await api.http.aclose()

    with asyncio.Runner() as runner:
        service = serve()
        api = runner.run(service.__aenter__())
        try:
            yield runner, api
        finally:
            runner.run(service.__aexit__(None, None, None))
