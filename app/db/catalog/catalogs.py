"""Catalogues as published: immutable versions, and the values parsed from them.

A version never changes, so what is parsed from it is kept in this process by its number. The
newest version of each catalogue is looked up, not kept: another process may publish.
"""

import asyncio
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, func, literal_column, select, update
from sqlalchemy.dialects.postgresql import insert

from app.db.engine.compiled import Statement
from app.db.engine.rows import RowType
from app.db.engine.unit_of_work import Db
from app.db.tables import catalog_versions, catalogs
from app.documents.reading import parse_catalog
from app.domain.access.refusals import Refusal
from app.domain.catalog.catalogs import Catalog
from app.domain.catalog.versions import CatalogVersion, PublishedCatalog


class CatalogUnknown(Refusal):
    """No catalogue of this code is published."""

    kind = "unknown"
    code = "catalog_unknown"
    title = "There is no such catalogue"


PUBLISHED = RowType(catalogs, PublishedCatalog, without=["bookings"])
VERSION = RowType(catalog_versions, CatalogVersion)
_CURRENT = Statement(select(catalogs.c.version).where(catalogs.c.catalog == bindparam("catalog")))
_LIST = Statement(select(*PUBLISHED.columns).order_by(catalogs.c.catalog))
_LOCK = Statement(
    select(catalogs.c.version).where(catalogs.c.catalog == bindparam("catalog")).with_for_update()
)
_COUNTED = Statement(
    select(
        catalogs.c.version,
        catalogs.c.bookings,
        func.to_regclass(literal_column("'pg_dist_partition'")).is_not(None).label("on_a_cluster"),
    ).where(catalogs.c.catalog == bindparam("catalog"))
)
_one_more = (
    update(catalogs)
    .where(catalogs.c.catalog == bindparam("catalog"))
    .values(bookings=catalogs.c.bookings + literal_column("1"))
)
_BOOK = Statement(_one_more.returning(catalogs.c.version))
_BOOK_AS_COUNTED = Statement(
    _one_more.where(
        catalogs.c.version == bindparam("counted_version"),
        catalogs.c.bookings == bindparam("counted"),
    )
)
_IS_CURRENT = Statement(
    select(func.count())
    .select_from(catalogs)
    .where(catalogs.c.catalog == bindparam("catalog"), catalogs.c.version == bindparam("version"))
)
_upsert = insert(catalogs).values({name: bindparam(name) for name in PUBLISHED.names})
_CREATE = Statement(_upsert.on_conflict_do_nothing())
_MOVE = Statement(
    _upsert.on_conflict_do_update(
        index_elements=[catalogs.c.catalog],
        set_={
            "version": _upsert.excluded.version,
            "published_at": _upsert.excluded.published_at,
        },
    )
)
_VERSION = Statement(
    select(*VERSION.columns).where(
        catalog_versions.c.catalog == bindparam("catalog"),
        catalog_versions.c.version == bindparam("version"),
    )
)
_INSERT_VERSION = Statement(insert(catalog_versions))
# As values, beside the text of the document that they are read from.
_TIMES_AS_HEAVY = 8
# What terms have of their own in a region: they share the rest.
_REGION_BYTES = 50_000


def _unknown(catalog: str) -> CatalogUnknown:
    return CatalogUnknown(f"There is no catalogue {catalog!r}.")


async def current_version(db: Db, catalog: str) -> int:
    """Return the number of the newest version, or refuse with `catalog_unknown`."""
    version = await db.value(_CURRENT, catalog=catalog)
    if version is None:
        raise _unknown(catalog)
    require_current(db, catalog, int(version))
    return int(version)


async def list_catalogs(db: Db) -> list[PublishedCatalog]:
    """Return the code, newest version and publication time of each catalogue, by code."""
    return [PUBLISHED.read(row) for row in await db.rows(_LIST)]


async def find_version(db: Db, catalog: str, version: int) -> CatalogVersion:
    """Return one version, document and all, or refuse with `catalog_unknown`."""
    row = await db.row(_VERSION, catalog=catalog, version=version)
    if row is None:
        raise CatalogUnknown(f"There is no version {version} of a catalogue {catalog!r}.")
    return VERSION.read(row)


async def load_catalog(db: Db, catalog: str, version: int, *, region: str | None = None) -> Catalog:
    """Return one version as values; parsed once in this process.

    In a region of the customer's, its calendars are those of that region.
    """
    if region is not None:
        known: Catalog | None = db.immutable.find((catalog, version, region))
        if known is None:
            terms = await load_catalog(db, catalog, version)
            known = terms.in_region(region)
            db.immutable.store((catalog, version, region), known, weight=_REGION_BYTES)
        return known
    key = (catalog, version)
    found: Catalog | None = db.immutable.find(key)
    if found is None:
        stored = await find_version(db, catalog, version)
        # A large document takes its time, and others go on meanwhile.
        parsed, weight = await asyncio.to_thread(_parse, stored.document)
        db.immutable.store(key, parsed, weight=weight)
        return parsed
    return found


def _parse(document: Mapping[str, Any]) -> tuple[Catalog, int]:
    """Return a document as values, and what they weigh."""
    return parse_catalog(document), _TIMES_AS_HEAVY * len(json.dumps(document))


async def load_current(db: Db, catalog: str) -> tuple[Catalog, int]:
    """Return the newest version's values and its number, or refuse with `catalog_unknown`."""
    version = await current_version(db, catalog)
    return await load_catalog(db, catalog, version), version


def require_current(db: Db, catalog: str, version: int) -> None:
    """Have nothing be written that is decided without a lock, once there is a newer version."""
    db.require(_IS_CURRENT, catalog=catalog, version=version)


async def hold_bookings(db: Db, catalog: str) -> int:
    """Let nobody else book of a published catalogue from now on; return its newest version.

    Only a booking does: it alone looks at what other accounts have, and two of them must not
    take one slot. It is locked until the commit: the booking waits for publications and other
    bookings of that catalogue, no more. Or, where nothing is locked, nothing is written if there
    was another booking, or a publication, since it was read.

    On a cluster it is always locked. Its nodes commit one after the other, so that a booking may
    be counted on one and not be seen yet on another; a lock that counts is waited for on each.
    """
    if db.compares:
        row = await db.row(_COUNTED, catalog=catalog)
        if row is None:
            raise _unknown(catalog)
        if not row["on_a_cluster"]:
            db.guard(
                _BOOK_AS_COUNTED,
                catalog=catalog,
                counted_version=row["version"],
                counted=row["bookings"],
            )
            return int(row["version"])
    version = await db.value(_BOOK, catalog=catalog)
    if version is None:
        raise _unknown(catalog)
    return int(version)


async def lock_catalog(db: Db, catalog: str, *, now: datetime) -> int:
    """Hold the catalogue against other publications; return its newest version, 0 for none."""
    await db.execute(_CREATE, catalog=catalog, version=0, published_at=now)
    return int(await db.value(_LOCK, catalog=catalog))


async def insert_version(db: Db, published: CatalogVersion) -> None:
    """Write a version and make it the newest."""
    await db.execute(_INSERT_VERSION, **VERSION.values(published))
    await db.execute(
        _MOVE,
        catalog=published.catalog,
        version=published.version,
        published_at=published.published_at,
    )
