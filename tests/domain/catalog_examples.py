"""Catalogue documents for tests: the five that the package carries, and a small one."""

import copy
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

import app.catalogs
from app.documents.reading import parse_catalog
from app.domain.catalog.catalogs import Catalog

FOLDER = Path(next(iter(app.catalogs.__path__)))
CODES = ("livecart", "xcart-points", "xcart-support", "agency", "corporate")

Document = dict[str, Any]


@cache
def _load(code: str) -> Document:
    return tomllib.loads((FOLDER / f"{code}.toml").read_text(encoding="utf-8"))


@cache
def read_catalog(code: str) -> Catalog:
    """Return one of the five catalogues."""
    return parse_catalog(_load(code))


def read_document(code: str) -> Document:
    """Return one of the five documents, to be changed at will."""
    return copy.deepcopy(_load(code))


def small_document() -> Document:
    """Return a document with one of everything, as short as can be."""
    return {
        "code": "shop",
        "title": "Shop",
        "description": "Support for a shop.",
        "timezone": "Europe/Berlin",
        "currency": "EUR",
        "languages": ["en"],
        "calendars": {
            "business": {"timezone": "Europe/Berlin", "hours": {"mon": [["09:00", "17:00"]]}}
        },
        "topics": {"setup": {"name": "Setup"}},
        "severities": {"1": {"name": "Urgent", "definition": "Everything is down."}},
        "channels": {"ticket": {"name": "Tickets", "description": "On the web."}},
        "plans": {
            "gold": {
                "name": "Gold",
                "description": "The best.",
                "rank": 1,
                "unit": "incident",
                "channels": ["ticket"],
                "promises": [
                    {
                        "metric": "first_response",
                        "strength": "guaranteed",
                        "severities": [1],
                        "clauses": [{"within": "PT8H", "calendar": "business"}],
                    }
                ],
            },
            "rated": {
                "name": "Rated",
                "description": "By points.",
                "rank": 2,
                "unit": "point",
                "channels": ["ticket"],
            },
        },
        "offers": {
            "gold-1y": {
                "plan": "gold",
                "name": "Gold, 1 year",
                "description": "A year.",
                "sold": "direct",
                "term": "P1Y",
                "allowance": {"amount": 10, "per": "term"},
                "price": {"amount": 9900, "currency": "EUR"},
            },
            "cover": {
                "name": "Cover",
                "description": "On weekends.",
                "sold": "quote",
                "adds_calendar": "business",
            },
        },
        "first_licence": {"plan": "rated", "amount": 60, "term": "P2Y"},
        "rate_card": {"patch": {"name": "Patch", "kind": "fixed", "base": 40}},
        "discounts": [{"contract_months": 12, "percent": 10}],
        "contacts": [{"department": "Support", "email": "support@shop.example"}],
        "policies": {
            "without_plan": "refuse",
            "without_plan_text": "A plan is needed.",
            "returned_units": "expire",
            "grace_days": 30,
        },
    }
