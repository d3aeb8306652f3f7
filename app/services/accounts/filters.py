"""Filters of reads: what they name has to exist, or a misspelt one would pass for "nothing"."""

from app.db.accounts import accounts
from app.db.catalog import catalogs
from app.db.engine.unit_of_work import Db
from app.domain.access.refusals import Fault, InvalidPayload

# Catalogues are never taken back, so one that was found is not looked for again.
_PUBLISHED = "published catalogue"
_NAME_BYTES = 300
_PLAN = "published plan"


class UnknownFilter(InvalidPayload):
    """A filter names a catalogue, a plan or an account that does not exist."""

    code = "unknown_filter"
    title = "A filter names what does not exist"


async def require_catalog(db: Db, catalog: str) -> None:
    """Refuse with `unknown_filter` a catalogue that was never published, listing those that are."""
    if db.immutable.find((_PUBLISHED, catalog)):
        return
    published = [each.catalog for each in await catalogs.list_catalogs(db) if each.version]
    if catalog not in published:
        detail = f"There is no catalogue {catalog!r}; there are {', '.join(published) or 'none'}."
        raise UnknownFilter([Fault("/catalog", detail, UnknownFilter.code)])
    db.immutable.store((_PUBLISHED, catalog), True, weight=_NAME_BYTES)


async def require_plan(db: Db, plan: str, *, catalog: str | None) -> None:
    """Refuse with `unknown_filter` a plan that no version ever published has.

    Of `catalog`, or of any.
    """
    if db.immutable.find((_PLAN, catalog, plan)):
        return
    newest = {each.catalog: each.version or 0 for each in await catalogs.list_catalogs(db)}
    named: list[str] = []
    for code in newest if catalog is None else [catalog]:
        for version in range(newest.get(code, 0), 0, -1):
            plans = (await catalogs.load_catalog(db, code, version)).plans
            if plan in plans:
                db.immutable.store((_PLAN, catalog, plan), True, weight=_NAME_BYTES)
                return
            named += plans
    detail = f"There is no plan {plan!r}; there are {', '.join(dict.fromkeys(named)) or 'none'}."
    raise UnknownFilter([Fault("/plan", detail, UnknownFilter.code)])


async def require_account(db: Db, account_id: str) -> None:
    """Refuse with `unknown_filter` an account that does not exist."""
    try:
        await accounts.find_account(db, account_id)
    except accounts.AccountUnknown as unknown:
        raise UnknownFilter([Fault("/account_id", unknown.detail, UnknownFilter.code)]) from None
