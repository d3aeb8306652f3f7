"""HTTP over a plain socket: what no decent client would send can be sent, and it costs little."""

import asyncio
from dataclasses import dataclass
from typing import Self
from urllib.parse import urlsplit

from tests.support.answered_codes import count_problem


@dataclass(frozen=True, slots=True)
class Reply:
    """A reply; the names of its headers are in small letters."""

    status: int
    headers: dict[str, str]
    body: bytes


class Connection:
    """One connection to a server, opened again when the server has closed it."""

    def __init__(self, url: str) -> None:
        self._address = urlsplit(url)
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._close()

    async def send(self, request: bytes, *, is_head: bool = False) -> Reply:
        """Send the bytes of a request; its reply. `is_head`: the reply has no body."""
        if self._reader is None or self._writer is None:
            self._reader, self._writer = await asyncio.open_connection(
                self._address.hostname, self._address.port
            )
        self._writer.write(request)
        head = (await self._reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        first, *lines = head.rstrip().split("\r\n")
        headers = {
            name.lower(): value.strip()
            for name, _, value in (each.partition(":") for each in lines)
        }
        status = int(first.split(" ")[1])
        body = b"" if is_head or status == 204 else await self._read_body(self._reader, headers)
        if headers.get("content-type", "").startswith("application/problem+json"):
            count_problem(body)
        if headers.get("connection") == "close":
            await self._close()
        return Reply(status, headers, body)

    @staticmethod
    async def _read_body(reader: asyncio.StreamReader, headers: dict[str, str]) -> bytes:
        if "content-length" in headers:
            return await reader.readexactly(int(headers["content-length"]))
        if headers.get("transfer-encoding") != "chunked":
            return await reader.read()
        parts = []
        while size := int(await reader.readline(), 16):
            parts.append(await reader.readexactly(size))
            await reader.readline()
        await reader.readline()
        return b"".join(parts)

    async def _close(self) -> None:
        if self._writer is not None:
            self._writer.close()
            await self._writer.wait_closed()
        self._reader = self._writer = None
