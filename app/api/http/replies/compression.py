"""Compression of replies, for callers who ask for it."""

from functools import lru_cache

from starlette.middleware.gzip import GZipMiddleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.api.http.replies.media import read_wish

# Below it, what is saved is not worth the time.
SMALLEST_BYTES = 1024
# Larger than the best by a tenth, in a third of its time.
_LEVEL = 5
_ACCEPTED = b"accept-encoding"
_JSON = (b"content-type", b"application/json")


def compress(app: ASGIApp) -> ASGIApp:
    """Return the application with its larger replies compressed if they are asked for so."""

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        async def send_copied(message: Message) -> None:
            # What compresses changes the headers in place, and a reply may be kept for others.
            if message["type"] == "http.response.start":
                message = {**message, "headers": list(message["headers"])}
            await send(message)

        await app(scope, receive, send_copied)

    compressed = GZipMiddleware(answer, minimum_size=SMALLEST_BYTES, compresslevel=_LEVEL)

    async def negotiate(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            scope = _decide_gzip(scope)
        await compressed(scope, receive, send)

    return negotiate


def _decide_gzip(scope: Scope) -> Scope:
    """Return a request that names gzip if it takes it (RFC 9110 §12.5.3), and only then.

    What compresses looks for no more than the name, which `gzip;q=0` has, and `*` has not.
    """
    wanted = _read_wanted(scope)
    takes = _takes_gzip(wanted)
    if takes == (b"gzip" in wanted):
        return scope
    others = [pair for pair in scope["headers"] if pair[0] != _ACCEPTED]
    return {**scope, "headers": [*others, (_ACCEPTED, b"gzip" if takes else b"identity")]}


def _read_wanted(scope: Scope) -> bytes:
    return b",".join(value for name, value in scope["headers"] if name == _ACCEPTED)[:1_000]


@lru_cache(maxsize=256)
def _takes_gzip(wanted: bytes) -> bool:
    weights = dict(read_wish(each) for each in wanted.decode("latin-1").split(","))
    return weights.get("gzip", weights.get("*", 0.0)) > 0


def vary_by_encoding(
    scope: Scope, headers: list[tuple[bytes, bytes]]
) -> list[tuple[bytes, bytes]] | None:
    """Return the headers of a larger reply of JSON that goes as it is, as `compress` has them.

    None where it is to be compressed, or `compress` has to look whether it is.
    """
    if _JSON not in headers or _takes_gzip(_read_wanted(scope)):
        return None
    kept = [pair for pair in headers if pair[0] != b"vary"]
    varied = [value for name, value in headers if name == b"vary"]
    return [*kept, (b"vary", b", ".join([*varied, b"Accept-Encoding"]))]
