"""What the OpenAPI document says of every operation: its refusals, parameters and examples."""

import inspect
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, get_args, get_type_hints

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import BaseModel, ConfigDict, Field

from app.api import problems, replays
from app.api.descriptions import describe_properties
from app.api.examples import EXAMPLES
from app.api.limits import RateLimited
from app.api.problems import MEDIA_TYPE, status_of
from app.db.accounts import AccountUnknown
from app.db.database import PoolExhausted
from app.db.idempotency import IdempotencyInProgress
from app.domain.business_time import InstantOutOfRange
from app.domain.callers import ScopeMissing
from app.domain.refusals import Refusal
from app.services.keys import Unauthenticated
from app.services.repeats import AlreadyExists

if TYPE_CHECKING:
    from app.api.access import Access


class Problem(BaseModel):
    """Why a request was refused (RFC 9457); further members hold the numbers."""

    model_config = ConfigDict(extra="allow")

    type: str = Field(examples=["/problems/insufficient_units"])
    """The address of a page that explains the code."""
    title: str
    """The same for every problem of this code."""
    status: int
    """The reply's status."""
    detail: str
    """What happened this time."""
    instance: str
    """The address that was asked."""
    code: str
    """A stable code."""


def describe_operation(
    path: str,
    endpoint: Callable[..., Any],
    access: "Access",
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
        **({304: {"description": "It is what `If-None-Match` names."}} if access.published else {}),
        **(options.get("responses") or {}),
        **_refuses(path, access, method),
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
    if endpoint.__name__ in EXAMPLES:
        examples = EXAMPLES[endpoint.__name__]
        extra["requestBody"] = {"content": {"application/json": {"examples": examples}}}
    options["openapi_extra"] = extra


def _describe(endpoint: Callable[..., Any], access: "Access") -> str:
    text = inspect.cleandoc(endpoint.__doc__ or "")
    needed = "no key" if access.scope is None else f"the scope `{access.scope}`"
    return f"{text}\n\nNeeds {needed}."


def _describe_reply(endpoint: Callable[..., Any], options: dict[str, Any]) -> str:
    if options.get("status_code") == 204:
        return "It is done, and there is nothing to show."
    model = options.get("response_model") or get_type_hints(endpoint).get("return")
    shapes = [model] if isinstance(model, type) else get_args(model)
    sentences = [
        (inspect.getdoc(shape) or "").partition("\n\n")[0]
        for shape in shapes
        if issubclass(shape, BaseModel)
    ]
    return " ".join(sentences) or "A page to be read."


def _also_succeeds(
    method: str, endpoint: Callable[..., Any], access: "Access", options: dict[str, Any]
) -> dict[int | str, Any]:
    """Return the other status with which a success may answer, besides the usual one."""
    model = options.get("response_model") or get_type_hints(endpoint).get("return")
    if method == "PUT":
        return {201: {"model": model, "description": "It is new."}}
    if options.get("status_code") == 201 and AlreadyExists in access.refuses:
        return {200: {"model": model, "description": "It was done before; as it is now."}}
    return {}


def _refuses(path: str, access: "Access", method: str) -> dict[int | str, Any]:
    return {
        status: {
            "description": "\n".join(f"- `{each.code}`: {_sentence(each)}" for each in refusals),
            "content": {
                MEDIA_TYPE: {
                    "schema": {"$ref": "#/components/schemas/Problem"},
                    "examples": {
                        each.code: {"$ref": f"#/components/examples/{each.code}"}
                        for each in refusals
                    },
                }
            },
        }
        for status, refusals in _group(_refusals(path, access, method)).items()
    }


_DRY_RUN = {
    "name": "dry_run",
    "in": "query",
    "required": False,
    "description": "Do all of it, answer the same, and keep nothing.",
    "schema": {"type": "boolean", "default": False},
}
_IDEMPOTENCY_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "The same key again gives the first reply, for at least 24 hours.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255},
}


_IF_NONE_MATCH = {
    "name": "If-None-Match",
    "in": "header",
    "required": False,
    "description": "The ETag of a reply that you have: if it is still so, 304 without a body.",
    "schema": {"type": "string"},
}


def _refusals(path: str, access: "Access", method: str) -> list[type[Refusal]]:
    found: list[type[Refusal]] = [problems.InvalidRequest]
    if access.transaction:
        found += [problems.DatabaseUnavailable, problems.Busy, PoolExhausted, InstantOutOfRange]
    if access.scope is not None:
        found += [Unauthenticated, ScopeMissing, RateLimited]
    if "{account_id}" in path or access.across:
        found.append(AccountUnknown)
    if method != "GET":
        found += [problems.MalformedJson, problems.UnsupportedMediaType, problems.BodyTooLarge]
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


def _show(refusal: type[Refusal]) -> dict[str, Any]:
    return {
        "type": f"/problems/{refusal.code}",
        "title": refusal.title,
        "status": status_of(refusal),
        "detail": _sentence(refusal),
        "instance": "/v1/accounts/c-1042",
        "code": refusal.code,
    }


def _sentence(refusal: type[Refusal]) -> str:
    return describe_refusal(refusal)[0]


def describe_refusal(refusal: type[Refusal]) -> list[str]:
    """Return what a refusal means, by paragraphs; the first says it in a sentence."""
    return [" ".join(part.split()) for part in (refusal.__doc__ or "").split("\n\n")]


_DESCRIPTION = """\
Surety says what a customer of software support may have, what a ticket costs, what remains,
and by when an answer is owed. Sellers publish their terms as catalogues; a storefront sells
their offers; a helpdesk opens tickets on what was sold.

**Keys.** Send `Authorization: Bearer <key>`; each operation says which scope it needs. A key
may be bound to one account: no other exists for it.

**Refusals** are problems (RFC 9457) with a stable `code`, explained at `/problems/<code>`, and
members with the numbers. A refusal has moved nothing. Besides those that each operation lists,
any address may answer `not_found` (404), `method_not_allowed` (405, with `Allow`) and
`internal_error` (500).

**Retries** happen once. Ids and references are yours: the same one with the same body gives the
thing as it is now, with another body it is refused. Any POST that writes takes an
`Idempotency-Key` besides. `If-Match` with an `ETag` refuses what has changed since. With
`?dry_run=true` a write is decided and answered as ever, and nothing is kept.

**Rates.** Where a key has one, each reply says what is left of it (`RateLimit`,
`RateLimit-Policy`); what is more is refused as `rate_limited`, with `Retry-After`.

**Values.** Instants are RFC 3339 and answered in UTC; durations are ISO 8601; money is in minor
units. Lists are paged by `limit` and `cursor`. Every reply has an `X-Request-Id`, the caller's
if it sent one.
"""
_TAGS = {
    "Offers": "What a shop can sell.",
    "Catalogues": "What sellers publish: plans, offers, rate cards, promises, calendars.",
    "Accounts": "The seller's customers, under the seller's own ids.",
    "Quotes": "Prices promised until a date, with what was agreed.",
    "Purchases": "Orders, under the storefront's own ids, and what they give.",
    "Subscriptions": "Plans over terms, and their suspension.",
    "Agreements": "What was agreed about a subscription besides its terms.",
    "Grants": "Units given by hand.",
    "Licences": "Software that a customer bought, and the free units it brings.",
    "Balance": "What is there, held, used and gone, at any instant.",
    "Statements": "Where units came from, which tickets hold some, which have used some.",
    "Tickets": "What is asked, who pays for it, and what happens to it.",
    "Charges": "What a ticket costs: revised, refunded, split, disputed.",
    "Sessions": "Chat, phone and video: booked, metered, charged.",
    "Work": "Minutes worked: charged to hours bought, or to be billed.",
    "Deadlines": "What is owed and by when, and why.",
    "Across accounts": "Views that look across accounts.",
    "Business time": "The arithmetic of opening hours.",
    "Keys": "Who may do what.",
    "Events": "What happened, in its order.",
    "Webhooks": "What happened, sent to where it is wanted.",
    "Service": "The service itself.",
}


def build_openapi(app: FastAPI) -> dict[str, Any]:
    """Return the OpenAPI document; it needs no database."""
    if app.openapi_schema is None:
        from app.api.event_documents import describe_webhooks  # noqa: PLC0415  for it alone

        document = get_openapi(
            title=app.title,
            version=app.version,
            description=_DESCRIPTION,
            routes=app.routes,
            tags=[{"name": name, "description": text} for name, text in _TAGS.items()],
        )
        components = document.setdefault("components", {})
        schemas = components.setdefault("schemas", {})
        for unused in ("HTTPValidationError", "ValidationError"):
            schemas.pop(unused, None)
        document["webhooks"] = describe_webhooks(schemas)
        problem = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
        describe_properties(Problem, problem["properties"])
        schemas["Problem"] = problem
        components["examples"] = {
            refusal.code: {"summary": refusal.title, "value": _show(refusal)}
            for refusal in problems.refusal_classes()
        }
        components["securitySchemes"] = {
            "api_key": {
                "type": "http",
                "scheme": "bearer",
                "description": "An API key, such as `surety_sk_…`.",
            }
        }
        for item in document["paths"].values():
            for operation in item.values():
                _allow_replay_without_secret(operation, schemas)
        app.openapi_schema = document
    return app.openapi_schema


def _allow_replay_without_secret(operation: dict[str, Any], schemas: dict[str, Any]) -> None:
    """Say that what a reply shows once may be missing: a replay leaves it out."""
    secret = operation.get("x-shown-once")
    for status, response in operation["responses"].items():
        if secret is not None and status.startswith("2"):
            _, _, name = response["content"]["application/json"]["schema"]["$ref"].rpartition("/")
            required = schemas[name]["required"]
            schemas[name]["required"] = [field for field in required if field != secret]
