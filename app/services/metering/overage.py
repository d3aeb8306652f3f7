"""Overage: what was used beyond plans, to be billed."""

from dataclasses import dataclass
from datetime import datetime

from app.db.accounts.accounts import find_account
from app.db.catalog import catalogs
from app.db.engine.database import Db
from app.db.metering import work
from app.domain.access.refusals import Fault, InvalidPayload
from app.domain.catalog.money import Money
from app.domain.metering.work import price_minutes
from app.services.ledger.balances import SequenceAhead


class EmptyPeriod(InvalidPayload):
    """The period would end before it begins."""

    code = "empty_period"
    title = "The period ends before it begins"


@dataclass(frozen=True, slots=True)
class OverageLine:
    """What one ticket used beyond its plan. `rate` is for an hour, where one is published."""

    ticket_id: str
    subject: str
    catalog: str
    plan: str | None
    on_demand: bool
    minutes: int
    rate: Money | None
    money: Money | None


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
    if sequence is not None and sequence > account["sequence"]:
        detail = f"The account's last sequence is {account['sequence']}."
        raise SequenceAhead([Fault("/sequence", detail, SequenceAhead.code)])
    known = account["sequence"] if sequence is None else sequence
    lines = []
    for row in await work.sum_overage(db, account_id, since=since, until=until, sequence=known):
        rate = None
        if row.plan is not None:
            terms = await catalogs.load_catalog(db, row.catalog, row.catalog_version)
            rate = terms.plans[row.plan].overage_rate
        minutes = row.minutes
        if minutes:
            lines.append(
                OverageLine(
                    ticket_id=row.ticket_id,
                    subject=row.subject,
                    catalog=row.catalog,
                    plan=row.plan,
                    on_demand=row.on_demand,
                    minutes=minutes,
                    rate=rate,
                    money=None if rate is None else price_minutes(minutes, rate),
                )
            )
    return OverageReport(lines, known)
