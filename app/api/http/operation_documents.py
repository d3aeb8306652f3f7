"""Operations in the OpenAPI document: their refusals, parameters and examples."""

import inspect
from collections.abc import Callable, Iterable
from dataclasses import is_dataclass
from typing import Any, get_args, get_type_hints

from pydantic import BaseModel

from app.api.http.access import Access, find_filters
from app.api.http.limits import RateLimited
from app.api.http.refusals import frame_refusals as frame
from app.api.http.refusals.problems import MEDIA_TYPE, status_of
from app.api.http.replies import replays
from app.db.accounts.accounts import AccountUnknown
from app.db.accounts.idempotency import IdempotencyInProgress
from app.db.engine.database import PoolExhausted
from app.db.engine.health import ClockDiffers, DatabaseFull, DatabaseReadOnly
from app.db.engine.revisions import NotMigrated
from app.db.tickets.tickets import TicketUnknown
from app.domain.access.account_moves import AccountMoved
from app.domain.access.callers import ScopeMissing
from app.domain.access.refusals import Refusal
from app.domain.tickets.archived_tickets import TicketArchived
from app.domain.time.business_time import InstantOutOfRange
from app.services.access.keys import Unauthenticated
from app.services.access.repeats import AlreadyExists
from app.services.accounts.filters import UnknownFilter


def describe_operation(
    path: str,
    endpoint: Callable[..., Any],
    access: Access,
    methods: Iterable[str],
    options: dict[str, Any],
) -> None:
    """Fill in what follows from an operation's access: its id, refusals, key, dry run, examples."""
    method = next(iter(methods))
    options["operation_id"] = endpoint.__name__
    options["description"] = _describe(endpoint, access)
    options["response_description"] = _describe_reply(endpoint, options)
    options["responses"] = {
        **_also_succeeds(method, endpoint, access, options),
        **(
            {
                304: {
                    "description": "The answer is still the version that `If-None-Match` names,"
                    " and is not sent again."
                }
            }
            if access.published
            else {}
        ),
        **(options.get("responses") or {}),
        **_refuses(_refusals(path, endpoint, access, method)),
    }
    extra: dict[str, Any] = dict(options.get("openapi_extra") or {})
    extra["security"] = [] if access.scope is None else [{"api_key": [access.scope]}]
    if access.writes:
        keyed = [_IDEMPOTENCY_KEY] if method == "POST" else []
        extra["parameters"] = [*extra.get("parameters", []), _DRY_RUN, *keyed]
    if access.published:
        extra["parameters"] = [*extra.get("parameters", []), _IF_NONE_MATCH]
    if access.secret is not None:
        extra["x-shown-once"] = access.secret
    options["openapi_extra"] = extra


def _describe(endpoint: Callable[..., Any], access: Access) -> str:
    text = inspect.cleandoc(endpoint.__doc__ or "")
    needed = "no key" if access.scope is None else f"the scope `{access.scope}`"
    return f"{text}\n\nNeeds {needed}."


def _describe_reply(endpoint: Callable[..., Any], options: dict[str, Any]) -> str:
    if options.get("status_code") == 204:
        return "The request was carried out, and there is nothing to show."
    model = options.get("response_model") or get_type_hints(endpoint).get("return")
    shapes = [model] if isinstance(model, type) else get_args(model)
    sentences = [
        (inspect.getdoc(shape) or "").partition("\n\n")[0]
        for shape in shapes
        if issubclass(shape, BaseModel) or is_dataclass(shape)
    ]
    return " ".join(sentences) or "A page for people to read, in HTML."


def _also_succeeds(
    method: str, endpoint: Callable[..., Any], access: Access, options: dict[str, Any]
) -> dict[int | str, Any]:
    """Return the other status with which a success may answer, besides the usual one."""
    model = options.get("response_model") or get_type_hints(endpoint).get("return")
    if method == "PUT":
        return {201: {"model": model, "description": "The thing is new: this request made it."}}
    if options.get("status_code") == 201 and AlreadyExists in access.refuses:
        return {
            200: {
                "model": model,
                "description": "The thing was there already, from an earlier request with the same"
                " content, and is shown as it is now.",
            }
        }
    return {}


def _refuses(found: Iterable[type[Refusal]]) -> dict[int | str, Any]:
    """Return one entry for each status, with the codes that it may have."""
    return {
        status: {
            "description": "The `code` is one of "
            + ", ".join(f"[`{each.code}`](/problems/{each.code})" for each in refusals)
            + ".",
            "content": {MEDIA_TYPE: {"schema": {"$ref": _SHAPES.get(status, _PROBLEM)}}},
            "x-codes": [each.code for each in refusals],
        }
        for status, refusals in _group(found).items()
    }


_PROBLEM = "#/components/schemas/Problem"
_SHAPES = {402: "#/components/schemas/CoverageProblem"}
_DRY_RUN = {
    "name": "dry_run",
    "in": "query",
    "required": False,
    "description": "Whether the write is only decided and answered as it would be, and nothing is"
    " kept.",
    "schema": {"type": "boolean", "default": False},
}
_IDEMPOTENCY_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "A key of the caller's own for this request: sent again with the same key, for"
    " at least 24 hours, the first reply is given and nothing is done twice.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255},
}


_IF_NONE_MATCH = {
    "name": "If-None-Match",
    "in": "header",
    "required": False,
    "description": "The ETag of a reply that the caller has: if the thing itself has not changed"
    " since, the answer is 304 without a body. It does not change by the clock alone, as when a"
    " deadline passes, nor by what happens to others, as when units are used.",
    "schema": {"type": "string"},
}


def _refusals_of_place(path: str, access: Access) -> list[type[Refusal]]:
    """Return the refusals of an account or a ticket that is not there any more."""
    found: list[type[Refusal]] = []
    if "{account_id}" in path or access.across:
        found.append(AccountUnknown)
    if "{account_id}" in path:
        found.append(AccountMoved)
    if "{ticket_id}" in path or TicketUnknown in access.refuses:
        found.append(TicketArchived)
    return found


def _refusals(
    path: str, endpoint: Callable[..., Any], access: Access, method: str
) -> list[type[Refusal]]:
    found: list[type[Refusal]] = [frame.InvalidRequest]
    if access.transaction:
        found += [
            frame.DatabaseUnavailable,
            frame.Busy,
            PoolExhausted,
            InstantOutOfRange,
            NotMigrated,
        ]
    if access.transaction and access.writes:
        found += [ClockDiffers, DatabaseFull, DatabaseReadOnly, frame.SerializationFailure]
    if access.scope is not None:
        found += [Unauthenticated, ScopeMissing, RateLimited]
    found += _refusals_of_place(path, access)
    if any(f"{{{name}}}" not in path for name in find_filters(endpoint, access)):
        found.append(UnknownFilter)
    if method != "GET":
        found += [
            frame.MalformedJson,
            frame.UnsupportedMediaType,
            frame.BodyTooLarge,
        ]
    if access.takes_toml:
        found.append(frame.MalformedToml)
    if access.writes and method == "POST":
        found += [
            replays.IdempotencyKeyReused,
            IdempotencyInProgress,
            replays.InvalidIdempotencyKey,
        ]
    return [*found, *(each for each in access.refuses if each not in found)]


def _group(refusals: Iterable[type[Refusal]]) -> dict[int, list[type[Refusal]]]:
    grouped: dict[int, list[type[Refusal]]] = {}
    for refusal in refusals:
        grouped.setdefault(status_of(refusal), []).append(refusal)
    return dict(sorted(grouped.items()))


def describe_refusal(refusal: type[Refusal]) -> list[str]:
    """Return what a refusal means, by paragraphs; the first says it in a sentence."""
    return [" ".join(part.split()) for part in (refusal.__doc__ or "").split("\n\n")]
