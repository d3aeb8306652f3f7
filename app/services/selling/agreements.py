"""Agreements about a subscription besides its terms, on record with a reason and who decided."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from app.db.accounts.locked_accounts import LockedAccount, lock_account
from app.db.catalog import catalogs
from app.db.engine.unit_of_work import Db
from app.db.ledger import ledger, stored_lots, subscriptions
from app.db.ledger.ledger import Stamp
from app.db.selling import agreements
from app.domain.access.callers import Caller
from app.domain.access.refusals import Fault
from app.domain.catalog.catalogs import Catalog
from app.domain.ledger.ledger import Lot, Movement
from app.domain.ledger.pools import Subscription
from app.domain.selling.agreements import (
    RAISED_CAP,
    AgreedChange,
    Agreement,
    AgreementKind,
    AgreementTerms,
    JoinedMonths,
    NotAgreeable,
    choose_cover,
    join_months,
    require_fields,
)
from app.domain.time.backdating import decide_instant
from app.domain.values import Value, replace
from app.services.access.repeats import claim_reference
from app.services.selling import covers
from app.services.selling.covers import Cover
from app.services.selling.lots import new_lot


class AgreementOrder(Value):
    """What is agreed about a subscription, under a reference that makes it agreed once."""

    reference: str
    kind: AgreementKind
    subscription_id: UUID
    months: int | tuple[str, ...] | None
    minutes: int | None
    until: datetime | None
    reason: str
    actor: str
    at: datetime | None
    document: Mapping[str, object]


class AgreementView(Value):
    """An agreement, and the account's sequence."""

    agreement: Agreement
    sequence: int


async def record_agreement(
    db: Db, *, account_id: str, order: AgreementOrder, caller: Caller
) -> tuple[AgreementView, bool]:
    """Record an agreement and do what it says; return it, and whether it is new.

    The reference seen again with the same request gives the agreement as it is now. Refuses
    `agreement_terms` where a field is missing or not of its kind, `not_agreeable` where the
    subscription's terms have no room for it.
    """
    account = await lock_account(db, account_id)
    seen = await claim_reference(
        db,
        account,
        reference=order.reference,
        operation="agreement",
        request=order.document,
        result_id=order.reference,
    )
    if seen is not None:
        return await _view(db, account, order.reference), False
    require_fields(
        order.kind, {"months": order.months, "minutes": order.minutes, "until": order.until}
    )
    subscription = await subscriptions.find_subscription(db, account_id, order.subscription_id)
    terms = await catalogs.load_catalog(db, subscription.catalog, subscription.catalog_version)
    at = decide_instant(order.at, now=account.now, caller=caller)
    at = max(at, min(subscription.starts_at, account.now))
    until = _decide_until(order.until, subscription, at=at)
    match order.kind:
        case "join_months":
            await _join_months(db, account, subscription, terms, order, at=at)
        case "raise_cap":
            await _raise_cap(db, account, subscription, terms, order, at=at, until=until)
        case "extended_cover":
            await _extend_cover(db, account, subscription, terms, order, at=at, until=until)
    account.record_summary()
    return await _view(db, account, order.reference), True


async def _join_months(
    db: Db,
    account: LockedAccount,
    subscription: Subscription,
    terms: Catalog,
    order: AgreementOrder,
    *,
    at: datetime,
) -> None:
    """Make the units of months that follow one another usable together.

    Not before what the account's units did last.
    """
    at = account.after_movements(at)
    account_id = account.account_id
    before = await agreements.load_agreements(
        db, account_id, subscription.subscription_id, kind="join_months"
    )
    months = join_months(
        terms.plans[subscription.plan],
        terms,
        await stored_lots.load_subscription_lots(db, account_id, subscription.subscription_id),
        order.months or (),
        joined=frozenset(lot_id for each in before for lot_id in each.terms.lot_ids),
        at=at,
    )
    stamp = _stamp(subscription, order, at=at)
    taken = [Movement("revoke", lot, lot.free) for lot in months.later if lot.free]
    longer = Movement("extend", months.first, 0, expires_at=months.ends_at)
    await ledger.post(db, account, [longer, *taken], stamp)
    given = _grant_again(subscription, months, now=account.now)
    await ledger.insert_lots(db, account, given, stamp)
    await _write(
        db,
        account,
        order,
        AgreedChange(
            months.starts_at,
            months.ends_at,
            lot_ids=tuple(lot.lot_id for lot in (*months.lots, *given)),
            cap_minutes=months.cap,
        ),
        at=at,
    )


def _grant_again(
    subscription: Subscription, months: JoinedMonths, *, now: datetime
) -> Sequence[Lot]:
    return [
        new_lot(
            replace(subscription, order_id=lot.order_id),
            source="agreement",
            granted=lot.free,
            valid_from=months.starts_at,
            expires_at=months.ends_at,
            origin_lot_id=lot.lot_id,
            created_at=now,
        )
        for lot in months.later
        if lot.free
    ]


async def _raise_cap(
    db: Db,
    account: LockedAccount,
    subscription: Subscription,
    terms: Catalog,
    order: AgreementOrder,
    *,
    at: datetime,
    until: datetime | None,
) -> None:
    """Let a week use more, or what is above its cap be billed, while the agreement lasts."""
    plan = terms.plans[subscription.plan]
    if plan.weekly_cap is None:
        raise NotAgreeable(f"{plan.name} has no weekly cap.")
    agreed = AgreedChange(at, until, minutes=order.minutes, sequence=account.sequence)
    await _write(db, account, order, agreed, at=at)
    await _post_numbering_entry(db, account, subscription, order, at=at)


async def _post_numbering_entry(
    db: Db,
    account: LockedAccount,
    subscription: Subscription,
    order: AgreementOrder,
    *,
    at: datetime,
) -> None:
    """Give an agreement that moves no units a number among those that do.

    What a balance shows is otherwise from then on than at the number before (law 7). The entry
    has a lot end when it ends: so it is not before what the account's units did last.
    """
    at = account.after_movements(at)
    lots = await stored_lots.load_subscription_lots(
        db, account.account_id, subscription.subscription_id
    )
    left = [lot for lot in lots if lot.is_left(at)]
    if left:
        same = Movement("extend", left[0], 0, expires_at=left[0].expires_at)
        stamp = replace(_stamp(subscription, order, at=at), cause=RAISED_CAP)
        await ledger.post(db, account, [same], stamp)


def _stamp(subscription: Subscription, order: AgreementOrder, *, at: datetime) -> Stamp:
    return Stamp(
        effective_at=at,
        order_id=subscription.order_id,
        reference=order.reference,
        cause="agreement",
        reason=order.reason,
        actor=order.actor,
    )


async def _extend_cover(
    db: Db,
    account: LockedAccount,
    subscription: Subscription,
    terms: Catalog,
    order: AgreementOrder,
    *,
    at: datetime,
    until: datetime | None,
) -> None:
    """Let tickets opened from then on, until its end, count the open time of the cover."""
    calendar = choose_cover(terms)
    if until is None:
        detail = "The subscription does not end: say until when it is covered."
        raise AgreementTerms([Fault("/until", detail, AgreementTerms.code)])
    cover = Cover(order.reference, calendar, at, until)
    await covers.add_cover(db, account, subscription, cover, reason=order.reason, actor=order.actor)


def _decide_until(
    until: datetime | None, subscription: Subscription, *, at: datetime
) -> datetime | None:
    """Return until when an agreement lasts: as it says, else as long as the subscription."""
    if subscription.ends_at is not None and subscription.ends_at <= at:
        raise NotAgreeable("The subscription has ended.")
    if until is not None and until <= at:
        detail = "The agreement would end before it begins."
        raise AgreementTerms([Fault("/until", detail, AgreementTerms.code)])
    return until or subscription.ends_at


async def _write(
    db: Db, account: LockedAccount, order: AgreementOrder, terms: AgreedChange, *, at: datetime
) -> None:
    agreement = Agreement(
        account_id=account.account_id,
        reference=order.reference,
        bought=False,
        kind=order.kind,
        subscription_id=order.subscription_id,
        terms=terms,
        reason=order.reason,
        actor=order.actor,
        effective_at=at,
        notify_at=None,
        created_at=account.now,
    )
    await agreements.insert_agreement(db, agreement)


async def _view(db: Db, account: LockedAccount, reference: str) -> AgreementView:
    agreement = await agreements.find_agreement(db, account.account_id, reference, bought=False)
    if agreement is None:
        raise LookupError(f"there is no agreement {reference}")
    return AgreementView(agreement, account.sequence)
