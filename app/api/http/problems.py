"""Problems: every refusal and error as `application/problem+json` (RFC 9457).

`STATUS_OF_KIND` is the one place where a kind of "no" gets its status.
"""

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import asyncpg
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.routing import Match

from app.api.catalog.offer_shapes import render_offer
from app.api.http.frame_refusals import (
    BodyTooLarge,
    Busy,
    DatabaseUnavailable,
    HeadTooLarge,
    HeadTooSlow,
    InternalError,
    InvalidRequest,
    MalformedJson,
    MethodNotAllowed,
    NotFound,
    SerializationFailure,
)
from app.db.engine.health import DatabaseFull, DatabaseReadOnly
from app.domain.access.refusals import InvalidPayload, Kind, Refusal
from app.domain.coverage.not_covered import NotCovered, describe_trace
from app.domain.time.business_time import InstantOutOfRange
from app.domain.time.instants import write_instant

MEDIA_TYPE = "application/problem+json"
_METHODS = ("GET", "HEAD", "PUT", "POST", "PATCH", "DELETE", "OPTIONS")

STATUS_OF_KIND: dict[Kind, int] = {
    "malformed": 400,
    "unauthenticated": 401,
    "not_covered": 402,
    "forbidden": 403,
    "unknown": 404,
    "gone": 410,
    "conflict": 409,
    "stale": 412,
    "too_large": 413,
    "unsupported": 415,
    "invalid": 422,
    "too_many": 429,
    "unavailable": 503,
}

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

# What HTTP has a status of its own for.
_OWN_STATUS: dict[type[Refusal], int] = {
    MethodNotAllowed: 405,
    HeadTooSlow: 408,
    HeadTooLarge: 431,
    InternalError: 500,
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


def refusal_classes() -> Iterator[type[Refusal]]:
    """Yield every refusal there is that has a code, by code."""
    found = {each.code: each for each in _subclasses(Refusal) if hasattr(each, "code")}
    for code in sorted(found):
        yield found[code]


def render_problem(
    request: Request,
    refusal: type[Refusal],
    *,
    detail: str,
    members: Mapping[str, Any] | None = None,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """Return a problem as a reply."""
    body = describe_problem(refusal, detail=detail, instance=request.url.path)
    body |= {name: _plain(value) for name, value in (members or {}).items()}
    request.state.problem = refusal.code
    shown = dict(headers or {})
    if getattr(request.state, "dry_run", False):
        shown["Dry-Run"] = "true"
    return Response(
        json.dumps(body, ensure_ascii=True),
        status_code=status_of(refusal),
        media_type=MEDIA_TYPE,
        headers=shown,
    )


def describe_problem(refusal: type[Refusal], *, detail: str, instance: str) -> dict[str, Any]:
    """Return the standard members of a refusal's problem."""
    return {
        "type": f"/problems/{refusal.code}",
        "title": refusal.title,
        "status": status_of(refusal),
        "detail": detail,
        "instance": instance,
        "code": refusal.code,
    }


def status_of(refusal: type[Refusal]) -> int:
    """Return the status that a refusal answers with."""
    return _OWN_STATUS.get(refusal) or STATUS_OF_KIND[refusal.kind]


def render_refusal(request: Request, refusal: Refusal) -> Response:
    """Return a refusal as a reply."""
    members, headers = problem_members(refusal), {}
    status = status_of(type(refusal))
    if status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    if status in (429, 503) or refusal.code == "idempotency_in_progress":
        members.setdefault("retryable", True)
        headers["Retry-After"] = str(members.get("retry_after_seconds", 1))
    return render_problem(
        request, type(refusal), detail=refusal.detail, members=members, headers=headers
    )


def problem_members(refusal: Refusal) -> dict[str, Any]:
    """Return what a refusal's problem has besides the standard members."""
    members = dict(refusal.members)
    if isinstance(refusal, InvalidPayload):
        members["errors"] = [
            {"pointer": fault.pointer, "detail": fault.detail, "code": fault.code}
            for fault in refusal.faults
        ]
    if isinstance(refusal, NotCovered):
        members["trace"] = describe_trace(refusal.trace)
        members["offers"] = [
            render_offer(refusal.terms, offer).model_dump(mode="json")
            for offer in refusal.offers
            if refusal.terms is not None
        ]
    return members


def _subclasses(of: type[Refusal]) -> Iterator[type[Refusal]]:
    for each in of.__subclasses__():
        yield each
        yield from _subclasses(each)


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return write_instant(value.astimezone(UTC))
    if isinstance(value, (date, UUID)):
        return str(value)
    if isinstance(value, Mapping):
        return {name: _plain(each) for name, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(each) for each in value]
    return value


async def _handle_refusal(request: Request, error: Exception) -> Response:
    assert isinstance(error, Refusal)  # noqa: S101
    return render_refusal(request, error)


async def _handle_validation(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)  # noqa: S101
    faults = [_render_fault(each) for each in error.errors()]
    where = "; ".join(f"{fault['pointer'] or '/'}: {fault['detail']}" for fault in faults[:3])
    return render_problem(request, InvalidRequest, detail=where, members={"errors": faults})


def _render_fault(error: Mapping[str, Any]) -> dict[str, str]:
    place, *rest = error["loc"] or ("body",)
    pointer = "".join(f"/{_escape(str(part))}" for part in rest)
    detail = str(error["msg"]).removeprefix("Value error, ")
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
