"""Grants: units given by hand, with a reason and whoever decided it."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from uuid_utils.compat import uuid7

from app.db.accounts.locked_accounts import LockedAccount, lock_account
from app.db.engine.unit_of_work import Db
from app.db.ledger import ledger, stored_lots, subscriptions
from app.db.ledger.ledger import Stamp
from app.domain.access.callers import Caller
from app.domain.access.refusals import Fault, InvalidPayload
from app.domain.catalog.catalogs import Catalog
from app.domain.catalog.plans import Plan
from app.domain.coverage.choices import list_plans
from app.domain.coverage.requests import unknown_plan
from app.domain.ledger.ledger import Lot
from app.domain.ledger.pools import Subscription
from app.domain.selling.sold_terms import begin_term, turn
from app.domain.time.backdating import decide_instant
from app.domain.values import Value
from app.services.access.repeats import claim_reference
from app.services.catalog.named import load_named
from app.services.selling.lots import new_lot
from app.services.selling.regions import find_region


class PlanRequired(InvalidPayload):
    """The catalogue has several plans, and none is named; `choices` has them."""

    code = "plan_required"
    title = "A plan has to be named"


class UnitMismatch(InvalidPayload):
    """The plan counts in another unit."""

    code = "unit_mismatch"
    title = "The plan counts in another unit"


class EndsInPast(InvalidPayload):
    """The units would have ended before they are given."""

    code = "ends_in_past"
    title = "The end lies in the past"


class GrantOrder(Value):
    """Units to be given, under a reference that makes them given once."""

    reference: str
    catalog: str
    plan: str | None
    unit: str
    amount: int
    expires_at: datetime | None
    at: datetime | None
    reason: str
    actor: str
    document: Mapping[str, object]


class GrantView(Value):
    """A grant: the subscription it made and its lots, and the account's sequence."""

    reference: str
    subscription: Subscription
    lots: list[Lot]
    now: datetime
    sequence: int


async def grant_units(
    db: Db, *, account_id: str, order: GrantOrder, caller: Caller
) -> tuple[GrantView, bool]:
    """Give units to an account; return the grant, and whether it is new."""
    account = await lock_account(db, account_id)
    subscription_id = uuid7()
    seen = await claim_reference(
        db,
        account,
        reference=order.reference,
        operation="grant",
        request=order.document,
        result_id=str(subscription_id),
    )
    if seen is not None:
        return await _view(db, account, order.reference, UUID(seen)), False
    at = decide_instant(order.at, now=account.now, caller=caller)
    terms, version = await load_named(db, order.catalog)
    plan = choose_plan(terms, order.plan)
    if plan.unit != order.unit:
        detail = f"The plan {plan.code} counts in {plan.unit}s."
        raise UnitMismatch([Fault("/unit", detail, UnitMismatch.code)])
    expires_at = order.expires_at
    if expires_at is None and terms.policies.grant_term is not None:
        expires_at = turn(begin_term(at), terms.policies.grant_term, 1, terms)
    if expires_at is not None and expires_at <= at:
        detail = "The units would have ended before they are given."
        raise EndsInPast([Fault("/expires_at", detail, EndsInPast.code)])
    subscription = Subscription(
        subscription_id=subscription_id,
        source="grant",
        order_id=None,
        catalog=terms.code,
        catalog_version=version,
        plan=plan.code,
        site=None,
        region=await find_region(db, account_id, terms),
        unit=plan.unit,
        starts_at=at,
        ends_at=expires_at,
        suspended_at=None,
        extra_calendars=(),
        version=1,
        created_at=account.now,
    )
    await subscriptions.insert_subscription(db, account_id, subscription)
    lot = new_lot(
        subscription, source="grant", granted=order.amount, valid_from=at, expires_at=expires_at
    )
    stamp = Stamp(
        effective_at=at, reference=order.reference, reason=order.reason, actor=order.actor
    )
    await ledger.insert_lots(db, account, [lot], stamp)
    return await _view(db, account, order.reference, subscription_id), True


def choose_plan(terms: Catalog, plan: str | None) -> Plan:
    """Return the plan named, or the only one there is."""
    if plan is not None:
        if plan not in terms.plans:
            raise unknown_plan(plan, terms)
        return terms.plans[plan]
    if len(terms.plans) != 1:
        choices = list_plans(terms)
        detail = f"Name one of the plans {', '.join(str(each.value) for each in choices)}."
        raise PlanRequired([Fault("/plan", detail, PlanRequired.code)], choices=choices)
    return next(iter(terms.plans.values()))


async def _view(db: Db, account: LockedAccount, reference: str, subscription_id: UUID) -> GrantView:
    account_id = account.account_id
    return GrantView(
        reference=reference,
        subscription=await subscriptions.find_subscription(db, account_id, subscription_id),
        lots=await stored_lots.load_subscription_lots(db, account_id, subscription_id),
        now=account.now,
        sequence=account.sequence,
    )
