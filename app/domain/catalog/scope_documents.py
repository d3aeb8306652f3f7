"""Parses what a catalogue's support covers: channels, topics, severities and the rate card."""

import re
from collections.abc import Collection
from typing import Literal

from app.domain.catalog.catalogs import (
    BUG_CATEGORY,
    Channel,
    ChannelTerms,
    Rate,
    Severity,
    Topic,
)
from app.domain.catalog.document_reading import LONGEST_NAME, Table

CHANNELS: tuple[Channel, ...] = ("ticket", "email", "chat", "phone", "video")
SEVERITY_LEVELS = ("1", "2", "3", "4")

# What each kind of rate needs besides its category and name.
RateKind = Literal["fixed", "from", "range", "per_unit", "on_request"]
RATE_FIELDS: dict[RateKind, tuple[str, ...]] = {
    "fixed": ("base",),
    "from": ("base",),
    "range": ("base", "upper"),
    "per_unit": ("base", "per_unit", "variable"),
    "on_request": (),
}

MOST_UNITS = 1_000_000
MOST_MINUTES = 1440
MOST_SESSIONS = 10_000
_VARIABLE = re.compile(r"[a-z][a-z0-9_]{0,63}")


def parse_channels(
    document: Table, *, calendars: Collection[str], topics: Collection[str]
) -> dict[str, ChannelTerms]:
    """Return how each channel of the catalogue is served."""
    found = {}
    for code, table in document.named_tables("channels"):
        channel = next((known for known in CHANNELS if known == code), None)
        if channel is None:
            detail = f"There is no such channel; there are {', '.join(CHANNELS)}."
            document.fault("unknown_channel", detail, "channels", code)
        else:
            found[code] = _parse_channel(channel, table, calendars, topics)
    return found


def parse_topics(document: Table) -> dict[str, Topic]:
    """Return the subjects that the catalogue names, in scope and out of it."""
    found = {}
    for code, table in document.named_tables("topics"):
        found[code] = Topic(
            code=code,
            name=table.text("name", longest=LONGEST_NAME),
            included=table.flag("included", default=True),
            promised=table.flag("promised", default=True),
            note=table.text_or_none("note"),
        )
        table.end()
    return found


def parse_severities(document: Table) -> dict[int, Severity]:
    """Return the catalogue's levels of severity by number, the gravest first."""
    found = {}
    for code, table in document.named_tables("severities"):
        if code not in SEVERITY_LEVELS:
            document.fault("invalid_code", "A severity is 1, 2, 3 or 4.", "severities", code)
            continue
        found[int(code)] = Severity(
            level=int(code),
            name=table.text("name", longest=LONGEST_NAME),
            definition=table.text("definition"),
            examples=table.texts("examples"),
        )
        table.end()
    return dict(sorted(found.items()))


def parse_rate_card(document: Table) -> dict[str, Rate]:
    """Return the rate card by category, in the document's order."""
    found = {}
    for code, table in document.named_tables("rate_card"):
        if code == BUG_CATEGORY:
            detail = "A bug report costs nothing in every catalogue, and has no row here."
            document.fault("reserved_code", detail, "rate_card", code)
        found[code] = _parse_rate(code, table)
    return found


def _parse_channel(
    channel: Channel, table: Table, calendars: Collection[str], topics: Collection[str]
) -> ChannelTerms:
    terms = ChannelTerms(
        channel=channel,
        name=table.text("name", longest=LONGEST_NAME),
        description=table.text("description"),
        incident_minutes=table.integer_or_none("incident_minutes", low=1, high=MOST_MINUTES),
        limit_minutes=table.integer_or_none("limit_minutes", low=1, high=MOST_MINUTES),
        hours=table.reference_or_none("hours", "calendar", calendars),
        urgent_only=table.flag("urgent_only", default=False),
        refuses_topics=frozenset(table.references("refuses_topics", "topic", topics)),
        on_request=table.flag("on_request", default=False),
        best_effort=table.flag("best_effort", default=False),
        at_once=table.integer_or_none("at_once", low=1, high=MOST_SESSIONS),
        served_in=table.reference_or_none("served_in", "calendar", calendars),
        asks_for=table.texts("asks_for"),
        seller_choice=table.end(),
    )
    if table.sound and terms.incident_minutes is not None and terms.limit_minutes is not None:
        detail = "A session costs further incidents, or ends at a limit: not both."
        table.fault("conflicting_fields", detail, "limit_minutes")
    return terms


def _parse_rate(category: str, table: Table) -> Rate:
    kind = table.choice("kind", tuple(RATE_FIELDS), default="fixed")
    needed = RATE_FIELDS[kind]
    rate = Rate(
        category=category,
        name=table.text("name", longest=LONGEST_NAME),
        kind=kind,
        base=_units(table, "base", needed) or 0,
        upper=_units(table, "upper", needed),
        per_unit=_units(table, "per_unit", needed) or 0,
        variable=_variable(table) if "variable" in needed else None,
        group=table.text_or_none("group", longest=LONGEST_NAME),
    )
    if table.sound and rate.upper is not None and rate.upper < rate.base:
        table.fault("out_of_range", f"It must not be below the base, {rate.base}.", "upper")
    table.end()
    return rate


def _units(table: Table, name: str, needed: tuple[str, ...]) -> int | None:
    return table.integer(name, low=0, high=MOST_UNITS) if name in needed else None


def _variable(table: Table) -> str:
    name = table.text("variable", longest=LONGEST_NAME)
    if name and not _VARIABLE.fullmatch(name):
        detail = "A variable is 1 to 64 lower-case letters, digits and underscores."
        table.fault("invalid_code", detail, "variable")
    return name
