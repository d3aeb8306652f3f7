"""Handlers of what is raised: the problem that each refusal and error is answered with."""

from collections.abc import Mapping
from typing import Any

import asyncpg
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.routing import Match

from app.api.http.notes import notes_of
from app.api.http.refusals.fault_texts import describe_fault, find_steps, leave_other_kinds
from app.api.http.refusals.frame_refusals import (
    BodyTooLarge,
    Busy,
    DatabaseUnavailable,
    InternalError,
    InvalidRequest,
    MalformedJson,
    MethodNotAllowed,
    NotFound,
    SerializationFailure,
)
from app.api.http.refusals.problems import count_faults, render_problem, render_refusal
from app.api.http.refusals.unknown_fields import UNKNOWN_FIELD, describe_unknown, list_choices
from app.db.engine.health import DatabaseFull, DatabaseReadOnly
from app.domain.access.refusals import MOST_LISTED, Refusal
from app.domain.time.business_time import InstantOutOfRange

_METHODS = ("GET", "HEAD", "PUT", "POST", "PATCH", "DELETE", "OPTIONS")

# How it shows that the database is gone, going, not back yet, or late.
DATABASE_AWAY: tuple[type[Exception], ...] = (
    OSError,
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    # What the driver says of a connection whose server has been killed a moment ago.
    asyncpg.InternalClientError,
    asyncpg.TooManyConnectionsError,
    asyncpg.OutOfMemoryError,
    asyncpg.CannotConnectNowError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.QueryCanceledError,
    asyncpg.IdleInTransactionSessionTimeoutError,
)


# What the database itself refuses, each with what the caller is told.
_REFUSED_BY_DATABASE: dict[type[Exception], tuple[type[Refusal], str]] = {
    asyncpg.DiskFullError: (DatabaseFull, "The database's disk is full; nothing was done."),
    asyncpg.ReadOnlySQLTransactionError: (
        DatabaseReadOnly,
        "The database takes no writes: it can only be read.",
    ),
    asyncpg.SerializationError: (
        SerializationFailure,
        "The database let another transaction go first; nothing was done, try again.",
    ),
}


def install_problem_handlers(app: FastAPI) -> None:
    """Make every error of the application answer as a problem."""
    app.add_exception_handler(Refusal, _handle_refusal)
    app.add_exception_handler(RequestValidationError, _handle_validation)
    app.add_exception_handler(HTTPException, _handle_http)
    app.add_exception_handler(ClientDisconnect, _handle_disconnect)
    for away in DATABASE_AWAY:
        app.add_exception_handler(away, _handle_unavailable)
    for locked in (asyncpg.LockNotAvailableError, asyncpg.DeadlockDetectedError):
        app.add_exception_handler(locked, _handle_busy)
    for refused in _REFUSED_BY_DATABASE:
        app.add_exception_handler(refused, _handle_refused_by_database)
    app.add_exception_handler(OverflowError, _handle_overflow)
    app.add_exception_handler(asyncpg.InternalServerError, _handle_lost_node)
    app.add_exception_handler(Exception, _handle_error)


async def _handle_refusal(request: Request, error: Exception) -> Response:
    assert isinstance(error, Refusal)  # noqa: S101
    return render_refusal(request, error)


async def _handle_validation(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)  # noqa: S101
    found = leave_other_kinds(error.errors(), error.body)
    faults = [_render_fault(request, each, error.body) for each in found[:MOST_LISTED]]
    where = "; ".join(_write_fault(fault) for fault in faults[:3])
    count = len(found) + notes_of(request).get("left_out", 0)
    members: dict[str, Any] = {"errors": faults}
    unknown = next((each for each in found if each["type"] == UNKNOWN_FIELD), None)
    if unknown is not None and (choices := list_choices(request, unknown)):
        members["choices"] = choices
    detail = count_faults(where, count, listed=len(faults))
    return render_problem(request, InvalidRequest, detail=detail, members=members)


def _write_fault(fault: Mapping[str, str]) -> str:
    """Return where a fault is, and what; of the body as a whole, what alone."""
    pointer = fault["pointer"]
    return f"{pointer}: {fault['detail']}" if pointer else fault["detail"]


def _render_fault(request: Request, error: Mapping[str, Any], body: object) -> dict[str, str]:
    place, *_ = error["loc"] or ("body",)
    pointer = "".join(f"/{_escape(str(part))}" for part in find_steps(error, body))
    detail = (
        describe_unknown(request, error)
        if error["type"] == UNKNOWN_FIELD
        else describe_fault(error)
    )
    fault = {"pointer": pointer, "detail": detail, "code": str(error["type"])}
    return fault if place == "body" else fault | {"in": str(place)}


def _escape(part: str) -> str:
    printable = "".join(each if each.isprintable() else "�" for each in part[:200])
    return printable.replace("~", "~0").replace("/", "~1")


async def _handle_http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101
    if error.status_code == 405:
        return _handle_method(request)
    known: dict[int, tuple[type[Refusal], str]] = {
        404: (NotFound, f"There is nothing at {request.url.path[:200]}."),
        413: (BodyTooLarge, "A body may have 4 MiB at most."),
        400: (MalformedJson, "The body cannot be read."),
    }
    refusal, detail = known.get(error.status_code, (InternalError, str(error.detail)))
    return render_refusal(request, refusal(detail))


def _handle_method(request: Request) -> Response:
    """Answer OPTIONS, and refuse every other method that the address does not take."""
    taken = [method for method in _METHODS if _takes(request, method)]
    allow = {"Allow": ", ".join(taken)}
    if request.method == "OPTIONS":
        return Response(status_code=204, headers=allow)
    return render_problem(
        request,
        MethodNotAllowed,
        detail=f"{request.url.path[:200]} does not take {request.method[:20]}.",
        headers=allow,
    )


def _takes(request: Request, method: str) -> bool:
    if method == "OPTIONS":
        return True
    asked = {
        "type": "http",
        "method": "GET" if method == "HEAD" else method,
        "path": request.scope["path"],
        "root_path": "",
        "headers": [],
    }
    return any(route.matches(asked)[0] == Match.FULL for route in request.app.routes)


async def _handle_disconnect(request: Request, error: Exception) -> Response:
    return render_refusal(request, MalformedJson("The body did not arrive whole."))


async def _handle_unavailable(request: Request, error: Exception) -> Response:
    return render_refusal(
        request, DatabaseUnavailable("The database does not answer in time; try again shortly.")
    )


async def _handle_lost_node(request: Request, error: Exception) -> Response:
    """Answer where a node of a cluster went away at the commit, as where the database did."""
    if "could not commit transaction" in str(error):
        return await _handle_unavailable(request, error)
    raise error


async def _handle_busy(request: Request, error: Exception) -> Response:
    return render_refusal(request, Busy("Others are writing to the account; try again shortly."))


async def _handle_refused_by_database(request: Request, error: Exception) -> Response:
    refusal, detail = _REFUSED_BY_DATABASE[type(error)]
    return render_refusal(request, refusal(detail))


async def _handle_overflow(request: Request, error: Exception) -> Response:
    """Refuse what would be counted past year 9999: no calendar goes further."""
    detail = "What follows from this request lies past the year 9999."
    return render_refusal(request, InstantOutOfRange(detail))


async def _handle_error(request: Request, error: Exception) -> Response:
    return render_problem(
        request,
        InternalError,
        detail="Something went wrong on our side. Nothing was done; the log has the details.",
    )
