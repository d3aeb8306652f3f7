"""Coverage: what an account has, gathered for the one pure decision."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from app.db.accounts import contacts
from app.db.catalog import catalogs
from app.db.coverage.coverage_inputs import AccountUnits
from app.db.engine.unit_of_work import Db
from app.db.ledger import stored_lots
from app.domain.access.callers import Caller
from app.domain.access.refusals import Fault, InvalidPayload
from app.domain.catalog.catalogs import Catalog
from app.domain.coverage.coverage import TRACE_ENDED, CoverageInputs
from app.domain.coverage.requests import Request
from app.domain.coverage.serving import OpeningHours
from app.domain.ledger.ledger import Lot
from app.domain.ledger.pools import Pool, Subscription, group_by_pool, pick_pool_terms
from app.domain.tickets.openings import Opening, decide_opening
from app.domain.time.business_time import OpenTime, from_micros, to_micros
from app.domain.time.compiled_calendars import compile_calendar
from app.domain.values import replace
from app.services.catalog.named import find_named, list_choices
from app.services.coverage.ticket_limits import count_by_plan, limits_tickets
from app.services.ledger.caps import load_cap
from app.services.ledger.running_sessions import set_aside_begun
from app.services.promises.deadlines import open_times
from app.services.selling.covers import list_calendars_at


class CatalogRequired(InvalidPayload):
    """Several catalogues could serve the account, and none is named; `choices` has them."""

    code = "catalog_required"
    title = "A catalogue has to be named"


def _is_open(catalog: Catalog, calendar: str, at: datetime) -> bool:
    """Say whether a catalogue's calendar is open at an instant."""
    return compile_calendar(catalog.calendars[calendar]).is_open(to_micros(at))


def _next_opening(catalog: Catalog, calendar: str, at: datetime) -> datetime:
    """Return when a catalogue's calendar opens next, at an instant at which it is closed."""
    return from_micros(compile_calendar(catalog.calendars[calendar]).next_opening(to_micros(at)))


OPENING_HOURS = OpeningHours(_is_open, _next_opening)


async def plan_opening(
    db: Db,
    account_id: str,
    request: Request,
    *,
    catalog: str | None,
    at: datetime,
    now: datetime,
    clock_at: datetime,
    caller: Caller,
    units_found: AccountUnits,
    requester: str | None = None,
    besides: str = "",
) -> Opening:
    """Return what opening such a ticket at `at` gives, from what the account has.

    One that is before the account's last effective time, `clock_at`, takes lots as usable at
    `at`, and of each no more than it had free at every instant since; what was suspended since
    stays so, unless the caller has `history:write`. Refuses as `decide_opening` does, and with
    `catalog_required`. `besides` is the ticket that it is decided for, where there is one already.
    """
    inputs = await load_coverage_inputs(
        db,
        account_id,
        units_found,
        catalog=catalog,
        at=at,
        backdated=at < clock_at,
        suspended_by=at if caller.may("history:write") else max(at, now),
    )

    if any(pool.plan.requesters is not None for pool in inputs.pools):
        inputs = replace(inputs, asker=await contacts.find_asker(db, account_id, requester))

    if any(limits_tickets(pool.plan) for pool in inputs.pools):
        counts = await count_by_plan(db, account_id, inputs.current, at=at, besides=besides)
        inputs = replace(inputs, counts=counts)

    def times_of(terms: Catalog, version: int, cover: Sequence[str]) -> Mapping[str, OpenTime]:
        return open_times(db, terms, version, cover)

    return decide_opening(
        request,
        inputs=inputs,
        caller=caller,
        at=at,
        now=now,
        hours=OPENING_HOURS,
        open_times=times_of,
    )


async def load_coverage_inputs(
    db: Db,
    account_id: str,
    units_found: AccountUnits,
    *,
    catalog: str | None,
    at: datetime,
    backdated: bool,
    suspended_by: datetime,
) -> CoverageInputs:
    """Return the account's pools as they bear on a request at `at`.

    Lots that ended more than 90 days before are left out. Several catalogues and none named is
    refused with `catalog_required`; an account without any gets the only one published.
    """
    lots = [lot for lot in units_found.lots if not lot.has_ended(at - TRACE_ENDED)]
    if catalog is None:
        catalog = await choose_catalog(db, lots, at=at)
    version = units_found.versions.get(catalog)
    if version is None:
        version = await find_named(db, catalog)
    else:
        catalogs.require_current(db, catalog, version)
    current = await catalogs.load_catalog(db, catalog, version, region=units_found.region)
    lots = [lot for lot in lots if lot.catalog == catalog]
    if backdated:
        lots = await stored_lots.bound_by_lowest_since(db, account_id, lots, at)
    if units_found.in_session:
        lots = await set_aside_begun(db, account_id, lots, at=at)
    pools = [
        await _build_pool(
            db,
            account_id,
            pooled,
            units_found.subscriptions,
            site=key.site,
            at=at,
            suspended_by=suspended_by,
        )
        for key, pooled in group_by_pool(lots).items()
    ]
    return CoverageInputs(current, version, tuple(pools), region=units_found.region)


async def choose_catalog(db: Db, lots: Iterable[Lot], *, at: datetime) -> str:
    """Return the one catalogue that could serve an account with these lots.

    Refuses with `catalog_required` where there are several.
    """
    named = {lot.catalog for lot in lots if not lot.has_ended(at)}
    named = named or {lot.catalog for lot in lots}
    if not named:
        named = {each.catalog for each in await catalogs.list_catalogs(db)}
    if len(named) != 1:
        detail = f"Name one of the catalogues {', '.join(sorted(named)) or '(none is published)'}."
        raise CatalogRequired(
            [Fault("/catalog", detail, CatalogRequired.code)],
            choices=await list_choices(db, sorted(named)),
        )
    return named.pop()


async def _build_pool(
    db: Db,
    account_id: str,
    lots: list[Lot],
    held: Mapping[UUID, Subscription],
    *,
    site: str | None,
    at: datetime,
    suspended_by: datetime,
) -> Pool:
    """Return the pool of these lots: for their own site, wherever the cover has moved since."""
    running = [lot for lot in lots if not held[lot.subscription_id].is_suspended(suspended_by)]
    suspended = not any(lot.is_usable(at) for lot in running) and any(
        lot.is_usable(at) for lot in lots
    )
    drawn = lots if suspended else running or lots
    subscription = held[pick_pool_terms(drawn, at=at).subscription_id]
    terms = await catalogs.load_catalog(
        db, subscription.catalog, subscription.catalog_version, region=subscription.region
    )
    if subscription.site != site:
        subscription = replace(subscription, site=site)
    if subscription.extra_calendars:
        cover = await list_calendars_at(db, account_id, subscription, terms, at)
        subscription = replace(subscription, extra_calendars=cover)
    return Pool(
        terms=terms,
        subscription=subscription,
        lots=tuple(drawn),
        suspended=suspended,
        cap=await load_cap(db, account_id, subscription, lots, terms=terms, at=at),
    )
