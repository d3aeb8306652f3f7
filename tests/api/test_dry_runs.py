"""`?dry_run=true`: the same code, status and body as the real thing, and nothing kept."""

import json
import re
from typing import Any

import httpx

from app.main import create_app
from app.services.catalogs import packaged_documents
from tests.api.conftest import Api, Clock
from tests.api.contents import read_contents

A = "/v1/accounts/c-1"
T = f"{A}/tickets/HD-1"
PAID = {"status": "paid"}
WHY = {"reason": "The first answer came too late", "actor": "m.ozols"}
RENAMED = packaged_documents()["livecart"] | {"title": "LiveCart support"}

# One story, in order: each step is tried, and then done.
STEPS: list[tuple[str, str, dict[str, Any] | None]] = [
    ("PUT", A, {"name": "Nordwind Handel GmbH"}),
    ("PATCH", A, {"email": "shop@nordwind.example"}),
    ("POST", f"{A}/purchases", {"order_id": "1", "offer": "livecart.express-1y", "payment": PAID}),
    (
        "POST",
        f"{A}/purchases",
        {"order_id": "2", "offer": "livecart.express-2y", "payment": {"status": "pending"}},
    ),
    ("POST", f"{A}/purchases/2/payment", {"reference": "pay-1"}),
    (
        "POST",
        f"{A}/grants",
        {"reference": "g-1", "catalog": "livecart", "plan": "express", "unit": "incident"}
        | {"amount": 1}
        | WHY,
    ),
    ("POST", f"{A}/subscriptions/{{subscription}}/suspension", WHY),
    ("DELETE", f"{A}/subscriptions/{{subscription}}/suspension", None),
    ("POST", f"{A}/tickets", {"ticket_id": "HD-1", "subject": "Two questions"}),
    ("POST", f"{T}/split", {"tickets": [{"ticket_id": "HD-2", "subject": "The second"}]}),
    ("POST", f"{T}/pause", {"waiting_on": "customer"}),
    ("POST", f"{T}/resumption", None),
    ("POST", f"{T}/severity", {"severity": 2, "reason": "It is graver"}),
    ("POST", f"{T}/deadlines/first_response/excuse", WHY),
    ("POST", f"{T}/replies", {"by": "agent"}),
    ("POST", f"{T}/charge/revision", {"amount": 3, "reason": "It takes longer"}),
    ("POST", f"{T}/resolution", {"outcome": "solved"}),
    ("POST", f"{T}/dispute", {"reason": "It was one question"}),
    ("POST", f"{T}/dispute/decision", {"refund_amount": 1} | WHY),
    ("POST", f"{T}/refund", {"amount": 1} | WHY),
    ("POST", f"{T}/reopening", {"reason": "It is back"}),
    ("PUT", "/v1/catalogs/livecart", RENAMED),
    ("POST", "/v1/deadlines/re-evaluation", {"catalog": "livecart"} | WHY),
    ("POST", "/v1/api-keys", {"name": "shop", "role": "storefront"}),
    ("DELETE", "/v1/api-keys/{key}", None),
]


async def test_a_dry_run_of_every_write(api: Api, published_url: str, clock: Clock) -> None:
    names: dict[str, str] = {}
    for method, path, body in STEPS:
        address = path.format_map(names)
        if path.endswith("/excuse"):
            clock.advance(hours=30)  # Express promises an answer within 24
        before = await read_contents(published_url)
        tried = await _send(api, method, f"{address}?dry_run=true", body)
        assert await read_contents(published_url) == before, path
        done = await _send(api, method, address, body)
        assert await read_contents(published_url) != before, path
        assert tried.status_code == done.status_code in (200, 201), (path, done.text)
        assert tried.headers["Dry-Run"] == "true"
        assert "Dry-Run" not in done.headers
        assert tried.headers.get("ETag") == done.headers.get("ETag")
        assert _without_ids(tried) == _without_ids(done), path
        names |= _learn(done.json())


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


def _learn(shown: dict[str, Any]) -> dict[str, str]:
    """Return the ids of ours that later steps name."""
    if "secret" in shown:
        return {"key": shown["id"]}
    return {"subscription": shown["subscription"]["id"]} if shown.get("subscription") else {}


def _without_ids(reply: httpx.Response) -> Any:
    """Return the body with each id of ours as its number, and without a secret."""
    numbers: dict[str, str] = {}

    def number(found: re.Match[str]) -> str:
        return numbers.setdefault(found[0], f"id {len(numbers) + 1}")

    text = re.sub(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f-]{21}", number, reply.text)
    return json.loads(re.sub(r"surety_sk_[\w-]+", "a secret", text))
