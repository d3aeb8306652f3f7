"""Verification: every balance of an account from its entries, compared with what is stored."""

from collections.abc import AsyncIterator, Callable, Sequence

from app.db.accounts import accounts
from app.db.accounts.search import search_accounts
from app.db.catalog import catalogs
from app.db.engine.unit_of_work import Db
from app.db.ledger import clock_repairs, entries, stored_lots
from app.db.selling import conservation, purchases
from app.domain.ledger.entries import Entry
from app.domain.ledger.ledger import Lot, fold_ticket_entries
from app.domain.ledger.verification import (
    Difference,
    EntriesCheck,
    InstantsCheck,
    check_charge,
    report_unknown_ticket,
)
from app.domain.selling.conservation import check_granted, check_paid_back
from app.domain.values import State, field

_AT_A_TIME = 200
_LISTED_AT_MOST = 1_000


class Verification(State):
    """What was read, and every difference found, by account (the first thousand of each)."""

    accounts: int = 0
    entries: int = 0
    differences: list[tuple[str, Difference]] = field(default_factory=list)

    @property
    def is_clean(self) -> bool:
        return not self.differences

    def describe(self) -> list[str]:
        """Return each difference as a line."""
        return [f"{account_id}: {difference}" for account_id, difference in self.differences]


async def verify_ledger(
    db: Db, *, account_id: str | None = None, on_entries: Callable[[int], None] | None = None
) -> Verification:
    """Recompute one account's balances, or all accounts', and compare them with what is stored.

    Memory is bounded by one account's lots. Every entry is read twice, in two orders;
    `on_entries` is called with how many were read since it was called last.
    """
    found = Verification()
    page = [account_id] if account_id is not None else await list_next_accounts(db, after="")
    while page:
        for each in page:
            await verify_account(db, each, into=found, on_entries=on_entries)
        page = [] if account_id is not None else await list_next_accounts(db, after=page[-1])
    return found


async def list_next_accounts(db: Db, *, after: str) -> list[str]:
    """Return the ids of a page of accounts, in their order."""
    found = await search_accounts(db, after=after, limit=_AT_A_TIME, sandbox=True)
    return [account.account_id for account in found]


async def count_entries(db: Db, *, account_id: str | None) -> int:
    """Return how many entries there are to be read, as the accounts count them."""
    if account_id is not None:
        row = await accounts.find_account(db, account_id)
        return row.sequence
    return await accounts.sum_sequences(db)


async def verify_account(
    db: Db,
    account_id: str,
    *,
    into: Verification,
    on_entries: Callable[[int], None] | None = None,
) -> None:
    """Add what is found of one account. All of it is read in the caller's snapshot."""
    found = 0
    async for difference in _check_account(db, account_id, into, on_entries or _report_nothing):
        found += 1
        if found > _LISTED_AT_MOST:
            break
        into.differences.append((account_id, difference))
    into.accounts += 1


async def _check_account(
    db: Db, account_id: str, into: Verification, on_entries: Callable[[int], None]
) -> AsyncIterator[Difference]:
    row = await accounts.find_account(db, account_id)
    check = EntriesCheck()
    async for entry in _report(entries.stream_entries(db, account_id), on_entries):
        into.entries += 1
        for difference in check.read(entry):
            yield difference
    tallies = await entries.load_tallies(db, account_id)
    lots = await stored_lots.load_all_lots(db, account_id)
    for difference in (
        *check.compare_lots(lots, tallies),
        *check.compare_tallies(tallies.values()),
        *check.compare_account(
            sequence=row.sequence, tallies=row.tallies, effective_at=row.effective_at
        ),
    ):
        yield difference
    async for difference in _check_instants(db, account_id, on_entries):
        yield difference
    async for difference in _check_charges(db, account_id):
        yield difference
    async for difference in _check_conservation(db, account_id, lots):
        yield difference


async def _check_instants(
    db: Db, account_id: str, on_entries: Callable[[int], None]
) -> AsyncIterator[Difference]:
    instants = InstantsCheck(restamped=await clock_repairs.load_restamped(db, account_id))
    async for entry in _report(entries.stream_entries_by_lot(db, account_id), on_entries):
        for difference in instants.read(entry):
            yield difference
    for difference in instants.finish():
        yield difference


async def _check_charges(db: Db, account_id: str) -> AsyncIterator[Difference]:
    async for charge, moved, overage in entries.stream_charges(db, account_id):
        for difference in check_charge(charge, uses=fold_ticket_entries(moved), overage=overage):
            yield difference
    for ticket_id in await entries.list_unknown_tickets(db, account_id):
        yield report_unknown_ticket(ticket_id)


async def _check_conservation(
    db: Db, account_id: str, lots: Sequence[Lot]
) -> AsyncIterator[Difference]:
    orders = await purchases.load_all_purchases(db, account_id)
    given = await conservation.load_given(db, account_id)
    for subscription_id, catalog, version in await conservation.load_licence_terms(db, account_id):
        terms = await catalogs.load_catalog(db, catalog, version)
        given[subscription_id] = 0 if terms.first_licence is None else terms.first_licence.amount
    came_back = await conservation.load_came_back(db, account_id)
    for difference in (
        *check_granted(lots, orders, given=given, came_back=came_back),
        *check_paid_back(orders),
    ):
        yield difference


async def _report(
    read: AsyncIterator[Entry], on_entries: Callable[[int], None]
) -> AsyncIterator[Entry]:
    """Pass entries on, telling now and then how many they were."""
    untold = 0
    async for entry in read:
        yield entry
        untold += 1
        if untold == _AT_A_TIME:
            on_entries(untold)
            untold = 0
    on_entries(untold)


def _report_nothing(_: int) -> None:
    return
