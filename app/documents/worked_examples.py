"""Work in a document's examples: the minutes that it counts, and what it costs as overage."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from app.documents.form.examples import AskedDocument
from app.domain.catalog.catalogs import Catalog
from app.domain.catalog.conditions import WorkedTicket
from app.domain.catalog.hourly_rates import HourlyRate, find_hourly_rate
from app.domain.catalog.money import Money
from app.domain.catalog.time_terms import TimeTerms
from app.domain.coverage.coverage import Coverage
from app.domain.metering.counted_minutes import (
    SessionTerms,
    Worked,
    count_plainly,
    count_work,
    find_edges,
    takes_nothing,
)
from app.domain.metering.rated_minutes import mark_parts, rate_overage
from app.domain.metering.work import WorkPart, WorkSpan, price_minutes
from app.domain.tickets.charges import decide_total, held_charge
from app.domain.time.business_time import OpenTime, to_micros
from app.domain.values import Value


class WorkedExample(Value):
    """A request on which so many `minutes` are worked at once, and who pays for it."""

    asked: AskedDocument
    minutes: int
    coverage: Coverage
    catalog: Catalog
    calendars: Mapping[str, OpenTime]

    @property
    def counts_minutes(self) -> bool:
        """Whether the work is counted in minutes: on a plan of them, or on demand."""
        pool = self.coverage.pool
        return self.coverage.on_demand or (pool is not None and pool.plan.unit == "minute")

    @property
    def time(self) -> TimeTerms:
        """How its minutes are counted and what an hour costs: beyond its plan, or without one."""
        pool = self.coverage.pool
        return self.catalog.time_terms(None if pool is None else pool.plan.code)

    @property
    def ticket(self) -> WorkedTicket:
        """What the count and the price of its minutes depend on."""
        asked = self.asked
        return WorkedTicket(asked.urgent, asked.severity, asked.category, self.coverage.channel)


def cost_worked(example: WorkedExample) -> int:
    """Return the minutes that the ticket comes to: opened, worked on, and resolved as solved."""
    return decide_total(
        held_charge(example.coverage.allocations),
        outcome="solved",
        amount=None,
        unit="minute",
        overage=sum(each.minutes for each in _count_worked(example)),
    )


def price_worked(example: WorkedExample) -> Money | None:
    """Return what work costs that is all beyond the allowance; None where no price is published."""
    asked, calendars = example.asked, example.calendars
    spans = _count_worked(example)
    minutes = sum(each.minutes for each in spans)

    def find_rate(at: datetime | None) -> HourlyRate | None:
        return find_hourly_rate(
            example.time.rates,
            example.ticket,
            is_open=None if at is None else lambda name: calendars[name].is_open(to_micros(at)),
        )

    total = 0
    parts = mark_parts([WorkPart(asked.at, minutes, "overage", None)], spans)
    for each in rate_overage(minutes, parts, find_rate):
        if each.rate is None:
            return None
        total += price_minutes(each.rated, each.rate.per_hour).amount
    return Money(total, example.catalog.currency)


def _count_worked(example: WorkedExample) -> list[WorkSpan]:
    """Return the spans that take minutes, split also where a rate may begin or end."""
    asked, coverage, time = example.asked, example.coverage, example.time
    if takes_nothing(asked.category) or (coverage.pool is None and not coverage.on_demand):
        return []
    ends_at = asked.at + timedelta(minutes=example.minutes)
    names = {each.calendar for each in time.rates if each.calendar is not None}
    turns = [at for name in names for at in find_edges(example.calendars[name], asked.at, ends_at)]
    piece = Worked(asked.at, example.minutes, turns)
    if time.counting is None:
        return count_plainly(piece)
    terms = SessionTerms(time.counting, example.calendars, example.catalog.zone, example.ticket)
    return count_work([piece], terms)[0]
