"""Quotes: prices promised until a date, frozen with the terms they were made on, bought once."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from uuid import UUID

from app.db.accounts.accounts import find_account
from app.db.accounts.locked_accounts import LockedAccount, lock_account
from app.db.catalog import catalogs
from app.db.engine.unit_of_work import Db
from app.db.selling import purchases, quotes, whole_orders
from app.domain.access.callers import Caller
from app.domain.access.refusals import Fault, InvalidPayload, Refusal
from app.domain.catalog.catalogs import Catalog
from app.domain.catalog.money import Money
from app.domain.catalog.offers import Offer
from app.domain.coverage.sites import canonical_site
from app.domain.events.sale_events import describe_quote
from app.domain.selling.additions import price_addition, require_first
from app.domain.selling.moves import list_as_bought
from app.domain.selling.quotes import Quote
from app.domain.selling.selling import Agreed, Sale, price_sale, require_site
from app.domain.selling.sold_terms import Upgrade, copy_sale, read_sale
from app.domain.selling.upgrades import LONGEST_WAIT, add_credit, require_upgrade
from app.domain.time.instants import write_instant
from app.domain.values import Value
from app.services.catalog.offers import find_offer
from app.services.selling.cancellations import measure_order, require_active, require_not_raised
from app.services.selling.lots import new_id
from app.services.selling.needs import require_plan_for
from app.services.selling.purchase_views import view_order, view_purchase
from app.services.selling.regions import find_region

VALID = timedelta(days=30)
LONGEST_VALID = timedelta(days=366)


class QuoteExpired(Refusal):
    """The quote was valid until an earlier instant."""

    kind = "conflict"
    code = "quote_expired"
    title = "The quote has expired"


class QuoteAlreadyBought(Refusal):
    """The quote was bought by another order."""

    kind = "conflict"
    code = "quote_already_bought"
    title = "The quote is bought already"


class InvalidValidity(InvalidPayload):
    """The quote would end in the past, or be valid for longer than it may."""

    code = "invalid_validity"
    title = "The quote's end is not possible"


class QuoteOrder(Value):
    """What is to be quoted; `agreed` is what differs from the list.

    `quantity` None: one, or as many as the order that is upgraded has. `share_of` is what the
    price is a share of, where the offer's is one.
    """

    offer: str
    quantity: int | None
    contract_months: int | None
    site: str | None
    agreed: Agreed
    valid_until: datetime | None
    document: Mapping[str, object]
    region: str | None = None
    share_of: Money | None = None


class QuoteView(Value):
    """A quote as it is now."""

    quote: Quote
    now: datetime


class Quoted(Value):
    """What a quote sells: the terms it was made on, the sale, and the site in canonical form."""

    quote: Quote
    terms: Catalog
    sale: Sale


async def draw_up_quote(db: Db, *, account_id: str, order: QuoteOrder, caller: Caller) -> QuoteView:
    """Promise a price until a date; by default the list's, for 30 days.

    A price or an allowance of one's own needs `ledger:write`.
    """
    account = await lock_account(db, account_id)
    terms, version, offer = await find_offer(db, order.offer)
    _require_right(offer, order.agreed, caller)
    await require_plan_for(db, account_id, terms, offer, at=account.now)
    valid_until = _decide_validity(
        order.valid_until or account.now + VALID, now=account.now, longest=LONGEST_VALID
    )
    sale = price_sale(
        terms,
        offer,
        quantity=order.quantity or 1,
        contract_months=order.contract_months,
        agreed=order.agreed,
        share_of=order.share_of,
    )
    return await _write(
        db,
        account,
        sale,
        terms,
        version,
        site=find_site(terms, offer, order.site),
        region=await find_region(db, account_id, terms, named=order.region),
        valid_until=valid_until,
        order=order,
    )


async def quote_upgrade(
    db: Db, *, account_id: str, order_id: str, order: QuoteOrder, caller: Caller
) -> QuoteView:
    """Quote a better offer in place of an order, with a line of credit for what is unused.

    Buying it ends the order at that instant. It is valid for 7 days at most, and not beyond the
    term of the order. Quantity is the order's, and the site that which it covers now, unless
    others are named.
    """
    account, whole = await whole_orders.take_order(db, account_id, order_id)
    replaced, view = whole.order, view_order(whole, now=account.now)
    require_first(replaced)
    require_active(view)
    require_not_raised(whole)
    terms, version, offer = await find_offer(db, order.offer)
    _require_right(offer, order.agreed, caller)
    sold_under = await catalogs.load_catalog(db, replaced.catalog, replaced.catalog_version)
    present = sold_under.offers[replaced.offer]
    require_upgrade(terms, offer, present=present)
    sale = price_sale(
        terms,
        offer,
        quantity=order.quantity or replaced.quantity,
        contract_months=order.contract_months,
        agreed=order.agreed,
        share_of=order.share_of,
    )
    unused = await measure_order(db, account, whole, view)
    paid = replaced.paid_amount
    sale = add_credit(
        sale, order_id=order_id, paid=paid, unused=unused, unit=present.unit, names=terms.names
    )
    ends_at = view.subscription.ends_at if view.subscription else None
    valid_until = _decide_validity(
        order.valid_until or account.now + LONGEST_WAIT, now=account.now, longest=LONGEST_WAIT
    )
    return await _write(
        db,
        account,
        sale,
        terms,
        version,
        site=find_site(terms, offer, order.site or (view.subscription or replaced).site),
        region=await find_region(
            db,
            account_id,
            terms,
            named=replaced.terms.region if replaced.terms.region in terms.regions else None,
        ),
        valid_until=min(valid_until, ends_at or valid_until),
        order=order,
        upgrade=Upgrade(order_id, unused.share_of(paid), unused),
    )


async def quote_addition(
    db: Db,
    *,
    account_id: str,
    order_id: str,
    quantity: int,
    valid_until: datetime | None,
    document: Mapping[str, object],
) -> QuoteView:
    """Quote more of what an order is sold by, for the rest of its term, at the price it had.

    It is valid for 7 days at most, and not beyond the term.
    """
    account = await lock_account(db, account_id)
    raised = await purchases.get_purchase(db, account_id, order_id)
    require_first(raised)
    view = await view_purchase(db, raised, now=account.now, sequence=account.sequence)
    require_active(view)
    terms = await catalogs.load_catalog(db, raised.catalog, raised.catalog_version)
    subscription = view.subscription
    if subscription is None:
        raise ValueError(f"the order {order_id} has no subscription")
    sale = price_addition(
        raised,
        quantity,
        terms=terms,
        had=subscription.quantity,
        lots=[lot for lot in list_as_bought(view.lots) if lot.order_id == order_id],
        term=(subscription.starts_at, subscription.ends_at),
        at=account.now,
    )
    until = _decide_validity(
        valid_until or account.now + LONGEST_WAIT, now=account.now, longest=LONGEST_WAIT
    )
    order = QuoteOrder(
        offer=raised.offer,
        quantity=quantity,
        contract_months=raised.contract_months,
        site=subscription.site,
        agreed=Agreed(),
        valid_until=valid_until,
        document=document,
    )
    return await _write(
        db,
        account,
        sale,
        terms,
        raised.catalog_version,
        site=subscription.site,
        region=raised.terms.region,
        valid_until=min(until, subscription.ends_at or until),
        order=order,
        adds_to=order_id,
    )


async def get_quote(db: Db, *, account_id: str, quote_id: UUID) -> QuoteView:
    """Return a quote as it is now."""
    await find_account(db, account_id)
    quote = await quotes.get_quote(db, account_id, quote_id)
    return QuoteView(quote, db.read_clock())


async def take_quote(db: Db, account: LockedAccount, quote: Quote) -> Quoted:
    """Return what a quote sells; refuse one that has expired by now, or is bought."""
    if quote.order_id is not None:
        raise QuoteAlreadyBought(
            f"The quote was bought by the order {quote.order_id!r}.", order_id=quote.order_id
        )
    if quote.valid_until <= account.now:
        raise QuoteExpired(
            f"The quote was valid until {write_instant(quote.valid_until)}.",
            valid_until=quote.valid_until,
        )
    terms = await catalogs.load_catalog(db, quote.catalog, quote.catalog_version)
    return Quoted(quote, terms, read_sale(quote.terms, terms))


def find_site(terms: Catalog, offer: Offer, site: str | None) -> str | None:
    """Return the site that an offer would cover, in canonical form; None where it covers none.

    Refuses `site_required` and `invalid_site`.
    """
    require_site(offer, site)
    if site is None:
        return None
    canonical = canonical_site(site, ignore_www=terms.policies.ignore_www)
    return canonical if offer.site_bound else None


def _require_right(offer: Offer, agreed: Agreed, caller: Caller) -> None:
    if offer.sold == "quote":
        caller.require("ledger:write", why=f"To agree what {offer.code}, sold by quote, costs")
    if agreed != Agreed():
        caller.require("ledger:write", why="A price or an allowance off the list")


def _decide_validity(valid_until: datetime, *, now: datetime, longest: timedelta) -> datetime:
    if not now < valid_until <= now + longest:
        detail = (
            f"Such a quote is valid for some time to come, and for {longest.days} days at most."
        )
        raise InvalidValidity([Fault("/valid_until", detail, InvalidValidity.code)])
    return valid_until


async def _write(
    db: Db,
    account: LockedAccount,
    sale: Sale,
    terms: Catalog,
    version: int,
    *,
    site: str | None,
    region: str | None,
    valid_until: datetime,
    order: QuoteOrder,
    upgrade: Upgrade | None = None,
    adds_to: str | None = None,
) -> QuoteView:
    quote = Quote(
        account_id=account.account_id,
        quote_id=new_id(),
        kind="sale" if upgrade is None else "upgrade",
        request=order.document,
        catalog=terms.code,
        catalog_version=version,
        offer=sale.offer.code,
        terms=copy_sale(sale, upgrade, region=region, adds_to=adds_to),
        site=site,
        total_amount=sale.total.amount,
        total_currency=sale.total.currency,
        valid_until=valid_until,
        upgraded_order_id=None if upgrade is None else upgrade.order_id,
        order_id=None,
        created_at=account.now,
    )
    await quotes.insert_quote(db, quote)
    account.record(describe_quote(quote), at=account.now)
    return QuoteView(quote, account.now)
