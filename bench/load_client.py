"""Our own load, as a process: a question as JSON comes in, what came of it as JSON goes out."""

import asyncio
import bisect
import itertools
import json
import random
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict
from urllib.parse import urlsplit

import uvloop

from bench.load import Load, Question
from bench.timing import percentile

_GOOD = (b"200", b"201")
# More of them than ever wait at once at the rates asked for: what is due is sent when it is due.
_OPEN_CONNECTIONS = 64


class Run:
    """One load: the requests left to send, and the replies so far."""

    def __init__(self, question: Question) -> None:
        self.question = question
        self.latencies: list[float] = []
        self.failed = 0
        self.refused = ""
        self.began = time.perf_counter()
        self._due = self._list_due()
        ranks = range(1, question.accounts + 1)
        self._shares = list(itertools.accumulate(rank**-question.skew for rank in ranks))

    async def send_all(self) -> Load:
        """Send what there is to send, over all connections."""
        count = _OPEN_CONNECTIONS if self.question.rate else self.question.connections
        await asyncio.gather(*(self._send_some() for _ in range(count)))
        seconds = time.perf_counter() - self.began
        in_ms = [latency * 1_000 for latency in self.latencies]
        return Load(
            len(in_ms),
            seconds,
            self.failed,
            percentile(in_ms, 0.5),
            percentile(in_ms, 0.99),
            self.refused,
        )

    def _list_due(self) -> Iterator[tuple[int, float | None]]:
        """Yield the number of each request, and when it is due to be sent; None: at once."""
        ends_at = self.began + self.question.seconds
        for place in itertools.count():
            due = None
            if self.question.rate:
                due = self.began + place / self.question.rate
            if place == self.question.limit or (due or time.perf_counter()) >= ends_at:
                return
            yield self.question.first + place, due

    async def _send_some(self) -> None:
        address = urlsplit(self.question.url)
        reader, writer = await asyncio.open_connection(address.hostname, address.port)
        for number, due in self._due:
            if due is not None:
                await asyncio.sleep(max(0, due - time.perf_counter()))
            since = time.perf_counter() if due is None else due
            writer.write(self._write(number))
            head = await reader.readuntil(b"\r\n\r\n")
            body = await reader.readexactly(_read_length(head))
            self.latencies.append(time.perf_counter() - since)
            if head[9:12] not in _GOOD:
                self.failed += 1
                self.refused = self.refused or body.decode(errors="replace")[:500]
        writer.close()

    def _write(self, number: int) -> bytes:
        asked = self.question
        account = str(self._choose_account(number))
        path, body = (
            text.replace("{n}", str(number)).replace("{a}", account)
            for text in (asked.path, asked.body)
        )
        content = body.encode()
        head = (
            f"{asked.method} {path} HTTP/1.1\r\nHost: bench\r\n"
            f"Authorization: Bearer {asked.secret}\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(content)}\r\n\r\n"
        )
        return head.encode() + content

    def _choose_account(self, number: int) -> int:
        if not self.question.skew:
            return number % self.question.accounts
        return bisect.bisect_left(self._shares, random.random() * self._shares[-1])


def _read_length(head: bytes) -> int:
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            return int(line.partition(b":")[2])
    raise ValueError("a reply without its length")


async def _run(question: Question) -> Load:
    return await Run(question).send_all()


if __name__ == "__main__":
    sys.stdout.write(json.dumps(asdict(uvloop.run(_run(Question(**json.load(sys.stdin)))))))
