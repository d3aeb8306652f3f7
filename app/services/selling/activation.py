"""Activation of a paid order: a subscription with its lots, or cover on top of one."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from app.db.accounts.locked_accounts import LockedAccount
from app.db.catalog import catalogs
from app.db.engine.unit_of_work import Db
from app.db.ledger import ledger, subscriptions
from app.db.ledger.ledger import Stamp
from app.db.ledger.stored_lots import load_subscription_lots
from app.db.selling import purchases, quotes, sold_terms, whole_orders
from app.domain.catalog.catalogs import Catalog
from app.domain.events.sale_events import describe_activation
from app.domain.ledger.ledger import Lot, Movement
from app.domain.ledger.pools import Subscription
from app.domain.selling.additions import add_lots
from app.domain.selling.moves import list_as_bought, list_bought
from app.domain.selling.purchases import Purchase
from app.domain.selling.renewals import first_term_notice, is_too_late
from app.domain.selling.selling import Sale
from app.domain.selling.sold_terms import (
    LotTerm,
    TermStart,
    begin_term,
    carry_on,
    end_of_sale,
    lot_terms,
)
from app.domain.selling.starts import SoldTerm, Starts, decide_start
from app.domain.values import Value, replace
from app.services.selling import covers
from app.services.selling.cancellations import require_active
from app.services.selling.covers import Cover
from app.services.selling.lots import new_id, new_lot
from app.services.selling.purchase_views import PurchaseView, view_order


class _Begun(Value):
    """What an order began: a term of a subscription, and its lots; or cover, which has none."""

    subscription: Subscription
    starts_at: datetime
    ends_at: datetime | None
    lots: Sequence[Lot] = ()
    cover: Cover | None = None


async def activate_order(
    db: Db,
    account: LockedAccount,
    order: Purchase,
    sale: Sale,
    terms: Catalog,
    *,
    reference: str | None,
    at: datetime,
    by: str,
    present: Sequence[SoldTerm] | None,
) -> PurchaseView:
    """Begin what an order gives, now that it is paid at `at`; return the order as it is then.

    The order itself is still to be written. `by` names who sells it; `present` are the terms
    that were bought before, where they were read.
    """
    if order.terms.adds_to is not None:
        begun = await _raise(db, account, order, at=at)
    elif sale.offer.plan is None:
        begun = await _begin_cover(db, account, order, sale, terms, at=at, by=by)
    else:
        begun = await _begin_subscription(db, account, order, sale, terms, at=at, present=present)
    order = replace(
        order,
        status="active",
        payment_reference=reference,
        paid_at=at,
        subscription_id=begun.subscription.subscription_id,
    )
    data = describe_activation(
        order,
        starts_at=begun.starts_at,
        ends_at=begun.ends_at,
        lots=begun.lots,
        sequence=account.sequence,
    )
    account.record(data, at=at)
    return PurchaseView(
        order, begun.subscription, begun.cover, begun.lots, account.now, account.sequence
    )


async def find_start(
    db: Db,
    account_id: str,
    order: Purchase,
    sale: Sale,
    terms: Catalog,
    *,
    at: datetime,
    present: Sequence[SoldTerm] | None,
) -> TermStart:
    """Return when the term of an order of a plan begins, were it paid at `at`.

    `present` are the terms bought of its catalogue and site, where they were read.
    """
    late_since = order.terms.late_since
    if present is None:
        since = at if late_since is None else min(at, late_since)
        present = await sold_terms.load_sold_terms(
            db, account_id, catalog=order.catalog, site=order.site, since=since
        )
    if late_since is not None:
        start = _find_start(order, sale, terms, at=late_since, present=present)
        until, late = end_of_sale(sale, start, terms), terms.policies.ending.late
        if not is_too_late(late_since, until, paid_at=at, late=late, zone=terms.zone):
            return start
    return _find_start(order, sale, terms, at=at, present=present)


def _find_start(
    order: Purchase, sale: Sale, terms: Catalog, *, at: datetime, present: Sequence[SoldTerm]
) -> TermStart:
    return decide_start(
        sale,
        read_starts(order),
        at=at,
        present=[
            each
            for each in present
            if (each.site, each.region) == (order.site, order.terms.region)
            and (each.ends_at is None or each.ends_at >= at)
        ],
        terms=terms,
        end_of=lambda start: end_of_sale(sale, start, terms),
    )


def read_starts(order: Purchase) -> Starts:
    """Return when the term of an order was asked to begin."""
    match order.request["starts"]:
        case "now":
            return "now"
        case "after_current":
            return "after_current"
        case instant:
            return datetime.fromisoformat(str(instant))


async def _begin_subscription(
    db: Db,
    account: LockedAccount,
    order: Purchase,
    sale: Sale,
    terms: Catalog,
    *,
    at: datetime,
    present: Sequence[SoldTerm] | None,
) -> _Begun:
    start = await find_start(db, account.account_id, order, sale, terms, at=at, present=present)
    subscription = Subscription(
        subscription_id=new_id(),
        source="purchase",
        order_id=order.order_id,
        catalog=terms.code,
        catalog_version=order.catalog_version,
        plan=str(sale.offer.plan),
        site=order.site,
        region=order.terms.region,
        unit=sale.offer.unit,
        quantity=sale.quantity,
        starts_at=start.at,
        anchor_at=start.anchor,
        ends_at=None if sale.offer.without_end else end_of_sale(sale, start, terms),
        suspended_at=None,
        extra_calendars=(),
        version=1,
        created_at=account.now,
    )
    ends_at, renews = subscription.ends_at, terms.policies.ending.renews
    notify_at = ends_at
    if ends_at is not None and sale.offer.kind == "term":
        notify_at = first_term_notice(start.at, ends_at, renews, terms.zone)
    lasting: Sequence[Movement] = ()
    if sale.offer.carries_over is not None:
        lasting = await _carry_on(db, account, subscription)
    await subscriptions.insert_subscription(
        db, account.account_id, subscription, notify_at=notify_at
    )
    lots = [
        new_lot(
            subscription,
            source="purchase",
            granted=each.granted,
            valid_from=each.valid_from,
            expires_at=each.expires_at,
        )
        for each in lot_terms(sale, start, terms)
    ]
    stamp = Stamp(effective_at=at, order_id=order.order_id)
    written = await ledger.insert_lots(db, account, lots, stamp)
    await ledger.post(db, account, lasting, stamp)
    return _Begun(subscription, start.at, subscription.ends_at, written)


async def _raise(db: Db, account: LockedAccount, order: Purchase, *, at: datetime) -> _Begun:
    """Add to the subscription of another order what was quoted for the rest of its term."""
    whole = await whole_orders.load_order(db, account.account_id, order.terms.adds_to or "")
    first, view = whole.order, view_order(whole, now=at)
    require_active(view)
    if view.subscription is None:
        raise ValueError(f"the order {first.order_id} has no subscription")
    subscription = await subscriptions.set_quantity(
        db,
        account,
        view.subscription,
        quantity=view.subscription.quantity + order.quantity,
    )
    own = [lot for lot in list_as_bought(view.lots) if lot.order_id == first.order_id]
    added: Iterable[LotTerm] = ()
    if order.terms.scales and order.quote_id is not None:
        quote = await quotes.get_quote(db, account.account_id, order.quote_id)
        added = add_lots(own, order.quantity, had=first.quantity, quoted_at=quote.created_at, at=at)
    lots = [
        new_lot(
            replace(subscription, order_id=order.order_id),
            source="purchase",
            granted=each.granted,
            valid_from=each.valid_from,
            expires_at=each.expires_at,
            created_at=account.now,
        )
        for each in added
    ]
    stamp = Stamp(effective_at=at, order_id=order.order_id)
    written = await ledger.insert_lots(db, account, lots, stamp)
    return _Begun(subscription, at, subscription.ends_at, written)


async def _carry_on(db: Db, account: LockedAccount, renewal: Subscription) -> list[Movement]:
    """Return what lasts on of the cover that a subscription continues, as movements into it."""
    lasting: list[Movement] = []
    before = await subscriptions.load_subscriptions_since(db, account.account_id, account.now)
    for each in before:
        if each.ends_at != renewal.starts_at or each.pool != renewal.pool or not each.order_id:
            continue
        order = await purchases.get_purchase(db, account.account_id, each.order_id)
        terms = await catalogs.load_catalog(db, each.catalog, each.catalog_version)
        carried = terms.offers[order.offer].carries_over
        found = await load_subscription_lots(db, account.account_id, each.subscription_id)
        lots = list_bought(found)
        if carried is not None and renewal.ends_at is not None:
            lasting += carry_on(
                carried,
                lots,
                ends_at=renewal.starts_at,
                until=renewal.ends_at,
                zone=terms.zone,
            )
    return lasting


async def _begin_cover(
    db: Db,
    account: LockedAccount,
    order: Purchase,
    sale: Sale,
    terms: Catalog,
    *,
    at: datetime,
    by: str,
) -> _Begun:
    starts = read_starts(order)
    starts_at = max(at, starts) if isinstance(starts, datetime) else at
    calendar = str(sale.offer.adds_calendar)
    covered = await covers.find_covered(
        db, account.account_id, catalog=terms.code, calendar=calendar, at=starts_at
    )
    if starts == "after_current":
        before = await covers.list_covers(db, account.account_id, covered)
        ends = [each.ends_at for each in before if each.calendar == calendar]
        starts_at = max([starts_at, *ends])
    ends_at = end_of_sale(sale, begin_term(starts_at), terms)
    cover = Cover(covers.reference_of(order.order_id), calendar, starts_at, ends_at)
    covered = await covers.add_cover(
        db,
        account,
        covered,
        cover,
        reason=f"Bought: {sale.offer.name}",
        actor=by,
        order_id=order.order_id,
    )
    return _Begun(covered, cover.starts_at, cover.ends_at, cover=cover)
