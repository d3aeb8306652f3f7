"""What every reply carries, and the one log line of each request."""

import json
import logging
import re
import time
from collections.abc import MutableMapping
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uuid_utils.compat import uuid7

_log = logging.getLogger("surety.requests")
_REQUEST_ID = re.compile(rb"^[\x21-\x7e]{1,128}$")
_HEADERS = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-frame-options", b"DENY"),
)


class RequestFrame:
    """Gives every reply its request id and security headers, and logs one line for it."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request_id = _read_request_id(scope)
        scope.setdefault("state", {})["request_id"] = request_id.decode()
        began = time.perf_counter()
        status = 500

        async def send_framed(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = message.setdefault("headers", [])
                headers.append((b"x-request-id", request_id))
                headers.extend(_HEADERS)
            await send(message)

        try:
            await self.app(scope, receive, send_framed)
        finally:
            _log_line(scope, status, time.perf_counter() - began, request_id)


def _read_request_id(scope: Scope) -> bytes:
    for name, value in scope["headers"]:
        if name == b"x-request-id" and _REQUEST_ID.match(value):
            return bytes(value)
    return str(uuid7()).encode()


def _log_line(scope: MutableMapping[str, Any], status: int, took: float, id_: bytes) -> None:
    if not _log.isEnabledFor(logging.INFO):
        return
    path = scope["path"]
    if path.startswith("/v1/statements/"):
        path = "/v1/statements/…"
    _log.info(
        json.dumps(
            {
                "event": "request",
                "method": scope["method"],
                "path": path[:300],
                "status": status,
                "ms": round(took * 1000, 1),
                "request_id": id_.decode(),
            },
            ensure_ascii=True,
        )
    )
