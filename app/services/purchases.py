"""Purchases: an order, under the storefront's own id, and what it gives once it is paid."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from uuid_utils.compat import uuid7

from app.db import catalogs, ledger, purchases, subscriptions
from app.db.accounts import LockedAccount, find_account, lock_account
from app.db.database import Db
from app.db.ledger import Stamp
from app.domain.callers import Caller
from app.domain.catalogs import Catalog, Offer
from app.domain.ledger import Lot
from app.domain.money import Money
from app.domain.occurrences import decide_instant
from app.domain.pools import Subscription
from app.domain.refusals import Fault, InvalidPayload, Refusal
from app.domain.selling import (
    Sale,
    end_of_sale,
    lot_terms,
    price_sale,
    require_site,
    require_total,
)
from app.domain.sites import canonical_site
from app.services.repeats import require_same


class OfferUnknown(InvalidPayload):
    """No published catalogue has such an offer."""

    code = "offer_unknown"
    title = "There is no such offer"


class SiteAlreadyCovered(Refusal):
    """The site has this plan for the same time already."""

    kind = "conflict"
    code = "site_already_covered"
    title = "The site is covered already"


class PaymentAlreadyReported(Refusal):
    """The order was paid with another reference."""

    kind = "conflict"
    code = "payment_already_reported"
    title = "The order is paid already"


class PurchaseCancelled(Refusal):
    """The order is cancelled."""

    kind = "conflict"
    code = "purchase_cancelled"
    title = "The purchase is cancelled"


class StartsInPast(InvalidPayload):
    """The term would begin before the sale."""

    code = "starts_in_past"
    title = "The term would begin before the sale"


@dataclass(frozen=True, slots=True)
class PurchaseOrder:
    """An order as the storefront places it. `starts` is now, after the present term, or a time."""

    order_id: str
    offer: str
    quantity: int
    contract_months: int | None
    site: str | None
    starts: Literal["now", "after_current"] | datetime
    expected_total: Money | None
    paid: bool
    payment_reference: str | None
    at: datetime | None
    document: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class PurchaseView:
    """An order whole: its row, what it gives, and the account's sequence."""

    row: Any
    subscription: Subscription | None
    lots: list[Lot]
    now: datetime
    sequence: int


async def find_offer(db: Db, code: str) -> tuple[Catalog, int, Offer]:
    """Return an offer by its full code, of the newest version; refuse with `offer_unknown`."""
    catalog = code.partition(".")[0]
    try:
        terms, version = await catalogs.load_current(db, catalog)
    except catalogs.CatalogUnknown:
        raise _unknown_offer(code) from None
    offer = terms.find_offer(code)
    if offer is None:
        raise _unknown_offer(code)
    return terms, version, offer


async def place_purchase(
    db: Db, *, account_id: str, order: PurchaseOrder, caller: Caller
) -> tuple[PurchaseView, bool]:
    """Record an order and, when it is paid, begin its subscription and grant its lots.

    Returns the purchase and whether it is new. The order's id seen again with the same request
    gives the purchase as it is now; with another it is refused.
    """
    account = await lock_account(db, account_id)
    seen = await purchases.find_purchase(db, account_id, order.order_id)
    if seen is not None:
        require_same(
            f"The order {order.order_id!r}", then=seen["request"], now=dict(order.document)
        )
        return await view_purchase(db, seen, now=account.now), False
    at = decide_instant(order.at, now=account.now, caller=caller)
    terms, version, offer = await find_offer(db, order.offer)
    require_site(offer, order.site)
    site = None
    if order.site is not None:
        site = canonical_site(order.site, ignore_www=terms.policies.ignore_www)
    sale = price_sale(terms, offer, quantity=order.quantity, contract_months=order.contract_months)
    require_total(sale.total, order.expected_total)
    if isinstance(order.starts, datetime) and order.starts < at:
        detail = "The term would begin before the sale."
        raise StartsInPast([Fault("/starts", detail, StartsInPast.code)])
    await purchases.insert_purchase(
        db,
        account_id,
        {
            "order_id": order.order_id,
            "request": dict(order.document),
            "status": "pending",
            "catalog": terms.code,
            "catalog_version": version,
            "offer": offer.code,
            "terms": _describe_sale(sale),
            "quantity": order.quantity,
            "contract_months": order.contract_months,
            "site": site if offer.site_bound else None,
            "total_amount": sale.total.amount,
            "total_currency": sale.total.currency,
            "payment_reference": None,
            "paid_at": None,
            "subscription_id": None,
            "quote_id": None,
            "created_at": account.now,
        },
    )
    row = await purchases.get_purchase(db, account_id, order.order_id)
    if order.paid:
        row = await _activate(
            db, account, row, sale, terms, reference=order.payment_reference, at=at
        )
    return await view_purchase(db, row, now=account.now), True


async def report_payment(
    db: Db,
    *,
    account_id: str,
    order_id: str,
    reference: str,
    at: datetime | None,
    caller: Caller,
) -> PurchaseView:
    """Begin a pending order's term now that it is paid; once, however often it is reported."""
    account = await lock_account(db, account_id)
    row = await purchases.get_purchase(db, account_id, order_id)
    if row["status"] == "cancelled":
        raise PurchaseCancelled(f"The order {order_id!r} is cancelled.")
    if row["status"] == "active":
        if row["payment_reference"] != reference:
            raise PaymentAlreadyReported(
                f"The order {order_id!r} was paid with the reference {row['payment_reference']!r}."
            )
        return await view_purchase(db, row, now=account.now)
    at = decide_instant(at, now=account.now, caller=caller)
    terms = await catalogs.load_catalog(db, row["catalog"], row["catalog_version"])
    sale = _read_sale(row, terms)
    row = await _activate(db, account, row, sale, terms, reference=reference, at=at)
    return await view_purchase(db, row, now=account.now)


async def view_purchase(db: Db, row: Any, *, now: datetime) -> PurchaseView:
    """Return an order with its subscription and lots as they are."""
    account_id = row["account_id"]
    subscription = None
    lots: list[Lot] = []
    if row["subscription_id"] is not None:
        subscription = await subscriptions.find_subscription(db, account_id, row["subscription_id"])
        lots = await ledger.load_subscription_lots(db, account_id, row["subscription_id"])
    account = await find_account(db, account_id)
    return PurchaseView(row, subscription, lots, now, account["sequence"])


async def get_purchase(db: Db, *, account_id: str, order_id: str) -> PurchaseView:
    """Return an order as it is now."""
    await find_account(db, account_id)
    row = await purchases.get_purchase(db, account_id, order_id)
    return await view_purchase(db, row, now=db.read_clock())


async def _activate(
    db: Db,
    account: LockedAccount,
    row: Any,
    sale: Sale,
    terms: Catalog,
    *,
    reference: str | None,
    at: datetime,
) -> Any:
    subscription_id = None
    if sale.offer.plan is not None:
        starts_at = await _decide_start(db, account, row, sale, at=at)
        subscription = Subscription(
            subscription_id=UUID(bytes=uuid7().bytes),
            source="purchase",
            order_id=row["order_id"],
            catalog=terms.code,
            catalog_version=row["catalog_version"],
            plan=sale.offer.plan,
            site=row["site"],
            unit=sale.offer.unit,
            starts_at=starts_at,
            ends_at=end_of_sale(sale, starts_at, terms.zone),
            suspended_at=None,
            extra_calendars=(),
            version=1,
            created_at=account.now,
        )
        await subscriptions.insert_subscription(db, account.account_id, subscription)
        lots = [
            new_lot(
                subscription,
                source="purchase",
                granted=each.granted,
                valid_from=each.valid_from,
                expires_at=each.expires_at,
            )
            for each in lot_terms(sale, starts_at, terms.zone)
        ]
        stamp = Stamp(effective_at=at, order_id=row["order_id"])
        await ledger.insert_lots(db, account, lots, stamp)
        subscription_id = subscription.subscription_id
    await purchases.activate_purchase(
        db,
        account.account_id,
        row["order_id"],
        payment_reference=reference,
        paid_at=at,
        subscription_id=subscription_id,
    )
    return await purchases.get_purchase(db, account.account_id, row["order_id"])


def new_lot(
    subscription: Subscription,
    *,
    source: Any,
    granted: int | None,
    valid_from: datetime,
    expires_at: datetime | None,
) -> Lot:
    """Return a lot of a subscription that is still to be written."""
    return Lot(
        lot_id=UUID(bytes=uuid7().bytes),
        subscription_id=subscription.subscription_id,
        tally_id=0,
        catalog=subscription.catalog,
        plan=subscription.plan,
        site=subscription.site,
        unit=subscription.unit,  # type: ignore[arg-type]
        source=source,
        order_id=subscription.order_id,
        origin_lot_id=None,
        granted_sequence=0,
        granted=granted,
        held=0,
        used=0,
        revoked=0,
        valid_from=valid_from,
        expires_at=expires_at,
        created_at=subscription.created_at,
    )


async def _decide_start(
    db: Db, account: LockedAccount, row: Any, sale: Sale, *, at: datetime
) -> datetime:
    """Return when the term begins; one site is never sold twice for the same time."""
    running = [
        held
        for held in await subscriptions.load_subscriptions_since(db, account.account_id, at)
        if (held.catalog, held.plan, held.site) == (row["catalog"], sale.offer.plan, row["site"])
        and held.source == "purchase"
    ]
    last_end = max((held.ends_at for held in running if held.ends_at), default=None)
    starts = row["request"]["starts"]
    if starts == "after_current":
        return max(at, last_end or at)
    starts_at = at if starts == "now" else max(at, datetime.fromisoformat(starts))
    if sale.offer.site_bound and last_end is not None and starts_at < last_end:
        raise SiteAlreadyCovered(
            f"{row['site']} has this plan until {last_end.isoformat()}.",
            site=row["site"],
            ends_at=last_end.isoformat(),
        )
    return starts_at


def _describe_sale(sale: Sale) -> dict[str, Any]:
    offer = sale.offer
    return {
        "offer": offer.code,
        "plan": offer.plan,
        "unit": offer.unit,
        "quantity": sale.quantity,
        "contract_months": sale.contract_months,
        "amount": sale.amount,
        "unlimited": offer.allowance.unlimited,
        "per": offer.allowance.per,
        "term": None
        if offer.term is None
        else {"months": offer.term.months, "days": offer.term.days},
        "lines": [
            {
                "text": line.text,
                "quantity": line.quantity,
                "unit_amount": line.unit_amount,
                "amount": line.amount,
            }
            for line in sale.lines
        ],
        "total": {"amount": sale.total.amount, "currency": sale.total.currency},
    }


def _read_sale(row: Any, terms: Catalog) -> Sale:
    """Return the sale as it was sold, out of the order's own copy."""
    offer = terms.offers[row["offer"]]
    sold = row["terms"]
    lines = sold["lines"]
    return price_sale(
        terms,
        offer,
        quantity=row["quantity"],
        contract_months=row["contract_months"],
        price=Money(lines[0]["unit_amount"], row["total_currency"]),
        amount=sold["amount"],
    )


def _unknown_offer(code: str) -> OfferUnknown:
    return OfferUnknown([Fault("/offer", f"There is no offer {code!r}.", OfferUnknown.code)])
