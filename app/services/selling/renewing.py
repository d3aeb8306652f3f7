"""Renewing an order: the same offer once more, by the list of today, for the term after it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Literal

from app.db.accounts.locked_accounts import lock_account
from app.db.catalog import catalogs
from app.db.engine.unit_of_work import Db
from app.db.ledger import subscriptions
from app.db.selling import purchases, quotes
from app.domain.access.callers import Caller
from app.domain.access.refusals import Fault, Refusal
from app.domain.catalog.money import Money
from app.domain.catalog.terms import add_term
from app.domain.selling.additions import require_first
from app.domain.selling.cancellations import PurchasePending, refuse_cancelled
from app.domain.selling.purchases import Purchase
from app.domain.selling.selling import QuoteRequired
from app.services.selling.ordered_sales import PurchaseOrder
from app.services.selling.purchase_views import PurchaseView
from app.services.selling.purchases import place_purchase


class AlreadyRenewed(Refusal):
    """The order was renewed by another order, whose term follows it."""

    kind = "conflict"
    code = "already_renewed"
    title = "The order is renewed already"


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
