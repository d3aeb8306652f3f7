"""A wire that can be cut: between the service and its Postgres, or a client and the service."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Literal, get_args
from urllib.parse import parse_qsl, urlsplit

# What becomes of what is sent at the step where a connection is cut. `unsent`: nothing of it
# arrives. `halved`: its first half does. `unheard`: it is done, and the answer is lost.
# `half-heard`: half of the answer's first part comes back.
Cut = Literal["unsent", "halved", "unheard", "half-heard"]
CUTS: tuple[Cut, ...] = get_args(Cut)
_AT_A_TIME = 1 << 20
Open = Callable[[], Awaitable[tuple[asyncio.StreamReader, asyncio.StreamWriter]]]


@dataclass(slots=True)
class Wire:
    """Passes on what is sent, and cuts a connection where it is told to, or at random.

    A step is what one side sends at once: the one that asks, as the service does its database.
    """

    open_other_end: Open
    # Cut at the step of this number from now on; None: not.
    cut_in: int | None = None
    cut: Cut = "unsent"
    # Of how many steps one is cut, whichever it is; 0: none.
    one_in: int = 0
    # How long a step may be on its way.
    delay_s: float = 0.0
    random: Random = field(default_factory=lambda: Random(1))
    cuts: int = 0
    # What is sent next on a connection after this is done, and `at_done` is called before its
    # answer is heard.
    after: bytes = b""
    at_done: Callable[[], None] = lambda: None

    def arm(self, step: int, cut: Cut) -> None:
        """Cut once, at a step from now: 0 is the next."""
        self.cut_in, self.cut, self.cuts = step, cut, 0

    def disarm(self) -> bool:
        """Cut nothing more; say whether it had cut."""
        self.cut_in, self.one_in = None, 0
        return self.cuts > 0

    async def serve(self, asks: asyncio.StreamReader, to_asker: asyncio.StreamWriter) -> None:
        """Pass one connection's bytes on, both ways, until it ends or is cut."""
        answers, to_answerer = await self.open_other_end()
        ends: asyncio.Queue[Cut] = asyncio.Queue()
        back = asyncio.create_task(_pass_back(answers, to_asker, ends))
        is_next = False
        try:
            with suppress(ConnectionError):
                while sent := await asks.read(_AT_A_TIME):
                    if self.delay_s:
                        await asyncio.sleep(self.random.random() * self.delay_s)
                    cut = "unheard" if is_next else self._decide()
                    is_next = bool(self.after) and self.after in sent
                    if cut == "unsent":
                        return
                    if cut in ("unheard", "half-heard"):
                        ends.put_nowait(cut)
                    to_answerer.write(sent if cut != "halved" else sent[: len(sent) // 2])
                    await to_answerer.drain()
                    if cut == "halved":
                        return
                    if cut is not None:
                        await back  # which ends once there was an answer
                        self.at_done()
                        return
        finally:
            back.cancel()
            with suppress(asyncio.CancelledError):
                await back
            for writer in (to_asker, to_answerer):
                writer.transport.abort() if self.cuts else writer.close()

    def _decide(self) -> Cut | None:
        if self.one_in and self.random.randrange(self.one_in) == 0:
            self.cuts += 1
            return self.random.choice(CUTS)
        if self.cut_in is None:
            return None
        self.cut_in -= 1
        if self.cut_in >= 0:
            return None
        self.cut_in = None
        self.cuts += 1
        return self.cut


async def _pass_back(
    answers: asyncio.StreamReader, to_asker: asyncio.StreamWriter, ends: asyncio.Queue[Cut]
) -> None:
    """Pass answers back until the end of one that is not to be heard, or not to be heard whole."""
    with suppress(ConnectionError):
        while answered := await answers.read(_AT_A_TIME):
            if ends.empty():
                to_asker.write(answered)
                await to_asker.drain()
                continue
            if ends.get_nowait() == "half-heard":
                to_asker.write(answered[: len(answered) // 2])
                await to_asker.drain()
            return
    to_asker.close()  # as the other end has


@asynccontextmanager
async def database_wire(url: str, folder: Path) -> AsyncIterator[tuple[str, Wire]]:
    """Give the URL of a database behind a wire, and the wire."""
    parts = urlsplit(url)
    query = dict(parse_qsl(parts.query))
    if "host" in query:
        socket = f"{query['host']}/.s.PGSQL.{parts.port or query.get('port', 5432)}"
        wire = Wire(lambda: asyncio.open_unix_connection(socket))
    else:  # a node of a cluster
        wire = Wire(lambda: asyncio.open_connection(parts.hostname, parts.port))
    server = await asyncio.start_unix_server(wire.serve, folder / ".s.PGSQL.5432")
    try:
        user = parts.netloc.rpartition("@")[0]
        yield parts._replace(netloc=f"{user}@", query=f"host={folder}").geturl(), wire
    finally:
        server.close()


@asynccontextmanager
async def client_wire(url: str) -> AsyncIterator[tuple[str, Wire]]:
    """Give the URL of a service behind a wire, and the wire."""
    parts = urlsplit(url)
    wire = Wire(lambda: asyncio.open_connection(parts.hostname, parts.port))
    server = await asyncio.start_server(wire.serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    try:
        yield f"http://127.0.0.1:{port}", wire
    finally:
        server.close()
