"""Heads of requests: how large they may be, of how many headers, and how long they may take.

uvicorn's parser takes a head of any size and waits for it without end. Here a head that is more
than a caller could need is refused as soon as it is, and the connection closed.
"""

import asyncio
import json
from http import HTTPStatus
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

MOST_HEAD_BYTES = 32 * 1024
MOST_HEADERS = 100
# From a connection's first byte, or the one before the head, to the head's end.
HEAD_SECONDS = 15


class BoundedHeads(HttpToolsProtocol):
    """Answers 431 to a head that is too large, and 408 to one that takes too long."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin to wait for the first head."""
        super().connection_made(transport)  # type: ignore[arg-type]
        self._head_bytes = 0
        self._in_head = True
        self._refused = False
        self._head_timer = self.loop.call_later(HEAD_SECONDS, self._refuse_late_head)

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait for nothing any more."""
        self._head_timer.cancel()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take what arrives, unless it makes a head too large."""
        if self._refused:
            return
        if self._in_head:
            if self._head_bytes + len(data) > MOST_HEAD_BYTES and b"\r\n\r\n" not in data:
                self._refuse(431, "head_too_large", _TOO_LARGE)
                return
            self._head_bytes += len(data)
        super().data_received(data)

    def on_message_begin(self) -> None:
        """Begin a head, also one that follows on the same connection."""
        super().on_message_begin()
        if not self._in_head:
            self._in_head = True
            self._head_bytes = 0
            self._head_timer.cancel()
            self._head_timer = self.loop.call_later(HEAD_SECONDS, self._refuse_late_head)

    def on_headers_complete(self) -> None:
        """Let the request be answered, unless its head is more than it may be."""
        self._in_head = False
        self._head_bytes = 0
        self._head_timer.cancel()
        if self._refused:
            return
        size = len(self.url) + sum(len(name) + len(value) + 4 for name, value in self.headers)
        if size > MOST_HEAD_BYTES or len(self.headers) > MOST_HEADERS:
            self._refuse(431, "head_too_large", _TOO_LARGE)
            return
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """Take a part of the body, but of a request that was refused by its head."""
        if not self._refused:
            super().on_body(body)

    def on_message_complete(self) -> None:
        """End the request, but one that was refused by its head."""
        if not self._refused:
            super().on_message_complete()

    def _refuse_late_head(self) -> None:
        # A connection that has sent nothing is closed without a word, as an idle one is.
        if self._head_bytes:
            self._refuse(408, "head_too_slow", _TOO_SLOW)
        else:
            self.transport.close()

    def _refuse(self, status: int, code: str, detail: str) -> None:
        """Answer with a problem after what is under way, and close."""
        self._refused = True
        self._head_timer.cancel()
        under_way = self.cycle is not None and not self.cycle.response_complete
        if not under_way:
            self.transport.write(_render(status, code, detail))
        self.transport.close()


_TOO_LARGE = (
    f"A request's head may have {MOST_HEAD_BYTES} bytes and {MOST_HEADERS} headers at most."
)
_TOO_SLOW = f"A request's head has to arrive within {HEAD_SECONDS} seconds."


def _render(status: int, code: str, detail: str) -> bytes:
    title = HTTPStatus(status).phrase
    problem: dict[str, Any] = {
        "type": f"/problems/{code}",
        "title": title,
        "status": status,
        "detail": detail,
        "code": code,
    }
    body = json.dumps(problem).encode()
    head = (
        f"HTTP/1.1 {status} {title}\r\n"
        "content-type: application/problem+json\r\n"
        f"content-length: {len(body)}\r\n"
        "x-content-type-options: nosniff\r\n"
        "cache-control: no-store\r\n"
        "connection: close\r\n\r\n"
    )
    return head.encode() + body
