"""Webhooks: made with a secret that is shown once, read without it, changed, rotated, removed."""

import asyncio
import base64
from datetime import timedelta
from typing import Any

import pytest
from fastapi import FastAPI

from app.db.engine.database import Database
from app.domain.events.events import EVENT_TYPES
from app.domain.events.webhooks import MOST_WEBHOOKS
from app.domain.time.instants import write_instant
from app.services.events import webhooks
from app.settings import PREFIX
from tests.api.conftest import Api, Clock
from tests.conftest import Connection
from tests.support.waiting import until

WAITING = """
    SELECT count(*) FROM pg_stat_activity
    WHERE wait_event_type = 'Lock' AND datname = current_database()
"""
URL = "https://helpdesk.example/hooks/surety"
NOBODY = "/v1/webhooks/01938a5e-0000-7000-8000-000000000000"


@pytest.fixture
async def made(api: Api) -> dict[str, Any]:
    """Make a webhook for a helpdesk."""
    order = {"url": URL, "description": "The helpdesk's", "types": ["ticket.*", "deadline.*"]}
    reply = await api.post("/v1/webhooks", order | {"account_ids": ["c-1"], "ordered": True})
    assert (reply.status_code, reply.headers["Cache-Control"]) == (201, "no-store")
    webhook: dict[str, Any] = reply.json()
    return webhook


async def test_a_webhook_is_read_without_its_secret(api: Api, made: dict[str, Any]) -> None:
    secret = made.pop("secret")
    assert len(base64.b64decode(secret.removeprefix("whsec_"))) == 32
    reply = await api.get(f"/v1/webhooks/{made['id']}")
    assert reply.json() == made
    assert secret not in reply.text
    assert (await api.get("/v1/webhooks")).json() == {"data": [made], "next_cursor": None}
    assert made == {
        "id": made["id"],
        "url": URL,
        "description": "The helpdesk's",
        "types": ["ticket.*", "deadline.*"],
        "account_ids": ["c-1"],
        "ordered": True,
        "enabled": True,
        "disabled_at": None,
        "disabled_reason": None,
        "failing_since": None,
        "created_at": "2026-11-24T08:00:00Z",
        "updated_at": "2026-11-24T08:00:00Z",
        "rotated_at": None,
        "previous_valid_until": None,
    }


async def test_left_to_itself_it_gets_everything_of_everybody(api: Api) -> None:
    made = (await api.post("/v1/webhooks", {"url": URL})).json()
    wanted = {name: made[name] for name in ("types", "account_ids", "ordered", "description")}
    assert wanted == {"types": ["*"], "account_ids": None, "ordered": False, "description": None}


async def test_what_is_named_is_changed_and_the_rest_stays(
    api: Api, clock: Clock, made: dict[str, Any]
) -> None:
    del made["secret"]
    path = f"/v1/webhooks/{made['id']}"
    clock.advance(hours=1)
    changes = {"types": ["units.low"], "account_ids": None, "description": None, "ordered": False}
    changed = made | changes | {"updated_at": "2026-11-24T09:00:00Z"}
    assert (await api.patch(path, changes)).json() == changed
    clock.advance(hours=1)
    assert (await api.patch(path, {"url": None, "types": None})).json() == changed
    assert (await api.patch(path, {})).json() == changed
    disabled = changed | {
        "enabled": False,
        "disabled_at": "2026-11-24T10:00:00Z",
        "disabled_reason": "operator",
        "updated_at": "2026-11-24T10:00:00Z",
    }
    assert (await api.patch(path, {"enabled": False})).json() == disabled
    clock.advance(hours=1)
    assert (await api.patch(path, {"enabled": False})).json() == disabled
    enabled = changed | {"updated_at": "2026-11-24T11:00:00Z"}
    assert (await api.patch(path, {"enabled": True})).json() == enabled


async def test_a_rotation_shows_another_secret_once(
    api: Api, clock: Clock, made: dict[str, Any]
) -> None:
    path = f"/v1/webhooks/{made['id']}/rotation"
    clock.advance(hours=1)
    reply = await api.post(path, headers={"Idempotency-Key": "rotate-1"})
    rotated = reply.json()
    assert (reply.status_code, reply.headers["Cache-Control"]) == (200, "no-store")
    assert rotated["secret"] != made["secret"]
    assert rotated == made | {
        "secret": rotated["secret"],
        "updated_at": "2026-11-24T09:00:00Z",
        "rotated_at": "2026-11-24T09:00:00Z",
        "previous_valid_until": write_instant(clock.now + timedelta(days=1)),
    }
    again = await api.post(path, headers={"Idempotency-Key": "rotate-1"})
    assert again.headers["Idempotent-Replayed"] == "true"
    assert again.json() == {name: rotated[name] for name in rotated if name != "secret"}
    leaked = (await api.post(path, {"overlap": "PT0S"})).json()
    assert leaked["previous_valid_until"] is None


@pytest.mark.parametrize("overlap", ["P31D", "-PT1S", "P1M", "soon", 60, None])
async def test_an_overlap_is_30_days_at_most(
    api: Api, made: dict[str, Any], overlap: object
) -> None:
    reply = await api.post(f"/v1/webhooks/{made['id']}/rotation", {"overlap": overlap})
    assert (reply.status_code, reply.json()["errors"][0]["pointer"]) == (422, "/overlap")


@pytest.mark.parametrize(
    "url",
    [
        "helpdesk.example/hooks",
        "ftp://helpdesk.example/hooks",
        "https://",
        "https:///hooks",
        "https://user:secret@helpdesk.example/hooks",
        "https://helpdesk.example/hooks#here",
        "https://helpdesk.example:0/hooks",
        "https://helpdesk.example:99999/hooks",
        "https://help desk.example/",
        "http://helpdesk.example/hooks",
        "https://127.0.0.1/hooks",
        "https://[::1]/hooks",
        "https://[::ffff:127.0.0.1]/hooks",
        "https://169.254.169.254/latest/meta-data/",
        "https://10.0.0.1/hooks",
        "javascript:alert(1)",
    ],
)
async def test_a_url_that_nothing_is_sent_to(api: Api, made: dict[str, Any], url: str) -> None:
    created = await api.post("/v1/webhooks", {"url": url})
    changed = await api.patch(f"/v1/webhooks/{made['id']}", {"url": url})
    for reply in (created, changed):
        problem = reply.json()
        assert (reply.status_code, problem["code"]) == (422, "webhook_url_refused")
        assert problem["errors"][0]["pointer"] == "/url"
        if url.startswith("http://") or "127.0.0.1" in url:
            assert f"{PREFIX}WEBHOOK_ALLOWED_NETWORKS" in problem["detail"]


async def test_a_name_in_another_script_is_kept_as_it_is_connected_to(api: Api) -> None:
    made = (await api.post("/v1/webhooks", {"url": "https://bücher.example/hook?a=ä"})).json()
    assert made["url"] == "https://xn--bcher-kva.example/hook?a=%C3%A4"


async def test_the_operators_own_networks_are_taken_without_tls(app: FastAPI, api: Api) -> None:
    app.state.webhook_networks = app.state.settings.model_copy(
        update={"webhook_allowed_networks": "10.1.0.0/16"}
    ).webhook_networks
    statuses = {
        url: (await api.post("/v1/webhooks", {"url": url})).status_code
        for url in ("http://10.1.2.3/", "http://hooks.internal/", "http://10.2.0.1/")
    }
    assert list(statuses.values()) == [201, 201, 422]


async def test_a_filter_names_events_that_there_are(api: Api) -> None:
    reply = await api.post("/v1/webhooks", {"url": URL, "types": ["ticket.*", "invoice.*", "*.x"]})
    problem = reply.json()
    assert (reply.status_code, problem["code"]) == (422, "event_type_unknown")
    assert [each["pointer"] for each in problem["errors"]] == ["/types/1", "/types/2"]
    assert [each["value"] for each in problem["choices"]] == list(EVENT_TYPES)
    opened = {
        "value": "ticket.opened",
        "name": "Ticket opened",
        "definition": "A ticket was opened.",
    }
    assert opened in problem["choices"]
    assert (await api.post("/v1/webhooks", {"url": URL, "types": []})).status_code == 422


async def test_there_are_a_hundred_at_most(api: Api) -> None:
    for _ in range(MOST_WEBHOOKS):
        assert (await api.post("/v1/webhooks", {"url": URL})).status_code == 201
    reply = await api.post("/v1/webhooks", {"url": URL})
    assert (reply.status_code, reply.json()["code"]) == (409, "too_many_webhooks")
    assert reply.json()["limit"] == MOST_WEBHOOKS == 100


async def test_a_hundred_at_most_also_where_two_are_made_at_once(
    api: Api, postgres_user: Connection
) -> None:
    for _ in range(MOST_WEBHOOKS - 1):
        assert (await api.post("/v1/webhooks", {"url": URL})).status_code == 201
    database: Database = api.app.state.database
    async with database.transaction() as db:
        await webhooks.create_webhook(
            db,
            url=URL,
            description=None,
            types=["*"],
            account_ids=None,
            ordered=False,
            allowed=(),
        )
        asked = asyncio.create_task(api.post("/v1/webhooks", {"url": URL}))
        await until(lambda: asked.done() or postgres_user.fetchval(WAITING))
    reply = await asked
    assert reply.status_code == 409, reply.text
    assert reply.json()["code"] == "too_many_webhooks"


async def test_a_webhook_that_was_removed_is_not_there(api: Api, made: dict[str, Any]) -> None:
    path = f"/v1/webhooks/{made['id']}"
    removed = await api.delete(path)
    assert (removed.status_code, removed.content) == (204, b"")
    for gone in (path, NOBODY):
        replies = [
            await api.get(gone),
            await api.patch(gone, {"enabled": True}),
            await api.delete(gone),
            await api.post(f"{gone}/rotate", {}),
            await api.post(f"{gone}/ping"),
            await api.get(f"{gone}/deliveries"),
            await api.post(f"{gone}/deliveries/{made['id']}/redelivery"),
        ]
        assert {(each.status_code, each.json()["code"]) for each in replies} == {
            (404, "webhook_unknown")
        }


async def test_a_delivery_that_is_not_there(api: Api, made: dict[str, Any]) -> None:
    reply = await api.post(f"/v1/webhooks/{made['id']}/deliveries/{made['id']}/redelivery")
    assert (reply.status_code, reply.json()["code"]) == (404, "delivery_unknown")


async def test_deliveries_are_of_one_status(api: Api, made: dict[str, Any]) -> None:
    path = f"/v1/webhooks/{made['id']}"
    pinged = (await api.post(f"{path}/ping")).json()
    for status, found in (("pending", [pinged]), ("delivered", []), ("failed", [])):
        reply = await api.get(f"{path}/deliveries", params={"status": status})
        assert reply.json() == {"data": found, "next_cursor": None}
    assert (await api.get(f"{path}/deliveries?status=lost")).status_code == 422


@pytest.mark.parametrize("host", ["xn--", "xn--a", "xn--99999999999", "xn--\u00e4"])
async def test_a_host_that_is_no_name_is_refused(api: Api, host: str) -> None:
    reply = await api.post("/v1/webhooks", {"url": f"https://{host}/"})
    assert (reply.status_code, reply.json()["code"]) == (422, "webhook_url_refused"), reply.text


async def test_the_older_address_rotates_too_and_says_which_one_follows(
    api: Api, made: dict[str, Any]
) -> None:
    reply = await api.post(f"/v1/webhooks/{made['id']}/rotate", {})
    assert reply.status_code == 200
    assert reply.json()["secret"] != made["secret"]
    assert reply.headers["Deprecation"].startswith("@")
    assert f"/v1/webhooks/{made['id']}/rotation" in reply.headers["Link"]
