"""How much one key may ask, how many wrong keys one address may try, and what replies say of it."""

import re
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import httpx
import pytest

from app.api.http import limits
from app.main import create_app
from app.settings import Settings
from tests.api.conftest import ADMIN_KEY, Api

Serve = Callable[..., AbstractAsyncContextManager[Api]]


@pytest.fixture
def serve(published_url: str) -> Serve:
    """Return what starts the service with other settings; a client with the admin key."""

    @asynccontextmanager
    async def start(**settings: object) -> AsyncIterator[Api]:
        app = create_app(
            Settings.model_validate(
                {"database_url": published_url, "admin_key": ADMIN_KEY, "pool_size": 4} | settings
            )
        )
        async with app.router.lifespan_context(app):
            yield Api(app)

    return start


def from_address(api: Api, key: str | None, host: str) -> Api:
    """Return a client with a key, at an address."""
    client = api.holding(key)
    client.http = httpx.AsyncClient(
        transport=httpx.ASGITransport(app=api.app, client=(host, 50_000)),
        base_url="http://surety.test",
        headers=client.http.headers,
    )
    return client


async def try_keys(api: Api, count: int) -> list[int]:
    """Try keys that nobody has; the statuses."""
    statuses = []
    for number in range(count):
        api.http.headers["Authorization"] = f"Bearer guess-{number}"
        statuses.append((await api.get("/v1/queue")).status_code)
    return statuses


async def test_no_key_has_a_rate_unless_one_is_set(api: Api) -> None:
    replies = [await api.get("/v1/accounts") for _ in range(50)]
    assert {reply.status_code for reply in replies} == {200}
    assert "RateLimit" not in replies[0].headers


async def test_each_key_has_its_rate_and_each_reply_says_what_is_left(serve: Serve) -> None:
    async with serve(rate_limit="3/day") as api:
        made = (await api.post("/v1/api-keys", {"name": "shop", "role": "viewer"})).json()
        shop = api.holding(made["secret"])
        replies = [await shop.get("/v1/accounts") for _ in range(4)]
        assert [each.status_code for each in replies] == [200, 200, 200, 429]
        assert {each.headers["RateLimit-Policy"] for each in replies} == {'"key";q=3;w=86400'}
        left = [each.headers["RateLimit"] for each in replies]
        assert [each.partition(";t=")[0] for each in left] == [
            '"key";r=2',
            '"key";r=1',
            '"key";r=0',
            '"key";r=0',
        ]
        refused = replies[3]
        wait_s = int(refused.headers["Retry-After"])
        assert 1 <= wait_s <= 86_400
        assert left[3] == f'"key";r=0;t={wait_s}'
        assert refused.json() == {
            "type": "/problems/rate_limited",
            "title": "Too many requests",
            "status": 429,
            "detail": "A key may make 3 requests in 86400 seconds.",
            "instance": "/v1/accounts",
            "code": "rate_limited",
            "retry_after_seconds": wait_s,
            "retryable": True,
        }
        assert (await api.get("/v1/accounts")).status_code == 200


async def test_a_rotated_key_keeps_its_rate(serve: Serve) -> None:
    async with serve(rate_limit="3/day") as api:
        made = (await api.post("/v1/api-keys", {"name": "shop", "role": "viewer"})).json()
        for _ in range(3):
            await api.holding(made["secret"]).get("/v1/accounts")
        rotated = (await api.post(f"/v1/api-keys/{made['id']}/rotation", {})).json()
        # The first request with a secret is looked up, and counted when it is known whose it is.
        for _ in range(2):
            reply = await api.holding(rotated["secret"]).get("/v1/accounts")
            assert reply.json()["code"] == "rate_limited"


async def test_what_needs_no_key_has_no_rate(serve: Serve) -> None:
    async with serve(rate_limit="1/day") as api:
        for path in ("/v1/offers", "/v1/offers", "/healthz", "/readyz", "/readyz"):
            reply = await api.holding(None).get(path)
            assert (reply.status_code, "RateLimit" in reply.headers) == (200, False)


async def test_an_address_that_tries_too_many_keys_is_heard_only_with_valid_ones(
    serve: Serve,
) -> None:
    async with serve(key_attempt_limit="5/day") as api:
        made = (await api.post("/v1/api-keys", {"name": "shop", "role": "viewer"})).json()
        unused = (await api.post("/v1/api-keys", {"name": "new", "role": "viewer"})).json()
        shop = from_address(api, made["secret"], "192.0.2.7")
        assert (await shop.get("/v1/queue")).status_code == 200
        guesser = from_address(api, None, "192.0.2.7")
        assert await try_keys(guesser, 7) == [401] * 5 + [429] * 2
        wrong = await from_address(api, "guess-8", "192.0.2.7").get("/v1/queue")
        assert (wrong.status_code, wrong.json()["code"]) == (429, "rate_limited")
        assert re.fullmatch(r"[1-9]\d*", wrong.headers["Retry-After"])
        # A valid key that was never used here is heard in spite of them: no limit is spent on it.
        right = await from_address(api, unused["secret"], "192.0.2.7").get("/v1/queue")
        assert right.status_code == 200
        # Who was known here is heard, and so is everybody elsewhere.
        assert (await shop.get("/v1/queue")).status_code == 200
        elsewhere = from_address(api, unused["secret"], "192.0.2.8")
        assert (await elsewhere.get("/v1/queue")).status_code == 200


async def test_known_keys_are_heard_after_another_was_rotated(serve: Serve) -> None:
    async with serve(key_attempt_limit="2/day") as api:
        made = (await api.post("/v1/api-keys", {"name": "shop", "role": "viewer"})).json()
        assert (await api.holding(made["secret"]).get("/v1/queue")).status_code == 200
        assert await try_keys(api.holding(None), 3) == [401, 401, 429]
        await api.delete(f"/v1/api-keys/{made['id']}")
        assert (await api.get("/v1/queue")).status_code == 200
        # A key that ended is told so as one that never was.
        revoked = api.holding(made["secret"])
        assert [(await revoked.get("/v1/queue")).status_code for _ in range(2)] == [401, 429]


async def test_a_request_without_a_key_is_no_attempt(serve: Serve) -> None:
    async with serve(key_attempt_limit="1/day") as api:
        for _ in range(3):
            assert (await api.holding(None).get("/v1/queue")).status_code == 401
        assert await try_keys(api.holding(None), 2) == [401, 429]


@pytest.mark.parametrize(
    ("first", "second", "same"),
    [
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", True),
        ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
        ("192.0.2.7", "::ffff:192.0.2.7", True),
        ("192.0.2.7", "192.0.2.8", False),
    ],
)
async def test_a_network_of_ipv6_is_one_address_and_one_of_ipv4_is_not(
    serve: Serve, first: str, second: str, same: bool
) -> None:
    async with serve(key_attempt_limit="1/day") as api:
        assert await try_keys(from_address(api, None, first), 2) == [401, 429]
        assert await try_keys(from_address(api, None, second), 1) == [429 if same else 401]


async def test_wrong_keys_from_more_addresses_than_are_remembered_keep_no_valid_one_out(
    serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "MOST_ADDRESSES", 3)
    monkeypatch.setattr(limits, "_SHARED_COUNTS", 1)
    async with serve(key_attempt_limit="2/day") as api:
        made = (await api.post("/v1/api-keys", {"name": "shop", "role": "viewer"})).json()
        for number in range(3):
            assert await try_keys(from_address(api, None, f"192.0.2.{number}"), 1) == [401]
        # From here on they share a count, and spend it for one another.
        others = [from_address(api, None, f"198.51.100.{number}") for number in range(3)]
        assert [(await try_keys(each, 1))[0] for each in others] == [401, 401, 429]
        fresh = from_address(api, made["secret"], "198.51.100.9")
        assert [(await fresh.get("/v1/queue")).status_code for _ in range(3)] == [200] * 3
