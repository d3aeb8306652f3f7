"""Offers' prices: what one of an offer costs by the list, or as a share of something else."""

from app.domain.access.refusals import Fault, InvalidPayload
from app.domain.catalog.catalogs import Catalog
from app.domain.catalog.money import Money
from app.domain.catalog.offers import Offer


class CurrencyDiffers(InvalidPayload):
    """The catalogue sells in another currency."""

    code = "currency_differs"
    title = "The catalogue sells in another currency"


class ShareNotNamed(InvalidPayload):
    """The offer's price is a share of something else: the order has to say how much that is."""

    code = "share_not_named"
    title = "The amount that the price is a share of is missing"


class NoShareOfPrice(InvalidPayload):
    """The offer's price is no share of anything: there is no amount to be given for it."""

    code = "no_share_of_price"
    title = "The price is no share of anything"


def find_offer_price(
    catalog: Catalog, offer: Offer, share_of: Money | None, *, agreed: bool
) -> Money | None:
    """Return the list's price of one unit for one term; None where it is `agreed` by quote.

    `share_of` is the amount that it is a share of. Refuses `share_not_named` where that is
    missing, and `no_share_of_price` where the price is no share.
    """
    share = offer.price_share
    if share is None:
        if share_of is not None:
            detail = f"The price of {offer.code} is a share of nothing else."
            raise NoShareOfPrice([Fault("/share_of", detail, NoShareOfPrice.code)])
        return offer.price
    if share_of is None:
        if agreed:
            return None
        detail = f"{offer.code} costs {share.describe()}: say how much that is."
        raise ShareNotNamed([Fault("/share_of", detail, ShareNotNamed.code)])
    if share_of.currency != catalog.currency:
        detail = f"{catalog.title} sells in {catalog.currency}."
        raise CurrencyDiffers([Fault("/share_of/currency", detail, CurrencyDiffers.code)])
    return share.price(share_of.amount)
