"""Purchases: an order, under the storefront's own id, and what it gives once it is paid."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from app.db.accounts.locked_accounts import LockedAccount, lock_account
from app.db.catalog import catalogs
from app.db.engine.unit_of_work import Db
from app.db.ledger import subscriptions
from app.db.selling import purchases, quotes
from app.db.selling.sale_inputs import SaleInputs, SaleKey, take_sale
from app.domain.access.callers import Caller
from app.domain.access.refusals import Fault, InvalidPayload, Refusal
from app.domain.catalog.catalogs import Catalog
from app.domain.catalog.money import Money
from app.domain.catalog.terms import add_term
from app.domain.coverage.sites import InvalidSite, list_spellings
from app.domain.events.sale_events import describe_pending
from app.domain.selling.additions import require_first
from app.domain.selling.cancellations import PurchasePending, refuse_cancelled
from app.domain.selling.purchases import Purchase
from app.domain.selling.quotes import Quote
from app.domain.selling.selling import (
    QuoteRequired,
    Sale,
    price_sale,
    require_total,
    surcharge_sale,
)
from app.domain.selling.sold_terms import Upgrade, copy_sale, read_sale
from app.domain.selling.starts import SoldTerm, Starts, require_start
from app.domain.time.backdating import decide_instant
from app.services.access.repeats import require_same
from app.services.catalog.offers import find_offer_of, name_catalog
from app.services.selling.activation import activate_order, find_start
from app.services.selling.cancellations import replace_order
from app.services.selling.needs import require_plan_for
from app.services.selling.payments import require_payment_of, require_unused
from app.services.selling.purchase_views import PurchaseView, view_purchase
from app.services.selling.quotes import find_site, take_quote
from app.services.selling.regions import pick_region


class AlreadyRenewed(Refusal):
    """The order was renewed by another order, whose term follows it."""

    kind = "conflict"
    code = "already_renewed"
    title = "The order is renewed already"


class FixedByQuote(InvalidPayload):
    """The quote says otherwise: what it sells cannot be changed by the order that buys it."""

    code = "fixed_by_quote"
    title = "The quote says otherwise"


@dataclass(frozen=True, slots=True)
class PurchaseOrder:
    """An order as the storefront places it: of an offer by the list, or of a quote.

    `named` are the fields that the storefront gave; with a quote they must not differ from it.
    `late_since` is the end that a late renewal goes on from, at `fee_percent` more.
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


@dataclass(frozen=True, slots=True)
class _Sold:
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


async def place_purchase(
    db: Db, *, account_id: str, order: PurchaseOrder, caller: Caller
) -> tuple[PurchaseView, bool]:
    """Record an order and, when it is paid, begin its subscription and grant its lots.

    Returns the purchase and whether it is new. The order's id seen again with the same request
    gives the purchase as it is now; with another it is refused.
    """
    account, found = await take_sale(db, account_id, _key_of(order, now=db.read_clock()))
    seen = found.order
    if seen is not None:
        require_same(f"The order {order.order_id!r}", then=seen.request, now=order.document)
        return await view_purchase(db, seen, now=account.now, sequence=account.sequence), False
    at = decide_instant(order.at, now=account.now, caller=caller)
    sold = await _find_sold(db, account, order, found)
    require_total(sold.sale.total, order.expected_total)
    require_start(sold.sale.offer, order.starts, at=at)
    await require_plan_for(db, account_id, sold.terms, sold.sale.offer, at=at)
    placed = _make(account, order, sold)
    if not order.paid:
        await _require_startable(db, placed, sold, at=at)
    if order.paid:
        view = await _pay(
            db, account, placed, sold, reference=order.payment_reference, at=at, by=caller.name
        )
    else:
        account.record(describe_pending(placed), at=at)
        view = PurchaseView(placed, None, None, (), account.now, account.sequence)
    await _insert(db, account, view.order)
    return view, True


async def report_payment(
    db: Db,
    *,
    account_id: str,
    order_id: str,
    reference: str,
    at: datetime | None,
    caller: Caller,
) -> PurchaseView:
    """Begin a pending order's term now that it is paid; once, however often it is reported.

    The payment that paid it, reported again, gives the order as it is now, cancelled or not.
    """
    now = db.read_clock()
    key = SaleKey(order_id, since=now if at is None else min(at, now), reference=reference)
    account, found = await take_sale(db, account_id, key)
    order = found.order
    if order is None:
        raise purchases.PurchaseUnknown(f"There is no order {order_id!r}.")
    if order.status == "active":
        require_payment_of(order, reference)
    if order.payment_reference == reference:
        return await view_purchase(db, order, now=account.now, sequence=account.sequence)
    if order.cancellation is not None:
        raise refuse_cancelled(order.order_id, order.cancellation)
    at = decide_instant(at, now=account.now, caller=caller)
    terms = await catalogs.load_catalog(db, order.catalog, order.catalog_version)
    sale = read_sale(order.terms, terms)
    sold = _Sold(
        terms, order.catalog_version, sale, order.site, found.quote, order.terms.region, found
    )
    view = await _pay(db, account, order, sold, reference=reference, at=at, by=caller.name)
    await purchases.activate_purchase(db, view.order)
    return view


async def renew_purchase(
    db: Db,
    *,
    account_id: str,
    order_id: str,
    renewed_by: str,
    expected_total: Money | None,
    paid: bool,
    payment_reference: str | None,
    at: datetime | None,
    document: Mapping[str, object],
    caller: Caller,
    by_itself: bool = False,
    since: datetime | None = None,
) -> tuple[PurchaseView, bool]:
    """Sell the same offer once more, by the list of today, for the term after the present cover.

    One that comes `by_itself` is never late: it runs `since` the end, unless it is paid too
    late (`is_too_late`). A pack is sold once more now. Returns
    the new order and whether it is new. What was agreed by quote needs a new quote. An order
    that is cancelled or not paid has no term to follow, and one that was renewed is not renewed
    again.
    """
    account = await lock_account(db, account_id)
    renewed = await purchases.get_purchase(db, account_id, order_id)
    if await purchases.find_purchase(db, account_id, renewed_by) is None:
        if renewed.cancellation is not None:
            raise refuse_cancelled(renewed.order_id, renewed.cancellation)
        if renewed.status == "pending":
            raise PurchasePending(f"The order {order_id!r} is not paid.")
        await _require_renewable(db, renewed)
    starts: Literal["now", "after_current"] = (
        "now" if renewed.terms.kind == "pack" else "after_current"
    )
    late_since, fee_percent = since, 0
    if not by_itself:
        late_since, fee_percent = await _find_lateness(db, renewed, at or account.now)
    order = PurchaseOrder(
        order_id=renewed_by,
        offer=renewed.offer,
        quote_id=None,
        quantity=await _count_raised(db, renewed),
        contract_months=renewed.contract_months,
        site=renewed.site,
        starts=starts,
        expected_total=expected_total,
        paid=paid,
        payment_reference=payment_reference,
        at=at,
        document={"renews": order_id, "starts": starts, **document},
        late_since=late_since,
        fee_percent=fee_percent,
        region=renewed.terms.region,
    )
    return await place_purchase(db, account_id=account.account_id, order=order, caller=caller)


async def _require_renewable(db: Db, order: Purchase) -> None:
    """Refuse what was agreed by quote, and an order that was renewed before."""
    require_first(order)
    if order.quote_id is not None:
        quote = await quotes.get_quote(db, order.account_id, order.quote_id)
        if quote.is_agreed:
            detail = (
                f"The price of the order {order.order_id!r}, or what it grants, was agreed by"
                " quote: draw up a new quote, and buy it with starts: after_current."
            )
            raise QuoteRequired([Fault("/order_id", detail, QuoteRequired.code)])
    renewal = await purchases.find_renewal(db, order.account_id, order.order_id)
    if renewal is not None:
        raise AlreadyRenewed(
            f"The order {order.order_id!r} is renewed by {renewal!r}: renew that one.",
            renewed_by=renewal,
        )


async def _count_raised(db: Db, order: Purchase) -> int:
    """Return how many of an order its subscription has now, those added to it among them."""
    if order.subscription_id is None or order.terms.plan is None:
        return order.quantity
    term = await subscriptions.find_subscription(db, order.account_id, order.subscription_id)
    return term.quantity


async def _find_lateness(db: Db, order: Purchase, at: datetime) -> tuple[datetime | None, int]:
    """Return from which end a renewal at `at` goes on, and how much more it costs, in percent."""
    terms, _ = await catalogs.load_current(db, order.catalog)
    late = terms.policies.ending.late
    if late is None or order.terms.kind == "pack" or order.subscription_id is None:
        return None, 0
    term = await subscriptions.find_subscription(db, order.account_id, order.subscription_id)
    if term.ends_at is None or not term.ends_at < at <= add_term(
        term.ends_at, late.within, terms.zone
    ):
        return None, 0
    return (term.ends_at if late.starts == "old_end" else None), late.fee_percent


def _key_of(order: PurchaseOrder, *, now: datetime) -> SaleKey:
    """Return what of an account an order looks at."""
    since = min(each for each in (order.at, order.late_since, now) if each is not None)
    stores: list[str] = []
    if order.site is not None and order.quote_id is None:
        with suppress(InvalidSite):  # which is refused in its turn
            stores = list_spellings(order.site)
    return SaleKey(
        order.order_id,
        since=since,
        catalog=None if order.offer is None else name_catalog(order.offer),
        stores=stores,
        quote_id=order.quote_id,
        reference=order.payment_reference,
    )


async def _find_sold(
    db: Db, account: LockedAccount, order: PurchaseOrder, found: SaleInputs
) -> _Sold:
    if order.quote_id is not None:
        quote = found.quote
        if quote is None:
            raise quotes.QuoteUnknown(f"There is no quote {order.quote_id}.")
        quoted = await take_quote(db, account, quote)
        _require_as_quoted(order, quote, quoted.sale)
        return _Sold(
            quoted.terms,
            quote.catalog_version,
            quoted.sale,
            quote.site,
            quote,
            quote.terms.region,
            found,
        )
    terms, version, offer = await find_offer_of(db, order.offer or "", found.version)
    sale = price_sale(terms, offer, quantity=order.quantity, contract_months=order.contract_months)
    sale = surcharge_sale(sale, order.fee_percent)
    is_known = order.region in terms.regions or "region" in order.named
    named = order.region if is_known else None
    region = pick_region(terms, named=named, accounts=found.region)
    return _Sold(terms, version, sale, find_site(terms, offer, order.site), None, region, found)


def _require_as_quoted(order: PurchaseOrder, quote: Quote, sale: Sale) -> None:
    """Refuse with `fixed_by_quote` every field given that the quote says otherwise."""
    given: dict[str, tuple[object, object]] = {
        "quantity": (order.quantity, sale.quantity),
        "contract_months": (order.contract_months, sale.contract_months),
        "region": (order.region, quote.terms.region),
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


def _make(account: LockedAccount, order: PurchaseOrder, sold: _Sold) -> Purchase:
    sale = sold.sale
    return Purchase(
        account_id=account.account_id,
        order_id=order.order_id,
        request=order.document,
        status="pending",
        catalog=sold.terms.code,
        catalog_version=sold.version,
        offer=sale.offer.code,
        terms=copy_sale(
            sale,
            late_since=order.late_since,
            region=sold.region,
            adds_to=None if sold.quote is None else sold.quote.terms.adds_to,
        ),
        quantity=sale.quantity,
        contract_months=sale.contract_months,
        site=sold.site,
        total_amount=sale.total.amount,
        total_currency=sale.total.currency,
        payment_reference=None,
        paid_at=None,
        subscription_id=None,
        quote_id=order.quote_id,
        cancellation=None,
        created_at=account.now,
    )


async def _insert(db: Db, account: LockedAccount, order: Purchase) -> None:
    await purchases.insert_purchase(db, order)
    if order.quote_id is not None:
        await quotes.mark_bought(db, account.account_id, order.quote_id, order_id=order.order_id)


async def _pay(
    db: Db,
    account: LockedAccount,
    order: Purchase,
    sold: _Sold,
    *,
    reference: str | None,
    at: datetime,
    by: str,
) -> PurchaseView:
    """Begin what an order gives; an upgrade ends the order before it at the same instant.

    The order itself is still to be written.
    """
    require_unused(order, reference, paid_by=sold.found.paid_by)
    upgrade, present = sold.ends_another, _list_present(order, sold)
    if upgrade is not None:
        present = None  # the order before it is among them
        at = account.now
        await replace_order(
            db, account, upgrade, total=order.total, order_id=order.order_id, actor=by
        )
    return await activate_order(
        db,
        account,
        order,
        sold.sale,
        sold.terms,
        reference=reference,
        at=at,
        by=by,
        present=present,
    )


def _list_present(order: Purchase, sold: _Sold) -> Sequence[SoldTerm] | None:
    """Return the terms bought before, if all were read that the order's start depends on."""
    late_since = order.terms.late_since
    return None if late_since is not None and late_since < sold.found.since else sold.found.present


async def _require_startable(db: Db, order: Purchase, sold: _Sold, *, at: datetime) -> None:
    """Refuse a pending order whose term could not begin, were it paid at once."""
    begins = order.terms.adds_to is None and order.terms.plan is not None
    if begins and sold.ends_another is None:
        await find_start(
            db,
            order.account_id,
            order,
            sold.sale,
            sold.terms,
            at=at,
            present=_list_present(order, sold),
        )
