"""Several processes of the service on one database."""

from contextlib import AsyncExitStack

from app.main import create_app
from app.settings import Settings
from tests.api.conftest import ADMIN_KEY, Api, Clock


async def serve_process(stack: AsyncExitStack, url: str, clock: Clock, *, optimistic: bool) -> Api:
    """Start a process of the service on a database; an admin of it.

    Of eight connections an account has two: of one that is sent, and of one that is decided.
    """
    configuration = Settings(
        database_url=url, admin_key=ADMIN_KEY, pool_size=8, optimistic_writes=optimistic
    )
    app = create_app(configuration, clock=clock)
    await stack.enter_async_context(app.router.lifespan_context(app))
    api = Api(app)
    stack.push_async_callback(api.http.aclose)
    return api
