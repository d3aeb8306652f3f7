"""Compression of replies, for callers who ask for it."""

from starlette.middleware.gzip import GZipMiddleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

# Below it, what is saved is not worth the time.
SMALLEST_BYTES = 1024
# Larger than the best by a tenth, in a third of its time.
_LEVEL = 5


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
