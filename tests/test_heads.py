"""Heads of requests over a plain socket: too large, of too many headers, and too slow."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import suppress

import pytest
import uvicorn
from starlette.responses import PlainTextResponse
from starlette.types import Receive, Scope, Send

from app.cli.serving.heads import MOST_HEAD_BYTES, BoundedHeads
from tests.support.raw_http import Connection, Reply
from tests.support.waiting import until

HEAD = b"POST /v1/queue HTTP/1.1\r\nHost: surety.test\r\n"


class QuickHeads(BoundedHeads):
    """Waits for a head for less long than a test takes."""

    head_seconds = 0.3


async def answer(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer with what was received."""
    received = 0
    while True:
        message = await receive()
        received += len(message.get("body", b""))
        if not message.get("more_body"):
            break
    await PlainTextResponse(f"{len(scope['headers'])} {received}")(scope, receive, send)


@pytest.fixture
async def url() -> AsyncIterator[str]:
    """Serve on a free port, in this loop."""
    config = uvicorn.Config(
        answer, port=0, http=QuickHeads, lifespan="off", log_level="error", access_log=False
    )
    server = uvicorn.Server(config)
    server.install_signal_handlers = lambda: None  # type: ignore[attr-defined]
    running = asyncio.create_task(server._serve())
    await until(lambda: server.started)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    await running


def problem_of(reply: Reply) -> tuple[int, str]:
    assert reply.headers["content-type"] == "application/problem+json"
    assert reply.headers["connection"] == "close"
    problem = json.loads(reply.body)
    assert problem["status"] == reply.status
    return reply.status, problem["code"]


async def test_heads_that_callers_need_are_taken_one_after_the_other(url: str) -> None:
    async with Connection(url) as connection:
        for size in (10, 20_000, 30_000):
            padded = HEAD + b"X-Long: " + b"a" * size + b"\r\nContent-Length: 5\r\n\r\nhello"
            reply = await connection.send(padded)
            assert (reply.status, reply.body) == (200, b"3 5")
        many = b"".join(b"X-%d: 1\r\n" % number for number in range(99))
        reply = await connection.send(HEAD + many + b"\r\n")
        assert (reply.status, reply.body) == (200, b"100 0")


@pytest.mark.parametrize(
    "head",
    [
        HEAD + b"X-Long: " + b"a" * MOST_HEAD_BYTES + b"\r\n\r\n",
        b"GET /" + b"a" * MOST_HEAD_BYTES + b" HTTP/1.1\r\nHost: surety.test\r\n\r\n",
        HEAD + b"".join(b"X-%d: 1\r\n" % number for number in range(200)) + b"\r\n",
    ],
)
async def test_a_head_that_is_too_large_is_refused(url: str, head: bytes) -> None:
    async with Connection(url) as connection:
        assert problem_of(await connection.send(head)) == (431, "head_too_large")


async def test_a_head_without_an_end_is_refused_soon_and_keeps_nobody_waiting(url: str) -> None:
    port = int(url.rpartition(":")[2])
    _, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(HEAD + b"X-Long: ")
    sent = 0
    began = time.monotonic()
    with suppress(ConnectionError):
        while sent < 150_000_000:
            writer.write(b"a" * 1_000_000)
            await writer.drain()
            sent += 1_000_000
    assert sent < 20_000_000
    async with Connection(url) as other:
        assert (await other.send(HEAD + b"\r\n")).status == 200
    assert time.monotonic() - began < 2
    writer.close()


async def test_trailers_without_an_end_are_refused_too(url: str) -> None:
    async with Connection(url) as connection:
        chunked = HEAD + b"Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n"
        reply = await connection.send(chunked + b"X-Trailer: 1\r\n\r\n")
        assert (reply.status, reply.body) == (200, b"2 5")
    port = int(url.rpartition(":")[2])
    _, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(chunked + b"X-Long: ")
    sent = 0
    with suppress(ConnectionError):
        while sent < 50_000_000:
            writer.write(b"a" * 1_000_000)
            await writer.drain()
            sent += 1_000_000
    assert sent < 20_000_000
    writer.close()


async def test_a_head_that_comes_too_slowly_is_refused(url: str) -> None:
    async with Connection(url) as connection:
        began = time.monotonic()
        assert problem_of(await connection.send(HEAD)) == (408, "head_too_slow")
        assert time.monotonic() - began < 2
    # The second head on a connection has no more time than the first.
    async with Connection(url) as connection:
        assert (await connection.send(HEAD + b"\r\n")).status == 200
        assert problem_of(await connection.send(b"GET /v1")) == (408, "head_too_slow")


async def test_a_connection_that_says_nothing_is_closed(url: str) -> None:
    port = int(url.rpartition(":")[2])
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    async with asyncio.timeout(2):
        assert await reader.read() == b""
    writer.close()


async def test_a_body_may_come_slower_than_a_head(url: str) -> None:
    port = int(url.rpartition(":")[2])
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(HEAD + b"Content-Length: 5\r\n\r\nhe")
    await writer.drain()
    await asyncio.sleep(2 * QuickHeads.head_seconds)
    writer.write(b"llo")
    assert (await reader.readline()).startswith(b"HTTP/1.1 200")
    writer.close()
