"""The OpenAPI document as a whole: its description, tags, shared components and webhooks."""

import json
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from app.api.http import problems
from app.api.http.operation_documents import describe_refusal
from app.api.http.problems import MEDIA_TYPE, status_of
from app.api.openapi.event_documents import describe_webhooks
from app.api.openapi.problem_shapes import PROBLEM_SHAPES
from app.api.openapi.refinements import refine
from app.api.openapi.reply_headers import describe_headers
from app.api.openapi.story import add_examples, read_problems
from app.documents.descriptions import describe_properties
from app.domain.access.refusals import Refusal

_DESCRIPTION = """\
Surety says what a customer of software support may have, what a ticket costs, what remains,
and by when an answer is owed. Sellers publish their terms as catalogues; a storefront sells
their offers; a helpdesk opens tickets on what was sold.

**Start here.** Authorize with a key (the first start prints one), and execute *Create or replace
an account*, *Move a sandbox's clock*, *Record a purchase* and *Open a ticket* as they stand: each
operation has an example, all are one customer's story, and an id that a reply makes is put where
the next request needs it. The customer is a sandbox with a clock of its own. Executed again, in
the same order, every request succeeds again.

**Keys.** Send `Authorization: Bearer <key>`; each operation says which scope it needs. A key
may be bound to one account: no other exists for it.

**Refusals** are problems (RFC 9457) with a stable `code`, explained at `/problems/<code>`, and
members with the numbers. A refusal has moved nothing. Besides those that each operation lists,
any address may answer `not_found` (404), `method_not_allowed` (405, with `Allow`) and
`internal_error` (500); a head that is too large or too slow, or that names no host or several, is
refused before its address is known (`head_too_large`, `head_too_slow`, `invalid_host`).

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
    "Webhook events": "What is sent to a webhook: an event, by its type.",
    "Service": "The service itself: its health, metrics and documents.",
}


# Who meets which operations first.
_TAG_GROUPS = {
    "Selling": ("Offers", "Accounts", "Quotes", "Purchases", "Subscriptions", "Licences"),
    "Helping": (
        "Tickets",
        "Charges",
        "Sessions",
        "Work",
        "Deadlines",
        "Across accounts",
        "Balance",
        "Statements",
    ),
    "Deciding": ("Agreements", "Grants"),
    "Setting up": (
        "Catalogues",
        "Business time",
        "Keys",
        "Events",
        "Webhooks",
        "Webhook events",
        "Service",
    ),
}


def build_openapi(app: FastAPI) -> dict[str, Any]:
    """Return the OpenAPI document; it needs no database."""
    if app.openapi_schema is None:
        document = get_openapi(
            title=app.title,
            version=app.version,
            description=_DESCRIPTION,
            routes=app.routes,
            contact={"name": "the Surety authors"},
            license_info={"name": "MIT", "identifier": "MIT"},
            tags=[{"name": name, "description": text} for name, text in _TAGS.items()],
        )
        document = _join_alike(document)
        components = document.setdefault("components", {})
        schemas = components.setdefault("schemas", {})
        for unused in ("HTTPValidationError", "ValidationError"):
            schemas.pop(unused, None)
        describe_webhooks(document)
        _describe_problems(document)
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
        document = refine(document)
        add_examples(document)
        describe_headers(document)
        _add_default(document)
        _share_refusals(document)
        _leave_out_unused_examples(document)
        document["servers"] = [{"url": "/", "description": "This service, at its own address."}]
        document["x-tagGroups"] = [
            {"name": name, "tags": list(tags)} for name, tags in _TAG_GROUPS.items()
        ]
        app.openapi_schema = document
    return app.openapi_schema


def _describe_problems(document: dict[str, Any]) -> None:
    """Add the shape of a problem, and to each operation an example of each that has numbers."""
    components = document["components"]
    for name in ("CoverageProblem", "Problem"):
        shape = PROBLEM_SHAPES[name].model_json_schema(ref_template="#/components/schemas/{model}")
        for inner, schema in shape.pop("$defs").items():
            components["schemas"].setdefault(inner, schema)
        components["schemas"][name] = shape
    for name, model in PROBLEM_SHAPES.items():
        properties = components["schemas"][name]["properties"]
        describe_properties(model, properties)
        for each in properties.values():
            _leave_out_null(each)
    recorded = read_problems()
    components["examples"] = {
        refusal.code: {
            "summary": refusal.title,
            "value": recorded.get(refusal.code) or _render(refusal),
        }
        for refusal in problems.refusal_classes()
    }
    for item in document["paths"].values():
        for operation in item.values():
            for response in operation["responses"].values():
                codes = response.get("x-codes", [])
                shown = [code for code in codes if code in recorded] or codes[:1]
                for code in shown:
                    examples = response["content"][MEDIA_TYPE].setdefault("examples", {})
                    examples[code] = {"$ref": f"#/components/examples/{code}"}


def _add_default(document: dict[str, Any]) -> None:
    """Say of every operation what any other refusal is like."""
    document["components"]["responses"] = {
        "Refused": {
            "description": "Whatever else it is refused with, it is a problem with a `code`.",
            "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
            "headers": {"X-Request-Id": {"$ref": "#/components/headers/X-Request-Id"}},
        }
    }
    for item in document["paths"].values():
        for operation in item.values():
            operation["responses"]["default"] = {"$ref": "#/components/responses/Refused"}


def _share_refusals(document: dict[str, Any]) -> None:
    """Let what several operations refuse alike stand once.

    What most refuse with a status has its name, the others that of their first operation.
    """
    used: dict[tuple[str, str], list[str]] = {}
    for operation, status, response in _list_refusals(document):
        of = "".join(part.capitalize() for part in operation["operationId"].split("_"))
        used.setdefault((status, json.dumps(response, sort_keys=True)), []).append(of)
    usual = {
        status: max((key for key in used if key[0] == status), key=lambda key: len(used[key]))
        for status, _ in used
    }
    names = {
        key: f"Refused{key[0]}" if key in usual.values() else f"{by[0]}Refused{key[0]}"
        for key, by in used.items()
    }
    for operation, status, response in _list_refusals(document):
        name = names[status, json.dumps(response, sort_keys=True)]
        document["components"]["responses"][name] = response
        operation["responses"][status] = {"$ref": f"#/components/responses/{name}"}


def _list_refusals(
    document: dict[str, Any],
) -> list[tuple[dict[str, Any], str, dict[str, Any]]]:
    return [
        (operation, status, response)
        for item in document["paths"].values()
        for operation in item.values()
        for status, response in operation["responses"].items()
        if "x-codes" in response
    ]


def _leave_out_unused_examples(document: dict[str, Any]) -> None:
    """Leave out examples of problems that no operation shows."""
    components = document["components"]
    shown = {
        each["$ref"].rpartition("/")[2]
        for response in components["responses"].values()
        for each in response["content"][MEDIA_TYPE].get("examples", {}).values()
    }
    components["examples"] = {
        code: example for code, example in components["examples"].items() if code in shown
    }


def _leave_out_null(schema: dict[str, Any]) -> None:
    """Say of a member that it may be missing, and is never null."""
    if schema.pop("default", ...) is None:
        others = [each for each in schema.pop("anyOf") if each != {"type": "null"}]
        schema |= others[0] if len(others) == 1 else {"anyOf": others}


def _join_alike(document: dict[str, Any]) -> dict[str, Any]:
    """Give one name to a shape that refers to itself, and is the same sent and answered."""
    schemas = document["components"]["schemas"]
    text = json.dumps(document)
    for name in [each.removesuffix("-Input") for each in schemas if each.endswith("-Input")]:
        text = text.replace(f"{name}-Input", name).replace(f"{name}-Output", name)
    joined: dict[str, Any] = json.loads(text)
    return joined


def _allow_replay_without_secret(operation: dict[str, Any], schemas: dict[str, Any]) -> None:
    """Say that what a reply shows once may be missing: a replay leaves it out."""
    secret = operation.get("x-shown-once")
    for status, response in operation["responses"].items():
        if secret is not None and status.startswith("2"):
            _, _, name = response["content"]["application/json"]["schema"]["$ref"].rpartition("/")
            required = schemas[name]["required"]
            schemas[name]["required"] = [field for field in required if field != secret]


def _render(refusal: type[Refusal]) -> dict[str, Any]:
    return {
        "type": f"/problems/{refusal.code}",
        "title": refusal.title,
        "status": status_of(refusal),
        "detail": describe_refusal(refusal)[0],
        "instance": "/v1/accounts/c-1042",
        "code": refusal.code,
    }
