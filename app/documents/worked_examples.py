"""Work in a document's examples: the minutes that it counts, and what it costs as overage."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from app.documents.form.examples import AskedDocument
from app.domain.catalog.catalogs import Catalog
from app.domain.catalog.hourly_rates import HourlyRate, find_hourly_rate
from app.domain.catalog.money import Money
from app.domain.catalog.plans import Plan
from app.domain.metering.counted_minutes import (
    SessionTerms,
    Worked,
    count_plainly,
    count_work,
    find_edges,
)
from app.domain.metering.rated_minutes import mark_parts, rate_overage
from app.domain.metering.work import WorkPart, WorkSpan, price_minutes
from app.domain.time.business_time import OpenTime, to_micros


def count_worked(
    asked: AskedDocument,
    worked: int,
    plan: Plan,
    catalog: Catalog,
    calendars: Mapping[str, OpenTime],
) -> list[WorkSpan]:
    """Return the spans of work on a request, split also where a rate may begin or end."""
    ends_at = asked.at + timedelta(minutes=worked)
    names = {each.calendar for each in plan.rates if each.calendar is not None}
    turns = [at for name in names for at in find_edges(calendars[name], asked.at, ends_at)]
    piece = Worked(asked.at, worked, turns)
    if plan.counting is None:
        return count_plainly(piece)
    urgent, severity = asked.urgent, asked.severity
    terms = SessionTerms(plan.counting, calendars, catalog.zone, urgent, severity)
    return count_work([piece], terms)[0]


def price_worked(
    asked: AskedDocument,
    worked: int,
    plan: Plan,
    catalog: Catalog,
    calendars: Mapping[str, OpenTime],
) -> Money | None:
    """Return what work costs that is all beyond the allowance; None where no price is published."""
    spans = count_worked(asked, worked, plan, catalog, calendars)
    minutes = sum(each.minutes for each in spans)

    def find_rate(at: datetime | None) -> HourlyRate | None:
        return find_hourly_rate(
            plan.hourly_rates,
            urgent=asked.urgent,
            category=asked.category,
            severity=asked.severity,
            is_open=None if at is None else lambda name: calendars[name].is_open(to_micros(at)),
        )

    total = 0
    parts = mark_parts([WorkPart(asked.at, minutes, "overage", None)], spans)
    for each in rate_overage(minutes, parts, find_rate):
        if each.rate is None:
            return None
        total += price_minutes(each.rated, each.rate.per_hour).amount
    return Money(total, catalog.currency)
