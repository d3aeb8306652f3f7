"""Offers: what a shop can sell, of every catalogue's newest version."""

from app.db.catalog import catalogs
from app.db.engine.unit_of_work import Db
from app.domain.access.refusals import Fault, InvalidPayload
from app.domain.catalog.catalogs import Catalog
from app.domain.catalog.offers import Offer


class OfferUnknown(InvalidPayload):
    """No published catalogue has such an offer."""

    code = "offer_unknown"
    title = "There is no such offer"


async def find_offer(db: Db, code: str) -> tuple[Catalog, int, Offer]:
    """Return an offer by its full code, of the newest version; refuse with `offer_unknown`."""
    try:
        version = await catalogs.current_version(db, name_catalog(code))
    except catalogs.CatalogUnknown:
        raise _unknown(code) from None
    return await find_offer_of(db, code, version)


def name_catalog(code: str) -> str:
    """Return the catalogue that an offer's full code names."""
    return code.partition(".")[0]


async def find_offer_of(db: Db, code: str, version: int | None) -> tuple[Catalog, int, Offer]:
    """Return an offer by its full code, of this version: its catalogue's newest, None if none is.

    Refuses with `offer_unknown`.
    """
    if version is None:
        raise _unknown(code)
    catalog = name_catalog(code)
    catalogs.require_current(db, catalog, version)
    terms = await catalogs.load_catalog(db, catalog, version)
    offer = terms.find_offer(code)
    if offer is None:
        raise _unknown(code)
    return terms, version, offer


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
            await catalogs.load_catalog(db, each.catalog, each.version)
            for each in await catalogs.list_catalogs(db)
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


def _unknown(code: str) -> OfferUnknown:
    return OfferUnknown([Fault("/offer", f"There is no offer {code!r}.", OfferUnknown.code)])
