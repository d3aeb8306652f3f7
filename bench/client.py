"""One connection that asks one thing after the other, and how long each reply took."""

import http.client
import json
import time
from typing import Any, Self
from urllib.parse import urlsplit

from bench.settings import ADMIN_KEY

_HEADERS = {"Authorization": f"Bearer {ADMIN_KEY}", "Content-Type": "application/json"}


class Client:
    """A kept-alive connection that holds the admin key."""

    def __init__(self, url: str) -> None:
        self._connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=60)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()

    def ask(self, method: str, path: str, body: object = None) -> tuple[float, bytes]:
        """Send a request; the milliseconds until its reply was read, and the reply.

        Raises RuntimeError unless it went well.
        """
        sent = None if body is None else json.dumps(body)
        began = time.perf_counter()
        self._connection.request(method, path, sent, _HEADERS)
        reply = self._connection.getresponse()
        answer = reply.read()
        took = (time.perf_counter() - began) * 1_000
        if reply.status not in (200, 201):
            raise RuntimeError(f"{method} {path}: {reply.status} {answer[:500]!r}")
        return took, answer

    def read(self, method: str, path: str, body: object = None) -> Any:
        """Send a request; what its reply says."""
        return json.loads(self.ask(method, path, body)[1])
