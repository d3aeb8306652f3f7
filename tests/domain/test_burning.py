"""In which order lots are drawn upon, and what a ticket's entries add up to."""

from datetime import UTC, datetime, timedelta
from itertools import permutations
from uuid import UUID

import pytest

from app.domain.ledger.burn_order import burn_key, draw
from app.domain.ledger.ledger import Lot, TicketUse, fold_ticket_entries
from app.domain.values import replace
from tests.domain.lot_examples import make_lot

NOW = datetime(2026, 6, 1, tzinfo=UTC)
LATER = NOW + timedelta(days=30)
LOT, OTHER = UUID(int=1), UUID(int=2)


def a_lot(granted: int | None = 5, **changes: object) -> Lot:
    return replace(make_lot(granted, expires_at=LATER), **changes)  # type: ignore[arg-type]


def test_it_burns_by_its_end_then_free_before_paid_then_age_then_id() -> None:
    soon = a_lot(expires_at=NOW + timedelta(days=1), granted_sequence=9)
    free = a_lot(source="grant", granted_sequence=8)
    paid = a_lot(source="purchase", granted_sequence=2, lot_id=UUID(int=1))
    agreed = a_lot(source="agreement", granted_sequence=3)
    twin = a_lot(source="purchase", granted_sequence=3, lot_id=UUID(int=7))
    endless = a_lot(expires_at=None, source="grant", granted_sequence=1)
    older = a_lot(expires_at=None, source="grant", granted_sequence=0, valid_from=NOW)
    wanted = [soon, free, paid]
    for each in permutations(wanted):
        assert sorted(each, key=burn_key) == wanted
    assert burn_key(free) < burn_key(agreed)
    assert burn_key(replace(agreed, lot_id=UUID(int=1))) < burn_key(twin)
    assert max(burn_key(each) for each in wanted) < burn_key(endless)
    # Of two without an end the one that is valid longer is first, whatever its number.
    assert burn_key(endless) < burn_key(older)


def test_it_draws_what_is_free_and_says_what_is_missing() -> None:
    first = a_lot(5, held=1, used=1, revoked=1, granted_sequence=1)
    second = a_lot(4, granted_sequence=2)
    allocations, missing = draw([second, first], 3, at=NOW)
    assert [(each.lot, each.amount) for each in allocations] == [(first, 2), (second, 1)]
    assert missing == 0
    allocations, missing = draw([second, first], 10, at=NOW)
    assert [each.amount for each in allocations] == [2, 4]
    assert missing == 4
    assert draw([first], 0, at=NOW) == ([], 0)


@pytest.mark.parametrize(
    "unusable",
    [
        a_lot(valid_from=NOW + timedelta(microseconds=1)),
        a_lot(expires_at=NOW),
        a_lot(lowest_free=0),
        a_lot(5, held=5),
    ],
    ids=["upcoming", "ended", "taken meanwhile", "held"],
)
def test_it_passes_over_what_cannot_be_used(unusable: Lot) -> None:
    spare = a_lot(2, granted_sequence=9)
    allocations, missing = draw([unusable, spare], 2, at=NOW)
    assert ([each.lot for each in allocations], missing) == ([spare], 0)


def test_what_was_free_at_every_instant_since_bounds_a_charge_of_the_past() -> None:
    allocations, missing = draw([a_lot(5, lowest_free=2)], 4, at=NOW)
    assert ([each.amount for each in allocations], missing) == ([2], 2)


def test_a_lot_without_a_count_gives_all_that_is_asked() -> None:
    lot = a_lot(None)
    assert (lot.free, lot.available(NOW), lot.available(LATER)) == (None, None, 0)
    allocations, missing = draw([lot], 1_000, at=NOW)
    assert ([each.amount for each in allocations], missing) == ([1_000], 0)


def test_a_tickets_entries_add_up_and_the_last_use_is_given_back_first() -> None:
    told = [
        (1, LOT, 5, 0),  # held
        (2, LOT, -2, 0),  # released
        (3, LOT, -3, 3),  # settled
        (4, OTHER, 0, 0),  # nothing of it
        (5, LOT, 0, 4),  # used besides
        (6, LOT, 0, -5),  # refunded: all of the last use, and one of the first
    ]
    (use,) = fold_ticket_entries(told).values()
    assert use == TicketUse(LOT, held=0, used=2, takes=((3, 2),), released=2, refunded=5)
    assert fold_ticket_entries([(1, LOT, 1, 0), (2, OTHER, 2, 0)]).keys() == {LOT, OTHER}


def test_a_refund_of_exactly_one_use_leaves_the_other_whole() -> None:
    told = [(1, LOT, 0, 3), (2, LOT, 0, 4), (3, LOT, 0, -4)]
    assert fold_ticket_entries(told)[LOT].takes == ((1, 3),)
    assert fold_ticket_entries([*told, (4, LOT, 0, -3)])[LOT].takes == ()
