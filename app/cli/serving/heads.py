"""Heads of requests: how large they may be, of how many headers, and how long they may take.

uvicorn's parser takes a head of any size and waits for it without end. Here a head that is more
than a caller could need is refused as soon as it is, and the connection closed.
"""

import asyncio
import json
import logging
from http import HTTPStatus

from uuid_utils import uuid7
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from app.api.http.refusals.frame_refusals import HeadTooLarge, HeadTooSlow
from app.api.http.refusals.problems import status_of
from app.domain.access.refusals import Refusal

MOST_HEAD_BYTES = 32 * 1024
MOST_HEADERS = 100
# From when a connection is made, or a head begins on one that is there, to the head's end.
HEAD_SECONDS = 15.0

_log = logging.getLogger("surety.serve")


class BoundedHeads(HttpToolsProtocol):
    """Answers 431 to a head that is too large, and 408 to one that takes too long."""

    head_seconds = HEAD_SECONDS

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin to wait for the first head."""
        super().connection_made(transport)  # type: ignore[arg-type]
        # What has arrived since the parser last came to an end of something.
        self._unfinished_bytes = 0
        self._in_head = True
        self._refused = False
        self._timer: asyncio.TimerHandle | None = None
        self._start_timer()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait for nothing any more."""
        self._stop_timer()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take what arrives, unless it makes a head, or what stands between, too large."""
        if self._refused:
            return
        if self._unfinished_bytes > MOST_HEAD_BYTES:
            self._refuse(HeadTooLarge(_TOO_LARGE))
            return
        self._unfinished_bytes += len(data)
        super().data_received(data)
        if self._in_head and self._timer is None and not self._refused:
            self._start_timer()

    def on_message_begin(self) -> None:
        """Begin a head, also one that follows on the same connection."""
        super().on_message_begin()
        self._in_head = True

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take a header; trailers are nobody's here."""
        if self._in_head:
            super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """Let the request be answered, unless its head is more than it may be."""
        self._in_head = False
        self._unfinished_bytes = 0
        self._stop_timer()
        if self._refused:
            return
        size = len(self.url) + sum(len(name) + len(value) + 4 for name, value in self.headers)
        if size > MOST_HEAD_BYTES or len(self.headers) > MOST_HEADERS:
            self._refuse(HeadTooLarge(_TOO_LARGE))
            return
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """Take a part of the body, but of a request that was refused by its head."""
        self._unfinished_bytes = 0
        if not self._refused:
            super().on_body(body)

    def on_message_complete(self) -> None:
        """End the request, but one that was refused by its head."""
        self._unfinished_bytes = 0
        if not self._refused:
            super().on_message_complete()

    def _start_timer(self) -> None:
        self._timer = self.loop.call_later(self.head_seconds, self._refuse_late_head)

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _refuse_late_head(self) -> None:
        if self._unfinished_bytes:
            self._refuse(HeadTooSlow(f"A head has to arrive within {self.head_seconds} seconds."))
        else:
            self.transport.close()  # it has said nothing, so nothing is said to it

    def _refuse(self, refusal: Refusal) -> None:
        """Answer with a problem, unless another request is being answered, and close."""
        self._refused = True
        self._stop_timer()
        _log.warning({"event": "head_refused", "problem": refusal.code})
        cycle = getattr(self, "cycle", None)
        if cycle is None or cycle.response_complete:
            self.transport.write(_render(refusal))
        self.transport.close()


_TOO_LARGE = f"A head may have {MOST_HEAD_BYTES} bytes and {MOST_HEADERS} headers at most."


def _render(refusal: Refusal) -> bytes:
    status = status_of(type(refusal))
    body = json.dumps(
        {
            "type": f"/problems/{refusal.code}",
            "title": refusal.title,
            "status": status,
            "detail": refusal.detail,
            "code": refusal.code,
        }
    ).encode()
    head = (
        f"HTTP/1.1 {status} {HTTPStatus(status).phrase}\r\n"
        "content-type: application/problem+json\r\n"
        f"content-length: {len(body)}\r\n"
        f"x-request-id: {uuid7()}\r\n"
        "x-content-type-options: nosniff\r\n"
        "cache-control: no-store\r\n"
        "connection: close\r\n\r\n"
    )
    return head.encode() + body
