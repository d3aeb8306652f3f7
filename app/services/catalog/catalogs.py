"""Catalogues: published as new versions, each of which never changes."""

import asyncio
import tomllib
from collections.abc import Mapping
from datetime import datetime
from importlib import resources
from typing import Any

from app.db.catalog import catalogs
from app.db.engine.unit_of_work import Db
from app.documents.reading import check_catalog
from app.domain.access.differences import canonical_digest, diff_documents
from app.domain.access.refusals import Fault, InvalidPayload
from app.domain.catalog.catalogs import Catalog
from app.domain.catalog.versions import CatalogVersion
from app.domain.values import Value
from app.services.accounts.accounts import require_match


class CatalogCodeDiffers(InvalidPayload):
    """The document is of another catalogue than the address."""

    code = "catalog_code_differs"
    title = "The document is of another catalogue"


class CatalogView(Value):
    """One version of a catalogue, its document, and what publishing it changed."""

    catalog: str
    version: int
    title: str
    published_at: datetime
    document: Mapping[str, Any]
    changes: list[dict[str, Any]] | None = None


async def publish_catalog(
    db: Db,
    *,
    code: str,
    document: Mapping[str, Any],
    by: str,
    if_match: str | None = None,
    if_none_match: str | None = None,
) -> tuple[CatalogView, bool]:
    """Publish a document as the newest version of its catalogue.

    Returns the version and whether it is new: the newest document again makes none. Refuses
    with every fault of the document, by pointer.
    """
    terms, digest = await asyncio.to_thread(_read, document)
    if terms.code != code:
        detail = f"The document is of the catalogue {terms.code!r}, the address of {code!r}."
        raise CatalogCodeDiffers([Fault("/code", detail, CatalogCodeDiffers.code)])
    newest = await catalogs.lock_catalog(db, code, now=db.read_clock())
    # Others may have been waited for, whose clock may be another machine's.
    published_at = db.read_clock()
    require_match(if_match, newest or None, if_none_match=if_none_match)
    then: Mapping[str, object] = {}
    if newest:
        before = await catalogs.find_version(db, code, newest)
        if before.digest == digest:
            return _view(terms, before, changes=[]), False
        then = before.document
        published_at = max(published_at, before.published_at)
    published = CatalogVersion(
        catalog=code,
        version=newest + 1,
        digest=digest,
        document=dict(document),
        published_at=published_at,
        published_by=by,
    )
    await catalogs.insert_version(db, published)
    changes = await asyncio.to_thread(diff_documents, then, dict(document))
    return _view(terms, published, changes=changes), True


async def read_catalog(db: Db, *, code: str, version: int | None = None) -> CatalogView:
    """Return a catalogue's newest version, or the one named."""
    if version is None:
        version = await catalogs.current_version(db, code)
    terms = await catalogs.load_catalog(db, code, version)
    return _view(terms, await catalogs.find_version(db, code, version))


async def load_terms(db: Db, *, code: str) -> tuple[Catalog, int]:
    """Return a catalogue's newest version as values, and its number."""
    return await catalogs.load_current(db, code)


async def list_catalogs(db: Db) -> list[CatalogView]:
    """Return the newest version of every catalogue, by code."""
    return [
        await read_catalog(db, code=each.catalog, version=each.version)
        for each in await catalogs.list_catalogs(db)
    ]


def packaged_documents() -> dict[str, dict[str, Any]]:
    """Return the documents of the catalogues that come with the service, by code."""
    documents: dict[str, dict[str, Any]] = {}
    for file in resources.files("app.catalogs").iterdir():
        if file.name.endswith(".toml"):
            document = tomllib.loads(file.read_text(encoding="utf-8"))
            documents[document["code"]] = document
    return dict(sorted(documents.items()))


def _read(document: Mapping[str, Any]) -> tuple[Catalog, str]:
    """Return a document's catalogue and digest; a large one takes its time."""
    return check_catalog(document).catalog, canonical_digest(document)


def _view(
    terms: Catalog, published: CatalogVersion, changes: list[dict[str, Any]] | None = None
) -> CatalogView:
    return CatalogView(
        catalog=terms.code,
        version=published.version,
        title=terms.title,
        published_at=published.published_at,
        document=published.document,
        changes=changes,
    )
