"""A client that goes away while it sends leaves nothing behind, and no traceback."""

import logging
from typing import Any

import pytest
from fastapi import FastAPI

from tests.api.conftest import ADMIN_KEY, Api


async def test_a_body_that_never_arrives_is_one_line_in_the_log(
    app: FastAPI, api: Api, caplog: pytest.LogCaptureFixture
) -> None:
    scope: dict[str, Any] = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "PUT",
        "path": "/v1/accounts/c-9",
        "raw_path": b"/v1/accounts/c-9",
        "query_string": b"",
        "root_path": "",
        "scheme": "http",
        "server": ("surety.test", 80),
        "client": ("127.0.0.1", 1),
        "headers": [
            (b"authorization", f"Bearer {ADMIN_KEY}".encode()),
            (b"content-type", b"application/json"),
            (b"content-length", b"100"),
        ],
    }
    parts = [
        {"type": "http.request", "body": b'{"name": "No', "more_body": True},
        {"type": "http.disconnect"},
    ]
    sent: list[Any] = []

    async def receive() -> Any:
        return parts.pop(0) if len(parts) > 1 else parts[0]

    async def send(message: Any) -> None:
        sent.append(message)

    with caplog.at_level(logging.INFO):
        await app(scope, receive, send)
    assert sent[0]["status"] == 400
    assert [record.levelname for record in caplog.records if record.name != "httpx"] == ["INFO"]
    assert (await api.get("/v1/accounts/c-9")).status_code == 404
