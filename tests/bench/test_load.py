"""The benchmark's own load: what it sends, and whose time it counts."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from bench.load import Load, Template, drive

REPLY = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"
STALL_S = 0.5


class Server:
    """A server that answers at once, but for one long stall in which nothing is answered."""

    def __init__(self) -> None:
        self.url = ""
        self.asked: list[bytes] = []
        self.stall_at = 50
        self.reply = REPLY
        self._free = asyncio.Event()
        self._free.set()

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while head := await _read_head(reader):
            self.asked.append(head)
            if len(self.asked) == self.stall_at:
                self._free.clear()
                asyncio.get_running_loop().call_later(STALL_S, self._free.set)
            await self._free.wait()
            writer.write(self.reply)
        writer.close()


async def _read_head(reader: asyncio.StreamReader) -> bytes:
    try:
        return await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError:
        return b""


@asynccontextmanager
async def serve() -> AsyncIterator[Server]:
    server = Server()
    listening = await asyncio.start_server(server.answer, "127.0.0.1", 0)
    port = listening.sockets[0].getsockname()[1]
    server.url = f"http://127.0.0.1:{port}"
    async with listening:
        yield server


async def load(server: Server, **options: float | None) -> Load:
    asked = Template("GET", "/{a}/{n}")
    settings = {"first": 7, "accounts": 5, "seconds": 1.0} | options
    return await asyncio.to_thread(drive, server.url, asked, **settings)  # type: ignore[arg-type]


async def test_at_a_rate_a_stall_counts_for_all_that_were_due_in_it() -> None:
    async with serve() as server:
        found = await load(server, rate=200)
    assert found.requests == 200
    # Those due at the stall's beginning waited for all of it, a hundred of them for some of it.
    assert found.p99_ms > 800 * STALL_S
    async with serve() as server:
        found = await load(server, connections=1, limit=200)
    # One that waits for each reply sends nothing meanwhile: it meets the stall once.
    assert found.requests == 200
    assert found.p99_ms < 200 * STALL_S


async def test_accounts_take_turns_or_go_by_zipfs_law() -> None:
    async with serve() as server:
        await load(server, limit=10, connections=1)
        paths = [head.split()[1].decode() for head in server.asked]
        assert paths == [f"/{number % 5}/{number}" for number in range(7, 17)]
    async with serve() as server:
        server.stall_at = -1
        await load(server, limit=2_000, seconds=20, accounts=1_000, skew=1.0)
        asked = Counter(head.split()[1].split(b"/")[1] for head in server.asked)
    # Of a thousand the first is asked for in 1 / H(1000) = 13 of 100 requests, twice the second.
    assert 180 < asked[b"0"] < 360
    assert 1.4 < asked[b"0"] / asked[b"1"] < 2.8


async def test_a_reply_that_is_not_good_ends_it_and_is_shown() -> None:
    async with serve() as server:
        server.reply = b"HTTP/1.1 409 Conflict\r\nContent-Length: 4\r\n\r\nbusy"
        with pytest.raises(RuntimeError, match="3 of 3 replies were not good: busy"):
            await load(server, limit=3)
