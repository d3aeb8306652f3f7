"""Ordered sales: what an order sells, by the list or by its quote, on which terms and for whom."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from app.db.accounts.locked_accounts import LockedAccount
from app.db.engine.unit_of_work import Db
from app.db.selling import quotes
from app.db.selling.sale_inputs import SaleInputs
from app.domain.access.refusals import Fault, InvalidPayload
from app.domain.catalog.catalogs import Catalog
from app.domain.catalog.money import Money
from app.domain.selling.quotes import Quote
from app.domain.selling.selling import Sale, price_sale, surcharge_sale
from app.domain.selling.sold_terms import Upgrade
from app.domain.selling.starts import Starts
from app.domain.values import Value, replace
from app.services.catalog.offers import find_offer_of
from app.services.selling.quotes import find_site, take_quote
from app.services.selling.regions import pick_region


class FixedByQuote(InvalidPayload):
    """The quote says otherwise: what it sells cannot be changed by the order that buys it."""

    code = "fixed_by_quote"
    title = "The quote says otherwise"


class PurchaseOrder(Value):
    """An order as the storefront places it: of an offer by the list, or of a quote.

    `named` are the fields that the storefront gave; with a quote they must not differ from it.
    `late_since` is the end that a late renewal goes on from, at `fee_percent` more. `share_of` is
    what the price is a share of, where the offer's is one.
    """

    order_id: str
    offer: str | None
    quote_id: UUID | None
    quantity: int
    contract_months: int | None
    site: str | None
    starts: Starts
    expected_total: Money | None
    paid: bool
    payment_reference: str | None
    at: datetime | None
    document: Mapping[str, object]
    named: frozenset[str] = frozenset()
    late_since: datetime | None = None
    fee_percent: int = 0
    region: str | None = None
    share_of: Money | None = None

    @property
    def is_renewal(self) -> bool:
        """Whether it renews an order, and goes on with what that one sold."""
        return "renews" in self.document


class OrderedSale(Value):
    """What an order sells, on which terms; `quote` is the one that it buys.

    `found` is what it was decided by.
    """

    terms: Catalog
    version: int
    sale: Sale
    site: str | None
    quote: Quote | None
    region: str | None
    found: SaleInputs

    @property
    def ends_another(self) -> Upgrade | None:
        """What it is an upgrade of."""
        return None if self.quote is None else self.quote.terms.upgrade


async def find_ordered_sale(
    db: Db, account: LockedAccount, order: PurchaseOrder, found: SaleInputs
) -> OrderedSale:
    """Return what an order sells, by its quote or the list; refuse what differs from its quote."""
    if order.quote_id is not None:
        quote = found.quote
        if quote is None:
            raise quotes.QuoteUnknown(f"There is no quote {order.quote_id}.")
        quoted = await take_quote(db, account, quote)
        _require_as_quoted(order, quote, quoted.sale)
        return OrderedSale(
            quoted.terms,
            quote.catalog_version,
            quoted.sale,
            quote.site,
            quote,
            quote.terms.region,
            found,
        )
    terms, version, offer = await find_offer_of(db, order.offer or "", found.version)
    if order.is_renewal:
        offer = replace(offer, fee=None)  # what is paid once was paid with the first order
    # The list of today may price what it renews otherwise.
    is_share = offer.price_share is not None or not order.is_renewal
    sale = price_sale(
        terms,
        offer,
        quantity=order.quantity,
        contract_months=order.contract_months,
        share_of=order.share_of if is_share else None,
    )
    sale = surcharge_sale(sale, order.fee_percent)
    is_known = order.region in terms.regions or "region" in order.named
    named = order.region if is_known else None
    region = pick_region(terms, named=named, accounts=found.region)
    return OrderedSale(
        terms, version, sale, find_site(terms, offer, order.site), None, region, found
    )


def _require_as_quoted(order: PurchaseOrder, quote: Quote, sale: Sale) -> None:
    """Refuse with `fixed_by_quote` every field given that the quote says otherwise."""
    given: dict[str, tuple[object, object]] = {
        "quantity": (order.quantity, sale.quantity),
        "contract_months": (order.contract_months, sale.contract_months),
        "region": (order.region, quote.terms.region),
        "share_of": (order.share_of, sale.share_of),
    }
    if quote.kind == "upgrade" or quote.terms.adds_to is not None:
        given["starts"] = (order.starts, "now")
    faults = [
        Fault(f"/{name}", f"The quote has {quoted!r}.", FixedByQuote.code)
        for name, (asked, quoted) in given.items()
        if name in order.named and asked != quoted
    ]
    if "site" in order.named and order.site is not None:
        faults.append(Fault("/site", "The site is the quote's own.", FixedByQuote.code))
    if faults:
        raise FixedByQuote(faults)
