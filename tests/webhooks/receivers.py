"""Receivers of webhooks: real servers on this machine, each with its own way of answering."""

import asyncio
import json
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any

from standardwebhooks import Webhook

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nOK"
GONE = b"HTTP/1.1 410 Gone\r\nContent-Length: 0\r\n\r\n"
BROKEN = b"HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\n\r\n"
NOTHING = b""


def redirect_to(url: str) -> bytes:
    return f"HTTP/1.1 307 Elsewhere\r\nLocation: {url}\r\nContent-Length: 0\r\n\r\n".encode()


@dataclass(frozen=True)
class Received:
    """One request, as it came."""

    headers: dict[str, str]
    body: bytes

    @property
    def event(self) -> dict[str, Any]:
        event: dict[str, Any] = json.loads(self.body)
        return event

    def verify(self, secret: str) -> dict[str, Any]:
        """Check the signature as any receiver does, and return the event."""
        event: dict[str, Any] = Webhook(secret).verify(self.body, self.headers)
        return event


class Receiver:
    """A server that keeps what it gets and answers with `answer`; with nothing, it hangs."""

    def __init__(self, answer: bytes) -> None:
        self.answer = answer
        self.received: list[Received] = []
        self.connections = 0
        self.at_once = 0
        self.most_at_once = 0
        self.arrived = asyncio.Condition()
        self.port = 0
        self.scheme = "http"
        # What it does before it answers, where a test says so.
        self.before_answer: Callable[[Received], Any] | None = None

    @property
    def url(self) -> str:
        return f"{self.scheme}://127.0.0.1:{self.port}/hooks?from=surety"

    @property
    def events(self) -> list[dict[str, Any]]:
        return [each.event for each in self.received]

    async def wait_for(self, happens: Callable[[], bool], *, seconds: float = 30) -> None:
        """Wait until what was received is as a test wants it."""
        async with asyncio.timeout(seconds), self.arrived:
            await self.arrived.wait_for(happens)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            while True:
                await self._serve_one(reader, writer)
        writer.close()

    async def _serve_one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        headers = {
            name.lower(): value for name, value in (line.split(": ", 1) for line in head[1:-2])
        }
        body = await reader.readexactly(int(headers["content-length"]))
        request = Received({":request": head[0]} | headers, body)
        self.received.append(request)
        async with self.arrived:
            self.arrived.notify_all()
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            if self.before_answer is not None:
                await self.before_answer(request)
            if not self.answer:
                await reader.read()  # until the other side gives up
                raise ConnectionError
            writer.write(self.answer)
            await writer.drain()
        finally:
            self.at_once -= 1


@asynccontextmanager
async def receive(
    answer: bytes = OK,
    *,
    host: str = "127.0.0.1",
    port: int = 0,
    tls: ssl.SSLContext | None = None,
) -> AsyncIterator[Receiver]:
    """Run a receiver until the context is left."""
    receiver = Receiver(answer)
    server = await asyncio.start_server(receiver.serve, host, port, ssl=tls)
    receiver.port = server.sockets[0].getsockname()[1]
    receiver.scheme = "http" if tls is None else "https"
    try:
        yield receiver
    finally:
        server.close()
