"""Many connections that ask without a pause, over plain sockets: the client costs little."""

import asyncio
import json
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, Self
from urllib.parse import urlsplit

ACCOUNTS = 50


@dataclass(slots=True)
class Told:
    """What many requests were answered: how many of each status, and what was odd about any."""

    statuses: Counter[int] = field(default_factory=Counter)
    odd: list[str] = field(default_factory=list)

    def add(self, status: int, head: str, body: bytes) -> None:
        self.statuses[status] += 1
        if status == 503:
            problem = json.loads(body)
            if "retry-after: 1" not in head.lower() or not problem["retryable"]:
                self.odd.append(head)
        elif status not in (200, 201):
            self.odd.append(f"{head}\n{body[:500]!r}")


class Connection:
    """One connection to the service, with a key."""

    def __init__(self, url: str, key: str) -> None:
        self._address = urlsplit(url)
        self._key = key

    async def __aenter__(self) -> Self:
        host, port = self._address.hostname, self._address.port
        self._reader, self._writer = await asyncio.open_connection(host, port)
        return self

    async def __aexit__(self, *_: object) -> None:
        self._writer.close()
        await self._writer.wait_closed()

    async def ask(self, method: str, path: str, body: Any = None) -> tuple[int, str, bytes]:
        """Send a request; its reply's status, head and body."""
        content = b"" if body is None else json.dumps(body).encode()
        head = (
            f"{method} {path} HTTP/1.1\r\nHost: soak\r\nAuthorization: Bearer {self._key}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(content)}\r\n\r\n"
        )
        self._writer.write(head.encode() + content)
        answer = (await self._reader.readuntil(b"\r\n\r\n")).decode()
        length = next(
            int(line.partition(":")[2])
            for line in answer.lower().split("\r\n")
            if line.startswith("content-length:")
        )
        return int(answer[9:12]), answer, await self._reader.readexactly(length)


async def prepare(url: str, key: str) -> None:
    """Make accounts that have points to spend."""
    async with Connection(url, key) as connection:
        for number in range(ACCOUNTS):
            account = f"/v1/accounts/c-{number}"
            await connection.ask("PUT", account, {"name": "Nordwind"})
            grant = {"reference": "g-1", "catalog": "xcart-points", "unit": "point"}
            why = {"amount": 1_000_000, "reason": "Load", "actor": "m.ozols"}
            status, _, body = await connection.ask("POST", f"{account}/grants", grant | why)
            assert status == 201, body


async def ask_often(url: str, key: str, *, connections: int, requests: int, first: int) -> Told:
    """Send so many requests over so many connections; `first` numbers the first of them."""
    told = Told()
    numbers = iter(range(first, first + requests))

    async def ask_some() -> None:
        async with Connection(url, key) as connection:
            for number in numbers:
                await _ask_one(connection.ask, number, told)

    await asyncio.gather(*(ask_some() for _ in range(connections)))
    return told


async def _ask_one(
    ask: Callable[..., Awaitable[tuple[int, str, bytes]]], number: int, told: Told
) -> None:
    """Ask as a helpdesk and a shop do: mostly to know, now and then to write."""
    account = f"/v1/accounts/c-{number // 10 % ACCOUNTS}"
    opening = {"subject": "Checkout fails", "category": "level-1"}
    match number % 10:
        case 0:
            ticket_id = f"HD-{number}"
            reply = await ask("POST", f"{account}/tickets", opening | {"ticket_id": ticket_id})
            told.add(*reply)
            if reply[0] == 201:
                path = f"{account}/tickets/{ticket_id}/resolution"
                told.add(*await ask("POST", path, {"outcome": "solved"}))
        case 1 | 2 | 3:
            told.add(*await ask("POST", f"{account}/coverage", opening))
        case 4 | 5 | 6:
            told.add(*await ask("GET", f"{account}/balance"))
        case 7:
            told.add(*await ask("GET", f"{account}/tickets?limit=5"))
        case 8:
            told.add(*await ask("GET", f"/v1/accounts?limit=5&email=nobody{number}@a.example"))
        case _:
            told.add(*await ask("GET", "/v1/offers?catalog=livecart"))
