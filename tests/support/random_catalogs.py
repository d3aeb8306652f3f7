"""Catalogues made at random that use every mechanism a document has, sound by construction."""

import random
from typing import Any

from app.domain.catalog.amounts import Unit

Document = dict[str, Any]
ZONES = ("Europe/Berlin", "America/New_York", "Asia/Kolkata", "+02:00")
REGIONS = ("here", "there")
UNITS: tuple[Unit, ...] = ("incident", "minute", "point")


def make_catalog(rng: random.Random, code: str = "made") -> Document:
    """Return a document of three plans, one a unit, with whatever chance gives them."""
    document: Document = {
        "code": code,
        "title": "Made up",
        "description": "Terms made at random.",
        "currency": "EUR",
        "calendars": {
            "early": _calendar(rng, "06:00", "14:00"),
            "late": _calendar(rng, "12:00", "23:00"),
        },
        "severities": {
            str(level): {"name": f"Level {level}", "definition": "So grave."} for level in (1, 2)
        },
        "topics": {
            "use": {"name": "Use", "fee_note": "Visits cost extra."},
            "theme": {"name": "Themes", "included": False},
            "old": {"name": "Release 1", "until": f"2027-0{rng.randint(1, 9)}-15"},
            "gift": {"name": "Gifts", "promised": False},
        },
        "channels": {
            "ticket": {"name": "Tickets", "description": "On the web.", "served_in": "business"},
            "email": {"name": "E-mail", "description": "In writing."},
            "chat": {"name": "Chat", "description": "By steps.", "incident_minutes": 10},
            "phone": {
                "name": "Phone",
                "description": "Up to a limit.",
                "limit_minutes": 30,
                "hours": "business",
            },
        },
        "rate_card": {
            "free": {"name": "Questions", "base": 0},
            "fixed": {"name": "Patch", "base": rng.randint(1, 9)},
            "from": {"name": "Repair", "kind": "from", "base": rng.randint(1, 9)},
            "each": {
                "name": "Move",
                "kind": "per_unit",
                "base": 2,
                "per_unit": rng.randint(1, 5),
                "variable": "stores",
            },
            "question": {"name": "Question", "unit": "incident", "base": 0},
            "dear": {
                "name": "Urgent ones",
                "unit": "incident",
                "base": rng.randint(2, 3),
                "urgent": True,
                "channels": rng.choice(([], ["email"])),
            },
            "fixed-urgent": {
                "name": "Patch, urgent",
                "base": rng.randint(1, 20),
                "category": "fixed",
                "urgent": True,
                "severities": rng.choice(([], [1])),
            },
            "setup": {"name": "Set-up", "unit": "minute", "base": 45},
            "visit": {"name": "Visit", "unit": "minute", "base": 0},
        },
        "discounts": [{"from_quantity": rng.randint(2, 5), "percent": rng.randint(1, 50)}],
        "policies": _policies(rng),
    }
    if rng.random() < 0.3:
        minutes = rng.choice((5, 15, 30))
        document["time_unit"] = {"name": "credit", "plural": "credits", "minutes": minutes}
    zone = rng.choice(ZONES)
    document["utc_offset" if zone[0] in "+-" else "timezone"] = zone
    if rng.random() < 0.6:
        document["regions"] = {
            region: {"business": rng.choice(("early", "late"))} for region in REGIONS
        }
    else:
        document["calendars"]["business"] = _calendar(rng, "09:00", "17:00")
    document["plans"] = {unit: _plan(rng, unit, rank) for rank, unit in enumerate(UNITS, start=1)}
    if "time_unit" in document:
        size = document["time_unit"]["minutes"]
        steps: tuple[Document, ...] = ({}, {"step": size}, {"step": 2 * size})
        for part in (document["plans"]["minute"], document["policies"]):
            if "counting" in part:
                del part["counting"]["step"]
                part["counting"] |= rng.choice(steps)
    document["offers"] = _offers(rng)
    if rng.random() < 0.5:
        document["first_licence"] = {
            "plan": "point",
            "amount": rng.randint(1, 30),
            "term": "P3M",
            "each": rng.random() < 0.5,
        }
    return document


def _calendar(rng: random.Random, opens: str, closes: str) -> Document:
    zone = rng.choice(ZONES)
    return {
        "utc_offset" if zone[0] in "+-" else "timezone": zone,
        "hours": {"mon-fri": [[opens, closes]]},
        "holidays": ["2027-01-01"],
    }


def _policies(rng: random.Random) -> Document:
    ending: Document = {"term_ends": rng.choice(("instant", "day"))}
    if rng.random() < 0.5:
        ending["refund"] = rng.choice(("lesser", "unused_units", "unused_time", "none"))
    if rng.random() < 0.5:
        ending["late"] = {
            "within": "P30D",
            "from": rng.choice(("old_end", "now")),
            "fee_percent": rng.randint(0, 20),
        }
    if rng.random() < 0.5:
        ending["renews"] = {"automatic": rng.random() < 0.7, "notice": rng.choice(("P7D", "P1M"))}
    counting = _counting(rng)
    hours = rng.choice(("counted", "worked" if counting["over"] == "work" else "counted"))
    counted = {"counting": counting} if rng.random() < 0.5 else {}
    return counted | {
        "without_plan": rng.choice(("refuse", "on_demand")),
        "without_plan_text": "A plan helps.",
        "returned_units": rng.choice(("expire", "grace")),
        "grace_days": rng.randint(1, 40),
        "ending": ending,
        "rates": _rates(rng, hours),
    }


def _rates(rng: random.Random, hours: str = "counted") -> list[Document]:
    """Return rates of which the last holds at any time, and for any ticket."""
    rates = [
        _rate(rng) | {"urgent": True},
        _rate(rng) | {"outside": "business", "hours": hours},
        _rate(rng) | {"in": "early", "severities": [1]},
        _rate(rng) | {"category": "visit", "channels": ["phone", "email"]},
    ]
    return [*rng.sample(rates, rng.randint(0, 4)), _rate(rng) | {"hours": hours}]


def _rate(rng: random.Random) -> Document:
    return {"per_hour": {"amount": rng.randint(1, 20_000), "currency": "EUR"}}


def _plan(rng: random.Random, unit: Unit, rank: int) -> Document:
    plan: Document = {
        "name": unit.title(),
        "description": f"Counts {unit}s.",
        "rank": rank,
        "unit": unit,
        # Chat is paid in incidents.
        "channels": ["ticket", "email", "phone", *(["chat"] if unit == "incident" else [])],
        "urgent": True,
        "promises": _promises(rng),
        "topic_required": rng.random() < 0.2,
        "credits": [
            {"metric": "first_response", "breaches_in_month": [[1, "5%"], [3, "10%"]]},
        ],
    }
    if rng.random() < 0.3:
        plan["requesters"] = rng.choice(
            (
                {"named_at_most": 1},
                {"named_at_most": [[1, 1], [3, 2]], "further": [2, 1]},
                {"registered": True},
                {"domains": True},
            )
        )
    if rng.random() < 0.4:
        uses = rng.randint(1, 5)
        plan["fair_use"] = rng.choice((uses, {"uses": uses, "refuses": True}))
    if rng.random() < 0.3:
        plan["open_at_most"] = rng.randint(1, 6)
    if rng.random() < 0.3:
        plan["urgent_at_most"] = rng.randint(1, 3)
    if rng.random() < 0.3:
        limits: list[Document] = [
            {"at_most": rng.randint(1, 3), "severities": [1]},
            {"at_most": rng.randint(1, 4), "severities": [1, 2], "urgent": True},
            {"at_most": rng.randint(2, 6)},
        ]
        plan["monthly_limits"] = rng.sample(limits, rng.randint(1, 3))
    if unit != "minute" and rng.random() < 0.4:
        plan["overage_price"] = _rate(rng)["per_hour"]
    if unit == "minute":
        plan["counting"] = _counting(rng)
        if rng.random() < 0.4:
            plan["weekly_cap"] = rng.choice(("1/2", "1/4"))
        if rng.random() < 0.6:
            alone = plan["counting"]["over"] == "work"
            hours = rng.choice(("counted", "worked" if alone else "counted"))
            plan |= {"overage": True, "rates": _rates(rng, hours)}
    return plan


def _counting(rng: random.Random) -> Document:
    factors: list[Document] = [
        {"urgent": True, "by": "2"},
        {"outside": "business", "by": "3/2", "least": rng.choice((1, 30, 120))},
        {"in": "early", "by": "5/4"},
        {"severities": [1], "by": "7/4"},
        {"in": "late", "severities": [2], "by": "3"},
        {"channels": ["email"], "by": "3/2"},
        {"category": "visit", "urgent": True, "outside": "early", "by": "2"},
    ]
    roundings: list[Document] = [
        {"category": "visit", "least": rng.choice((60, 240))},
        {"channels": ["phone"], "severities": [1, 2], "least": 5},
        {"urgent": True, "least": 30},
    ]
    return {
        "least": rng.choice((1, 15, 60)),
        "step": rng.choice((1, 6, 15)),
        "over": rng.choice(("work", "ticket", "day")),
        "factors": rng.sample(factors, rng.randint(0, len(factors))),
        "rounding": rng.sample(roundings, rng.randint(0, len(roundings))),
    }


def _promises(rng: random.Random) -> list[Document]:
    hours = f"PT{rng.randint(1, 30)}H"
    found: list[Document] = [
        {
            "metric": "first_response",
            "strength": rng.choice(("guaranteed", "target")),
            "clauses": [{"within": hours, "calendar": "business"}, {"within": "P3D"}],
            "pauses": ["customer"] if rng.random() < 0.5 else [],
        },
        {
            "metric": "next_update",
            "strength": "target",
            "clauses": [{"within": "PT8H"}],
            "percent": 90,
        },
        {
            "metric": "remedy",
            "strength": "target",
            "starts_on": rng.choice(("opening", "answer")),
            "clauses": [
                {
                    "within": rng.choice(
                        ({"business_days": 2}, {"business_days": 1, "end_of_day": True})
                    ),
                    "calendar": "business",
                }
            ],
        },
        {
            "metric": "resolution",
            "strength": "best_effort",
            "clauses": [{"within": "P9D"}],
            "channels": ["email"],
        },
    ]
    if rng.random() < 0.5:
        found[0]["severities"] = [1]
        found.append({"metric": "first_response", "strength": "none", "severities": [2]})
    return found


def _offers(rng: random.Random) -> Document:
    offers: Document = {}
    for unit in UNITS:
        amount = rng.randint(1, 40) * (60 if unit == "minute" else 1)
        offers[f"{unit}-term"] = _offer(rng, unit, {"amount": amount, "per": "term"}, "P3M")
        monthly = _offer(rng, unit, {"amount": amount, "per": "month"}, rng.choice(("P1M", "P3M")))
        if rng.random() < 0.7:
            monthly["carries_over"] = rng.choice(
                (True, {"share": "2/5"}, {"share": "1/3", "for": "P2M"}, {"for": "P10D"})
            )
        offers[f"{unit}-monthly"] = monthly
        pack = _offer(rng, unit, {"amount": amount, "per": "term"}, "P2M") | {"kind": "pack"}
        if rng.random() < 0.5:
            del pack["term"]
            pack["without_end"] = True
        if rng.random() < 0.3:
            pack["needs"] = [rng.choice(UNITS)]
        offers[f"{unit}-pack"] = pack
    offers["incident-open"] = _offer(rng, "incident", {"unlimited": True, "per": "term"}, "P1M")
    shared = _offer(rng, "incident", {"amount": 3, "per": "term"}, "P3M")
    least = shared.pop("price")
    shared["price_share"] = {"percent": rng.randint(1, 100), "of": "the licence"}
    if rng.random() < 0.7:
        shared["price_share"]["least"] = least
    offers["incident-share"] = shared
    offers["incident-store"] = _offer(rng, "incident", {"amount": 5, "per": "term"}, "P3M") | {
        "site_bound": True
    }
    door = _offer(rng, "minute", {"amount": 1, "per": "term"}, "P6M") | {"opens_only": True}
    del door["allowance"]
    offers["minute-door"] = door
    return offers


def _offer(rng: random.Random, unit: Unit, allowance: Document, term: str) -> Document:
    offer: Document = {
        "plan": unit,
        "name": f"{unit.title()}s",
        "description": "An offer.",
        "sold": "direct",
        "term": term,
        "allowance": allowance,
        "price": {"amount": rng.randint(0, 99_999), "currency": "EUR"},
    }
    if rng.random() < 0.5:
        offer["sold_by"] = {"name": "seat", "plural": "seats", "scales": rng.random() < 0.5}
    if rng.random() < 0.2:
        offer["fee"] = {"amount": rng.randint(1, 5_000), "currency": "EUR"}
        offer["fee"]["each"] = rng.random() < 0.5
    return offer
