"""Periods of reports: a beginning before an end, and their months in each catalogue's zone."""

from datetime import datetime

from app.db.catalog import catalogs
from app.db.engine.unit_of_work import Db
from app.db.reports.months import CatalogMonth
from app.domain.access.refusals import Fault, InvalidPayload
from app.domain.time.months import count_months, list_months
from app.domain.time.zones import ZoneFault, load_zone

MOST_MONTHS = 240


class InvalidPeriod(InvalidPayload):
    """The period ends before it begins, or has too many months, or is of no known zone."""

    code = "invalid_period"
    title = "The period is not valid"


def require_period(since: datetime, until: datetime, *, timezone: str | None = None) -> None:
    """Refuse a period that ends before it begins, or is to be told in a zone that is not known."""
    if until < since:
        raise _refuse("to", "The period ends before it begins.")
    if timezone is not None:
        try:
            load_zone(timezone)
        except ZoneFault as fault:
            raise _refuse("timezone", fault.detail) from None


async def find_months(
    db: Db, *, since: datetime, until: datetime, catalog: str | None, timezone: str | None = None
) -> list[CatalogMonth]:
    """Return the months of a valid period for each catalogue, in its own zone or the one given."""
    if count_months(since, until) > MOST_MONTHS + 2:
        raise _refuse("to", f"By month a report may span {MOST_MONTHS} months at most.")
    found = []
    for published in await catalogs.list_catalogs(db):
        if catalog not in (None, published.catalog):
            continue
        terms = await catalogs.load_catalog(db, published.catalog, published.version)
        found += [
            CatalogMonth(terms.code, *month)
            for month in list_months(since, until, timezone or terms.zone)
        ]
    return found


def _refuse(parameter: str, detail: str) -> InvalidPeriod:
    return InvalidPeriod([Fault(f"/{parameter}", detail, InvalidPeriod.code)])
