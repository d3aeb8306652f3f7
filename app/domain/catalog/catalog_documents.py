"""Parses the document that a seller writes into a catalogue, or names everything wrong with it.

The document is plain data, the same from TOML and from JSON: objects, lists, strings, whole
numbers, true and false. Dates and durations are strings. Its tables, in reading order below:
what the catalogue is, its calendars, what support covers, its plans, what it sells, and what
the seller does in the cases that these leave open.
"""

import re
from collections.abc import Mapping
from dataclasses import replace

from app.domain.access.differences import canonical_digest, diff_documents
from app.domain.access.pointers import writable
from app.domain.access.refusals import Fault, InvalidPayload
from app.domain.catalog.calendar_documents import parse_calendar
from app.domain.catalog.catalogs import Catalog
from app.domain.catalog.document_reading import LONGEST_NAME, Table
from app.domain.catalog.money_documents import parse_currency
from app.domain.catalog.offer_documents import parse_first_licence, parse_offers
from app.domain.catalog.plan_documents import Surroundings, parse_plans
from app.domain.catalog.policy_documents import parse_contacts, parse_discounts, parse_policies
from app.domain.catalog.scope_documents import (
    parse_channels,
    parse_rate_card,
    parse_severities,
    parse_topics,
)
from app.domain.time.calendars import Calendar
from app.domain.time.zones import ZoneFault, load_zone

__all__ = ["InvalidCatalog", "canonical_digest", "diff_documents", "parse_catalog"]

MOST_CALENDARS = 50
MOST_FAULTS = 500
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")


class InvalidCatalog(InvalidPayload):
    """The document is not a catalogue; `faults` names each place that is wrong, 500 at most."""

    code = "invalid_catalog"
    title = "The catalogue is not valid"


def parse_catalog(document: Mapping[str, object]) -> Catalog:
    """Return the catalogue that a document describes; equal documents give equal catalogues.

    Raises `InvalidCatalog` with every fault at once.
    """
    faults: list[Fault] = []
    catalog = _parse(Table(document, "", faults))
    if faults:
        shown = [_show(fault) for fault in faults[:MOST_FAULTS]]
        raise InvalidCatalog(shown, _summarise(shown, len(faults)))
    return catalog


def _parse(document: Table) -> Catalog:
    code = document.code("code")
    currency = parse_currency(document)
    calendars = _parse_calendars(document)
    known_calendars = document.names("calendars")
    topics = parse_topics(document)
    severities = parse_severities(document)
    channels = parse_channels(document, calendars=known_calendars, topics=document.names("topics"))
    plans = parse_plans(
        document,
        Surroundings(
            currency=currency,
            calendars=known_calendars,
            topics=document.names("topics"),
            severities=severities,
            channels=channels,
        ),
    )
    rate_card = parse_rate_card(document)
    _check_rate_card(document, any(plan.unit == "point" for plan in plans.values()))
    return Catalog(
        code=code,
        title=document.text("title", longest=LONGEST_NAME),
        description=document.text("description"),
        zone=_parse_zone(document),
        currency=currency,
        languages=_parse_languages(document),
        plans=plans,
        offers=parse_offers(
            document, catalog=code, currency=currency, plans=plans, calendars=known_calendars
        ),
        calendars=calendars,
        channels=channels,
        rate_card=rate_card,
        topics=topics,
        severities=severities,
        discounts=parse_discounts(document),
        first_licence=parse_first_licence(document, plans),
        contacts=parse_contacts(document, known_calendars),
        policies=parse_policies(document),
        services=document.texts("services"),
        access_data=document.texts("access_data"),
        notes=document.texts("notes"),
        seller_choice=document.end(),
    )


def _parse_zone(document: Table) -> str:
    """Read where months and weeks turn: an IANA `timezone`, or a fixed `utc_offset`."""
    name = "utc_offset" if document.has("utc_offset") else "timezone"
    if document.has("utc_offset") and document.has("timezone"):
        detail = "A zone is a timezone or a fixed offset: not both."
        document.raw("timezone")
        document.fault("conflicting_fields", detail, "timezone")
    zone = document.text(name, longest=LONGEST_NAME)
    try:
        return load_zone(zone).name if zone else ""
    except ZoneFault as reason:
        document.fault(reason.code, reason.detail, name)
        return ""


def _parse_languages(document: Table) -> tuple[str, ...]:
    languages = document.texts("languages")
    for position, language in enumerate(languages):
        if language and not _LANGUAGE.fullmatch(language):
            detail = 'A language is a BCP 47 tag like "en" or "pt-BR".'
            document.fault("invalid_code", detail, "languages", position)
    return languages


def _parse_calendars(document: Table) -> dict[str, Calendar]:
    """Return the sound calendars by name; each may join others of the document."""
    tables = dict(document.named_tables("calendars", most=MOST_CALENDARS))
    siblings = {name: table.fields for name, table in tables.items()}
    parsed = {
        name: parse_calendar(
            table.fields, pointer=table.pointer, faults=document.faults, siblings=siblings
        )
        for name, table in tables.items()
    }
    return {name: calendar for name, calendar in parsed.items() if calendar is not None}


def _check_rate_card(document: Table, counts_points: bool) -> None:
    if document.names("rate_card") and not counts_points:
        detail = "A rate card prices in points, and no plan counts them."
        document.fault("unit_mismatch", detail, "rate_card")
    if counts_points and not document.names("rate_card"):
        detail = "A plan counts points, and there is no rate card to price tickets with."
        document.fault("required", detail, "rate_card")


def _show(fault: Fault) -> Fault:
    """Return the fault as UTF-8 can hold it: a document may have lone surrogates anywhere."""
    return replace(fault, pointer=writable(fault.pointer), detail=writable(fault.detail))


def _summarise(faults: list[Fault], count: int) -> str:
    counted = "one fault" if count == 1 else f"{count:,} faults"
    return f"The document has {counted}; the first, at {faults[0].pointer}: {faults[0].detail}"
