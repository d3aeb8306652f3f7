"""`?dry_run=true`: the same code, status and body as the real thing, and nothing kept."""

import json
import re
from typing import Any

import httpx

from app.main import create_app
from app.services.catalog.catalogs import packaged_documents
from tests.api.conftest import Api, Clock
from tests.api.contents import read_contents

A = "/v1/accounts/c-1"
T = f"{A}/tickets/HD-1"
PAID = {"status": "paid"}
WHY = {"reason": "The first answer came too late", "actor": "m.ozols"}
TWO_QUESTIONS = {"ticket_id": "HD-1", "subject": "Two questions", "catalog": "livecart"}
NOW = {"starts_at": "2026-11-24T08:00:00Z"}
IN_AN_HOUR = {"starts_at": "2026-11-24T09:00:00Z"}
RENAMED = packaged_documents()["livecart"] | {"title": "LiveCart support"}
SEATS: dict[str, Any] = packaged_documents()["livecart"] | {"code": "seats", "examples": []}
SEATS["offers"]["express-1y"]["sold_by"] = {"name": "seat", "plural": "seats"}

# One story, in order: each step is tried, and then done. What stands in <…> is an id of ours
# that an earlier step gave.
STEPS: list[tuple[str, str, dict[str, Any] | None]] = [
    ("PUT", A, {"name": "Nordwind Handel GmbH"}),
    ("PATCH", A, {"email": "shop@nordwind.example"}),
    ("POST", f"{A}/purchases", {"order_id": "1", "offer": "livecart.express-1y", "payment": PAID}),
    ("POST", f"{A}/subscriptions/<subscription>/suspension", WHY),
    ("DELETE", f"{A}/subscriptions/<subscription>/suspension", None),
    (
        "POST",
        f"{A}/purchases",
        {"order_id": "2", "offer": "livecart.priority-1y", "payment": {"status": "pending"}},
    ),
    ("POST", f"{A}/purchases/2/payment", {"reference": "pay-1"}),
    ("POST", f"{A}/purchases/2/upgrade-quote", {"offer": "livecart.express-1y"}),
    ("POST", f"{A}/purchases/2/cancellation", {"refund": "unused"} | WHY),
    ("POST", f"{A}/purchases/1/renewal", {"order_id": "3", "payment": PAID}),
    (
        "POST",
        f"{A}/quotes",
        {"offer": "agency.starter", "contract_months": 12}
        | {"price": {"amount": 200000, "currency": "EUR"}},
    ),
    ("POST", f"{A}/purchases", {"order_id": "4", "quote_id": "<quote>", "payment": PAID}),
    (
        "POST",
        f"{A}/agreements",
        {"reference": "a-1", "kind": "join_months", "subscription_id": "<subscription>"}
        | {"months": 2}
        | WHY,
    ),
    (
        "POST",
        f"{A}/purchases",
        {"order_id": "5", "offer": "xcart-support.subscription-1y", "payment": PAID}
        | {"site": "https://one.example"},
    ),
    (
        "POST",
        f"{A}/subscriptions/<subscription>/site",
        {"site": "https://two.example"} | WHY,
    ),
    (
        "POST",
        f"{A}/grants",
        {"reference": "g-1", "catalog": "livecart", "plan": "express", "unit": "incident"}
        | {"amount": 1}
        | WHY,
    ),
    (
        "POST",
        f"{A}/licenses",
        {"license_id": "L-1", "catalog": "xcart-points", "product": "X-Cart Gold"},
    ),
    ("PUT", "/v1/accounts/c-9", {"name": "A sandbox", "sandbox": True}),
    ("POST", "/v1/accounts/c-9/clock", {"to": "2026-12-24T08:00:00Z"}),
    ("POST", f"{A}/statement-links", {"expires_in": "P14D"}),
    ("POST", f"{A}/tickets", TWO_QUESTIONS),
    ("POST", f"{T}/split", {"tickets": [{"ticket_id": "HD-2", "subject": "The second"}]}),
    ("POST", f"{T}/sessions", {"session_id": "S-1", "kind": "chat"} | IN_AN_HOUR),
    ("PATCH", f"{T}/sessions/S-1", {"starts_at": "2026-11-24T11:00:00Z"}),
    ("POST", f"{T}/sessions/S-1/no-show", None),
    ("POST", f"{T}/sessions", {"session_id": "S-3", "kind": "chat"} | IN_AN_HOUR),
    ("POST", f"{T}/sessions/S-3/cancellation", {"by": "customer"}),
    ("POST", f"{T}/sessions", {"session_id": "S-2", "kind": "chat"} | NOW),
    ("POST", f"{T}/sessions/S-2/start", None),
    ("POST", f"{T}/sessions/S-2/end", {"at": "2026-11-24T08:00:00Z"}),
    ("POST", f"{T}/sessions/S-2/correction", {"minutes": 12} | WHY),
    ("POST", f"{T}/pause", {"waiting_on": "customer"}),
    ("POST", f"{T}/resumption", None),
    ("POST", f"{T}/severity", {"urgent": False, "reason": "It may wait"}),
    ("POST", f"{A}/tickets/HD-2/deadlines/first_response/excuse", WHY),
    ("POST", f"{T}/replies", {"by": "agent"}),
    ("POST", f"{T}/events/11/strike", WHY),
    ("POST", f"{T}/remedy", {"reason": "Another server took over"}),
    ("POST", f"{T}/charge/revision", {"amount": 3, "reason": "It takes longer"}),
    ("POST", f"{T}/resolution", {"outcome": "solved"}),
    ("POST", f"{T}/dispute", {"reason": "It was one question"}),
    ("POST", f"{T}/dispute/decision", {"refund_amount": 1} | WHY),
    ("POST", f"{T}/refund", {"amount": 1} | WHY),
    ("POST", f"{T}/reopening", {"reason": "It is back"}),
    ("POST", f"{A}/tickets", {"ticket_id": "HD-3", "subject": "A theme", "catalog": "agency"}),
    ("POST", f"{A}/tickets/HD-3/work", {"work_id": "W-1", "minutes": 90, "by": "j.berzins"}),
    ("POST", f"{A}/tickets/HD-3/work/W-1/correction", {"minutes": 60} | WHY),
    ("POST", f"{A}/tickets/HD-3/coverage", {"catalog": "agency"} | WHY),
    ("PUT", "/v1/catalogs/livecart", RENAMED),
    ("POST", "/v1/deadlines/re-evaluation", {"catalog": "livecart"} | WHY),
    ("POST", "/v1/api-keys", {"name": "shop", "role": "storefront"}),
    ("POST", "/v1/api-keys/<key>/rotation", {"overlap": "P7D"}),
    ("POST", "/v1/api-keys/<key>/rotate", {"overlap": "P7D"}),
    ("DELETE", "/v1/api-keys/<key>", None),
    ("POST", "/v1/webhooks", {"url": "https://helpdesk.example/hooks"}),
    ("PATCH", "/v1/webhooks/<webhook>", {"types": ["ticket.*"]}),
    ("POST", "/v1/webhooks/<webhook>/rotation", {"overlap": "P7D"}),
    ("POST", "/v1/webhooks/<webhook>/rotate", {"overlap": "P7D"}),
    ("POST", "/v1/webhooks/<webhook>/ping", None),
    ("POST", "/v1/webhooks/<webhook>/deliveries/<delivery>/redelivery", None),
    ("DELETE", "/v1/webhooks/<webhook>", None),
    ("PUT", "/v1/catalogs/seats", SEATS),
    ("POST", f"{A}/purchases", {"order_id": "6", "offer": "seats.express-1y", "payment": PAID}),
    ("POST", f"{A}/purchases/6/addition-quote", {"quantity": 3}),
    ("POST", f"{A}/links", {"to": "statement", "expires_in": "P1D"}),
    ("PUT", f"{A}/contacts/u-7", {"name": "Erika"}),
    ("DELETE", f"{A}/contacts/u-7", None),
    ("POST", f"{A}/erasure", WHY),
    ("PUT", "/v1/accounts/c-2", {"name": "Nordwind Handel GmbH"}),
    ("POST", f"{A}/move", {"to_account_id": "c-2"} | WHY),
]


async def test_N5_a_dry_run_of_every_write(api: Api, published_url: str, clock: Clock) -> None:
    names: dict[str, str] = {}
    for method, path, template in STEPS:
        address = _fill_in(path, names)
        body = json.loads(_fill_in(json.dumps(template), names))
        if path.endswith("/excuse"):
            clock.advance(hours=30)  # Express promises an answer within 24
        if path.endswith("/redelivery"):
            clock.advance(seconds=1)
        before = await read_contents(published_url)
        tried = await _send(api, method, f"{address}?dry_run=true", body)
        assert await read_contents(published_url) == before, path
        done = await _send(api, method, address, body)
        assert await read_contents(published_url) != before, path
        assert tried.status_code == done.status_code in (200, 201, 204), (path, done.text)
        assert tried.headers["Dry-Run"] == "true"
        assert "Dry-Run" not in done.headers
        assert tried.headers.get("ETag") == done.headers.get("ETag")
        assert _without_ids(tried) == _without_ids(done), path
        names |= _learn(path, done.json() if done.content else {})


async def test_a_dry_run_is_refused_as_the_real_thing(api: Api, published_url: str) -> None:
    await api.make_account()
    before = await read_contents(published_url)
    ticket = {"ticket_id": "HD-1", "subject": "Checkout fails", "catalog": "livecart"}
    tried = await api.post(f"{A}/tickets?dry_run=true", ticket)
    done = await api.post(f"{A}/tickets", ticket)
    assert (tried.status_code, tried.json()) == (402, done.json())
    assert tried.headers["Dry-Run"] == "true"
    assert await read_contents(published_url) == before


def test_every_write_is_among_the_steps() -> None:
    tried = [(method, path.partition("?")[0]) for method, path, _ in STEPS]
    for path, item in create_app().openapi()["paths"].items():
        pattern = re.sub(r"\\{\w+\\}", "[^/]+", re.escape(path))
        for method, operation in item.items():
            if any(each["name"] == "dry_run" for each in operation.get("parameters", [])):
                assert any(
                    method == done.lower() and re.fullmatch(pattern, address)
                    for done, address in tried
                ), operation["operationId"]


async def _send(api: Api, method: str, address: str, body: Any) -> httpx.Response:
    return await api.http.request(method, address, json=body)


def _fill_in(text: str, names: dict[str, str]) -> str:
    return re.sub(r"<(\w+)>", lambda found: names[found[1]], text)


def _learn(path: str, shown: dict[str, Any]) -> dict[str, str]:
    """Return the ids of ours that later steps name."""
    if path.endswith("/api-keys"):
        return {"key": shown["id"]}
    if path.endswith("/webhooks"):
        return {"webhook": shown["id"]}
    if path.endswith("/ping"):
        return {"delivery": shown["id"]}
    if path.endswith("/quotes"):
        return {"quote": shown["quote_id"]}
    if path.endswith("/purchases") and shown["subscription"] is not None:
        return {"subscription": shown["subscription"]["id"]}
    return {}


def _without_ids(reply: httpx.Response) -> Any:
    """Return the body with each id of ours as its number, and without what is random."""
    numbers: dict[str, str] = {}

    def number(found: re.Match[str]) -> str:
        return numbers.setdefault(found[0], f"id {len(numbers) + 1}")

    text = re.sub(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f-]{21}", number, reply.text)
    text = re.sub(r"/v1/(?:links|statements)/[\w.-]+", "a link", text)
    text = re.sub(r"surety_sk_[\w-]+|whsec_[\w+/=]+", "a secret", text)
    return json.loads(text or "null")
