"""The service in a thread of this process, with customers, plans and tickets."""

import threading
from collections.abc import AsyncIterator, Iterator

import httpx
import pytest
import uvicorn

from app.db.engine.database import Database
from app.main import create_app
from app.services.catalog.bootstrap import bootstrap
from app.settings import Settings
from tests.conftest import Connection, clone_database, url_of
from tests.fuzz.requests import KEY, VALUES
from tests.support.waiting import until_now


@pytest.fixture(scope="module")
async def database_of_its_own(
    server: Connection, postgres: str, _template: str
) -> AsyncIterator[str]:
    """Make a database with the five catalogues published; its URL."""
    async with clone_database(server, _template) as name:
        url = url_of(postgres, name)
        database = Database(url, pool_size=1)
        await database.open()
        await bootstrap(database, make_key=False)
        await database.close()
        yield url


@pytest.fixture(scope="module")
def service(database_of_its_own: str) -> Iterator[str]:
    """Run the service in a thread, with customers, plans and tickets; its URL."""
    app = create_app(Settings(database_url=database_of_its_own, admin_key=KEY, pool_size=4))
    running = uvicorn.Server(
        uvicorn.Config(app, port=0, log_level="error", access_log=False, ws="none")
    )
    thread = threading.Thread(target=running.run)
    thread.start()
    until_now(lambda: running.started)
    port = running.servers[0].sockets[0].getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    _run_a_story(url)
    yield url
    running.should_exit = True
    thread.join()


def _run_a_story(url: str) -> None:
    """Sell plans to two customers, and open tickets of every kind."""
    with httpx.Client(base_url=url, headers={"Authorization": f"Bearer {KEY}"}) as client:
        for account in ("/v1/accounts/c-1", "/v1/accounts/c-2"):
            client.put(account, json={"name": "Nordwind Handel GmbH"})
            for number, offer in enumerate(VALUES["offer"][:5], 1):
                order = {"order_id": f"SO-{number}", "offer": offer, "payment": {"status": "paid"}}
                if offer.startswith("xcart-support"):
                    order["site"] = VALUES["site"][0]
                client.post(f"{account}/purchases", json=order).raise_for_status()
            for number, more in enumerate(
                (
                    {"catalog": "livecart"},
                    {"catalog": "xcart-points", "category": "level-2"},
                    {"catalog": "xcart-support", "site": VALUES["site"][0], "urgent": True},
                    {"catalog": "corporate", "severity": 2},
                    {"catalog": "livecart", "category": "bug"},
                ),
                1,
            ):
                ticket = {"ticket_id": f"HD-{number}", "subject": "Checkout fails"} | more
                client.post(f"{account}/tickets", json=ticket).raise_for_status()
