"""The running service against its own document: no 500, and no reply that the document lacks.

Requests are made from `openapi.json`, valid ones and broken ones, with an admin key, and with
the ids and codes below in their places most of the time, so that they get past the first
refusal. `make test-fuzz` makes more of them.
"""

import os
import threading
import time
from collections.abc import AsyncIterator, Iterator
from typing import Any

import httpx
import pytest
import schemathesis
import uvicorn
from hypothesis import HealthCheck, Phase, settings
from schemathesis import Case
from schemathesis.checks import not_a_server_error
from schemathesis.config import SchemathesisConfig
from schemathesis.specs.openapi import checks

from app.db.database import Database
from app.main import create_app
from app.services.bootstrap import bootstrap
from app.settings import Settings
from tests.conftest import Connection, clone_database, url_of

KEY = "an-admin-key-for-tests"
# How many of each operation: the same few every time, or as many new ones as are asked for.
ASKED = os.environ.get("SURETY_TEST_FUZZ")
EXAMPLES = int(ASKED or "12")
# What stands in a request's place of this name, most of the time.
VALUES: dict[str, list[Any]] = {
    "account_id": ["c-1", "c-2"],
    "order_id": ["SO-1", "SO-2", "SO-3"],
    "ticket_id": [f"HD-{number}" for number in range(1, 8)],
    "session_id": ["S-1", "S-2"],
    "work_id": ["W-1", "W-2"],
    "license_id": ["L-1", "L-2"],
    "catalog": ["livecart", "xcart-points", "xcart-support", "agency", "corporate"],
    "calendar": ["business", "engineers", "live", "extended"],
    "metric": ["first_response", "resolution"],
    "offer": [
        "livecart.express-1y",
        "livecart.standard-1m",
        "xcart-points.300",
        "xcart-support.subscription-1y",
        "corporate.gold",
        "agency.starter",
    ],
    "plan": ["express", "points", "subscription", "starter", "gold", "professional"],
    "category": ["level-0", "level-4", "transfer-aspe", "other", "bug"],
    "topic": ["troubleshooting", "technical-advice", "web-design", "own-software"],
    "site": ["https://shop.example/eu", "http://www.shop.example:80/EU/"],
    "reference": ["r-1", "r-2"],
    "version": [1, 2],
}
PLACES = ("path", "query", "body")


def _configure() -> SchemathesisConfig:
    used = {"probability": 0.8}
    return SchemathesisConfig.from_dict(
        {
            "dictionaries": {name: {"values": values} for name, values in VALUES.items()},
            "parameters": {
                f"{place}.{name}": {"dictionary": name} | used
                for place in PLACES
                for name in VALUES
            },
            "generation": {"max-examples": EXAMPLES},
            "phases": {"coverage": {"enabled": False}, "stateful": {"enabled": False}},
        }
    )


schema = schemathesis.openapi.from_dict(create_app().openapi(), config=_configure())
CHECKS = [
    not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_schema_conformance,
]


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
    while not running.started:
        assert thread.is_alive()
        time.sleep(0.01)
    port = running.servers[0].sockets[0].getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    _tell_a_story(url)
    yield url
    running.should_exit = True
    thread.join()


@schema.parametrize()
@settings(
    deadline=None,
    derandomize=ASKED is None,
    database=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
def test_no_reply_is_outside_the_document(case: Case[Any], service: str) -> None:
    case.call_and_validate(
        base_url=service, headers={"Authorization": f"Bearer {KEY}"}, checks=CHECKS
    )


def _tell_a_story(url: str) -> None:
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
