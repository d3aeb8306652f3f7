"""Who and what may come in: a key is found and counted, a body received and read.

What may take long, or can be refused without the database, comes before a connection to it.
"""

import asyncio

from fastapi import Request

from app.api.http.access import Access
from app.api.http.bodies import read_body
from app.api.http.limits import RateLimits
from app.api.http.problems import MalformedJson
from app.db.accounts.accounts import AccountUnknown
from app.db.engine.database import Db
from app.domain.access.callers import Caller
from app.services.access.keys import KeyRing, Unauthenticated

PUBLIC = Caller("public", frozenset())
# How long a body may take to arrive.
BODY_SECONDS = 30
# What is received from anybody, and without a connection to the database being held for it.
SMALL_BODY_BYTES = 64 * 1024


async def admit(request: Request, access: Access) -> str | None:
    """Return the key's secret, where one is needed, and receive a body that is small.

    Refuses a request without a key, and one that is too much. A larger body is received when its
    caller is known, and there is a connection for it: so no more of them are in memory than
    there are connections.
    """
    secret = None if access.scope is None else _count(request)
    request.state.received = False
    if _has_small_body(request):
        await _receive_body(request)
    return secret


async def enter(request: Request, db: Db, access: Access, secret: str | None) -> None:
    """Let the operation find the database and its caller; refuse who or what may not come in."""
    request.state.db = db
    request.state.noted = db.noted
    request.state.caller = PUBLIC
    if secret is not None:
        request.state.caller = await _find_caller(request, db, access, secret)
    await _check_body(request)


def read_secret(request: Request) -> str:
    """Return the key's secret that was sent, or refuse with `unauthenticated`."""
    scheme, _, sent = request.headers.get("Authorization", "").partition(" ")
    secret = sent.strip()
    if scheme.lower() != "bearer" or not secret:
        raise Unauthenticated("Send an API key as `Authorization: Bearer <key>`.")
    return secret


def _count(request: Request) -> str:
    """Return the key's secret, and count the request to whoever was found by it before."""
    secret = read_secret(request)
    keyring: KeyRing = request.app.state.keyring
    limits: RateLimits = request.app.state.limits
    name = keyring.recall(secret)
    if name is None:
        limits.require_attempts(request)
    else:
        limits.count_request(request, name)
    request.state.counted = name is not None
    return secret


async def _find_caller(request: Request, db: Db, access: Access, secret: str) -> Caller:
    keyring: KeyRing = request.app.state.keyring
    limits: RateLimits = request.app.state.limits
    try:
        caller = await keyring.find_caller(db, secret)
    except Unauthenticated:
        limits.count_attempt(request)
        raise
    if not request.state.counted:
        limits.count_request(request, caller.name)
        request.state.counted = True
    bound_to = caller.account_id
    if bound_to is not None:
        asked = request.path_params.get("account_id")
        if access.across or asked not in (None, bound_to):
            raise AccountUnknown(
                "There is no such account."
                if asked is not None
                else "There is no such view for a key bound to one account."
            )
    if access.scope is not None:
        caller.require(access.scope, why="This")
    return caller


def _has_small_body(request: Request) -> bool:
    """Say whether anybody may send it, however many do at once."""
    if "Transfer-Encoding" in request.headers:
        return False
    length = request.headers.get("Content-Length", "0")
    return length.isdigit() and int(length[:20]) <= SMALL_BODY_BYTES


async def _receive_body(request: Request) -> None:
    """Receive the whole body, unless it was; it may not take for ever."""
    if request.method in ("GET", "HEAD") or request.state.received:
        return
    try:
        async with asyncio.timeout(BODY_SECONDS):
            await request.body()
            request.state.received = True
    except TimeoutError:
        raise MalformedJson(f"The body did not arrive in {BODY_SECONDS} seconds.") from None


async def _check_body(request: Request) -> None:
    if request.method in ("GET", "HEAD"):
        return
    await _receive_body(request)
    body = await request.body()
    if not body:
        return
    request._json = read_body(  # noqa: SLF001  read once, and as everybody reads it
        body,
        content_type=request.headers.get("Content-Type", ""),
        encoding=request.headers.get("Content-Encoding", "identity"),
    )
