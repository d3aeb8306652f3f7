"""Overage: what was used beyond plans, to be billed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from app.db.accounts.accounts import find_account
from app.db.catalog import catalogs
from app.db.engine.unit_of_work import Db
from app.db.metering import work
from app.domain.access.refusals import Fault, InvalidPayload
from app.domain.catalog.amounts import Unit
from app.domain.catalog.catalogs import Catalog
from app.domain.catalog.hourly_rates import find_hourly_rate
from app.domain.catalog.money import Money
from app.domain.metering.work import TicketOverage, price_minutes
from app.services.ledger.balances import SequenceAhead


class EmptyPeriod(InvalidPayload):
    """The period would end before it begins."""

    code = "empty_period"
    title = "The period ends before it begins"


@dataclass(frozen=True, slots=True)
class OverageLine:
    """What one ticket used beyond its plan, in one unit.

    `rate` is for an hour of `minute`s, `price` for one of another unit, where it is published.
    Minutes are counted as its plan says; `worked` is all work on it that began in the period.
    """

    ticket_id: str
    subject: str
    catalog: str
    plan: str | None
    on_demand: bool
    unit: Unit
    amount: int
    worked: int
    rate: Money | None
    price: Money | None
    money: Money | None

    @property
    def minutes(self) -> int:
        """The minutes among what it used: all, or none."""
        return self.amount if self.unit == "minute" else 0


@dataclass(frozen=True, slots=True)
class OverageReport:
    """What an account is to be billed for a period, as known at a sequence."""

    lines: list[OverageLine]
    sequence: int


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
    lines = []
    rows = await work.sum_overage(db, account_id, since=since, until=until, sequence=known)
    worked = await sum_worked(
        db, account_id, [row.ticket_id for row in rows], since=since, until=until, sequence=known
    )
    for row in rows:
        terms = await catalogs.load_catalog(db, row.catalog, row.catalog_version)
        timed = row.unit == "minute"
        rate = _find_rate(row, terms) if timed else None
        price = None if timed or row.plan is None else terms.plans[row.plan].overage_price
        if row.amount:
            lines.append(
                OverageLine(
                    ticket_id=row.ticket_id,
                    subject=row.subject,
                    catalog=row.catalog,
                    plan=row.plan,
                    on_demand=row.on_demand,
                    unit=row.unit,
                    amount=row.amount,
                    worked=worked.get(row.ticket_id, 0) if timed else 0,
                    rate=rate,
                    price=price,
                    money=_price(row.amount, rate=rate, price=price),
                )
            )
    return OverageReport(lines, known)


def _price(amount: int, *, rate: Money | None, price: Money | None) -> Money | None:
    if rate is not None:
        return price_minutes(amount, rate)
    return None if price is None else Money(amount * price.amount, price.currency)


def _find_rate(row: TicketOverage, terms: Catalog) -> Money | None:
    """Return what an hour of a ticket costs beyond its plan, or without one."""
    if row.plan is None:
        rates = terms.policies.rates
        return find_hourly_rate(rates, urgent=row.urgent, category=row.category)
    return terms.plans[row.plan].hourly_rate(urgent=row.urgent, category=row.category)


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
    worked: dict[str, int] = {}
    if not ticket_ids:
        return worked
    for each in await work.load_work_of(db, account_id, ticket_ids):
        if since <= each.starts_at < until:
            minutes = worked.get(each.ticket_id, 0) + each.worked_as_of(sequence)
            worked[each.ticket_id] = minutes
    return worked
