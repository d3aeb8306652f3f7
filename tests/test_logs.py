"""A whole story's log, at its most talkative, read for secrets and for what each line has."""

import json
import re
from pathlib import Path
from typing import Any

import httpx

from tests.support.secrets import find_leaks
from tests.support.serve import serve

ADMIN_KEY = "an-admin-key-that-no-log-may-have"
ACCOUNT = "/v1/accounts/c-1"


def run_story(api: httpx.Client) -> list[str]:
    """Make keys and use them, sell, work, refuse, link; every secret that there was."""
    made = api.post("/v1/api-keys", json={"name": "Helpdesk", "role": "manager"}).json()
    rotated = api.post(f"/v1/api-keys/{made['id']}/rotation", json={}).json()
    webhook = api.post("/v1/webhooks", json={"url": "https://hooks.nordwind.example/in"}).json()
    keys = [ADMIN_KEY, made["secret"], rotated["secret"], "surety_sk_of-a-stranger"]
    for secret in keys:
        api.headers["Authorization"] = f"Bearer {secret}"
        name = {"name": "Nordwind", "email": "it@nordwind.example"}
        api.put(ACCOUNT, json=name, headers={"Idempotency-Key": "not-a-secret"})
    api.headers["Authorization"] = f"Bearer {rotated['secret']}"
    sold = {"order_id": "SO-1", "offer": "livecart.express-1y", "payment": {"status": "paid"}}
    api.post(f"{ACCOUNT}/purchases", json=sold).raise_for_status()
    ticket = {"ticket_id": "HD-1", "subject": "Kasse klemmt"}
    api.post(f"{ACCOUNT}/tickets", json=ticket, params={"dry_run": "true"}).raise_for_status()
    api.post(f"{ACCOUNT}/tickets", json=ticket, headers={"X-Request-Id": "opening"})
    api.post(f"{ACCOUNT}/tickets", json=ticket | {"subject": "Else"})
    link = api.post(f"{ACCOUNT}/statement-links", json={"expires_in": "PT1H"}).json()["url"]
    api.get(link).raise_for_status()
    api.get("/v1/accounts", params={"email": "it@nordwind.example"})
    told = [webhook["secret"], link.rpartition("/")[2], "it@nordwind.example", "Kasse klemmt"]
    return [*keys, *told]


def test_a_storys_log_has_every_request_and_no_secret(
    tmp_path: Path, blank_database_url: str
) -> None:
    with serve(
        tmp_path,
        SURETY_DATABASE_URL=blank_database_url,
        SURETY_ADMIN_KEY=ADMIN_KEY,
        SURETY_LOG_LEVEL="debug",
    ) as service:
        with httpx.Client(base_url=service.url, timeout=20) as api:
            api.headers["Authorization"] = f"Bearer {ADMIN_KEY}"
            secrets = run_story(api)
        code, said = service.stop()
    assert code == 0
    for secret in secrets:
        assert secret not in said, secret
    assert not find_leaks(said.encode())
    lines: list[dict[str, Any]] = [
        json.loads(line) for line in said.splitlines() if not line.startswith("Surety is ready.")
    ]
    assert all(set(line) >= {"timestamp", "level", "logger"} for line in lines)
    (opening,) = [line for line in lines if line.get("request_id") == "opening"]
    assert re.fullmatch(r"key:[0-9a-f-]{36}", opening.pop("key"))
    assert opening.pop("ms") > 0
    assert opening.pop("events")[:2] == ["ticket.opened", "ticket.charged"]
    del opening["timestamp"]
    assert opening == {
        "level": "INFO",
        "logger": "surety.requests",
        "event": "request",
        "request_id": "opening",
        "method": "POST",
        "path": f"{ACCOUNT}/tickets",
        "status": 201,
        "operation": "open_ticket",
        "account_id": "c-1",
    }
    told = [line for line in lines if line.get("operation") == "open_ticket"]
    assert [(line["status"], line.get("dry_run"), line.get("problem")) for line in told] == [
        (201, True, None),
        (201, None, None),
        (409, None, "already_exists"),
    ]
    recorded = [each for line in lines for each in line.get("events", [])]
    assert {"key.created", "key.rotated", "purchase.activated"} <= set(recorded)
