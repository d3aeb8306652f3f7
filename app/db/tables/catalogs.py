"""Catalogues as they are published: reference tables, of no account."""

from sqlalchemy import JSON, BigInteger, Column, Index, Integer, Table, Text, text

from app.db.tables.base import INSTANT, metadata

catalogs = Table(
    "catalogs",
    metadata,
    Column("catalog", Text, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("published_at", INSTANT, nullable=False),
    # Counts what took a slot of a session, by which others see that one is taken since they looked.
    Column("bookings", BigInteger, nullable=False, server_default=text("0")),
)

catalog_versions = Table(
    "catalog_versions",
    metadata,
    Column("catalog", Text, primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("digest", Text, nullable=False),
    Column("document", JSON, nullable=False),
    Column("published_at", INSTANT, nullable=False),
    Column("published_by", Text, nullable=False),
    Index("uq_catalog_versions_catalog_digest_version", "catalog", "digest", "version"),
)
