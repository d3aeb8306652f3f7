"""What browsers are told: headers on every reply, and no other page's calls unless allowed."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from app.api.http import admission
from app.main import create_app
from app.settings import Settings
from tests.api.conftest import ADMIN_KEY, Api

ON_EVERY_REPLY = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
# What may be kept by who asked: as long as it says, or until its ETag is another.
KEPT = {
    "/docs/assets/docs.js": "public, max-age=86400",
    "/openapi.json": "no-cache",
    "/v1/catalogs/livecart/comparison": "no-cache",
}
PREFLIGHT = {
    "Origin": "https://shop.example",
    "Access-Control-Request-Method": "POST",
    "Access-Control-Request-Headers": "authorization,content-type,idempotency-key",
}


async def test_every_reply_says_what_browsers_may_do_with_it(api: Api) -> None:
    account = await api.make_account()
    replies = [
        await api.get(account),
        await api.get(f"{account}/tickets/none"),
        await api.get("/nowhere"),
        await api.delete("/healthz"),
        await api.holding(None).get("/v1/queue"),
        await api.get("/docs"),
        await api.get("/docs/assets/docs.js"),
        await api.get("/openapi.json"),
        await api.get("/problems/not_found"),
        await api.get("/v1/catalogs/livecart/comparison", headers={"Accept": "text/html"}),
        await api.http.put(account, content=b"x", headers={"Content-Length": str(5 << 20)}),
    ]
    assert [each.status_code for each in replies] == [
        *(200, 404, 404, 405, 401, 200, 200, 200, 200, 200, 413)
    ]
    for reply in replies:
        for name, value in ON_EVERY_REPLY.items():
            assert reply.headers.get_list(name) == [value], (reply.url, name)
        policy = reply.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert ("script-src" in policy) == (reply.url.path == "/docs")
        assert reply.headers["Cache-Control"] == KEPT.get(reply.url.path, "no-store")


async def test_no_other_page_may_call_unless_it_is_allowed_to(api: Api) -> None:
    simple = await api.get("/v1/offers", headers={"Origin": "https://shop.example"})
    asked = await api.http.options("/v1/accounts/c-1/tickets", headers=PREFLIGHT)
    for reply in (simple, asked):
        assert reply.status_code in (200, 204)
        assert not [name for name in reply.headers if name.startswith("access-control-")]


@pytest.fixture
async def shop(published_url: str) -> AsyncIterator[Api]:
    """Serve with one origin allowed; a client with the admin key."""
    settings = Settings.model_validate(
        {
            "database_url": published_url,
            "admin_key": ADMIN_KEY,
            "cors_origins": "https://shop.example",
        }
    )
    app = create_app(settings)
    async with app.router.lifespan_context(app):
        yield Api(app)


async def test_an_allowed_page_may_call_and_read_what_a_reply_says(shop: Api) -> None:
    asked = await shop.http.options("/v1/accounts/c-1/tickets", headers=PREFLIGHT)
    assert asked.status_code == 200
    assert asked.headers["Access-Control-Allow-Origin"] == "https://shop.example"
    assert "POST" in asked.headers["Access-Control-Allow-Methods"]
    assert "Idempotency-Key" in asked.headers["Access-Control-Allow-Headers"]
    assert "Access-Control-Allow-Credentials" not in asked.headers
    for path, status in (("/v1/offers", 200), ("/v1/accounts/none", 404)):
        reply = await shop.get(path, headers={"Origin": "https://shop.example"})
        assert reply.status_code == status
        assert reply.headers["Access-Control-Allow-Origin"] == "https://shop.example"
        assert "RateLimit" in reply.headers["Access-Control-Expose-Headers"]
        assert reply.headers["X-Frame-Options"] == "DENY"


async def test_another_page_may_not(shop: Api) -> None:
    elsewhere = {"Origin": "https://evil.example"}
    asked = await shop.http.options("/v1/accounts/c-1/tickets", headers=PREFLIGHT | elsewhere)
    assert asked.status_code == 400
    for reply in (asked, await shop.get("/v1/offers", headers=elsewhere)):
        assert "Access-Control-Allow-Origin" not in reply.headers


async def test_a_slow_body_holds_no_connection_and_is_not_waited_for_long(
    app: FastAPI, api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    await api.make_account("c-1")
    arrived = asyncio.Event()

    async def send_slowly() -> AsyncIterator[bytes]:
        yield b'{"name": '
        await arrived.wait()
        yield b'"Nordwind"}'

    async def put() -> httpx.Response:
        headers = {"Content-Type": "application/json", "Content-Length": "20"}
        return await api.http.put("/v1/accounts/c-1", content=send_slowly(), headers=headers)

    def count_working() -> Any:
        return app.state.database.pool_use()["working"]

    slow = asyncio.create_task(put())
    for _ in range(20):
        await asyncio.sleep(0)
        assert count_working() == 0
    assert not slow.done()
    arrived.set()
    assert (await slow).status_code == 200
    arrived.clear()
    monkeypatch.setattr(admission, "BODY_SECONDS", 0.01)
    reply = await put()
    assert (reply.status_code, reply.json()["code"]) == (400, "malformed_json")
    assert reply.json()["detail"] == "The body did not arrive in 0.01 seconds."


async def test_a_large_body_is_received_from_nobody_who_has_no_key(api: Api) -> None:
    received = 0

    async def send_much() -> AsyncIterator[bytes]:
        nonlocal received
        for part in (b'{"name": "', b" " * 1_000_000, b'Nordwind"}'):
            received += len(part)
            yield part

    async def put(api: Api, length: str | None) -> int:
        headers = {"Content-Type": "application/json"}
        if length is not None:
            headers["Content-Length"] = length
        return (
            await api.http.put("/v1/accounts/c-1", content=send_much(), headers=headers)
        ).status_code

    for length in (None, "1000020"):
        assert await put(api.holding("surety_sk_unknown"), length) == 401
        assert received == 0
    # With a key it is, and then found to be too long a name.
    assert await put(api, None) == 422
    assert received == 1_000_020
