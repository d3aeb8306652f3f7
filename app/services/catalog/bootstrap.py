"""The first start: the packaged catalogues published, and an admin key made."""

from app.db.access import keys
from app.db.catalog import catalogs
from app.db.engine.database import Database
from app.services.access.keys import create_key
from app.services.catalog.catalogs import packaged_documents, publish_catalog


async def bootstrap(database: Database, *, make_key: bool = True) -> str | None:
    """Publish the packaged catalogues if none is, and make an admin key if there is no key.

    Returns the new key's secret, which is kept nowhere, or None. Safe to run again, and by
    several processes at once.
    """
    async with database.transaction() as db:
        if not await catalogs.list_catalogs(db):
            for code, document in packaged_documents().items():
                await publish_catalog(db, code=code, document=document, by="surety")
    if not make_key:
        return None
    async with database.transaction() as db:
        await keys.lock_keys(db)
        if await keys.count_keys(db):
            return None
        made = await create_key(
            db,
            name="first admin key",
            role="admin",
            scopes=None,
            account_id=None,
            expires_at=None,
        )
        return made.secret
