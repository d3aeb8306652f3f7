"""Catalogues that a request names: found, or refused with those that there are."""

from collections.abc import Iterable

from app.db.catalog import catalogs
from app.db.catalog.catalogs import CatalogUnknown
from app.db.engine.unit_of_work import Db
from app.domain.access.refusals import Choice, describe_choice
from app.domain.catalog.catalogs import Catalog


async def find_named(db: Db, catalog: str) -> int:
    """Return the newest version of a catalogue that a body names.

    Refuses with `catalog_unknown`, and the choices.
    """
    try:
        return await catalogs.current_version(db, catalog)
    except CatalogUnknown:
        found = [each.catalog for each in await catalogs.list_catalogs(db) if each.version]
        detail = f"There is no catalogue {catalog!r}; there are {', '.join(found) or 'none'}."
        choices = [describe_choice(each) for each in await list_choices(db, found)]
        raise CatalogUnknown(detail, choices=choices) from None


async def load_named(db: Db, catalog: str) -> tuple[Catalog, int]:
    """Return the newest version of a catalogue that a body names, as values, and its number."""
    version = await find_named(db, catalog)
    return await catalogs.load_catalog(db, catalog, version), version


async def list_choices(db: Db, codes: Iterable[str]) -> list[Choice]:
    """Return catalogues as a person chooses between them."""
    found = [(await catalogs.load_current(db, code))[0] for code in codes]
    return [Choice(each.code, each.title, each.description) for each in found]
