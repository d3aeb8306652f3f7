"""Renewing an order: the same offer once more, by the list of today, for the term after it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Literal

from app.db.catalog import catalogs
from app.db.engine.unit_of_work import Db
from app.db.selling.renewal_inputs import RenewalInputs, take_renewal
from app.domain.access.callers import Caller
from app.domain.access.refusals import Fault, Refusal
from app.domain.catalog.money import Money
from app.domain.catalog.terms import add_term
from app.domain.selling.additions import require_first
from app.domain.selling.cancellations import PurchasePending, refuse_cancelled
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
    share_of: Money | None = None,
    by_itself: bool = False,
    since: datetime | None = None,
) -> tuple[PurchaseView, bool]:
    """Sell the same offer once more, by the list of today, for the term after the present cover.

    One that comes `by_itself` is never late: it runs `since` the end, unless it is paid too
    late (`is_too_late`). A pack is sold once more now. Returns
    the new order and whether it is new. What was agreed by quote needs a new quote. An order
    that is cancelled or not paid has no term to follow, and one that was renewed is not renewed
    again. What its price is a share of is as before, unless `share_of` says otherwise.
    """
    account, found = await take_renewal(db, account_id, order_id, renewal_id=renewed_by)
    renewed = found.order
    if not found.is_placed:
        _require_renewable(found)
    starts: Literal["now", "after_current"] = (
        "now" if renewed.terms.kind == "pack" else "after_current"
    )
    late_since, fee_percent = since, 0
    if not by_itself:
        late_since, fee_percent = await _find_lateness(db, found, at or account.now)
    order = PurchaseOrder(
        order_id=renewed_by,
        offer=renewed.offer,
        quote_id=None,
        quantity=_count_raised(found),
        contract_months=renewed.contract_months,
        site=_find_site(found),
        starts=starts,
        expected_total=expected_total,
        paid=paid,
        payment_reference=payment_reference,
        at=at,
        document={"renews": order_id, "starts": starts, **document},
        late_since=late_since,
        fee_percent=fee_percent,
        region=renewed.terms.region,
        share_of=share_of or renewed.terms.share_of,
    )
    return await place_purchase(db, account_id=account.account_id, order=order, caller=caller)


def _require_renewable(found: RenewalInputs) -> None:
    """Refuse an order that has no term to follow, was agreed by quote, or was renewed before."""
    order = found.order
    if order.cancellation is not None:
        raise refuse_cancelled(order.order_id, order.cancellation)
    if order.status == "pending":
        raise PurchasePending(f"The order {order.order_id!r} is not paid.")
    require_first(order)
    if found.quote is not None and found.quote.is_agreed:
        detail = (
            f"The price of the order {order.order_id!r}, or what it grants, was agreed by"
            " quote: draw up a new quote, and buy it with starts: after_current."
        )
        raise QuoteRequired([Fault("/order_id", detail, QuoteRequired.code)])
    if found.renewed_by is not None:
        raise AlreadyRenewed(
            f"The order {order.order_id!r} is renewed by {found.renewed_by!r}: renew that one.",
            renewed_by=found.renewed_by,
        )


def _find_site(found: RenewalInputs) -> str | None:
    """Return the store that the order's cover is for now, wherever it has moved since."""
    return found.order.site if found.subscription is None else found.subscription.site


def _count_raised(found: RenewalInputs) -> int:
    """Return how many of an order its subscription has now, those added to it among them."""
    if found.subscription is None or found.order.terms.plan is None:
        return found.order.quantity
    return found.subscription.quantity


async def _find_lateness(db: Db, found: RenewalInputs, at: datetime) -> tuple[datetime | None, int]:
    """Return from which end a renewal at `at` goes on, and how much more it costs, in percent."""
    order, term = found.order, found.subscription
    catalogs.require_current(db, order.catalog, found.version)
    terms = await catalogs.load_catalog(db, order.catalog, found.version)
    late = terms.policies.ending.late
    if late is None or order.terms.kind == "pack" or term is None or term.ends_at is None:
        return None, 0
    if not term.ends_at < at <= add_term(term.ends_at, late.within, terms.zone):
        return None, 0
    return (term.ends_at if late.starts == "old_end" else None), late.fee_percent
