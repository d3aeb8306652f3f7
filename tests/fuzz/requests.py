"""What the fuzz tests send: requests out of the service's own document, and how many of them.

The ids and codes below are in their places most of the time, so that requests get past the
first refusal.
"""

import os
from typing import Any

import schemathesis
from schemathesis.checks import not_a_server_error
from schemathesis.config import SchemathesisConfig
from schemathesis.specs.openapi import checks

from app.main import create_app

KEY = "an-admin-key-for-tests-0123456789"
# How many of each operation: the same few every time, or as many new ones as are asked for.
ASKED = os.environ.get("SURETY_TEST_FUZZ")
EXAMPLES = int(ASKED or "12")
# How long to send others, which are new each time; None: the same few every time.
_SECONDS = os.environ.get("SURETY_TEST_FUZZ_SECONDS")
SECONDS = None if _SECONDS is None else float(_SECONDS)
# What stands in a request's place of this name, most of the time.
VALUES: dict[str, list[Any]] = {
    "account_id": ["c-1", "c-2"],
    "order_id": ["SO-1", "SO-2", "SO-3"],
    "ticket_id": [f"HD-{number}" for number in range(1, 8)],
    "session_id": ["S-1", "S-2"],
    "work_id": ["W-1", "W-2"],
    "license_id": ["L-1", "L-2"],
    "catalog": ["livecart", "xcart-points", "xcart-support", "agency", "corporate"],
    "calendar": ["business", "engineers", "live", "extended"],
    "offer": [
        "livecart.express-1y",
        "livecart.standard-1m",
        "xcart-points.300",
        "xcart-support.subscription-1y",
        "corporate.gold",
        "agency.starter",
    ],
    "plan": ["express", "points", "subscription", "starter", "gold", "professional"],
    "category": ["level-0", "level-4", "transfer-aspe", "other", "bug"],
    "topic": ["troubleshooting", "technical-advice", "web-design", "own-software"],
    "site": ["https://shop.example/eu", "http://www.shop.example:80/EU/"],
    "reference": ["r-1", "r-2"],
    "version": [1, 2],
}
PLACES = ("path", "query", "body")


def _configure() -> SchemathesisConfig:
    used = {"probability": 0.8}
    return SchemathesisConfig.from_dict(
        {
            "dictionaries": {name: {"values": values} for name, values in VALUES.items()},
            "parameters": {
                f"{place}.{name}": {"dictionary": name} | used
                for place in PLACES
                for name in VALUES
            },
            "generation": {"max-examples": EXAMPLES},
            "phases": {"coverage": {"enabled": False}, "stateful": {"max-steps": 12}},
        }
    )


def _read_document() -> dict[str, Any]:
    """Return the document without what it says of any further reply: none may be."""
    document = create_app().openapi()
    for item in document["paths"].values():
        for operation in item.values():
            del operation["responses"]["default"]
    return document


schema = schemathesis.openapi.from_dict(_read_document(), config=_configure())
CHECKS = [
    not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_schema_conformance,
]
