"""Cancellations: an order's rest taken back, and what of its price is paid back."""

from collections import Counter
from datetime import datetime
from typing import Literal
from uuid import UUID

from app.db.accounts.locked_accounts import LockedAccount
from app.db.catalog import catalogs
from app.db.engine.unit_of_work import Db
from app.db.ledger import ledger, subscriptions
from app.db.ledger.ledger import Stamp
from app.db.selling import purchases, quotes, whole_orders
from app.db.selling.whole_orders import WholeOrder
from app.domain.access.callers import Caller
from app.domain.catalog.money import Money
from app.domain.events.sale_events import describe_cancellation
from app.domain.selling.additions import Raised
from app.domain.selling.cancellations import (
    Cancellation,
    DecidedRefund,
    Payment,
    PurchaseEnded,
    PurchasePending,
    RefundRule,
    Unused,
    decide_refund,
    is_beyond_policy,
    measure_unused,
    refund_ungranted,
    refuse_cancelled,
    split_refund,
    take_back,
)
from app.domain.selling.purchases import Purchase
from app.domain.selling.sold_terms import Upgrade
from app.domain.selling.upgrades import require_current
from app.domain.time.backdating import decide_instant
from app.domain.values import replace
from app.services.ledger.running_sessions import find_begun
from app.services.selling import covers
from app.services.selling.payments import require_payment_of, require_unused
from app.services.selling.purchase_views import PurchaseView, view_order

_NOTHING_PAID = DecidedRefund(0, 0, "The order was not paid: there is nothing to pay back.")


async def cancel_purchase(
    db: Db,
    *,
    account_id: str,
    order_id: str,
    refund: RefundRule,
    reason: str,
    actor: str,
    caller: Caller,
    at: datetime | None = None,
    payment_reference: str | None = None,
) -> PurchaseView:
    """Cancel an order: it ends now, what is free of it is taken back, holds stay.

    Or it ended `at`, though never before it was placed and paid, or before what the account's
    units did last.

    Of an order that was not paid there is nothing to pay back, but of a payment that came for
    it all the same, `payment_reference`. Done again it is refused, and so is an order whose
    term is over. Where the seller's terms say what is paid back, more than that needs
    `ledger:write`.
    """
    account, whole = await whole_orders.take_order(db, account_id, order_id)
    at = decide_instant(at, now=account.now, caller=caller)
    order = whole.order
    at = account.after_movements(max(at, min(order.paid_at or order.placed_at, account.now)))
    view = view_order(whole, now=at)
    asked = _describe(at, refund, _NOTHING_PAID, None, reason=reason, actor=actor)
    if payment_reference is not None and order.subscription_id is None:
        asked = asked.with_refund(refund_ungranted(refund, paid=order.total_amount))
        order = await _pay_back_ungranted(db, account, order, asked, reference=payment_reference)
        ended = replace(view, order=order)
    elif view.status == "pending":
        order = await purchases.cancel_purchase(db, order, asked)
        _record(account, order, asked, revoked=0)
        ended = replace(view, order=order)
    else:
        if payment_reference is not None:
            require_payment_of(order, payment_reference)
        require_active(view)
        require_not_raised(whole)
        terms = await catalogs.load_catalog(db, order.catalog, order.catalog_version)
        if is_beyond_policy(refund, terms.policies.ending.refund):
            caller.require("ledger:write", why="To pay back more than the seller's terms say")
        unused = await measure_order(db, account, whole, view)
        decided = decide_refund(
            refund,
            paid=order.paid_amount,
            unused=unused,
            unit=order.terms.unit,
            names=terms.names,
        )
        cancellation = replace(
            asked.with_refund(decided),
            unused=unused,
            payments=split_refund(decided.amount, await _list_payments(db, order)),
        )
        ended = await _end_order(db, account, whole, view, cancellation, cause="cancellation")
    return replace(ended, now=account.now, sequence=account.sequence)


async def _pay_back_ungranted(
    db: Db, account: LockedAccount, order: Purchase, asked: Cancellation, *, reference: str
) -> Purchase:
    """Record a payment that came too late for its order to begin, and what of it is paid back.

    The order is cancelled, if it is not yet. The same payment again changes nothing.
    """
    if order.payment_reference is not None:
        require_payment_of(order, reference)
        return order
    paid_by = await purchases.find_paid_by(db, order.account_id, reference, order_id=order.order_id)
    require_unused(order, reference, paid_by=paid_by)
    payment = Payment(order.order_id, reference, order.total_amount)
    decided = replace(asked, payments=split_refund(asked.refund_amount, [payment]))
    order = replace(order, payment_reference=reference, paid_at=asked.at)
    order = await purchases.cancel_purchase(db, order, decided)
    _record(account, order, decided, revoked=0)
    return order


async def replace_order(
    db: Db,
    account: LockedAccount,
    upgrade: Upgrade,
    *,
    total: Money,
    order_id: str,
    actor: str,
) -> None:
    """End the order that a quote upgrades, in favour of the order by which it is bought.

    What the quote credits is what is paid back of it. What is unused is measured again: where
    it is not worth that any more, `quote_outdated` is refused with what the quote would cost.
    """
    _, whole = await whole_orders.take_order(db, account.account_id, upgrade.order_id)
    order, view = whole.order, view_order(whole, now=account.now)
    require_active(view, upgraded_by=order_id)
    require_not_raised(whole)
    unused = await measure_order(db, account, whole, view)
    require_current(
        unused,
        quoted=upgrade.unused,
        credit=upgrade.credit,
        paid=order.paid_amount,
        total=total,
    )
    kept = order.paid_amount - upgrade.credit
    rule = f"Credited to the order {order_id} that it was upgraded to."
    refund = DecidedRefund(upgrade.credit, kept, rule)
    reason = f"Upgraded to the order {order_id}"
    cancellation = replace(
        _describe(account.now, "upgrade", refund, unused, reason=reason, actor=actor),
        replaced_by=order_id,
    )
    await _end_order(db, account, whole, view, cancellation, cause="upgrade")


def require_active(view: PurchaseView, *, upgraded_by: str | None = None) -> None:
    """Refuse an order that is not paid, is cancelled, or is over.

    `upgraded_by` is the order that is to upgrade it, where that is paid.
    """
    order_id = view.order.order_id
    match view.status:
        case "pending":
            raise PurchasePending(f"The order {order_id!r} is not paid.")
        case "cancelled":
            raise refuse_cancelled(order_id, view.order.cancellation, upgraded_by=upgraded_by)
        case "ended":
            raise PurchaseEnded(f"The term of the order {order_id!r} is over.")


def require_not_raised(whole: WholeOrder) -> None:
    """Refuse with `raised` an order that others raised which are not cancelled."""
    raising, order_id = list(whole.raised_by), whole.order.order_id
    if raising:
        detail = f"The order {order_id!r} was raised by {', '.join(raising)}: cancel those."
        raise Raised(detail, raised_by=raising)


async def measure_order(
    db: Db, account: LockedAccount, whole: WholeOrder, view: PurchaseView
) -> Unused:
    """Return what is unused of an active order now, by the terms that it was sold on.

    What running sessions have begun is used.
    """
    term, order = view.cover or view.subscription, view.order
    if term is None:
        raise ValueError(f"the order {order.order_id} has no term")
    terms = await catalogs.load_catalog(db, order.catalog, order.catalog_version)
    starts_at = term.starts_at
    if order.terms.adds_to is not None and order.paid_at is not None:
        starts_at = max(starts_at, order.paid_at)
    begun = await _find_begun(db, account, whole, at=view.now)
    return measure_unused(
        [replace(lot, held=lot.held + begun[lot.lot_id]) for lot in view.lots],
        starts_at=starts_at,
        ends_at=term.ends_at,
        at=view.now,
        policy=terms.policies.ending.refund or "lesser",
    )


async def _find_begun(
    db: Db, account: LockedAccount, whole: WholeOrder, *, at: datetime
) -> Counter[UUID]:
    """Return what running sessions have begun of each of an account's lots, and not held yet."""
    if not whole.in_session:
        return Counter()
    return await find_begun(db, account.account_id, at=at)


async def _list_payments(db: Db, order: Purchase) -> list[Payment]:
    """Return what was paid by an order's own payment, and by those of the orders it replaced."""
    payments = [Payment(order.order_id, order.payment_reference, order.total_amount)]
    while order.quote_id is not None:
        quote = await quotes.get_quote(db, order.account_id, order.quote_id)
        if quote.upgraded_order_id is None:
            break
        order = await purchases.get_purchase(db, order.account_id, quote.upgraded_order_id)
        payments.append(Payment(order.order_id, order.payment_reference, order.total_amount))
    return payments


async def _end_order(
    db: Db,
    account: LockedAccount,
    whole: WholeOrder,
    view: PurchaseView,
    cancellation: Cancellation,
    *,
    cause: str,
) -> PurchaseView:
    """End an order, and return it as it is then."""
    stamp = Stamp(
        effective_at=cancellation.at,
        order_id=view.order.order_id,
        cause=cause,
        reason=cancellation.reason,
        actor=cancellation.actor,
    )
    begun = await _find_begun(db, account, whole, at=cancellation.at)
    taken = take_back(view.lots, at=cancellation.at, besides=begun)
    moved = await ledger.post(db, account, taken, stamp)
    subscription, cover = view.subscription, view.cover
    if cover is not None and whole.bought is not None:
        cover = await covers.end_cover(db, account, whole.bought, at=cancellation.at)
    elif subscription is not None and view.order.terms.adds_to is not None:
        subscription = await subscriptions.set_quantity(
            db,
            account,
            subscription,
            quantity=subscription.quantity - view.order.quantity,
        )
    elif subscription is not None:
        subscription = await subscriptions.set_end(
            db,
            account,
            subscription,
            ends_at=max(cancellation.at, subscription.starts_at),
        )
    order = await purchases.cancel_purchase(db, view.order, cancellation)
    revoked = sum(each.amount for each in taken if each.kind == "revoke")
    _record(account, order, cancellation, revoked=revoked)
    lots = [moved.get(lot.lot_id, lot) for lot in view.lots]
    return replace(view, order=order, subscription=subscription, cover=cover, lots=lots)


def _record(
    account: LockedAccount, order: Purchase, cancellation: Cancellation, *, revoked: int
) -> None:
    data = describe_cancellation(order, cancellation, revoked=revoked, sequence=account.sequence)
    account.record(data, at=cancellation.at)


def _describe(
    at: datetime,
    asked: RefundRule | Literal["upgrade"],
    refund: DecidedRefund,
    unused: Unused | None,
    *,
    reason: str,
    actor: str,
) -> Cancellation:
    return Cancellation(
        refund=asked,
        refund_amount=refund.amount,
        kept_amount=refund.kept,
        rule=refund.rule,
        unused=unused,
        reason=reason,
        actor=actor,
        at=at,
        replaced_by=None,
    )
