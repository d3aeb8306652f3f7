"""Replies made of what is published are kept, and change with it."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from fastapi import FastAPI, Request
from fastapi.responses import Response

from app.api.http.replies import published
from app.api.http.replies.published import PublishedReplies
from app.db.engine.unit_of_work import Db
from app.main import create_app
from app.services.catalog.catalogs import packaged_documents
from app.settings import Settings
from tests.api.conftest import ADMIN_KEY, Api, Clock
from tests.support.brief_reads import statements_of

ADDRESSES = (
    "/v1/offers",
    "/v1/offers?catalog=livecart&plan=express",
    "/v1/catalogs",
    "/v1/catalogs/livecart",
    "/v1/catalogs/livecart/versions/1",
    "/v1/catalogs/livecart/comparison",
    "/v1/calendars",
)


def livecart(title: str) -> dict[str, Any]:
    return packaged_documents()["livecart"] | {"title": title}


async def publish(api: Api, title: str) -> None:
    reply = await api.put("/v1/catalogs/livecart", livecart(title))
    assert reply.status_code == 201, reply.text


async def read_title(api: Api) -> str:
    reply = await api.get("/v1/catalogs/livecart")
    return str(reply.json()["title"])


@pytest.fixture
def long_fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let what is published be looked up but once."""
    monkeypatch.setattr(published, "FRESH_SECONDS", 3_600)


@pytest.fixture
async def other(published_url: str, clock: Clock) -> AsyncIterator[Api]:
    """Hold a key of another process's service on the same database."""
    app = create_app(Settings(database_url=published_url, admin_key=ADMIN_KEY), clock=clock)
    async with app.router.lifespan_context(app):
        yield Api(app)


@pytest.mark.usefixtures("long_fresh")
@pytest.mark.parametrize("address", ADDRESSES)
async def test_it_is_read_once(api: Api, app: FastAPI, address: str) -> None:
    first = await api.get(address)
    async with statements_of(app) as ran:
        again = await api.get(address)
    assert (again.status_code, ran) == (200, [])
    assert (again.content, again.headers["ETag"]) == (first.content, first.headers["ETag"])
    assert again.headers["X-Request-Id"] != first.headers["X-Request-Id"]


@pytest.mark.parametrize("address", ADDRESSES)
async def test_who_has_it_is_not_sent_it_again(api: Api, address: str) -> None:
    whole = await api.get(address)
    tag = whole.headers["ETag"]
    for named in (tag, f'"other", W/{tag}', "*"):
        reply = await api.get(address, headers={"If-None-Match": named})
        assert (reply.status_code, reply.content) == (304, b"")
        for header in ("ETag", "Cache-Control", "Vary"):
            assert reply.headers.get(header) == whole.headers.get(header)
    reply = await api.get(address, headers={"If-None-Match": '"other"'})
    assert (reply.status_code, reply.content) == (200, whole.content)


@pytest.mark.usefixtures("long_fresh")
async def test_what_this_process_publishes_is_seen_at_once(api: Api) -> None:
    before = await api.get("/v1/catalogs/livecart/comparison")
    await publish(api, "LiveCart care")
    assert await read_title(api) == "LiveCart care"
    tag = {"If-None-Match": before.headers["ETag"]}
    assert (await api.get("/v1/catalogs/livecart/comparison", headers=tag)).status_code == 200


async def test_what_another_process_publishes_is_seen_when_it_is_looked_up(
    api: Api, other: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert published.FRESH_SECONDS <= 0.25
    monkeypatch.setattr(published, "FRESH_SECONDS", 0)
    assert await read_title(api) != "LiveCart care"
    await publish(other, "LiveCart care")
    assert await read_title(api) == "LiveCart care"


async def test_data_and_a_page_are_kept_apart(api: Api) -> None:
    path = "/v1/catalogs/livecart/comparison"
    data = await api.get(path, headers={"Accept": "application/json"})
    page = await api.get(path, headers={"Accept": "text/html"})
    assert data.headers["Content-Type"] == "application/json"
    assert page.headers["Content-Type"].startswith("text/html")
    assert data.headers["ETag"] != page.headers["ETag"]


@pytest.mark.usefixtures("long_fresh")
async def test_a_refusal_is_not_kept(api: Api) -> None:
    assert (await api.get("/v1/catalogs/livecart/versions/2")).status_code == 404
    await publish(api, "LiveCart care")
    assert (await api.get("/v1/catalogs/livecart/versions/2")).status_code == 200


@pytest.mark.usefixtures("long_fresh")
async def test_what_was_made_while_another_was_published_is_not_kept(app: FastAPI) -> None:
    replies = PublishedReplies()
    made = iter(["old", "new", "never"])

    async def make(_: Db) -> Response:
        text = next(made)
        if text == "old":
            replies.clear()
        return Response(text)

    request = Request({"type": "http", "path": "/v1/offers", "query_string": b"", "headers": []})
    for expected in ("old", "new", "new"):
        assert (await replies.answer(request, app.state.database, make)).body == expected.encode()


@pytest.mark.usefixtures("long_fresh")
async def test_many_questions_do_not_fill_the_memory(
    api: Api, app: FastAPI, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(published, "_MOST_KEPT", 3)
    for number in range(5):
        assert (await api.get(f"/v1/offers?limit={number + 1}")).status_code == 200
    async with statements_of(app) as ran:
        assert (await api.get("/v1/offers?limit=5")).status_code == 200
        assert ran == []
        assert (await api.get("/v1/offers?limit=1")).status_code == 200
        assert ran != []
