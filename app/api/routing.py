"""Routes: one request is one transaction and one commit, before the reply is sent.

A route says who may call it with `operation`; one that does not cannot be built. Around its
function, `Route` finds the caller, refuses what is not plain JSON, opens the transaction,
honours `Idempotency-Key` and `dry_run`, and commits.
"""

import asyncio
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from typing import Annotated, Any, TypeVar

from fastapi import APIRouter, Depends, Header, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from fastapi.routing import APIRoute
from starlette import types as asgi

from app.api.bodies import read_body
from app.api.documentation import describe_operation
from app.api.limits import RateLimits
from app.api.plain_requests import answer_plainly
from app.api.problems import MalformedJson
from app.api.published import PublishedReplies
from app.api.replays import Handler, write_once
from app.db.accounts import AccountUnknown
from app.db.database import Database, Db, SnapshotNeededError
from app.domain.callers import Caller, Scope
from app.domain.refusals import Refusal
from app.services.keys import KeyRing, Unauthenticated

Endpoint = TypeVar("Endpoint", bound=Callable[..., Any])

PUBLIC = Caller("public", frozenset())
# How long a body may take to arrive.
BODY_SECONDS = 30
# What is received from anybody, and without a connection to the database being held for it.
SMALL_BODY_BYTES = 64 * 1024


@dataclass(frozen=True, slots=True)
class Access:
    """Who may call an operation, and what it does.

    `scope` None: anybody, without a key. `writes`: it changes something, so it honours
    `Idempotency-Key` (POST) and `dry_run`. `across`: it looks across accounts, and does not
    exist for a key bound to one. `refuses` are the refusals it documents besides those that any
    operation may give. `secret` is the reply's field that is shown once. `sequences`: it reads,
    and puts what it reads in order for good. `brief`: a read of, as a rule, one statement, which
    then needs no transaction. `published`: its reply is made of nothing but what is published.
    """

    scope: Scope | None
    writes: bool
    across: bool
    refuses: tuple[type[Refusal], ...]
    secret: str | None
    transaction: bool
    sequences: bool
    brief: bool
    published: bool


def operation(
    scope: Scope | None,
    *,
    writes: bool = False,
    across: bool = False,
    refuses: Iterable[type[Refusal]] = (),
    secret: str | None = None,
    transaction: bool = True,
    sequences: bool = False,
    brief: bool = False,
    published: bool = False,
) -> Callable[[Endpoint], Endpoint]:
    """Say who may call the operation that follows: a scope, or None for anybody."""

    def declare(endpoint: Endpoint) -> Endpoint:
        access = Access(
            scope,
            writes=writes,
            across=across,
            refuses=tuple(refuses),
            secret=secret,
            transaction=transaction,
            sequences=sequences,
            brief=brief,
            published=published,
        )
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
        self._run = self.get_route_handler()
        self.app = self._answer

    def get_route_handler(self) -> Handler:
        handle = answer_plainly(
            self, super().get_route_handler(), given={_get_db: "db", _get_caller: "caller"}
        )
        access = self.access
        known = {field.alias for field in self.dependant.query_params}

        async def run(request: Request) -> Response:
            if not access.transaction:
                return await handle(request)
            database: Database = request.app.state.database
            if access.published:
                return await _answer_published(request, database, access, handle)
            # What may take long, or be refused without the database, comes before a connection.
            secret = None if access.scope is None else _admit(request)
            if _has_small_body(request):
                await _receive_body(request)
            if access.brief:
                with suppress(SnapshotNeededError):
                    async with database.one_statement() as db:
                        await _enter(request, db, access, secret)
                        return await handle(request)
            read_only = not (access.writes or access.sequences)
            async with database.transaction(read_only=read_only) as db:
                await _enter(request, db, access, secret)
                if not access.writes:
                    return await handle(request)
                _check_query(request, known)
                response = await _write(request, db, access, handle)
            if access.scope == "catalogs:write":
                request.app.state.published.forget()
            return response

        return run

    async def _answer(self, scope: asgi.Scope, receive: asgi.Receive, send: asgi.Send) -> None:
        """Answer a request: in place of FastAPI's own frame, which is for what we do not have.

        No dependency here has anything to be done after the reply, and what is refused is
        handled around all routes.
        """
        request = Request(scope, receive, send)
        for name in ("fastapi_inner_astack", "fastapi_function_astack"):
            scope[name] = scope["fastapi_middleware_astack"]
        response = await self._run(request)
        await response(scope, receive, send)


def router(tag: str) -> APIRouter:
    """Return a router of one resource, whose routes all say who may call them."""
    return APIRouter(route_class=Route, tags=[tag])


# Not `def`: a plain function would be run in a thread of its own.
async def _get_db(request: Request) -> Db:
    db: Db = request.state.db
    return db


async def _get_caller(request: Request) -> Caller:
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


def read_secret(request: Request) -> str:
    """Return the key's secret that was sent, or refuse with `unauthenticated`."""
    scheme, _, sent = request.headers.get("Authorization", "").partition(" ")
    secret = sent.strip()
    if scheme.lower() != "bearer" or not secret:
        raise Unauthenticated("Send an API key as `Authorization: Bearer <key>`.")
    return secret


def _admit(request: Request) -> str:
    """Return the key's secret; refuse a request without one, and one that is too much."""
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


def _has_small_body(request: Request) -> bool:
    """Whether anybody may send it, however many do at once.

    A larger one is received when its caller is known, and there is a connection for it: so no
    more of them are in memory than there are connections.
    """
    if "Transfer-Encoding" in request.headers:
        return False
    length = request.headers.get("Content-Length", "0")
    return length.isdigit() and int(length[:20]) <= SMALL_BODY_BYTES


async def _receive_body(request: Request) -> None:
    """Receive the whole body, unless it was; it may not take for ever."""
    if request.method in ("GET", "HEAD"):
        return
    try:
        async with asyncio.timeout(BODY_SECONDS):
            await request.body()
    except TimeoutError:
        raise MalformedJson(f"The body did not arrive in {BODY_SECONDS} seconds.") from None


async def _answer_published(
    request: Request, database: Database, access: Access, handle: Handler
) -> Response:
    async def make(db: Db) -> Response:
        await _enter(request, db, access, None)
        return await handle(request)

    replies: PublishedReplies = request.app.state.published
    return await replies.answer(request, database, make)


async def _enter(request: Request, db: Db, access: Access, secret: str | None) -> None:
    """Let the operation find the database and its caller; refuse who or what may not come in."""
    request.state.db = db
    request.state.noted = db.noted
    request.state.caller = PUBLIC
    if secret is not None:
        request.state.caller = await _find_caller(request, db, access, secret)
    await _check_body(request)


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
    await _receive_body(request)
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
    return await write_once(
        request, db, handle, caller=request.state.caller, key=key, secret=access.secret
    )


def _read_dry_run(request: Request) -> bool:
    asked = request.query_params.get("dry_run", "false").lower()
    if asked in ("true", "1"):
        return True
    if asked in ("false", "0"):
        return False
    raise RequestValidationError(
        [{"loc": ("query", "dry_run"), "msg": "give true or false", "type": "bool_parsing"}]
    )
