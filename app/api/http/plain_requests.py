"""Requests as most are, answered by less than FastAPI has for all that a request may be.

A plain request sends no query, none of the headers that an operation takes, and what it does
send is valid. Then nothing is left to be found out about it: its path and body are read, by the
very fields that FastAPI made of them, the operation's function runs, and its reply is written
as JSON, once. Every other request, and every refusal, is FastAPI's as ever.
"""

from collections.abc import Callable, Coroutine, Mapping
from typing import Any

from fastapi import Request
from fastapi.datastructures import DefaultPlaceholder
from fastapi.dependencies.models import Dependant
from fastapi.responses import Response
from fastapi.routing import APIRoute

from app.api.http.replies.reply_json import find_writer

Handler = Callable[[Request], Coroutine[Any, Any, Response]]


_JSON = (b"content-type", b"application/json")


class _NotPlainError(Exception):
    """The request is not as most are."""


def answer_plainly(
    route: APIRoute, handle: Handler, *, given: Mapping[Callable[..., Any], str]
) -> Handler:
    """Return what answers plain requests itself, and has `handle` answer all others.

    `given` are the dependencies that have been found before, each by its name in the
    request's state. A route that depends on more than those is left to `handle`.
    """
    dependant = route.dependant
    if dependant.call is None or not _can_be_plain(route, dependant, given):
        return handle
    call = dependant.call
    write = find_writer(route)
    headers = frozenset(field.alias.lower() for field in dependant.header_params)

    async def answer(request: Request) -> Response:
        if (
            request.scope["query_string"]
            or "fastapi.telemetry" in request.scope
            or (headers and not headers.isdisjoint(request.headers))
        ):
            return await handle(request)
        try:
            values = _read_values(request, dependant)
        except _NotPlainError:
            return await handle(request)
        for each in dependant.dependencies:
            values[str(each.name)] = request.scope["state"][given[each.call]]  # type: ignore[index]
        if dependant.request_param_name:
            values[dependant.request_param_name] = request
        if dependant.response_param_name is None:
            return _reply(route, await call(**values), _Reply(), write)
        reply = values[dependant.response_param_name] = _Reply()
        return _reply(route, await call(**values), reply, write)

    return answer


def _can_be_plain(
    route: APIRoute, dependant: Dependant, given: Mapping[Callable[..., Any], str]
) -> bool:
    optional = (*dependant.query_params, *dependant.header_params)
    return (
        all(each.call in given for each in dependant.dependencies)
        and not any(each.field_info.is_required() for each in optional)
        and not dependant.cookie_params
        and len(dependant.body_params) <= 1
        and not route._embed_body_fields  # noqa: SLF001  how the one body is sent
        and (route.response_field is None or isinstance(route.response_class, DefaultPlaceholder))
        and route.status_code in (None, 200, 201)
    )


def _read_values(request: Request, dependant: Dependant) -> dict[str, Any]:
    """Return the path's and the body's values by the function's names for them."""
    values: dict[str, Any] = {}
    for field in dependant.path_params:
        values[field.name], faults = field.validate(request.path_params[field.alias])
        if faults:
            raise _NotPlainError
    for field in dependant.body_params:
        sent = getattr(request, "_json", None)
        if sent is None:
            raise _NotPlainError
        values[field.name], faults = field.validate(sent)
        if faults:
            raise _NotPlainError
    return values


class _Reply(Response):
    """A reply that has nothing yet: the function may set its status and headers."""

    def __init__(self) -> None:
        self.status_code = None  # type: ignore[assignment]  # nobody has set it
        self.background = None
        self.raw_headers: list[tuple[bytes, bytes]] = []


def _reply(
    route: APIRoute, found: object, reply: _Reply, write: Callable[[object], bytes] | None
) -> Response:
    """Return what the function made, where that is a reply itself, or else `reply` with it."""
    if isinstance(found, Response):
        return found
    if write is None:
        raise TypeError(f"{route.name} has no shape for what it returned.")
    reply.body = content = write(found)
    reply.status_code = reply.status_code or route.status_code or 200
    reply.raw_headers[:0] = (b"content-length", b"%d" % len(content)), _JSON
    return reply
