"""Moves of cover: a subscription of one store becomes another's, on the record."""

from uuid import UUID

from app.db.accounts.locked_accounts import LockedAccount, lock_account
from app.db.catalog import catalogs
from app.db.engine.unit_of_work import Db
from app.db.ledger import ledger, stored_lots, subscriptions
from app.db.ledger.ledger import Stamp
from app.db.selling import sold_terms, waiting_orders
from app.domain.coverage.sites import canonical_site
from app.domain.events.sale_events import describe_subscription_move
from app.domain.ledger.pools import Subscription
from app.domain.selling.moves import decide_move, list_following
from app.domain.selling.starts import SiteAlreadyCovered
from app.domain.values import replace
from app.services.accounts.accounts import require_match
from app.services.selling.lots import new_lot


async def move_subscription(
    db: Db,
    *,
    account_id: str,
    subscription_id: UUID,
    site: str,
    reason: str,
    actor: str,
    if_match: str | None,
) -> Subscription:
    """Let a subscription of one store cover another instead, from now on.

    What goes on with it goes there as well: the terms of its plan that follow it, as far as the
    other store has not that plan then already, and those and its upgrades that are not paid yet.
    Open tickets of the store before keep what they hold. Refuses `not_movable`, and
    `site_already_covered`.
    """
    account = await lock_account(db, account_id)
    found = await subscriptions.find_subscription(db, account_id, subscription_id)
    require_match(if_match, found.version)
    terms = await catalogs.load_catalog(db, found.catalog, found.catalog_version)
    to = canonical_site(site, ignore_www=terms.policies.ignore_www)
    known = await subscriptions.load_subscriptions_since(db, account_id, account.now)
    why = Stamp(effective_at=account.now, cause="agreement", reason=reason, actor=actor)
    moved = await _move(db, account, found, site=to, why=why)
    order_ids = [found.order_id]
    for each in list_following(found, known):
        try:
            await _move(db, account, each, site=to, why=why)
        except SiteAlreadyCovered:  # which is found out before anything is written
            break
        order_ids.append(each.order_id)
    await waiting_orders.set_site(
        db,
        account_id,
        [order_id for order_id in order_ids if order_id is not None],
        moved=moved,
        from_site=str(found.site),
    )
    return moved


async def _move(
    db: Db, account: LockedAccount, found: Subscription, *, site: str, why: Stamp
) -> Subscription:
    account_id = account.account_id
    move = decide_move(
        found,
        await stored_lots.load_subscription_lots(db, account_id, found.subscription_id),
        site=site,
        there=await sold_terms.load_sold_terms(
            db, account_id, catalog=found.catalog, site=site, since=account.now
        ),
        at=account.now,
    )
    moved = await subscriptions.set_site(db, account, found, site=site)
    # What others raised it by stays theirs.
    for order_id in dict.fromkeys(each.lot.order_id for each in move.taken):
        stamp = replace(why, order_id=order_id)
        taken = [each for each in move.taken if each.lot.order_id == order_id]
        await ledger.post(db, account, taken, stamp)
        given = [
            new_lot(
                replace(moved, order_id=order_id),
                source="agreement",
                granted=each.granted,
                valid_from=each.valid_from,
                expires_at=each.origin.expires_at,
                origin_lot_id=each.origin.lot_id,
                created_at=account.now,
            )
            for each in move.given
            if each.origin.order_id == order_id
        ]
        await ledger.insert_lots(db, account, given, stamp)
    data = describe_subscription_move(moved, from_site=found.site, sequence=account.sequence)
    account.record(data, at=account.now)
    return moved
