"""Statements: where units came from, which tickets hold some, which have used some."""

import asyncio
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from uuid import UUID

from app.db.accounts import accounts
from app.db.catalog import catalogs
from app.db.engine.unit_of_work import Db
from app.db.ledger import balances, stored_lots
from app.db.ledger.balances import AccountState
from app.db.reports import statements
from app.domain.access.refusals import Fault
from app.domain.catalog.catalogs import Catalog
from app.domain.ledger.entries import Entry
from app.domain.ledger.histories import History, HistoryLine, hide_notes
from app.domain.ledger.ledger import Lot, UnitTotals
from app.domain.ledger.statements import StatementTicket, TicketPart, divide_lines, divide_tickets
from app.domain.time.periods import PeriodTooLong
from app.domain.values import Value, replace
from app.services.ledger.histories import find_reach, total_state
from app.services.metering.overage import sum_worked
from app.services.reports.periods import InvalidPeriod

_INSTANT = timedelta(microseconds=1)  # the finest that there is
MOST_ENTRIES = 50_000
# How many are read before others have their turn.
_AT_A_TIME = 1_000


class AccountStatement(Value):
    """An account's units over [start, end): before, after, and the three parts between.

    `start` None: since the beginning. `end` None: until `as_of`, itself included. `lots` and
    `tickets` are what the lines and parts speak of, by id; `worked` are the minutes worked on
    tickets by the end, however they are counted; `terms` are the newest terms of the
    catalogues that they are of.
    """

    account_id: str
    name: str
    start: datetime | None
    end: datetime | None
    as_of: datetime
    catalog: str | None
    sequence: int
    opening: dict[str, UnitTotals]
    closing: dict[str, UnitTotals]
    modifications: list[HistoryLine]
    in_progress: list[TicketPart]
    resolved: list[TicketPart]
    lots: dict[UUID, Lot]
    tickets: dict[str, StatementTicket]
    worked: dict[str, int]
    terms: dict[str, Catalog]

    def for_customer(self) -> "AccountStatement":
        """Return it without who decided what, and why an order ended: that is the seller's own."""
        return replace(self, modifications=[hide_notes(line) for line in self.modifications])

    @property
    def zone(self) -> str | None:
        """The zone of the only catalogue that the statement speaks of; None for several."""
        zones = {each.zone for each in self.terms.values()}
        return zones.pop() if len(zones) == 1 else None


async def read_statement(
    db: Db,
    *,
    account_id: str,
    start: datetime | None,
    end: datetime | None,
    catalog: str | None = None,
    sequence: int | None = None,
) -> AccountStatement:
    """Return the statement of a period, of the entries up to `sequence` (the last).

    Without an end it ends now, or when the movement `sequence` was, so that with a sequence the
    same question has the same answer for ever. Refuses a period that ends before it begins, and
    one of more than 50,000 movements.
    """
    account = await accounts.find_account(db, account_id)
    reach = await find_reach(db, account_id=account_id, sequence=sequence)
    known = reach.sequence
    as_of = reach.as_of
    if sequence is not None and start is not None:  # nothing was yet, if it begins after that
        as_of = max(as_of, start)
    require_period(start, end or as_of)
    first = _just_before(start) if start else accounts.BEGINNING
    last = _just_before(end) if end else as_of
    entries = await statements.load_period(
        db, account_id, first=first, last=last, sequence=known, limit=MOST_ENTRIES + 1
    )
    if len(entries) > MOST_ENTRIES:
        detail = f"The period has more than {MOST_ENTRIES} movements: ask for a shorter one."
        raise PeriodTooLong([Fault("/from", detail, PeriodTooLong.code)])
    before = await balances.load_account_state(db, account_id, at=first, sequence=known)
    after = await balances.load_account_state(db, account_id, at=last, sequence=known)
    tickets = await statements.load_statement_tickets(db, account_id, _ticket_ids(entries))
    touched = await stored_lots.load_lots(db, account_id, {e.lot_id for e in entries if e.lot_id})
    entries = [each for each in entries if _is_of(each, catalog, touched, tickets)]
    lots = [lot for lot in (*before.lots, *before.ended_holding) if catalog in (None, lot.catalog)]
    opening = total_state(before, at=first, catalog=catalog)
    closing = total_state(after, at=last, catalog=catalog)
    modifications, changes = divide_lines(
        await _read_lines(History(lots, opening, at=first), entries, last)
    )
    states = await statements.load_ticket_states(
        db, account_id, _ticket_ids(entries), last=last, sequence=known
    )
    holding = await statements.load_holding(
        db, account_id, held=_count_held(after), last=last, sequence=known
    )
    tickets |= await statements.load_statement_tickets(
        db, account_id, {each for each, _ in holding}
    )
    states |= {
        (each, unit): state
        for (each, unit), state in holding.items()
        if catalog in (None, tickets[each].catalog)
    }
    in_progress, resolved = divide_tickets(changes, states, tickets)
    units = sorted(opening.keys() | closing.keys())
    known_lots = {lot.lot_id: lot for lot in lots} | touched
    return AccountStatement(
        account_id=account_id,
        name=account.name,
        start=start,
        end=end,
        as_of=as_of,
        catalog=catalog,
        sequence=known,
        opening={unit: opening.get(unit, UnitTotals()) for unit in units},
        closing={unit: closing.get(unit, UnitTotals()) for unit in units},
        modifications=modifications,
        in_progress=in_progress,
        resolved=resolved,
        lots=known_lots,
        tickets=tickets,
        worked=await sum_worked(
            db,
            account_id,
            [each.ticket_id for each in (*in_progress, *resolved) if each.unit == "minute"],
            since=accounts.BEGINNING,
            until=last + _INSTANT,
            sequence=known,
        ),
        terms=await _load_terms(
            db,
            {catalog}
            if catalog
            else {lot.catalog for lot in known_lots.values()}
            | {each.catalog for each in tickets.values()},
        ),
    )


async def _load_terms(db: Db, codes: set[str]) -> dict[str, Catalog]:
    """Return the newest terms of these catalogues, of those that are published."""
    published = {each.catalog: each.version for each in await catalogs.list_catalogs(db)}
    return {
        code: await catalogs.load_catalog(db, code, published[code])
        for code in sorted(codes & published.keys())
    }


def require_period(start: datetime | None, end: datetime) -> None:
    """Refuse with `invalid_period` a period that ends before it begins."""
    if start is not None and start > end:
        detail = "The period ends before it begins."
        raise InvalidPeriod([Fault("/to", detail, InvalidPeriod.code)])


async def _read_lines(
    history: History, entries: Iterable[Entry], last: datetime
) -> list[HistoryLine]:
    lines: list[HistoryLine] = []
    for number, entry in enumerate(entries, start=1):
        lines += history.pass_until(entry.effective_at)
        lines.append(history.read(entry, at=entry.effective_at))
        if number % _AT_A_TIME == 0:
            await asyncio.sleep(0)
    lines += history.pass_until(last)
    return lines


def _is_of(
    entry: Entry, catalog: str | None, lots: dict[UUID, Lot], tickets: dict[str, StatementTicket]
) -> bool:
    if catalog is None:
        return True
    if entry.lot_id is not None:
        return lots[entry.lot_id].catalog == catalog
    return entry.ticket_id in tickets and tickets[entry.ticket_id].catalog == catalog


def _ticket_ids(entries: Iterable[Entry]) -> set[str]:
    return {each.ticket_id for each in entries if each.ticket_id is not None}


def _count_held(state: AccountState) -> int:
    return sum(tally.held for tally in state.tallies)


def _just_before(at: datetime) -> datetime:
    """Return the last instant before another: what a period that begins there does not have."""
    return max(at.astimezone(UTC), accounts.BEGINNING + _INSTANT) - _INSTANT
