"""Embedding of our pages in others': by nobody, unless the settings name their origins.

Pages and pictures (comparison, card, timeline, statement) may be framed and fetched by these;
data may not, and Swagger UI may not, which has a policy of its own.
"""

from starlette.types import ASGIApp, Message, Receive, Scope, Send

# Our pages carry their styles; nothing we answer runs a script, but for Swagger UI.
PAGE_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:;"
    " base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_NOBODY = b"frame-ancestors 'none'"
_SHOWN = (b"text/html", b"image/svg+xml")


def allow_embedding(app: ASGIApp, origins: tuple[str, ...]) -> ASGIApp:
    """Return the application as pages of these origins may frame and fetch its pages."""
    if not origins:
        return app
    ancestors = b"frame-ancestors " + " ".join(origins).encode()

    async def run(scope: Scope, receive: Receive, send: Send) -> None:
        async def send_allowed(message: Message) -> None:
            if message["type"] == "http.response.start" and _is_shown(scope, message):
                message = {**message, "headers": _allow(scope, message["headers"])}
            await send(message)

        await app(scope, receive, send_allowed)

    def _allow(scope: Scope, headers: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
        policy = dict(headers).get(b"content-security-policy", PAGE_POLICY.encode())
        kept = [pair for pair in headers if pair[0] != b"content-security-policy"]
        allowed = [
            (b"content-security-policy", policy.replace(_NOBODY, ancestors)),
            (b"cross-origin-resource-policy", b"cross-origin"),
        ]
        origin = dict(scope["headers"]).get(b"origin")
        if origin is not None and (origin.decode("latin-1") in origins or "*" in origins):
            allowed += [(b"access-control-allow-origin", origin), (b"vary", b"Origin")]
        return kept + allowed

    return run


def _is_shown(scope: Scope, message: Message) -> bool:
    kind = dict(message["headers"]).get(b"content-type", b"")
    return kind.startswith(_SHOWN) and str(scope["path"]).startswith("/v1/")
