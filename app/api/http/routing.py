"""Routes: one request is one transaction and one commit, before the reply is sent.

A route says who may call it with `operation`; one that does not cannot be built. Around its
function, `Route` finds the caller, refuses what is not plain JSON, opens the transaction,
honours `Idempotency-Key` and `dry_run`, and commits.
"""

from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from functools import cached_property
from typing import Any

import asyncpg
from fastapi import APIRouter, Request
from fastapi.responses import Response
from fastapi.routing import APIRoute
from starlette import types as asgi
from starlette.routing import Match, compile_path, get_name

from app.api.http.access import Access, find_filters, operation
from app.api.http.admission import (
    admit,
    admit_large_body,
    enter,
    place_of,
    require_not_moved,
)
from app.api.http.dependencies import GIVEN, IfMatch, IfNoneMatch, RequestCaller, RequestDb
from app.api.http.notes import notes_of
from app.api.http.operation_documents import describe_operation
from app.api.http.plain_requests import answer_plainly
from app.api.http.queries import require_filtered, require_known_parameters
from app.api.http.refusals.unknown_fields import require_no_fields
from app.api.http.replicas import REPLICA_AWAY, find_replica, record_absence
from app.api.http.replies.conditions import answer_unchanged, find_item, locate
from app.api.http.replies.published import PublishedReplies
from app.api.http.replies.replays import Handler
from app.api.http.replies.writes import answer_write
from app.db.accounts.idempotency import require_key_free
from app.db.engine.connections import SnapshotNeededError
from app.db.engine.database import Database
from app.db.engine.gathered_writes import AccountChangedError, LeftVoidError, LockNeededError
from app.db.engine.turns import Turn
from app.db.engine.unit_of_work import Db
from app.domain.access.refusals import Refusal

__all__ = [
    "IfMatch",
    "IfNoneMatch",
    "RequestCaller",
    "RequestDb",
    "Route",
    "answer_later",
    "operation",
    "router",
]

_UNKNOWN = "?"
_STACKS = ("fastapi_middleware_astack", "fastapi_inner_astack", "fastapi_function_astack")
# How often a write is decided without a lock before it waits for one.
_COMPARED = 2


class Route(APIRoute):
    """A route whose function runs inside its request's transaction.

    What it is found by is there at once. What its function takes and gives is found out when it
    is first asked, or described: to do so for every route is a good part of a start.
    """

    def __init__(
        self,
        path: str,
        endpoint: Callable[..., Any],
        **options: Any,  # noqa: ANN401  the framework's own
    ) -> None:
        access: Access | None = getattr(endpoint, "__access__", None)
        if access is None:
            raise TypeError(f"{endpoint.__name__} does not say who may call it: use @operation")
        self.access = access
        self.path = path
        self.endpoint = endpoint
        self.name = get_name(endpoint)
        self.methods = set(options.get("methods") or {"GET"})
        self.app = self._answer_within
        self._options: dict[str, Any] | None = options

    def matches(self, scope: asgi.Scope) -> tuple[Match, asgi.Scope]:
        """Say whether a request is its own: each is asked for one that no table of them finds."""
        if not hasattr(self, "path_regex"):
            self.path_regex, self.path_format, self.param_convertors = compile_path(self.path)
        return super().matches(scope)

    @cached_property
    def answer(self) -> Handler:
        """Its way to answer a request."""
        self.complete()
        return self.get_route_handler()

    def complete(self) -> None:
        """Let the framework find out what the function takes and gives, unless it was done."""
        options, self._options = self._options, None
        if options is None:
            return
        if options.get("status_code") == 204:
            # What has no body has no media type either.
            options["response_class"] = Response
        describe_operation(self.path, self.endpoint, self.access, self.methods or (), options)
        super().__init__(self.path, self.endpoint, **options)
        self.app = self._answer_within

    def get_route_handler(self) -> Handler:
        access = self.access
        own = frozenset(field.alias for field in self.dependant.query_params)
        self._filtered = own & find_filters(self.endpoint, access)
        self._known = own | {"dry_run"} if access.writes else own
        self._item: str | None = _UNKNOWN
        self._handle = answer_plainly(
            self,
            _add_stacks(super().get_route_handler()),
            given=GIVEN,
        )
        if not access.transaction:
            return self._answer_without_database
        return self._answer_published if access.published else self._answer_admitted

    async def _answer_without_database(self, request: Request) -> Response:
        if request.scope["query_string"] and self.path.startswith("/v1/"):
            require_known_parameters(request, self._known)
        return await self._handle(request)

    async def _answer_published(self, request: Request) -> Response:
        """Answer with a reply that is kept, or made now."""

        async def make(db: Db) -> Response:
            await self._begin(request, db, None)
            return await self._handle(request)

        replies: PublishedReplies = request.app.state.published
        return await replies.answer(request, request.app.state.database, make)

    async def _answer_admitted(self, request: Request) -> Response:
        """Answer whoever may come in, in their place, and with their body received.

        Where an account is not there any more, say where it was moved.
        """
        access = self.access
        key = await admit(request, access)
        try:
            if notes_of(request)["received"]:
                return await self._answer_in_place(request, key)
            async with admit_large_body(request, access, key):
                return await self._answer_in_place(request, key)
        except Refusal as refused:
            if refused.kind == "unknown":
                await require_not_moved(request)
            raise

    async def _answer_in_place(self, request: Request, key: bytes | None) -> Response:
        access = self.access
        response: Response | None = None
        async with place_of(request, access, locks=True) as turn:
            if (replica := find_replica(request, access)) is not None:
                response = await self._ask_replica(request, replica, key)
            if response is None and access.brief:
                response = await self._ask(request, key)
            if response is None:
                response = await self._answer_in_transaction(request, key, turn)
            if (finish := request.scope["state"].get("finish")) is not None:
                response = await finish()
        if not access.writes:
            return answer_unchanged(request, response)
        if access.scope == "catalogs:write":
            request.app.state.published.clear()
        return response

    async def _ask(self, request: Request, key: bytes | None) -> Response | None:
        """Answer a read by one statement; None where it takes more, and so a transaction."""
        database: Database = request.app.state.database
        try:
            async with database.one_statement() as db:
                await self._begin(request, db, key)
                return await self._handle(request)
        except SnapshotNeededError:
            return None

    async def _answer_in_transaction(
        self, request: Request, key: bytes | None, turn: Turn
    ) -> Response:
        access = self.access
        database: Database = request.app.state.database
        if access.optimistic and database.optimistic:
            written = await self._compare(request, database, key, turn)
            if written is not None:
                return written
        await turn.stand_aside()
        try:
            return await self._transact(request, database, key)
        except asyncpg.DeadlockDetectedError:
            # Nothing of it was done. One that has the account, and takes its key at the end,
            # met one that had the key, and waited for the account.
            return await self._transact(request, database, key)

    async def _transact(self, request: Request, database: Database, key: bytes | None) -> Response:
        access = self.access
        read_only = not (access.writes or access.sequences)
        async with database.transaction(read_only=read_only) as db:
            await self._begin(request, db, key)
            if access.writes:
                return await answer_write(request, db, access, self._make)
            return await self._handle(request)

    async def _compare(
        self, request: Request, database: Database, key: bytes | None, turn: Turn
    ) -> Response | None:
        """Answer a write without a lock; None where the account has changed under it twice.

        What was decided by what another writer left, and not by what was read, is once more.
        """
        compared = 0
        # All of it on one connection: who follows may have the last that there is.
        async with database.connection() as connection:
            while compared < _COMPARED:
                try:
                    async with database.optimistic_write(connection, turn) as db:
                        await self._begin(request, db, key)
                        return await answer_write(request, db, self.access, self._make)
                except LeftVoidError:
                    pass
                except AccountChangedError:
                    compared += 1
                except LockNeededError:
                    return None
                except asyncpg.LockNotAvailableError as error:
                    require_key_free(error)
                    raise
        return None

    async def _ask_replica(
        self, request: Request, replica: Database, key: bytes | None
    ) -> Response | None:
        """Answer a read from a replica; None where it is away or has not got what is asked for."""
        try:
            async with replica.transaction(read_only=True) as db:
                await self._begin(request, db, key)
                return await self._handle(request)
        except REPLICA_AWAY as error:
            record_absence(error)
        except Refusal:
            pass
        return None

    async def _make(self, request: Request) -> Response:
        """Run a write's function, and say where what it made is."""
        response = await self._handle(request)
        if response.status_code == 201:
            if self._item is _UNKNOWN:
                routes = (each for each in request.app.routes if isinstance(each, Route))
                made = self.methods == {"POST"}
                own = self.access.located
                self._item = own or (find_item(self.path, routes) if made else None)
            locate(request, response, self._item)
        return response

    async def _begin(self, request: Request, db: Db, key: bytes | None) -> None:
        """Let the caller in, and refuse a query that the operation does not have."""
        await enter(request, db, self.access, key)
        if self.body_field is None:
            require_no_fields(request)
        # What watches the service may send its own: a probe's is no filter.
        if request.scope["query_string"] and self.path.startswith("/v1/"):
            require_known_parameters(request, self._known)
            await require_filtered(request, db, self._filtered)

    async def _answer_within(
        self, scope: asgi.Scope, receive: asgi.Receive, send: asgi.Send
    ) -> None:
        """Answer within FastAPI's layers: in place of its own frame of a route.

        No dependency here has anything to be done after the reply, and what is refused is
        handled around all routes.
        """
        response = await self.answer(Request(scope, receive, send))
        await response(scope, receive, send)


def _add_stacks(handle: Handler) -> Handler:
    """Return FastAPI's way to answer with what it takes for what is to be closed afterwards."""

    async def answer(request: Request) -> Response:
        async with AsyncExitStack() as stack:
            for name in _STACKS:
                request.scope[name] = stack
            return await handle(request)

    return answer


def answer_later(request: Request, finish: Callable[[], Awaitable[Response]]) -> Response:
    """Let a reply be made once no connection is held: for it nothing more is read or written."""
    request.state.finish = finish
    return Response()


def router(tag: str) -> APIRouter:
    """Return a router of one resource, whose routes all say who may call them."""
    return APIRouter(route_class=Route, tags=[tag])
