"""Two sellers made up for the ledger's tests: short terms, small lots, both policies.

`shop` counts points, and what comes back after a lot's end is expired. `desk` counts incidents,
and grants it again for ten days.
"""

from typing import Any

from app.db.engine.database import Database
from app.services.catalog.catalogs import publish_catalog

GRACE_DAYS = {"shop": 7, "desk": 10}
GRACE = frozenset({"desk"})


async def publish_sellers(database: Database) -> None:
    """Publish both catalogues."""
    for document in (_document("shop", "point", "expire"), _document("desk", "incident", "grace")):
        async with database.transaction() as db:
            await publish_catalog(db, code=document["code"], document=document, by="the tests")


def _document(code: str, unit: str, returned_units: str) -> dict[str, Any]:
    plans = ("wide", "bound", "open")
    return {
        "code": code,
        "title": code.title(),
        "description": "Made up for tests.",
        "timezone": "Europe/Berlin",
        "currency": "EUR",
        "languages": ["en"],
        "calendars": {
            "business": {"timezone": "Europe/Berlin", "hours": {"mon": [["09:00", "17:00"]]}}
        },
        "channels": {"ticket": {"name": "Tickets", "description": "On the web."}},
        "plans": {
            plan: {
                "name": plan.title(),
                "description": "A plan.",
                "rank": rank,
                "unit": unit,
                "channels": ["ticket"],
            }
            for rank, plan in enumerate(plans, start=1)
        },
        "offers": {
            "wide-30d": _offer("wide", "P30D", 10),
            "wide-365d": _offer("wide", "P365D", 25),
            "wide-monthly": _offer("wide", "P3M", 4, per="month"),
            "bound-30d": _offer("bound", "P30D", 8, site_bound=True),
            "open-1m": _offer("open", "P1M", None),
        },
        "rate_card": {"work": {"name": "Work", "kind": "on_request"}} if unit == "point" else {},
        "contacts": [{"department": "Support", "email": "support@shop.example"}],
        "policies": {
            "without_plan": "refuse",
            "without_plan_text": "A plan is needed.",
            "returned_units": returned_units,
            "grace_days": GRACE_DAYS[code],
        },
    }


def _offer(plan: str, term: str, amount: int | None, **more: Any) -> dict[str, Any]:
    per = more.pop("per", "term")
    allowance = {"unlimited": True} if amount is None else {"amount": amount}
    return {
        "plan": plan,
        "name": f"{plan.title()}, {term}",
        "description": "An offer.",
        "sold": "direct",
        "term": term,
        "allowance": allowance | {"per": per},
        "price": {"amount": 9900, "currency": "EUR"},
    } | more
