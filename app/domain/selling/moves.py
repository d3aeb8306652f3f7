"""Moving cover: a subscription of one store that is another's from now on.

What is free of its lots is taken back there and granted again for the other store, each lot for
the rest of its own term: so every lot adds up at every instant, and tickets keep what they hold.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from app.domain.access.refusals import Refusal
from app.domain.ledger.ledger import Lot, Movement
from app.domain.ledger.pools import Subscription
from app.domain.selling.cancellations import take_back
from app.domain.selling.starts import SiteAlreadyCovered, SoldTerm
from app.domain.values import Value, replace


class NotMovable(Refusal):
    """The subscription covers no single store, covers this one already, or is over."""

    kind = "conflict"
    code = "not_movable"
    title = "The cover cannot be moved"


class MovedLot(Value):
    """What is granted again of a lot, for the rest of its term; `granted` None: no count."""

    origin: Lot
    granted: int | None
    valid_from: datetime


class Move(Value):
    """What moving cover takes back, and what it grants again for the other store."""

    taken: tuple[Movement, ...]
    given: tuple[MovedLot, ...]


def list_bought(lots: Iterable[Lot]) -> list[Lot]:
    """Return those of a subscription's lots that were bought, at whatever store they are now."""
    return [lot for lot, _ in _pair_with_bought(lots)]


def list_as_bought(lots: Iterable[Lot]) -> list[Lot]:
    """Return the lots that were bought where they are now, with what and from when each granted."""
    return [
        replace(lot, granted=bought.granted, valid_from=bought.valid_from)
        for lot, bought in _pair_with_bought(lots)
    ]


def find_moved(lot: Lot, lots: Iterable[Lot]) -> Lot | None:
    """Return what is left of a lot at the store that it was moved to last, if it was."""
    moved = {
        each.origin_lot_id: each
        for each in lots
        if each.source == "agreement" and each.origin_lot_id is not None
    }
    there, found = lot, None
    while (after := moved.get(there.lot_id)) is not None and after.site != there.site:
        there = found = after
    return found


def _pair_with_bought(lots: Iterable[Lot]) -> Iterator[tuple[Lot, Lot]]:
    """Yield each lot that was bought, or is the rest of one at another store, with that one."""
    known = {lot.lot_id: lot for lot in lots}
    for lot in known.values():
        bought: Lot | None = lot
        while bought is not None and bought.source == "agreement":
            bought = _find_left(bought, known)
        if bought is not None and bought.source == "purchase":
            yield lot, bought


def _find_left(lot: Lot, known: Mapping[UUID, Lot]) -> Lot | None:
    """Return the lot at another store that a lot was moved from, if it was."""
    origin = None if lot.origin_lot_id is None else known.get(lot.origin_lot_id)
    return None if origin is None or origin.site == lot.site else origin


def list_following(subscription: Subscription, known: Iterable[Subscription]) -> list[Subscription]:
    """Return the bought terms of its pool that follow a subscription, one after the other.

    Each begins where the one before ends. What was cancelled before it began follows nothing.
    """
    bought = {
        each.starts_at: each
        for each in known
        if each.pool == subscription.pool
        and each.source == "purchase"
        and each.starts_at != each.ends_at
    }
    following: list[Subscription] = []
    ends_at = subscription.ends_at
    while ends_at is not None and ends_at in bought:
        following.append(bought[ends_at])
        ends_at = bought[ends_at].ends_at
    return following


def decide_move(
    subscription: Subscription,
    lots: Sequence[Lot],
    *,
    site: str,
    there: Sequence[SoldTerm],
    at: datetime,
) -> Move:
    """Return what moving a subscription to `site` at `at` does to its lots.

    `there` are the terms that the other store has of the catalogue. Refuses `not_movable`, and
    `site_already_covered` where it has the same plan for a part of the time.
    """
    if subscription.site is None:
        raise NotMovable("The subscription covers every store of the account.")
    if subscription.site == site:
        raise NotMovable(f"The subscription covers {site} already.")
    if subscription.ends_at is not None and subscription.ends_at <= at:
        raise NotMovable("The subscription has ended.")
    for each in there:
        begins_in_time = subscription.ends_at is None or each.starts_at < subscription.ends_at
        still_there = each.ends_at is None or max(at, subscription.starts_at) < each.ends_at
        same = each.plan == subscription.plan and each.region == subscription.region
        if same and begins_in_time and still_there:
            raise SiteAlreadyCovered(
                f"{site} has this plan already for a part of the time.",
                site=site,
                starts_at=each.starts_at,
                ends_at=each.ends_at,
            )
    live = [lot for lot in lots if not lot.has_ended(at)]
    given = tuple(
        MovedLot(lot, lot.free, max(at, lot.valid_from))
        for lot in live
        if lot.free is None or lot.free > 0
    )
    return Move(tuple(take_back(live, at=at)), given)
