"""Versions of catalogues as they are published: each with its document, which never changes."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from app.domain.values import Value


class PublishedCatalog(Value):
    """A catalogue by its code, with the number of its newest version; 0 before the first."""

    catalog: str
    version: int
    published_at: datetime


class CatalogVersion(Value):
    """One version of a catalogue, with its document as the seller wrote it."""

    catalog: str
    version: int
    digest: str
    document: Mapping[str, Any]
    published_at: datetime
    published_by: str
