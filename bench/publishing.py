"""Publishing: how long a large catalogue takes to check, to publish, and to publish again."""

import time
from collections.abc import Callable
from typing import Any

from app.documents.reading import check_catalog
from bench.client import Client
from bench.figures import Figure, Goal, Part
from bench.rig import Rig

OFFERS, PLANS, TOPICS = 1_000, 50, 50
# What a seller waits for at most, in milliseconds.
MOST_MS = 2_000
_TIMES = 3


def run(rig: Rig) -> Part:
    """Measure a document of so many offers and plans, each plan with an example of its own."""
    part = Part(
        "publishing",
        "A large catalogue",
        sizes={"offers": OFFERS, "plans": PLANS, "times": _TIMES},
    )
    document = make_document()
    checked = min(_time(lambda: check_catalog(document)) for _ in range(_TIMES))
    url = rig.make_database("publishing")
    with rig.serve(url) as service, Client(service.url) as client:
        published = min(_put(client, document, number) for number in range(_TIMES))
        again = min(_put(client, document, _TIMES - 1) for _ in range(_TIMES))
    for what, took in (("checked", checked), ("published", published), ("the same again", again)):
        part.figures.append(Figure("a large catalogue", what, took, "ms"))
    part.goals += [
        Goal("a large catalogue, checked", checked, MOST_MS, "ms"),
        Goal("a large catalogue, published", published, MOST_MS, "ms"),
    ]
    return part


def make_document(offers: int = OFFERS, plans: int = PLANS) -> dict[str, Any]:
    """Return a sound document of so many offers and plans."""
    levels = ("1", "2", "3", "4")
    matrix = {
        "first_response": {level: f"{level} bh" for level in levels},
        "resolution": {level: f"target {level} bd" for level in levels},
    }
    return {
        "code": "large",
        "title": "A large catalogue",
        "description": "Many plans, and many offers of each.",
        "timezone": "Europe/Berlin",
        "currency": "EUR",
        "calendars": {
            "business": {"timezone": "Europe/Berlin", "hours": {"mon-fri": [["09:00", "17:00"]]}}
        },
        "severities": {level: {"name": level, "definition": "So grave."} for level in levels},
        "channels": {"ticket": {"name": "Tickets", "description": "On the web."}},
        "topics": {f"topic-{number}": {"name": f"Topic {number}"} for number in range(TOPICS)},
        "plans": {
            f"plan-{number}": {
                "name": f"Plan {number}",
                "description": "A level of support.",
                "rank": number + 1,
                "unit": "incident",
                "channels": ["ticket"],
                "matrix": matrix,
            }
            for number in range(plans)
        },
        "offers": {
            f"offer-{number}": {
                "plan": f"plan-{number % plans}",
                "name": f"Offer {number}",
                "description": "A year of a plan.",
                "sold": "direct",
                "term": "P1Y",
                "allowance": {"amount": number % 30 + 1, "per": "term"},
                "price": {"amount": 1_000 + number, "currency": "EUR"},
            }
            for number in range(offers)
        },
        "policies": {
            "without_plan": "refuse",
            "without_plan_text": "Support needs a plan.",
            "returned_units": "expire",
            "grace_days": 30,
        },
        "examples": [
            {
                "text": "An hour of business hours.",
                "asked": {
                    "plan": f"plan-{number}",
                    "at": "2026-11-23T10:00:00+01:00",
                    "severity": 1,
                },
                "costs": 1,
                "due": {"first_response": "2026-11-23T11:00:00+01:00"},
            }
            for number in range(plans)
        ],
    }


def _time(do: Callable[[], object]) -> float:
    began = time.perf_counter()
    do()
    return (time.perf_counter() - began) * 1000


def _put(client: Client, document: dict[str, Any], number: int) -> float:
    """Publish the document as its version of a number; the milliseconds that it took."""
    changed = document | {"title": f"{document['title']}, {number}"}
    return client.ask("PUT", "/v1/catalogs/large", changed)[0]
