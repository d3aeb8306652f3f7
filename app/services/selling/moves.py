"""Moves of cover: a subscription of one store becomes another's, on the record."""

from uuid import UUID

from app.db.accounts.locked_accounts import lock_account
from app.db.catalog import catalogs
from app.db.engine.unit_of_work import Db
from app.db.ledger import ledger, stored_lots, subscriptions
from app.db.ledger.ledger import Stamp
from app.db.selling import sold_terms
from app.domain.coverage.sites import canonical_site
from app.domain.events.sale_events import describe_subscription_move
from app.domain.ledger.pools import Subscription
from app.domain.selling.moves import decide_move
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

    Open tickets of the store before keep what they hold. Refuses `not_movable`, and
    `site_already_covered`.
    """
    account = await lock_account(db, account_id)
    found = await subscriptions.find_subscription(db, account_id, subscription_id)
    require_match(if_match, found.version)
    terms = await catalogs.load_catalog(db, found.catalog, found.catalog_version)
    to = canonical_site(site, ignore_www=terms.policies.ignore_www)
    move = decide_move(
        found,
        await stored_lots.load_subscription_lots(db, account_id, subscription_id),
        site=to,
        there=await sold_terms.load_sold_terms(
            db, account_id, catalog=found.catalog, site=to, since=account.now
        ),
        at=account.now,
    )
    moved = await subscriptions.set_site(db, account, found, site=to)
    stamp = Stamp(
        effective_at=account.now,
        order_id=found.order_id,
        cause="agreement",
        reason=reason,
        actor=actor,
    )
    await ledger.post(db, account, move.taken, stamp)
    given = [
        new_lot(
            moved,
            source="agreement",
            granted=each.granted,
            valid_from=each.valid_from,
            expires_at=each.origin.expires_at,
            origin_lot_id=each.origin.lot_id,
            created_at=account.now,
        )
        for each in move.given
    ]
    await ledger.insert_lots(db, account, given, stamp)
    data = describe_subscription_move(moved, from_site=found.site, sequence=account.sequence)
    account.record(data, at=account.now)
    return moved
