"""Sending: one signed POST to a receiver, who can lead it nowhere else.

It goes over `httpcore`, what `httpx` is made of, since that takes the network to connect by. It
follows no redirect, decodes no body, keeps no cookie, and reads no proxy from the environment.
"""

import asyncio
import logging
import ssl
import time
from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from datetime import datetime, timedelta
from functools import cache
from types import TracebackType
from typing import Self

import httpcore
import httpx
from standardwebhooks import Webhook

from app import __version__
from app.domain.events.addresses import Network
from app.domain.events.webhooks import AT_ONCE, Outcome, Result, judge_status
from app.services.events.attempts import Attempt
from app.worker.network import CheckedNetwork, Unreachable

_log = logging.getLogger("surety.webhooks")

# What is read of a reply once its status is there, so that the connection can be used again; of
# one that is longer or slower the connection is closed.
_MOST_READ_BYTES = 64 * 1024
_READ_WITHIN_S = 1.0
_MOST_DETAIL = 300


class Sender:
    """Sends to one endpoint, over connections of its own: it waits for no other, nor they for it.

    `allowed` are networks that are reached although they are not public, without TLS too.
    `time_limit` is what a receiver may take to answer, connecting included.
    """

    def __init__(self, *, allowed: Sequence[Network], time_limit: timedelta) -> None:
        self._time_limit_s = time_limit.total_seconds()
        self._networks = {
            scheme: CheckedNetwork(allowed, plain=scheme == "http") for scheme in ("https", "http")
        }
        self._pools = {
            scheme: httpcore.AsyncConnectionPool(
                ssl_context=_trusted(),
                max_connections=AT_ONCE,
                keepalive_expiry=30,
                network_backend=network,
            )
            for scheme, network in self._networks.items()
        }

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        where: TracebackType | None,
    ) -> None:
        for pool in self._pools.values():
            await pool.aclose()
        for network in self._networks.values():
            network.close()

    async def send(self, attempt: Attempt, *, now: datetime) -> Outcome:
        """Make an attempt and say what it came to. Whatever a receiver does, it raises nothing."""
        began = time.monotonic()
        status_code: int | None = None
        failure: Exception | None = None
        try:
            async with asyncio.timeout(self._time_limit_s) as limit, self._post(attempt, now) as it:
                status_code = it.status
                limit.reschedule(asyncio.get_running_loop().time() + _READ_WITHIN_S)
                await _read_some(it)
        except Exception as error:
            failure = error
        result, detail = _judge(status_code, failure)
        took_ms = round((time.monotonic() - began) * 1000)
        return Outcome(result, status_code, detail and _clean(detail), took_ms)

    def _post(
        self, attempt: Attempt, now: datetime
    ) -> AbstractAsyncContextManager[httpcore.Response]:
        url = httpx.URL(attempt.url)
        body = attempt.body.encode()
        return self._pools[url.scheme].stream(
            b"POST",
            httpcore.URL(
                scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path
            ),
            headers=[
                (b"Host", url.netloc),
                (b"Content-Type", b"application/json"),
                (b"Content-Length", str(len(body)).encode()),
                (b"User-Agent", f"Surety/{__version__}".encode()),
                *sign_attempt(attempt, now=now),
            ],
            content=body,
            # Each step by itself within a third: a connection that is cut off in the middle of
            # its TLS from outside would be left open.
            extensions={"timeout": {"connect": self._time_limit_s / 3}},
        )


def sign_attempt(attempt: Attempt, *, now: datetime) -> list[tuple[bytes, bytes]]:
    """Return the headers of Standard Webhooks: the event's id, now, a signature by each secret."""
    id_ = str(attempt.event_id)
    signatures = [Webhook(secret).sign(id_, now, attempt.body) for secret in attempt.secrets]
    return [
        (b"webhook-id", id_.encode()),
        (b"webhook-timestamp", str(int(now.timestamp())).encode()),
        (b"webhook-signature", " ".join(signatures).encode()),
    ]


@cache
def _trusted() -> ssl.SSLContext:
    """Return what certificates are checked against: the system's, and those of SSL_CERT_FILE."""
    return httpcore.default_ssl_context()


async def _read_some(reply: httpcore.Response) -> None:
    read_bytes = 0
    async for part in reply.aiter_stream():
        read_bytes += len(part)
        if read_bytes > _MOST_READ_BYTES:
            return


def _clean(detail: str) -> str:
    """Return some text as it can be kept: part of it may be the receiver's."""
    shown = detail[:_MOST_DETAIL]
    return "".join(each if each.isprintable() else "\N{REPLACEMENT CHARACTER}" for each in shown)


def _judge(status_code: int | None, failure: Exception | None) -> tuple[Result, str | None]:
    """Return what an attempt came to: the status counts once it is there, whatever follows it."""
    if status_code is not None:
        return judge_status(status_code), None
    match failure:
        case Unreachable():
            return failure.result, str(failure)
        case TimeoutError() | httpcore.TimeoutException():
            return "timed_out", "The receiver did not answer in time."
        case httpcore.NetworkError():
            cause = failure.args[0] if failure.args else failure
            return "tls_failed" if isinstance(cause, ssl.SSLError) else "connection_failed", str(
                cause
            )
        case httpcore.ProtocolError():
            return "invalid_response", str(failure)
        case _:
            # One odd endpoint must not keep its other deliveries from being tried.
            _log.error({"event": "webhook_not_sent"}, exc_info=failure)
            return "connection_failed", "It could not be sent; the log has the details."
