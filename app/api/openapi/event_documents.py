"""Webhook events in the OpenAPI document: a request for each type.

`examples/events.json` has an event of each type, as its story in the tests comes to it: with
ids of ours in place of those that are made anew each time.
"""

import json
from functools import cache
from importlib.resources import files
from typing import Any, Literal

from pydantic import create_model

from app.api.events.event_shapes import DATA
from app.api.events.events import EventWire
from app.api.http.wire import Wire

_REFERENCE = "#/components/schemas/{model}"
_HEADERS = {
    "webhook-id": "The event's id: the same at each attempt, so that it is dealt with once.",
    "webhook-timestamp": "The instant of the attempt, in seconds since 1970-01-01T00:00:00Z.",
    "webhook-signature": "`v1,` and the base64 of HMAC-SHA256 over `{id}.{timestamp}.{body}` by"
    " the secret (Standard Webhooks); one for each secret that is valid, spaces between.",
}


def describe_webhooks(document: dict[str, Any]) -> None:
    """Add what may be sent to a webhook, by the type of event, and its shapes.

    Each stands among the components and is referred to: where it stands in place, the most used
    generator makes a module of it that is no Python.
    """
    components = document["components"]
    components["pathItems"] = {
        _name(type_): {"post": _describe(type_, components["schemas"])} for type_ in DATA
    }
    document["webhooks"] = {
        type_: {"$ref": f"#/components/pathItems/{_name(type_)}"} for type_ in DATA
    }


def _name(type_: str) -> str:
    return f"{DATA[type_].__name__.removesuffix('Data')}Event"


def _describe(type_: str, schemas: dict[str, Any]) -> dict[str, Any]:
    description = str(DATA[type_].__doc__)
    return {
        "operationId": f"receive_{type_.replace('.', '_')}",
        "summary": type_.replace(".", " ").replace("_", " ").capitalize(),
        "description": description,
        "tags": ["Webhook events"],
        "security": [],
        "parameters": [
            {
                "name": name,
                "in": "header",
                "required": True,
                "description": text,
                "schema": {"type": "string"},
            }
            for name, text in _HEADERS.items()
        ],
        "requestBody": {
            "required": True,
            "content": {
                "application/json": {
                    "schema": {"$ref": _add_schema(_make_shape(type_), schemas)},
                    "examples": {type_: {"summary": description, "value": _read_examples()[type_]}},
                }
            },
        },
        "responses": {
            "2XX": {
                "description": "The event has arrived. After any other answer but 410 it is sent"
                " again, for about a day."
            },
            "410": {
                "description": "Nothing more is wanted at this address: the webhook is disabled at"
                " once."
            },
        },
    }


def _make_shape(type_: str) -> type[Wire]:
    """Return the shape of an event of one type: its own name, and its own particulars."""
    data = DATA[type_]
    name: Any = Literal[type_]
    return create_model(
        _name(type_),
        __base__=EventWire,
        __module__=__name__,
        __doc__=data.__doc__,
        type=(name, ...),
        data=(data, ...),
    )


def _add_schema(shape: type[Wire], schemas: dict[str, Any]) -> str:
    """Put a shape among the schemas, with all that it is made of; its reference there."""
    schema = shape.model_json_schema(mode="serialization", ref_template=_REFERENCE)
    for name, inner in schema.pop("$defs", {}).items():
        schemas.setdefault(name, inner)
    schemas[shape.__name__] = schema
    return _REFERENCE.format(model=shape.__name__)


@cache
def _read_examples() -> dict[str, Any]:
    text = files("app.api.openapi").joinpath("examples", "events.json").read_text("utf-8")
    examples: dict[str, Any] = json.loads(text)
    return examples
