"""Offers: what a shop can sell, of every catalogue's newest version."""

from app.db import catalogs
from app.db.database import Db
from app.domain.catalogs import Catalog, Offer


async def list_offers(
    db: Db,
    *,
    catalog: str | None,
    plan: str | None,
    currency: str | None,
    unit: str | None,
) -> list[tuple[Catalog, Offer]]:
    """Return the offers that fit, each with its catalogue, in the catalogues' own order.

    A catalogue that is not published is refused with `catalog_unknown`.
    """
    if catalog is None:
        current = [
            await catalogs.load_catalog(db, row["catalog"], row["version"])
            for row in await catalogs.list_catalogs(db)
        ]
    else:
        current = [(await catalogs.load_current(db, catalog))[0]]
    return [
        (terms, offer)
        for terms in current
        for offer in terms.offers.values()
        if plan in (None, offer.plan)
        and unit in (None, offer.unit)
        and currency in (None, terms.currency)
    ]
