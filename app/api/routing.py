"""Routes: one request is one transaction and one commit, before the reply is sent.

A route says who may call it with `operation`; one that does not cannot be built. Around its
function, `Route` finds the caller, refuses what is not plain JSON, opens the transaction,
honours `Idempotency-Key` and `dry_run`, and commits.
"""

import hashlib
import json
import re
from collections.abc import Callable, Coroutine, Iterable
from dataclasses import dataclass
from typing import Annotated, Any, TypeVar

import asyncpg
from fastapi import APIRouter, Depends, Header, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from fastapi.routing import APIRoute

from app.api.bodies import read_body
from app.api.documentation import describe_operation
from app.api.wire import ID_PATTERN
from app.db import idempotency
from app.db.accounts import AccountUnknown
from app.db.database import Database, Db
from app.db.tables import NO_ACCOUNT
from app.domain.callers import Caller, Scope
from app.domain.refusals import Refusal
from app.services.keys import KeyRing, Unauthenticated

Endpoint = TypeVar("Endpoint", bound=Callable[..., Any])
Handler = Callable[[Request], Coroutine[Any, Any, Response]]

PUBLIC = Caller("public", frozenset())
_MAX_KEY = 255
_ID = re.compile(rf"{ID_PATTERN}|^{NO_ACCOUNT}$")


class IdempotencyKeyReused(Refusal):
    """The `Idempotency-Key` was used before, for another request."""

    kind = "invalid"
    code = "idempotency_key_reused"
    title = "The Idempotency-Key belongs to another request"


class IdempotencyInProgress(Refusal):
    """The first request with this `Idempotency-Key` is still running."""

    kind = "conflict"
    code = "idempotency_in_progress"
    title = "The first request with this key is still running"


class InvalidIdempotencyKey(Refusal):
    """The `Idempotency-Key` is empty, or longer than 255 characters."""

    kind = "invalid"
    code = "invalid_idempotency_key"
    title = "The Idempotency-Key is not valid"


@dataclass(frozen=True, slots=True)
class Access:
    """Who may call an operation, and what it does.

    `scope` None: anybody, without a key. `writes`: it changes something, so it honours
    `Idempotency-Key` (POST) and `dry_run`. `across`: it looks across accounts, and does not
    exist for a key bound to one. `refuses` are the refusals it documents besides those that any
    operation may give. `secret` is the reply's field that is shown once.
    """

    scope: Scope | None
    writes: bool
    across: bool
    refuses: tuple[type[Refusal], ...]
    secret: str | None
    transaction: bool


def operation(
    scope: Scope | None,
    *,
    writes: bool = False,
    across: bool = False,
    refuses: Iterable[type[Refusal]] = (),
    secret: str | None = None,
    transaction: bool = True,
) -> Callable[[Endpoint], Endpoint]:
    """Say who may call the operation that follows: a scope, or None for anybody."""

    def declare(endpoint: Endpoint) -> Endpoint:
        access = Access(scope, writes, across, tuple(refuses), secret, transaction)
        endpoint.__access__ = access  # type: ignore[attr-defined]
        return endpoint

    return declare


class Route(APIRoute):
    """A route whose function runs inside its request's transaction."""

    def __init__(self, path: str, endpoint: Callable[..., Any], **options: Any) -> None:
        access: Access | None = getattr(endpoint, "__access__", None)
        if access is None:
            raise TypeError(f"{endpoint.__name__} does not say who may call it: use @operation")
        self.access = access
        methods = options.get("methods") or {"GET"}
        describe_operation(path, endpoint, access, methods, options)
        super().__init__(path, endpoint, **options)

    def get_route_handler(self) -> Handler:
        handle = super().get_route_handler()
        access = self.access
        known = {field.alias for field in self.dependant.query_params}

        async def run(request: Request) -> Response:
            if not access.transaction:
                return await handle(request)
            database: Database = request.app.state.database
            async with database.transaction(read_only=not access.writes) as db:
                request.state.db = db
                request.state.caller = await _find_caller(request, db, access)
                await _check_body(request)
                if not access.writes:
                    return await handle(request)
                _check_query(request, known)
                return await _write(request, db, access, handle)

        return run


def router(tag: str) -> APIRouter:
    """Return a router of one resource, whose routes all say who may call them."""
    return APIRouter(route_class=Route, tags=[tag])


def _get_db(request: Request) -> Db:
    db: Db = request.state.db
    return db


def _get_caller(request: Request) -> Caller:
    caller: Caller = request.state.caller
    return caller


RequestDb = Annotated[Db, Depends(_get_db)]
RequestCaller = Annotated[Caller, Depends(_get_caller)]
IfMatch = Annotated[
    str | None,
    Header(
        alias="If-Match",
        max_length=200,
        description="Do it only if the thing's ETag is still this one.",
    ),
]


async def _find_caller(request: Request, db: Db, access: Access) -> Caller:
    if access.scope is None:
        return PUBLIC
    scheme, _, secret = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not secret:
        raise Unauthenticated("Send an API key as `Authorization: Bearer <key>`.")
    keyring: KeyRing = request.app.state.keyring
    caller = await keyring.find_caller(db, secret.strip())
    bound_to = caller.account_id
    if bound_to is not None:
        asked = request.path_params.get("account_id")
        if access.across or asked not in (None, bound_to):
            raise AccountUnknown(
                "There is no such account."
                if asked is not None
                else "There is no such view for a key bound to one account."
            )
    caller.require(access.scope, why="This")
    return caller


def _check_query(request: Request, known: set[str]) -> None:
    """Refuse an unknown parameter of a write: a misspelt `dry_run` must not move anything."""
    unknown = sorted(set(request.query_params) - known - {"dry_run"})
    if unknown:
        raise RequestValidationError(
            [
                {"loc": ("query", name), "msg": "there is no such parameter", "type": "unknown"}
                for name in unknown
            ]
        )


async def _check_body(request: Request) -> None:
    if request.method in ("GET", "HEAD"):
        return
    body = await request.body()
    if not body:
        return
    request._json = read_body(  # noqa: SLF001  read once, and as everybody reads it
        body,
        content_type=request.headers.get("Content-Type", ""),
        encoding=request.headers.get("Content-Encoding", "identity"),
    )


async def _write(request: Request, db: Db, access: Access, handle: Handler) -> Response:
    request.state.dry_run = db.rollback_only = _read_dry_run(request)
    key = request.headers.get("Idempotency-Key")
    if key is None or request.method != "POST" or db.rollback_only:
        response = await handle(request)
        if db.rollback_only:
            response.headers["Dry-Run"] = "true"
        return response
    if not 0 < len(key) <= _MAX_KEY:
        raise InvalidIdempotencyKey(f"An Idempotency-Key has 1 to {_MAX_KEY} characters.")
    return await _write_once(request, db, access, handle, key)


async def _write_once(
    request: Request, db: Db, access: Access, handle: Handler, key: str
) -> Response:
    caller: Caller = request.state.caller
    account_id = request.path_params.get("account_id", NO_ACCOUNT)
    if not _ID.match(account_id):
        return await handle(request)  # which refuses it
    digest = _digest(caller.name, request.method, request.url.path, key)
    request_digest = _digest(request.url.query, await request.body())
    try:
        kept = await idempotency.claim_key(
            db,
            account_id=account_id,
            digest=digest,
            request_digest=request_digest,
            now=db.read_clock(),
        )
    except asyncpg.LockNotAvailableError:
        raise IdempotencyInProgress(
            "The first request with this Idempotency-Key is still running; try again shortly."
        ) from None
    if kept is not None:
        return _replay(kept, request_digest)
    response = await handle(request)
    await idempotency.keep_reply(
        db,
        account_id=account_id,
        digest=digest,
        status=response.status_code,
        headers={
            name: response.headers[name]
            for name in ("content-type", "etag", "location")
            if name in response.headers
        },
        body=_without_secret(bytes(response.body), access.secret),
    )
    return response


def _replay(kept: Any, request_digest: bytes) -> Response:
    if kept["request_digest"] != request_digest:
        raise IdempotencyKeyReused("This Idempotency-Key was used before, for another request.")
    return Response(
        kept["body"],
        status_code=kept["status"],
        headers=kept["headers"] | {"Idempotent-Replayed": "true"},
    )


def _without_secret(body: bytes, secret: str | None) -> bytes:
    if secret is None:
        return body
    shown = json.loads(body)
    shown.pop(secret, None)
    return json.dumps(shown, ensure_ascii=False, separators=(",", ":")).encode()


def _read_dry_run(request: Request) -> bool:
    asked = request.query_params.get("dry_run", "false").lower()
    if asked in ("true", "1"):
        return True
    if asked in ("false", "0"):
        return False
    raise RequestValidationError(
        [{"loc": ("query", "dry_run"), "msg": "give true or false", "type": "bool_parsing"}]
    )


def _digest(*parts: str | bytes) -> bytes:
    found = hashlib.sha256()
    for part in parts:
        data = part.encode() if isinstance(part, str) else part
        found.update(len(data).to_bytes(8, "big"))
        found.update(data)
    return found.digest()
