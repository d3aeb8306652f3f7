"""Compression of replies, for callers who ask for it."""

from starlette.middleware.gzip import GZipMiddleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

# Below it, what is saved is not worth the time.
SMALLEST_BYTES = 1024
# Larger than the best by a tenth, in a third of its time.
_LEVEL = 5
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

    return GZipMiddleware(answer, minimum_size=SMALLEST_BYTES, compresslevel=_LEVEL)


def vary_by_encoding(
    scope: Scope, headers: list[tuple[bytes, bytes]]
) -> list[tuple[bytes, bytes]] | None:
    """Return the headers of a larger reply of JSON that goes as it is, as `compress` has them.

    None where it is to be compressed, or `compress` has to look whether it is.
    """
    if _JSON not in headers or any(
        name == b"accept-encoding" and b"gzip" in value for name, value in scope["headers"]
    ):
        return None
    kept = [pair for pair in headers if pair[0] != b"vary"]
    varied = [value for name, value in headers if name == b"vary"]
    return [*kept, (b"vary", b", ".join([*varied, b"Accept-Encoding"]))]
