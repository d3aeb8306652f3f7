"""Catalogues and calendars as they are on the wire."""

from typing import Annotated, Any

from app.api.http.wire import Instant, Wire
from app.documents.form.catalog import CatalogDocument
from app.documents.schema import WrittenAs


class CatalogSummary(Wire):
    """The newest version of a catalogue, in short."""

    catalog: str
    """The code of the catalogue, such as `livecart`."""
    version: int
    """The number of the catalogue's newest version."""
    title: str
    """The catalogue's name, as people read it."""
    published_at: Instant
    """The instant at which the newest version was published."""
    plans: list[str]
    """The codes of the catalogue's plans, in the order of their rank."""
    offers: list[str]
    """The codes of the offers that the catalogue has."""
    calendars: list[str]
    """The codes of the calendars that the catalogue has."""


class CatalogList(Wire):
    """Every catalogue that is published, on one page."""

    data: list[CatalogSummary]
    """The catalogues, in the order of their codes."""
    next_cursor: str | None
    """Always null: the list has one page only."""


class ChangeWire(Wire):
    """One place in which a document differs from the version before."""

    pointer: str
    """The place in the document, as a pointer (RFC 6901)."""
    then: object
    """The value that stood there before; null where there was none."""
    now: object
    """The value that stands there now; null where there is none."""


class CatalogWire(Wire):
    """One version of a catalogue; it never changes."""

    catalog: str
    """The code of the catalogue, such as `livecart`."""
    version: int
    """The number of this version of the catalogue: 1, 2, 3 …"""
    title: str
    """The catalogue's name, as people read it."""
    published_at: Instant
    """The instant at which this version was published."""
    document: Annotated[dict[str, Any], WrittenAs(CatalogDocument)]
    """The whole document, as the seller wrote it."""


class PublishedWire(CatalogWire):
    """The version that was published, and how it differs from the one before."""

    changes: list[ChangeWire]
    """The places in which the document differs from the version before; empty when it is the
    same."""


class CalendarSummary(Wire):
    """A calendar of a catalogue, in short: when support is open."""

    calendar: str
    """The full name of the calendar: catalogue/calendar."""
    name: str | None
    """What people call the calendar's hours; null where the seller does not name them."""
    timezone: str
    """The calendar's time zone: an IANA name, or an offset from UTC."""
    holidays_until: str | None
    """The last date for which the calendar's holidays are known; null where none is stated."""


class CalendarList(Wire):
    """Every calendar that is published, on one page."""

    data: list[CalendarSummary]
    """The calendars, in the order of their catalogues."""
    next_cursor: str | None
    """Always null: the list has one page only."""


class PeriodWire(Wire):
    """A half-open period in which support is open."""

    start: Instant
    """The instant at which support opens."""
    end: Instant
    """The instant at which support closes, itself excluded."""


class CalendarWire(Wire):
    """A calendar: its rules, and its open periods within a range."""

    calendar: str
    """The full name of the calendar: catalogue/calendar."""
    definition: dict[str, Any]
    """The calendar's rules, as a catalogue writes them."""
    periods: list[PeriodWire]
    """The periods between `from` and `to` in which support is open."""


class CalendarStatusWire(Wire):
    """Whether support is open at an instant, and until when."""

    at: Instant
    """The instant that was asked about."""
    open: bool
    """Whether support is open at that instant."""
    closes_at: Instant | None
    """The instant at which support closes; null when it is closed, or never closes."""
    next_opens_at: Instant
    """The instant at which support opens next: after `closes_at`, where it is open."""
    holiday: str | None
    """The holiday on that day in the calendar's zone; null where there is none."""
    holidays_until: str | None
    """The last date for which the calendar's holidays are known; null where none is stated."""
