"""The OpenAPI document as a whole: its description, tags, shared components and webhooks."""

import json
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from app.api.http.routing import Route
from app.api.openapi.event_documents import describe_webhooks
from app.api.openapi.refinements import refine
from app.api.openapi.refusal_documents import describe_problems, share_refusals
from app.api.openapi.reply_headers import describe_headers
from app.api.openapi.story import add_examples

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
members with the numbers. A refusal has moved nothing. What is wrong with a payload is listed in
`errors`, all at once, but no more than the first hundred. Besides those that each operation
lists, any address may answer `not_found` (404), `method_not_allowed` (405, with `Allow`) and
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
    "Offers": "The offers that a shop can sell, with their prices.",
    "Catalogues": "What sellers publish: plans, offers, rate cards, promises, calendars.",
    "Accounts": "The seller's customers, under the seller's own ids.",
    "Quotes": "Prices promised until a date, with what was agreed.",
    "Purchases": "Orders, under the storefront's own ids, and what they give.",
    "Subscriptions": "Plans over their terms, and the suspension of them.",
    "Agreements": "What was agreed about a subscription besides its terms.",
    "Grants": "Units given to a customer by hand.",
    "Licences": "Software that a customer bought, and the free units it brings.",
    "Balance": "The units of an account that are there, held, used and gone, at any instant.",
    "Statements": "Statements: where units came from, which tickets hold some, which have used"
    " some.",
    "Tickets": "Requests for support: who pays for them, and what happens to them.",
    "Charges": "What a ticket costs: revised, refunded, split, disputed.",
    "Sessions": "Chat, phone and video sessions on tickets: booked, metered, charged.",
    "Work": "Minutes worked: charged to hours bought, or to be billed.",
    "Deadlines": "What is owed on a ticket and by when, and why.",
    "Across accounts": "Queues, lists and figures over the tickets and units of all accounts.",
    "Business time": "The arithmetic of opening hours: what is due when, and how much time has "
    "passed.",
    "Keys": "API keys: who may do what, and until when.",
    "Events": "What happened to accounts, orders, tickets and keys, in its order.",
    "Webhooks": "Addresses that events are sent to, and their deliveries.",
    "Webhook events": "What is sent to a webhook: an event, by its type.",
    "Service": "The service itself: its health, its metrics and its documents.",
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
        for route in app.routes:
            if isinstance(route, Route):
                route.complete()
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
        describe_problems(document)
        components["securitySchemes"] = {
            "api_key": {
                "type": "http",
                "scheme": "bearer",
                "description": "An API key, sent as `Authorization: Bearer surety_sk_…`.",
            }
        }
        for item in document["paths"].values():
            for operation in item.values():
                _allow_replay_without_secret(operation, schemas)
        document = refine(document)
        add_examples(document)
        describe_headers(document)
        share_refusals(document)
        document["servers"] = [
            {"url": "/", "description": "This service, at the address that serves the document."}
        ]
        document["x-tagGroups"] = [
            {"name": name, "tags": list(tags)} for name, tags in _TAG_GROUPS.items()
        ]
        app.openapi_schema = document
    return app.openapi_schema


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
