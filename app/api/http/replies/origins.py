"""Origins of pages that may call the API from a browser: none, unless the settings name them."""

from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp

_METHODS = ("GET", "HEAD", "PUT", "POST", "PATCH", "DELETE")
# What a page may send, and what it may read, beside what any page may.
_SENT = ("Authorization", "Idempotency-Key", "If-Match", "If-None-Match", "X-Request-Id")
_READ = (
    *("Dry-Run", "ETag", "Idempotent-Replayed", "Location"),
    *("RateLimit", "RateLimit-Policy", "Retry-After", "X-Request-Id"),
)


def allow_origins(app: ASGIApp, origins: tuple[str, ...]) -> ASGIApp:
    """Return the application as pages of these origins may call it; of none, as it is.

    A key in a header is all that lets a caller in, so no cookie is asked for or taken.
    """
    if not origins:
        return app
    return CORSMiddleware(
        app,
        allow_origins=origins,
        allow_methods=_METHODS,
        allow_headers=_SENT,
        expose_headers=_READ,
    )
