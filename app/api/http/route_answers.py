"""Answering by a request's route itself, without the layers that FastAPI has around all routes.

Those find the route, bound a body of unknown length, keep what dependencies leave to be closed,
trace, and answer errors. Here the route is found in a table, the body's length is known and has
been judged, no dependency leaves anything, and errors have the same answers. What is traced, comes
in parts of unknown number, or has no route goes through those layers as ever.
"""

from collections.abc import Callable, Coroutine, Iterable
from typing import Any, cast

from fastapi import FastAPI, Request
from fastapi.responses import Response
from starlette.types import Receive, Scope, Send

from app.api.http.replies.compression import SMALLEST_BYTES, compress, vary_by_encoding
from app.api.http.route_table import RouteTable
from app.api.http.routing import Route

ErrorHandler = Callable[[Request, Exception], Coroutine[Any, Any, Response]]


class RouteAnswers:
    """Answers a request by its route, or leaves it to the application's own layers."""

    def __init__(self, app: FastAPI, routes: Iterable[Route]) -> None:
        self._table = RouteTable(routes)
        self._handlers = cast("dict[Any, ErrorHandler]", app.exception_handlers)
        self._layers = compress(app.build_middleware_stack())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        found = self._table.find(scope["method"], scope["path"]) if _is_plain(scope) else None
        if found is None:
            await self._layers(scope, receive, send)
            return
        route, scope["path_params"] = found
        scope["route"] = route
        request = Request(scope, receive, send)
        try:
            response = await self._answer(route, request)
        except Exception as error:
            # It is ours, be it one of handling another: it has its reply, and is for the log.
            response = await self._handlers[Exception](request, error)
            await _send_reply(response, scope, receive, send)
            raise
        await _send_reply(response, scope, receive, send)

    async def _answer(self, route: Route, request: Request) -> Response:
        """Return a route's reply, or that of the handler of what it raises, if it has one."""
        try:
            return await route.answer(request)
        except Exception as error:
            for kind in type(error).__mro__:
                if kind in self._handlers and kind is not Exception:
                    return await self._handlers[kind](request, error)
            raise


def _is_plain(scope: Scope) -> bool:
    """Say whether a request is one that is not traced, and has a body of a length that is known."""
    if scope["type"] != "http" or "fastapi.telemetry" in scope:
        return False
    if scope["method"] == "GET":  # whose body is not read
        return True
    return all(name != b"transfer-encoding" for name, _ in scope["headers"])


async def _send_reply(response: Response, scope: Scope, receive: Receive, send: Send) -> None:
    """Send a reply, compressed if it is large and was asked for so."""
    if type(response).__call__ is not Response.__call__ or response.background is not None:
        await compress(response)(scope, receive, send)
        return
    headers = list(response.raw_headers)
    if len(response.body) >= SMALLEST_BYTES:
        varied = vary_by_encoding(scope, headers)
        if varied is None:
            await compress(response)(scope, receive, send)
            return
        headers = varied
    await send({"type": "http.response.start", "status": response.status_code, "headers": headers})
    await send({"type": "http.response.body", "body": response.body})
