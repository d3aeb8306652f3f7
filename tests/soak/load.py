"""Many connections that ask without a pause, over plain sockets: the client costs little."""

import asyncio
import json
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from tests.support.raw_http import Connection, Reply

ACCOUNTS = 50


@dataclass(slots=True)
class Told:
    """What many requests were answered: how many of each status, and what was odd about any."""

    statuses: Counter[int] = field(default_factory=Counter)
    odd: list[Reply] = field(default_factory=list)

    def add(self, reply: Reply) -> None:
        self.statuses[reply.status] += 1
        if reply.status == 503:
            if reply.headers["retry-after"] != "1" or not json.loads(reply.body)["retryable"]:
                self.odd.append(reply)
        elif reply.status not in (200, 201):
            self.odd.append(reply)


class Client:
    """One connection to the service, with a key."""

    def __init__(self, connection: Connection, key: str) -> None:
        self._connection = connection
        self._key = key

    async def ask(self, method: str, path: str, body: Any = None) -> Reply:
        """Send a request; its reply."""
        content = b"" if body is None else json.dumps(body).encode()
        head = (
            f"{method} {path} HTTP/1.1\r\nHost: soak\r\nAuthorization: Bearer {self._key}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(content)}\r\n\r\n"
        )
        return await self._connection.send(head.encode() + content)


async def prepare(url: str, key: str) -> None:
    """Make accounts that have points to spend."""
    async with Connection(url) as connection:
        client = Client(connection, key)
        for number in range(ACCOUNTS):
            account = f"/v1/accounts/c-{number}"
            await client.ask("PUT", account, {"name": "Nordwind"})
            grant = {"reference": "g-1", "catalog": "xcart-points", "unit": "point"}
            why = {"amount": 1_000_000, "reason": "Load", "actor": "m.ozols"}
            reply = await client.ask("POST", f"{account}/grants", grant | why)
            assert reply.status == 201, reply


async def ask_often(url: str, key: str, *, connections: int, requests: int, first: int) -> Told:
    """Send so many requests over so many connections; `first` numbers the first of them."""
    told = Told()
    numbers = iter(range(first, first + requests))

    async def ask_some() -> None:
        async with Connection(url) as connection:
            client = Client(connection, key)
            for number in numbers:
                await _ask_one(client.ask, number, told)

    await asyncio.gather(*(ask_some() for _ in range(connections)))
    return told


async def _ask_one(ask: Callable[..., Awaitable[Reply]], number: int, told: Told) -> None:
    """Ask as a helpdesk and a shop do: mostly to know, now and then to write."""
    account = f"/v1/accounts/c-{number // 10 % ACCOUNTS}"
    opening = {"subject": "Checkout fails", "category": "level-1"}
    match number % 10:
        case 0:
            ticket_id = f"HD-{number}"
            reply = await ask("POST", f"{account}/tickets", opening | {"ticket_id": ticket_id})
            told.add(reply)
            if reply.status == 201:
                path = f"{account}/tickets/{ticket_id}/resolution"
                told.add(await ask("POST", path, {"outcome": "solved"}))
        case 1 | 2 | 3:
            told.add(await ask("POST", f"{account}/coverage", opening))
        case 4 | 5 | 6:
            told.add(await ask("GET", f"{account}/balance"))
        case 7:
            told.add(await ask("GET", f"{account}/tickets?limit=5"))
        case 8:
            told.add(await ask("GET", f"/v1/accounts?limit=5&email=nobody{number}@a.example"))
        case _:
            told.add(await ask("GET", "/v1/offers?catalog=livecart"))
