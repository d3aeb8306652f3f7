"""A name server of the tests' own, and a resolver that asks it, and nobody else, over UDP."""

import asyncio
import socket
import struct
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from ipaddress import ip_address
from itertools import chain, repeat
from typing import Any, cast

_A, _AAAA, _IN = 1, 28, 1


class NameServer(asyncio.DatagramProtocol):
    """Answers for names as it is told: another answer each time, if so. Nothing may be cached."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self._answers: dict[str, Iterator[tuple[str, ...]]] = {}
        self._transport: asyncio.DatagramTransport | None = None
        self.port = 0

    def lead(self, name: str, *answers: tuple[str, ...]) -> None:
        """Let a name lead to these addresses, one answer after the other; the last one stays."""
        self._answers[name] = chain(answers, repeat(answers[-1]))

    def alternate(self, name: str, *answers: tuple[str, ...]) -> None:
        """Let a name lead to these addresses in turns, without end."""
        self._answers[name] = chain.from_iterable(repeat(answers))

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, addr: Any) -> None:
        assert self._transport is not None
        name, end = _read_name(data, 12)
        self.asked.append(name)
        known = self._answers.get(name)
        addresses = () if known is None else next(known)
        flags = 0x8180 if known is not None else 0x8183  # no such name
        head = data[:2] + struct.pack("!HHHHH", flags, 1, len(addresses), 0, 0)
        records = b"".join(_record(each) for each in addresses)
        self._transport.sendto(head + data[12 : end + 4] + records, addr)

    def look_up(self, host: str, port: int, **_: object) -> list[tuple[Any, ...]]:
        """Resolve a name as `getaddrinfo` does, by one question to this server."""
        asks = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        with asks:
            asks.settimeout(5)
            question = b"".join(
                bytes([len(part)]) + part.encode() for part in host.rstrip(".").split(".")
            )
            asks.sendto(
                struct.pack("!HHHHHH", 7, 0x0100, 1, 0, 0, 0)
                + question
                + b"\0"
                + struct.pack("!HH", _A, _IN),
                ("127.0.0.1", self.port),
            )
            reply = asks.recv(4096)
        _, flags, _, count = struct.unpack("!HHHH", reply[:8])
        if flags & 0xF or not count:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        place = _read_name(reply, 12)[1] + 4
        found: list[tuple[Any, ...]] = []
        for _each in range(count):
            kind, _, _, length = struct.unpack("!HHIH", reply[place + 2 : place + 12])
            place += 12
            packed = reply[place : place + length]
            family = socket.AF_INET if kind == _A else socket.AF_INET6
            address = socket.inet_ntop(family, packed)
            found.append((family, socket.SOCK_STREAM, 6, "", (address, port)))
            place += length
        return found


@asynccontextmanager
async def name_server() -> AsyncIterator[NameServer]:
    """Run a name server on loopback until the context is left."""
    loop = asyncio.get_running_loop()
    transport, server = await loop.create_datagram_endpoint(NameServer, local_addr=("127.0.0.1", 0))
    server.port = transport.get_extra_info("sockname")[1]
    try:
        yield server
    finally:
        transport.close()


def _read_name(data: bytes, place: int) -> tuple[str, int]:
    parts: list[str] = []
    while length := data[place]:
        parts.append(data[place + 1 : place + 1 + length].decode())
        place += 1 + length
    return ".".join(parts), place + 1


def _record(address: str) -> bytes:
    """Return a record that is not to be kept for a second."""
    packed = ip_address(address).packed
    kind = _A if len(packed) == 4 else _AAAA
    return struct.pack("!HHHIH", 0xC00C, kind, _IN, 0, len(packed)) + packed
