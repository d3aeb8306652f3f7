"""Coverage: what an account has, gathered for the one pure decision."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from app.db.catalog import catalogs
from app.db.coverage.coverage_inputs import Drawable, load_drawable
from app.db.engine.database import Db
from app.db.ledger import stored_lots
from app.domain.access.refusals import Choice, Fault, InvalidPayload
from app.domain.catalog.catalogs import Catalog
from app.domain.coverage.coverage import TRACE_ENDED, Coverage, decide_coverage
from app.domain.coverage.requests import Request
from app.domain.coverage.serving import OpeningHours
from app.domain.coverage.sites import canonical_site
from app.domain.ledger.ledger import Lot
from app.domain.ledger.pools import Pool, Subscription, group_by_pool, pick_pool_terms
from app.domain.time.business_time import compile_calendar, from_micros, to_micros
from app.services.coverage.running_sessions import set_aside_begun
from app.services.ledger.caps import load_cap
from app.services.selling.covers import list_calendars_at


class CatalogRequired(InvalidPayload):
    """Several catalogues could serve the account, and none is named; `choices` has them."""

    code = "catalog_required"
    title = "A catalogue has to be named"


@dataclass(frozen=True, slots=True)
class Holdings:
    """An account's pools in one catalogue, of which `current` is the published version."""

    current: Catalog
    version: int
    pools: tuple[Pool, ...]


def _is_open(catalog: Catalog, calendar: str, at: datetime) -> bool:
    """Say whether a catalogue's calendar is open at an instant."""
    return compile_calendar(catalog.calendars[calendar]).is_open(to_micros(at))


def _next_opening(catalog: Catalog, calendar: str, at: datetime) -> datetime:
    """Return when a catalogue's calendar opens next, at an instant at which it is closed."""
    return from_micros(compile_calendar(catalog.calendars[calendar]).next_opening(to_micros(at)))


OPENING_HOURS = OpeningHours(_is_open, _next_opening)


async def choose_coverage(
    db: Db,
    account_id: str,
    request: Request,
    *,
    catalog: str | None,
    at: datetime,
    backdated: bool,
    drawable: Drawable | None = None,
) -> tuple[Coverage, Holdings, Request]:
    """Decide which of the account's pools pays for `request` at `at`.

    A `backdated` one takes lots as usable at `at`, and of each no more than it had free at
    every instant since. `drawable` is what the account has, where it has been read already.

    Returns the decision, what it was decided from, and the request with the store that its site
    is a page of. Refuses as `decide_coverage` does, and with `catalog_required`.
    """
    if drawable is None:
        drawable = await load_drawable(db, account_id, at=at, ended_since=at - TRACE_ENDED)
    holdings = await load_holdings(
        db, account_id, drawable, catalog=catalog, at=at, backdated=backdated
    )
    if request.site is not None:
        ignore_www = holdings.current.policies.ignore_www
        request = replace(request, site=canonical_site(request.site, ignore_www=ignore_www))
    decision = decide_coverage(
        request,
        current=holdings.current,
        pools=holdings.pools,
        at=at,
        hours=OPENING_HOURS,
    )
    return decision, holdings, replace(request, site=decision.site)


async def load_holdings(
    db: Db,
    account_id: str,
    drawable: Drawable,
    *,
    catalog: str | None,
    at: datetime,
    backdated: bool,
) -> Holdings:
    """Return the account's pools as they bear on a request at `at`.

    Lots that ended more than 90 days before are left out. Several catalogues and none named is
    refused with `catalog_required`; an account without any gets the only one published.
    """
    lots = [lot for lot in drawable.lots if not lot.has_ended(at - TRACE_ENDED)]
    if catalog is None:
        catalog = await choose_catalog(db, lots, at=at)
    version = drawable.versions.get(catalog) or await catalogs.current_version(db, catalog)
    current = await catalogs.load_catalog(db, catalog, version)
    lots = [lot for lot in lots if lot.catalog == catalog]
    if backdated:
        lots = await stored_lots.bound_by_lowest_since(db, account_id, lots, at)
    if drawable.in_session:
        lots = await set_aside_begun(db, account_id, lots, at=at)
    pools = [
        await _build_pool(db, account_id, pooled, drawable.subscriptions, at=at)
        for pooled in group_by_pool(lots).values()
    ]
    return Holdings(current, version, tuple(pools))


async def choose_catalog(db: Db, lots: Iterable[Lot], *, at: datetime) -> str:
    """Return the one catalogue that could serve an account with these lots.

    Refuses with `catalog_required` where there are several.
    """
    named = {lot.catalog for lot in lots if not lot.has_ended(at)}
    named = named or {lot.catalog for lot in lots}
    if not named:
        named = {row["catalog"] for row in await catalogs.list_catalogs(db)}
    if len(named) != 1:
        detail = f"Name one of the catalogues {', '.join(sorted(named)) or '(none is published)'}."
        found = [(await catalogs.load_current(db, code))[0] for code in sorted(named)]
        raise CatalogRequired(
            [Fault("/catalog", detail, CatalogRequired.code)],
            choices=[Choice(each.code, each.title, each.description) for each in found],
        )
    return named.pop()


async def _build_pool(
    db: Db, account_id: str, lots: list[Lot], held: Mapping[UUID, Subscription], *, at: datetime
) -> Pool:
    running = [lot for lot in lots if not held[lot.subscription_id].is_suspended(at)]
    suspended = not any(lot.is_usable(at) for lot in running) and any(
        lot.is_usable(at) for lot in lots
    )
    drawn = lots if suspended else running or lots
    subscription = held[pick_pool_terms(drawn, at=at).subscription_id]
    terms = await catalogs.load_catalog(db, subscription.catalog, subscription.catalog_version)
    if subscription.extra_calendars:
        cover = await list_calendars_at(db, account_id, subscription, at)
        subscription = replace(subscription, extra_calendars=cover)
    return Pool(
        terms=terms,
        subscription=subscription,
        lots=tuple(drawn),
        suspended=suspended,
        cap=await load_cap(db, account_id, subscription, lots, terms=terms, at=at),
    )
