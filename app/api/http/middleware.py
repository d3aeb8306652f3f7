"""Middleware: the headers that every reply carries, and the log line and count of each request.

The frame goes around all of the application, its error handling included, so that an error of
ours and a body refused unread have the same headers as everything else.
"""

import logging
import re
import time
from collections.abc import Mapping, MutableMapping
from typing import Any
from urllib.parse import parse_qsl

from opentelemetry import trace
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uuid_utils import uuid7

from app.api.http.figures import Figures
from app.api.http.refusals.frame_refusals import BodyTooLarge, InvalidHost
from app.api.http.refusals.problems import render_refusal
from app.api.http.replies.embedding import PAGE_POLICY
from app.domain.access.refusals import Refusal

_log = logging.getLogger("surety.requests")
_MAY_FRAME = re.compile(rb"frame-ancestors (?!'none')")
_REQUEST_ID = re.compile(rb"^[\x21-\x7e]{1,128}$")
_HEADERS = {
    b"x-content-type-options": b"nosniff",
    b"referrer-policy": b"no-referrer",
    b"x-frame-options": b"DENY",
    b"cross-origin-opener-policy": b"same-origin",
    b"cross-origin-resource-policy": b"same-origin",
    # What is answered is a customer's, or changes with the next publication.
    b"cache-control": b"no-store",
    b"content-security-policy": PAGE_POLICY.encode(),
}
_PAIRS = tuple(_HEADERS.items())


class RequestFrame:
    """Gives every reply its request id and security headers, and logs one line for it.

    A body that says it is larger than `max_body_bytes` is refused unread. HEAD is GET without
    the reply's body.
    """

    def __init__(self, app: ASGIApp, *, max_body_bytes: int, figures: Figures) -> None:
        self.app = app
        self.max_body_bytes = max_body_bytes
        self.figures = figures

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request_id, refusal = self._judge(scope)
        scope.setdefault("state", {})["request_id"] = request_id.decode()
        if "fastapi.telemetry" in scope:
            _describe_span(scope)
        is_head = scope["method"] == "HEAD"
        inner = {**scope, "method": "GET"} if is_head else scope
        began = time.perf_counter()
        status: int | None = None

        async def send_framed(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = _add_headers(
                    [
                        *message.get("headers", ()),
                        *scope["state"].get("reply_headers", ()),
                        (b"x-request-id", request_id),
                    ]
                )
            elif is_head and message["type"] == "http.response.body":
                message = {**message, "body": b""}
            await send(message)

        try:
            if refusal is not None:
                await render_refusal(Request(inner), refusal)(inner, receive, send_framed)
            else:
                await self.app(inner, receive, send_framed)
        except Exception:
            # It has its reply already: what is left is to say why.
            _log.exception({"event": "request_failed", "request_id": request_id.decode()})
        finally:
            took = time.perf_counter() - began
            self.figures.count_request(inner, status or 500, took)
            _log_line(inner, scope["method"], status or 500, took)

    def _judge(self, scope: Scope) -> tuple[bytes, Refusal | None]:
        """Return a request's id, and why it is refused by its head, if it is."""
        length, hosts = 0, 0
        request_id: bytes | None = None
        for name, value in scope["headers"]:
            if name == b"host":
                hosts += 1
            elif name == b"content-length" and value.isdigit():
                length = int(value[:20])
            elif name == b"x-request-id" and request_id is None and _REQUEST_ID.match(value):
                request_id = value
        refusal: Refusal | None = None
        if length > self.max_body_bytes:
            refusal = BodyTooLarge(f"A body may have {self.max_body_bytes} bytes at most.")
        # Before HTTP/1.1 a request named none.
        elif hosts > 1 or (hosts == 0 and scope["http_version"] != "1.0"):
            refusal = InvalidHost(f"A request names one host, and this one {hosts or 'none'}.")
        return request_id or str(uuid7()).encode(), refusal


def _add_headers(headers: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    """Return a reply's headers with those that every reply has, unless it has its own."""
    present = {name: value for name, value in headers if name in _HEADERS}
    if not present:
        return [*headers, *_PAIRS]
    if _MAY_FRAME.search(present.get(b"content-security-policy", b"")):
        present[b"x-frame-options"] = b""  # older, and it knows nobody but all and none
    return [*headers, *(pair for pair in _PAIRS if pair[0] not in present)]


def _describe_span(scope: Scope) -> None:
    """Tell the request's span its id, and no more of the address than the log tells."""
    span = trace.get_current_span()
    if not span.is_recording():
        return
    span.set_attribute("surety.request_id", scope["state"]["request_id"])
    span.set_attribute("url.path", _hide_token(scope["path"]))
    if query := scope["query_string"]:
        names = (name for name, _ in parse_qsl(query.decode("latin-1"), keep_blank_values=True))
        span.set_attribute("url.query", "&".join(f"{name}=REDACTED" for name in names))


def _hide_token(path: str) -> str:
    """Return a path without the token of a link, which opens what it leads to for its holder."""
    for leading in ("/v1/statements/", "/v1/links/"):
        if path.startswith(leading):
            return f"{leading}…"
    return path


def _log_line(scope: MutableMapping[str, Any], method: str, status: int, took: float) -> None:
    if not _log.isEnabledFor(logging.INFO):
        return
    line = {
        "event": "request",
        "request_id": scope["state"]["request_id"],
        "method": method,
        "path": _hide_token(scope["path"])[:300],
        "status": status,
        "ms": round(took * 1000, 1),
    }
    _log.info(line | _describe(scope))


def _describe(scope: MutableMapping[str, Any]) -> dict[str, Any]:
    """Return what the application left in its scope: who asked for what, and what came of it."""
    state = scope["state"]
    caller = state.get("caller")
    described = {
        "operation": getattr(scope.get("route"), "name", None),
        "account_id": scope.get("path_params", {}).get("account_id", "")[:64],
        "key": None if caller is None else caller.name,
        "problem": state.get("problem"),
        "dry_run": state.get("dry_run"),
        "events": _list_recorded(state),
    }
    return {name: value for name, value in described.items() if value}


def _list_recorded(state: Mapping[str, Any]) -> list[str]:
    """Return the types of the events that the request recorded."""
    if "db" not in state or "problem" in state or state.get("dry_run"):
        return []
    return [event.type for account in state["db"].accounts.values() for event in account.recorded]
