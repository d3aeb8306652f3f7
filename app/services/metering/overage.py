"""Overage: what was used beyond plans, to be billed."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from functools import partial

from app.db.accounts.accounts import find_account
from app.db.catalog import catalogs
from app.db.engine.unit_of_work import Db
from app.db.metering import work
from app.domain.access.refusals import Fault, InvalidPayload
from app.domain.catalog.amounts import Unit
from app.domain.catalog.catalogs import Catalog
from app.domain.catalog.hourly_rates import HourlyRate, find_hourly_rate
from app.domain.catalog.money import Money
from app.domain.metering.rated_minutes import RatedMinutes, rate_overage
from app.domain.metering.work import TicketOverage, Work, WorkPart, price_minutes
from app.domain.metering.work_parts import read_parts
from app.domain.time.business_time import to_micros
from app.domain.time.compiled_calendars import compile_calendar
from app.domain.time.months import begin_month
from app.domain.values import Value
from app.services.ledger.balances import SequenceAhead

_INSTANT = timedelta(microseconds=1)
_DAY = timedelta(days=1)


class EmptyPeriod(InvalidPayload):
    """The period would end before it begins."""

    code = "empty_period"
    title = "The period ends before it begins"


class OverageLine(Value):
    """What one ticket used beyond its plan, in one unit and at one rate.

    `rate` is for an hour of `minute`s, `price` for one of another unit, where it is published.
    Minutes are counted as its plan says, and `rated` are those that the rate is for; `worked` is
    all work on it that began in the period, and stands with the first of its lines.
    """

    ticket_id: str
    subject: str
    catalog: str
    plan: str | None
    on_demand: bool
    unit: Unit
    amount: int
    rated: int
    worked: int
    rate: Money | None
    price: Money | None

    @property
    def minutes(self) -> int:
        """The minutes among what it used: all, or none."""
        return self.amount if self.unit == "minute" else 0

    @property
    def money(self) -> Money | None:
        """What it comes to; None where no price is published."""
        if self.rate is not None:
            return price_minutes(self.rated, self.rate)
        price = self.price
        return None if price is None else Money(self.amount * price.amount, price.currency)


class OverageReport(Value):
    """What an account is to be billed for a period, as known at a sequence."""

    lines: list[OverageLine]
    sequence: int


class MonthReport(Value):
    """What an account is to be billed for the present month, which began at `since`.

    Where catalogues' zones differ, the first of their months began then.
    """

    since: datetime
    lines: list[OverageLine]


async def report_overage(
    db: Db, *, account_id: str, since: datetime, until: datetime, sequence: int | None
) -> OverageReport:
    """Return what tickets used beyond their plans in [since, until), of entries up to `sequence`.

    The lines are the sums of the entries: a correction counts when the work was done.
    """
    account = await find_account(db, account_id)
    if until < since:
        detail = "The period would end before it begins."
        raise EmptyPeriod([Fault("/to", detail, EmptyPeriod.code)])
    if sequence is not None and sequence > account.sequence:
        detail = f"The account's last sequence is {account.sequence}."
        raise SequenceAhead([Fault("/sequence", detail, SequenceAhead.code)])
    known = account.sequence if sequence is None else sequence
    rows = await work.sum_overage(db, account_id, since=since, until=until, sequence=known)
    return OverageReport(
        await _list_lines(db, account_id, rows, since=since, until=until, sequence=known), known
    )


async def report_month(db: Db, *, account_id: str, at: datetime) -> MonthReport:
    """Return what tickets used beyond their plans in the month of `at`, up to it and including it.

    Each catalogue's month begins in its own zone.
    """
    account = await find_account(db, account_id)
    until = at + _INSTANT
    # No zone's month began before that of the day before.
    earliest = begin_month(at - _DAY, "UTC") - _DAY
    rows = await work.sum_overage(
        db, account_id, since=earliest, until=until, sequence=account.sequence
    )
    since, lines = at, list[OverageLine]()
    for catalog in sorted({row.catalog for row in rows}):
        terms, _ = await catalogs.load_current(db, catalog)
        start = begin_month(at, terms.zone)
        found = await work.sum_overage(
            db, account_id, since=start, until=until, sequence=account.sequence
        )
        own = [row for row in found if row.catalog == catalog]
        used = await _list_lines(
            db, account_id, own, since=start, until=until, sequence=account.sequence
        )
        if used:
            since = min(since, start)
        lines += used
    return MonthReport(since, lines)


async def _list_lines(
    db: Db,
    account_id: str,
    rows: Sequence[TicketOverage],
    *,
    since: datetime,
    until: datetime,
    sequence: int,
) -> list[OverageLine]:
    """Return what tickets used, in a line for each unit and each rate."""
    pieces = await _load_pieces(db, account_id, [row.ticket_id for row in rows])
    lines: list[OverageLine] = []
    for row in rows:
        if not row.amount:
            continue
        terms = await catalogs.load_catalog(db, row.catalog, row.catalog_version, region=row.region)
        own = [each for each in pieces if each.ticket_id == row.ticket_id]
        if row.unit != "minute":
            price = None if row.plan is None else terms.plans[row.plan].overage_price
            lines.append(_make_line(row, RatedMinutes(None, row.amount, 0), price=price))
            continue
        worked = _sum_worked(own, since=since, until=until, sequence=sequence)
        billed = _list_billed(own, since=since, until=until, sequence=sequence)
        lines += [
            _make_line(row, rated, worked=worked.pop(row.ticket_id, 0))
            for rated in rate_overage(row.amount, billed, partial(_find_rate, row, terms))
        ]
    return lines


def _make_line(
    row: TicketOverage, rated: RatedMinutes, *, worked: int = 0, price: Money | None = None
) -> OverageLine:
    return OverageLine(
        ticket_id=row.ticket_id,
        subject=row.subject,
        catalog=row.catalog,
        plan=row.plan,
        on_demand=row.on_demand,
        unit=row.unit,
        amount=rated.minutes,
        rated=rated.rated,
        worked=worked,
        rate=None if rated.rate is None else rated.rate.per_hour,
        price=price,
    )


def _find_rate(row: TicketOverage, terms: Catalog, at: datetime | None) -> HourlyRate | None:
    """Return the rate of a ticket's time at `at`, or at any time: beyond its plan, or without."""
    time = terms.time_terms(row.plan)

    def is_open(calendar: str) -> bool:
        return at is not None and compile_calendar(terms.calendars[calendar]).is_open(to_micros(at))

    return find_hourly_rate(time.rates, row.worked, is_open=None if at is None else is_open)


def _list_billed(
    pieces: Iterable[Work], *, since: datetime, until: datetime, sequence: int
) -> list[WorkPart]:
    """Return the parts of work that are billed for [since, until), as known at a sequence."""
    return [
        part
        for piece in pieces
        for part in read_parts(piece.parts_as_of(sequence))
        if part.source == "overage" and since <= part.at < until
    ]


async def sum_worked(
    db: Db,
    account_id: str,
    ticket_ids: Sequence[str],
    *,
    since: datetime,
    until: datetime,
    sequence: int,
) -> dict[str, int]:
    """Return the minutes worked on tickets in [since, until), as known at a sequence."""
    pieces = await _load_pieces(db, account_id, ticket_ids)
    return _sum_worked(pieces, since=since, until=until, sequence=sequence)


def _sum_worked(
    pieces: Iterable[Work], *, since: datetime, until: datetime, sequence: int
) -> dict[str, int]:
    worked: dict[str, int] = {}
    for each in pieces:
        if since <= each.starts_at < until:
            minutes = worked.get(each.ticket_id, 0) + each.worked_as_of(sequence)
            worked[each.ticket_id] = minutes
    return worked


async def _load_pieces(db: Db, account_id: str, ticket_ids: Sequence[str]) -> list[Work]:
    return await work.load_work_of(db, account_id, ticket_ids) if ticket_ids else []
