"""Purchases: an order, under the storefront's own id, and what it gives once it is paid."""

from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime

from app.db.accounts.locked_accounts import LockedAccount
from app.db.catalog import catalogs
from app.db.engine.unit_of_work import Db
from app.db.selling import purchases, quotes
from app.db.selling.sale_inputs import SaleKey, take_sale
from app.domain.access.callers import Caller
from app.domain.coverage.sites import InvalidSite, list_spellings
from app.domain.events.sale_events import describe_pending
from app.domain.selling.cancellations import refuse_cancelled
from app.domain.selling.purchases import Purchase
from app.domain.selling.selling import require_total
from app.domain.selling.sold_terms import copy_sale, read_sale
from app.domain.selling.starts import SoldTerm, end_term, require_start
from app.domain.time.backdating import decide_instant
from app.services.access.repeats import require_same
from app.services.catalog.offers import name_catalog
from app.services.selling.activation import activate_order, find_start
from app.services.selling.cancellations import replace_order
from app.services.selling.needs import require_plan_for
from app.services.selling.ordered_sales import OrderedSale, PurchaseOrder, find_ordered_sale
from app.services.selling.payments import require_payment_of, require_unused
from app.services.selling.purchase_views import PurchaseView, view_purchase


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
    sold = await find_ordered_sale(db, account, order, found)
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
    sold = OrderedSale(
        terms, order.catalog_version, sale, order.site, found.quote, order.terms.region, found
    )
    view = await _pay(db, account, order, sold, reference=reference, at=at, by=caller.name)
    await purchases.activate_purchase(db, view.order)
    return view


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


def _make(account: LockedAccount, order: PurchaseOrder, sold: OrderedSale) -> Purchase:
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
    sold: OrderedSale,
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
        at = account.now
        present = None if present is None else end_term(present, upgrade.order_id, at=at)
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


def _list_present(order: Purchase, sold: OrderedSale) -> Sequence[SoldTerm] | None:
    """Return the terms bought before, if all were read that the order's start depends on."""
    late_since = order.terms.late_since
    return None if late_since is not None and late_since < sold.found.since else sold.found.present


async def _require_startable(db: Db, order: Purchase, sold: OrderedSale, *, at: datetime) -> None:
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
