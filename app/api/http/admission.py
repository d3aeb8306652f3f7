"""Admission of requests: a key is found and counted, a body received and read.

What may take long, or can be refused without the database, comes before a connection to it; none
is held while anything of the caller's is waited for.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

from fastapi import Request
from starlette.datastructures import MutableHeaders

from app.api.http.access import Access, require_seen
from app.api.http.bodies import JSON, MERGE_PATCH, TOML, read_body
from app.api.http.limits import RateLimited, RateLimits
from app.api.http.notes import notes_of
from app.api.http.places.bulkheads import Bulkheads, TakenShares
from app.api.http.refusals.frame_refusals import MalformedJson
from app.api.http.refusals.unknown_fields import leave_out_very_many
from app.db.accounts.account_moves import find_present_account
from app.db.accounts.accounts import AccountUnknown
from app.db.engine.database import Database
from app.db.engine.unit_of_work import Db
from app.domain.access.account_moves import AccountMoved
from app.domain.access.callers import Caller
from app.services.access.keys import KeyRing, Unauthenticated, digest_of
from app.services.accounts.sandboxes import use_account_clock

PUBLIC = Caller("public", frozenset())
# A body of theirs is never received.
BODILESS = ("GET", "HEAD")
# How long a body may take to arrive.
BODY_SECONDS = 30
# A larger one is looked at first: it may have very many fields that are not taken.
_LOOKED_AT_BYTES = 16 * 1024
# What is received from anybody: a larger one has a place among its key's own.
SMALL_BODY_BYTES = 64 * 1024


async def admit(request: Request, access: Access) -> bytes | None:
    """Return the digest of the key, where one is needed, and receive a body that is small.

    Refuses a request without a key, and one that is too much.
    """
    noted = notes_of(request)
    noted["key_name"] = None
    noted["received"] = request.method in BODILESS
    noted["read"] = False
    key = None if access.scope is None else await _count(request)
    if not noted["received"] and _has_small_body(request):
        await _receive_body(request)
    return key


@asynccontextmanager
async def admit_large_body(
    request: Request, access: Access, key: bytes | None
) -> AsyncIterator[None]:
    """Receive a large body of a caller who may send it, in a place of its key's own.

    The caller is found first, over a connection that is given back before the body is waited
    for; the place is the body's until it has been answered.
    """
    bulkheads: Bulkheads = request.app.state.bulkheads
    name = PUBLIC.name
    if key is not None:
        database: Database = request.app.state.database
        async with place_of(request, access, locks=False), database.one_statement() as db:
            name = (await _find_caller(request, db, access, key)).name
        notes_of(request)["key_name"] = name
    await bulkheads.bodies.take(name)
    try:
        await _receive_body(request)
        await _read_body(request, access)
        yield
    finally:
        bulkheads.bodies.leave(name)


def place_of(request: Request, access: Access, *, locks: bool) -> TakenShares:
    """Return the request's place among those of its key and its account."""
    bulkheads: Bulkheads = request.app.state.bulkheads
    return bulkheads.place(
        key=notes_of(request)["key_name"],
        stranger=access.scope is not None,
        account_id=request.path_params.get("account_id") if locks else None,
        writes=access.writes,
        waits_for_catalog=locks and access.waits_for_catalog,
    )


async def enter(request: Request, db: Db, access: Access, key: bytes | None) -> None:
    """Let the operation find the database and its caller; refuse who or what may not come in."""
    noted = notes_of(request)
    noted["db"] = db
    noted["counted"] = db.counted
    if key is None:
        noted["caller"] = PUBLIC
    else:
        await _find_caller(request, db, access, key)
        account_id = request.path_params.get("account_id")
        if account_id is not None:
            await use_account_clock(db, account_id)
    if request.method not in BODILESS and not noted["read"]:
        await _read_body(request, access)


async def require_not_moved(request: Request) -> None:
    """Refuse with `account_moved` whoever may see the account, where it was moved into another.

    Who was not let in is found nowhere: to them it is an account that never was.
    """
    account_id = request.path_params.get("account_id")
    caller = notes_of(request).get("caller")
    if account_id is None or caller is None or caller.account_id not in (None, account_id):
        return
    database: Database = request.app.state.database
    async with database.transaction(read_only=True) as db:
        move = await find_present_account(db, account_id)
    if move is not None:
        raise AccountMoved(
            f"All that {account_id!r} had is in {move.moved_to!r} now.",
            moved_to=move.moved_to,
            moved_at=move.moved_at,
        )


def read_key(request: Request) -> bytes:
    """Return the digest of the key that was sent, or refuse with `unauthenticated`."""
    scheme, _, sent = request.headers.get("Authorization", "").partition(" ")
    secret = sent.strip()
    if scheme.lower() != "bearer" or not secret:
        raise Unauthenticated("Send an API key as `Authorization: Bearer <key>`.")
    return digest_of(secret)


async def _count(request: Request) -> bytes:
    """Return the key's digest, and count the request to whoever was found by it before."""
    key = read_key(request)
    keyring: KeyRing = request.app.state.keyring
    limits = _limits_of(request)
    name = keyring.find_cached_name(key)
    if name is None:
        try:
            limits.require_attempts(request)
        except RateLimited as refused:
            name = await _find_late(request, key, refused)
    if name is not None:
        limits.count_request(request, name)
    noted = notes_of(request)
    noted["key_counted"] = name is not None
    noted["key_name"] = name
    return key


def _limits_of(request: Request) -> RateLimits:
    limits: RateLimits = request.app.state.limits
    return limits


async def _find_late(request: Request, key: bytes, refused: RateLimited) -> str:
    """Return whose a key is that comes from where too many wrong ones came from.

    Those are looked up one at a time, and few wait for it: so a valid key is heard in spite of
    whoever shares its address, and wrong ones cost the database next to nothing.
    """
    keyring: KeyRing = request.app.state.keyring
    database: Database = request.app.state.database
    bulkheads: Bulkheads = request.app.state.bulkheads
    async with bulkheads.late():
        try:
            async with database.one_statement() as db:
                return (await keyring.find_caller(db, key)).name
        except Unauthenticated:
            raise refused from None


async def _find_caller(request: Request, db: Db, access: Access, key: bytes) -> Caller:
    keyring: KeyRing = request.app.state.keyring
    noted = notes_of(request)
    try:
        caller = await keyring.find_caller(db, key)
    except Unauthenticated:
        _limits_of(request).count_attempt(request)
        raise
    if not noted["key_counted"]:
        _limits_of(request).count_request(request, caller.name)
        noted["key_counted"] = True
    if caller.account_id is not None:
        asked = request.path_params.get("account_id")
        if asked is not None:
            require_seen(caller, asked)
        if access.across:
            raise AccountUnknown("There is no such view for a key bound to one account.")
    noted["caller"] = caller
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
    """Receive the whole body; it may not take for ever."""
    notes_of(request)["received"] = True
    try:
        async with asyncio.timeout(BODY_SECONDS):
            await request.body()
    except TimeoutError:
        raise MalformedJson(f"The body did not arrive in {BODY_SECONDS} seconds.") from None


async def _read_body(request: Request, access: Access) -> None:
    """Read the body as everybody reads it."""
    notes_of(request)["read"] = True
    body = await request.body()
    if not body:
        return
    content_type = request.headers.get("Content-Type", "")
    read = partial(
        read_body,
        body,
        content_type=content_type,
        encoding=request.headers.get("Content-Encoding", "identity"),
        taken=_taken(request, access),
    )
    if TOML not in content_type.lower():
        sent = read()
        if len(body) > _LOOKED_AT_BYTES:
            sent = leave_out_very_many(request, sent)
        request._json = sent  # noqa: SLF001  read once, and as everybody reads it
        return
    # Reading TOML takes longer, so that others go on meanwhile; what comes of it is as JSON.
    request._json = await asyncio.to_thread(read)  # noqa: SLF001
    MutableHeaders(scope=request.scope)["Content-Type"] = JSON
    request.__dict__.pop("_headers", None)


def _taken(request: Request, access: Access) -> tuple[str, ...]:
    """Return what a body may be sent as: a PATCH also by the name of what it means (RFC 7396)."""
    if request.method == "PATCH":
        return (JSON, MERGE_PATCH)
    return (JSON, TOML) if access.takes_toml else (JSON,)
