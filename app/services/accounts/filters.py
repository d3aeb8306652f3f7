"""Filters of reads: what they name has to exist, or a misspelt one would pass for "nothing"."""

from app.db.accounts import accounts
from app.db.catalog import catalogs
from app.db.engine.database import Db
from app.domain.access.refusals import Fault, InvalidPayload

# Catalogues are never taken back, so one that was found is not looked for again.
_PUBLISHED = "published catalogue"
_NAME_BYTES = 300


class UnknownFilter(InvalidPayload):
    """A filter names a catalogue or an account that does not exist."""

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
    db.immutable.keep((_PUBLISHED, catalog), True, weight=_NAME_BYTES)


async def require_account(db: Db, account_id: str) -> None:
    """Refuse with `unknown_filter` an account that does not exist."""
    try:
        await accounts.find_account(db, account_id)
    except accounts.AccountUnknown as unknown:
        raise UnknownFilter([Fault("/account_id", unknown.detail, UnknownFilter.code)]) from None
