"""Catalogues and calendars as they are on the wire."""

from typing import Annotated, Any

from app.api.http.wire import Instant, Wire
from app.documents.form.catalog import CatalogDocument
from app.documents.schema import WrittenAs


class CatalogSummary(Wire):
    """A catalogue's newest version, in short."""

    catalog: str
    """The catalogue, by its code."""
    version: int
    """The number of the newest version."""
    title: str
    """The catalogue's name for people."""
    published_at: Instant
    """When that version was published."""
    plans: list[str]
    """Its plans, in the order of their rank."""
    offers: list[str]
    """The codes of its offers."""
    calendars: list[str]
    """The codes of its calendars."""


class CatalogList(Wire):
    """Every catalogue that is published."""

    data: list[CatalogSummary]
    """What is published, in the order of codes."""
    next_cursor: str | None
    """Always null: there are few."""


class ChangeWire(Wire):
    """One place in which two documents differ."""

    pointer: str
    """Where it is, as a pointer (RFC 6901)."""
    then: object
    """What was there; null for nothing."""
    now: object
    """What is there; null for nothing."""


class CatalogWire(Wire):
    """One version of a catalogue; it never changes."""

    catalog: str
    """The catalogue, by its code."""
    version: int
    """The number of this version."""
    title: str
    """The catalogue's name for people."""
    published_at: Instant
    """When it was published."""
    document: Annotated[dict[str, Any], WrittenAs(CatalogDocument)]
    """The whole document, as the seller wrote it."""


class PublishedWire(CatalogWire):
    """What publishing a document gave."""

    changes: list[ChangeWire]
    """How it differs from the version before; empty when it is the same."""


class CalendarSummary(Wire):
    """A calendar that a catalogue has."""

    calendar: str
    """Its full name: catalogue/calendar."""
    name: str | None
    """What people call its hours, where the seller names them."""
    timezone: str
    """An IANA name, or an offset from UTC."""
    holidays_until: str | None
    """Until when its holidays are known."""


class CalendarList(Wire):
    """Every calendar that is published."""

    data: list[CalendarSummary]
    """Every calendar, in the order of catalogues."""
    next_cursor: str | None
    """Always null: there are few."""


class PeriodWire(Wire):
    """A half-open period in which support is open."""

    start: Instant
    """When support opens in this period."""
    end: Instant
    """Until when, itself excluded."""


class CalendarWire(Wire):
    """A calendar: its rules, and its open periods in a range."""

    calendar: str
    """Its full name: catalogue/calendar."""
    definition: dict[str, Any]
    """Its rules, as a catalogue writes them."""
    periods: list[PeriodWire]
    """When support is open between `from` and `to`."""


class CalendarStatusWire(Wire):
    """A calendar at an instant."""

    at: Instant
    """The instant that was asked about."""
    open: bool
    """Whether support is open."""
    closes_at: Instant | None
    """When it closes; null when it is closed, or never closes."""
    next_opens_at: Instant
    """When it opens next after that."""
    holiday: str | None
    """The holiday it is, in the calendar's zone."""
    holidays_until: str | None
    """Until when its holidays are known."""
