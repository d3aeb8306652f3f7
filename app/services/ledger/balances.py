"""Balances: what an account has, or had, at an instant, as known at a sequence."""

from collections.abc import Iterable
from datetime import datetime
from itertools import chain

from app.db.accounts import accounts
from app.db.catalog import catalogs
from app.db.engine.unit_of_work import Db
from app.db.ledger import balances
from app.db.ledger.present_balances import KnownState, load_present_state
from app.domain.access.refusals import Fault, InvalidPayload
from app.domain.coverage.sites import canonical_site
from app.domain.ledger.balances import NextExpiry, Tally, find_next_expiry, total_units
from app.domain.ledger.burn_order import burn_key
from app.domain.ledger.ledger import Lot, UnitTotals
from app.domain.ledger.pools import Cap
from app.domain.values import Value
from app.services.ledger.caps import list_caps


class SequenceAhead(InvalidPayload):
    """The account's sequence has not come so far."""

    code = "sequence_ahead"
    title = "The sequence lies ahead"


class BalanceView(Value):
    """A balance: totals of every lot there ever was, and the lots that still matter.

    `by_catalog` has the totals of each catalogue, where there are several.
    """

    account_id: str
    as_of: datetime
    sequence: int
    units: dict[str, UnitTotals]
    by_catalog: dict[str, dict[str, UnitTotals]]
    lots: list[Lot]
    caps: list[Cap]
    next_expiry: NextExpiry | None


async def read_balance(
    db: Db,
    *,
    account_id: str,
    at: datetime | None,
    sequence: int | None,
    catalog: str | None,
    site: str | None,
) -> BalanceView:
    """Return the balance at `at` (now), of the entries up to `sequence` (the last).

    With a sequence the same question has the same answer for ever: where `at` is left out, it
    is the instant of that movement. `lots` are those whose term has not ended, and ended ones
    that still hold, in burn order.
    """
    if at is None and sequence is None:
        present = await load_present_state(db, account_id, now=db.read_clock())
    else:
        present = await _load_past_state(db, account_id, at=at, sequence=sequence)
    state, as_of, known = present.state, present.at, present.sequence
    named = {each.catalog for each in state.tallies}
    sites = None if site is None else await _canonical_sites(db, site, named)

    def asked(of_catalog: str, of_site: str | None) -> bool:
        return catalog in (None, of_catalog) and (sites is None or sites[of_catalog] == of_site)

    tallies: dict[str, list[Tally]] = {}
    for each in state.tallies:
        if asked(each.catalog, each.site):
            tallies.setdefault(each.catalog, []).append(
                Tally(each.unit, each.counted, each.granted, each.held, each.used, each.revoked)
            )
    live = [lot for lot in state.lots if asked(lot.catalog, lot.site)]
    ended = [lot for lot in state.ended_holding if asked(lot.catalog, lot.site)]
    return BalanceView(
        account_id=account_id,
        as_of=as_of,
        sequence=known,
        units=total_units(chain(*tallies.values()), live, at=as_of),
        by_catalog={
            code: total_units(of_catalog, [lot for lot in live if lot.catalog == code], at=as_of)
            for code, of_catalog in tallies.items()
        }
        if len(tallies) > 1
        else {},
        lots=sorted((*live, *ended), key=burn_key),
        caps=await list_caps(
            db,
            account_id,
            [*live, *ended],
            at=as_of,
            sequence=known,
            as_known=sequence is not None,
        ),
        next_expiry=find_next_expiry(live, at=as_of),
    )


async def _load_past_state(
    db: Db, account_id: str, *, at: datetime | None, sequence: int | None
) -> KnownState:
    """Return what the account had at `at` (when `sequence` was), as known at `sequence`."""
    account = await accounts.find_account(db, account_id)
    if sequence is not None and sequence > account.sequence:
        detail = f"The account's last sequence is {account.sequence}."
        raise SequenceAhead([Fault("/sequence", detail, SequenceAhead.code)])
    known = account.sequence if sequence is None else sequence
    if at is None:
        at = await balances.find_entry_clock(db, account_id, known) or account.created_at
    state = await balances.load_account_state(db, account_id, at=at, sequence=known)
    return KnownState(at, known, state)


async def _canonical_sites(db: Db, site: str, named: Iterable[str]) -> dict[str, str]:
    """Return a site as each of these catalogues writes it; refuse `invalid_site`."""
    canonical_site(site, ignore_www=True)
    found = {}
    for catalog in named:
        terms, _ = await catalogs.load_current(db, catalog)
        found[catalog] = canonical_site(site, ignore_www=terms.policies.ignore_www)
    return found
