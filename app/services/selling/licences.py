"""Software licences: the first one in a catalogue brings its free units, once."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from app.db.accounts.accounts import find_account
from app.db.accounts.locked_accounts import LockedAccount, lock_account
from app.db.engine.unit_of_work import Db
from app.db.ledger import ledger, stored_lots, subscriptions
from app.db.ledger.ledger import Stamp
from app.db.selling import licences
from app.domain.access.callers import Caller
from app.domain.catalog.catalogs import Catalog
from app.domain.catalog.offers import FreeGrant
from app.domain.ledger.ledger import Lot
from app.domain.ledger.pools import Subscription
from app.domain.selling.licences import RegisteredLicence
from app.domain.selling.sold_terms import begin_term, turn
from app.domain.time.backdating import decide_instant
from app.domain.values import Value
from app.services.access.repeats import require_same
from app.services.catalog.named import load_named
from app.services.selling.lots import new_id, new_lot
from app.services.selling.regions import find_region


class LicenceView(Value):
    """A licence, what it brought as it is now, and the account's sequence."""

    licence: RegisteredLicence
    subscription: Subscription | None
    lots: list[Lot]
    now: datetime
    sequence: int


class LicenceOrder(Value):
    """A licence to be registered, and the document that asks for it.

    `at` is when it was bought; None: now.
    """

    license_id: str
    catalog: str
    product: str
    at: datetime | None
    document: Mapping[str, object]


async def register_licence(
    db: Db, *, account_id: str, order: LicenceOrder, caller: Caller
) -> tuple[LicenceView, bool]:
    """Register a software licence; return it, and whether it is new.

    The account's first one in a catalogue brings what the catalogue gives with it, once, however
    many are registered at the same time. The id seen again with the same request gives the
    licence as it is now; with another it is refused.
    """
    account = await lock_account(db, account_id)
    seen = await licences.find_licence(db, account_id, order.license_id)
    if seen is not None:
        require_same(f"The licence {order.license_id!r}", then=seen.request, now=order.document)
        return await _view(db, seen, now=account.now, sequence=account.sequence), False
    at = decide_instant(order.at, now=account.now, caller=caller)
    terms, version = await load_named(db, order.catalog)
    free = terms.first_licence
    brought = None
    if free is not None and (
        free.each or not await licences.has_licence(db, account_id, terms.code)
    ):
        brought = await _grant_free(
            db, account, terms, version, free, license_id=order.license_id, at=at
        )
    licence = RegisteredLicence(
        account_id=account_id,
        license_id=order.license_id,
        request=order.document,
        catalog=terms.code,
        product=order.product,
        subscription_id=brought,
        created_at=account.now,
    )
    await licences.insert_licence(db, licence)
    return await _view(db, licence, now=account.now, sequence=account.sequence), True


async def list_licences(
    db: Db,
    *,
    account_id: str,
    after: Sequence[Any] | None,
    ascending: bool,
    limit: int,
    catalog: str | None = None,
) -> list[LicenceView]:
    """Return the account's licences by when they were registered, after a place among them."""
    account = await find_account(db, account_id)
    now = db.read_clock()
    found = await licences.list_licences(
        db, account_id, after=after, ascending=ascending, limit=limit, catalog=catalog
    )
    return [await _view(db, each, now=now, sequence=account.sequence) for each in found]


async def _grant_free(
    db: Db,
    account: LockedAccount,
    terms: Catalog,
    version: int,
    free: FreeGrant,
    *,
    license_id: str,
    at: datetime,
) -> UUID:
    ends_at = turn(begin_term(at), free.term, 1, terms)
    subscription = Subscription(
        subscription_id=new_id(),
        source="licence",
        order_id=None,
        catalog=terms.code,
        catalog_version=version,
        plan=free.plan,
        site=None,
        region=await find_region(db, account.account_id, terms),
        unit=free.unit,
        starts_at=at,
        ends_at=ends_at,
        suspended_at=None,
        extra_calendars=(),
        version=1,
        created_at=account.now,
    )
    await subscriptions.insert_subscription(db, account.account_id, subscription)
    lot = new_lot(
        subscription, source="licence", granted=free.amount, valid_from=at, expires_at=ends_at
    )
    stamp = Stamp(effective_at=at, reference=license_id, cause="first_licence")
    await ledger.insert_lots(db, account, [lot], stamp)
    return subscription.subscription_id


async def _view(db: Db, licence: RegisteredLicence, *, now: datetime, sequence: int) -> LicenceView:
    account_id, brought = licence.account_id, licence.subscription_id
    subscription = None
    lots: list[Lot] = []
    if brought is not None:
        subscription = await subscriptions.find_subscription(db, account_id, brought)
        lots = await stored_lots.load_subscription_lots(db, account_id, brought)
    return LicenceView(licence, subscription, lots, now, sequence)
