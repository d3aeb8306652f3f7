"""Problems: every refusal and error as `application/problem+json` (RFC 9457).

`STATUS_OF_KIND` is the one place where a kind of "no" gets its status.
"""

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from fastapi import Request
from fastapi.responses import Response

from app.api.catalog.offer_shapes import render_offer
from app.api.http.notes import notes_of
from app.api.http.refusals.frame_refusals import (
    HeadTooLarge,
    HeadTooSlow,
    InternalError,
    MethodNotAllowed,
)
from app.domain.access.refusals import InvalidPayload, Kind, Refusal
from app.domain.coverage.not_covered import NotCovered, describe_trace
from app.domain.time.instants import write_instant

MEDIA_TYPE = "application/problem+json"

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

# What HTTP has a status of its own for.
_OWN_STATUS: dict[type[Refusal], int] = {
    MethodNotAllowed: 405,
    HeadTooSlow: 408,
    HeadTooLarge: 431,
    InternalError: 500,
}


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
    notes_of(request)["problem"] = refusal.code
    shown = dict(headers or {})
    if notes_of(request).get("dry_run", False):
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
    detail = refusal.detail
    if isinstance(refusal, InvalidPayload):
        detail = count_faults(detail, len(refusal.faults), listed=refusal.most_listed)
    return render_problem(request, type(refusal), detail=detail, members=members, headers=headers)


def count_faults(detail: str, count: int, *, listed: int) -> str:
    """Return a detail that says how many faults there are, where not all of them are listed."""
    if count <= listed:
        return detail
    end = "" if detail.endswith((".", "?")) else "."
    return f"{detail}{end} There are {count:,} faults; the first {listed} are listed."


def problem_members(refusal: Refusal) -> dict[str, Any]:
    """Return what a refusal's problem has besides the standard members."""
    members = dict(refusal.members)
    if isinstance(refusal, InvalidPayload):
        members["errors"] = [
            {"pointer": fault.pointer, "detail": fault.detail, "code": fault.code}
            for fault in refusal.faults[: refusal.most_listed]
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
