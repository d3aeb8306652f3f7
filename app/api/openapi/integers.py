"""Integers of the OpenAPI document: their size, and the bounds that replies keep by the laws.

What a request may say has its bounds in its own shape. A reply's counts are never negative (a
lot's parts by the second law of the ledger); what may be (an entry's amount, time left) has none.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from app.domain.catalog.catalogs import MOST_SEVERITIES

# A difference of two histories, which has members of the same names.
_SIGNED = ("PartsWire",)
_EDGES = frozenset({"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"})
_LARGEST = 2**63 - 1
_COUNTED = (0, _LARGEST)
_NUMBERED = (1, 2**31 - 1)
_BOUNDS: Mapping[str, tuple[int, int]] = {
    "sequence": _COUNTED,
    "severity": (1, MOST_SEVERITIES),
    "previous_severity": (1, MOST_SEVERITIES),
    "status": (400, 599),
    "status_code": (100, 599),
    "version": _NUMBERED,
    "catalog_version": _NUMBERED,
    "from_version": _NUMBERED,
    **dict.fromkeys(
        (
            # A lot's parts, and their sums.
            *("granted", "available", "held", "used", "expired", "revoked", "upcoming"),
            # How many there are.
            *("open", "paused", "on_time", "at_risk", "breached", "missed", "no_deadline"),
            *("total", "met", "late", "excused", "cancelled", "disputes", "looked_at", "recorded"),
            *("contacts", "events", "licenses", "lots", "purchases", "quotes", "sessions"),
            *("subscriptions", "tickets", "work", "duration_ms", "incidents", "breaches"),
            # What a refusal counts.
            *("required", "shortfall", "booked", "most", "booked_minutes", "most_minutes"),
            *("retry_after_seconds", "late_after_seconds", "limit_minutes", "limit"),
        ),
        _COUNTED,
    ),
}


def size_integers(document: dict[str, Any], nodes: Iterator[dict[str, Any]]) -> None:
    """Let each integer have its size, and where it is certain its bounds."""
    for node in nodes:
        if node.get("type") == "integer":
            node.setdefault("format", "int64")
            for bound in ("minimum", "maximum"):
                if isinstance(node.get(bound), float):
                    node[bound] = int(node[bound])
    for shape, schema in document["components"]["schemas"].items():
        members = {} if shape in _SIGNED else schema.get("properties", {})
        for name, member in members.items():
            for each in (member, *member.get("anyOf", ())):
                if name in _BOUNDS and each.get("type") == "integer" and _EDGES.isdisjoint(each):
                    each["minimum"], each["maximum"] = _BOUNDS[name]
