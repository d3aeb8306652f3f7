"""The status of a charge: one table over what is held, over, used, refunded and released."""

from itertools import product

from hypothesis import given
from hypothesis import strategies as st

from app.domain.ledger.ledger import fold_ticket_entries
from app.domain.tickets.charges import STATUSES, Charge
from tests.domain.lot_examples import make_lot


def fold(*moves: tuple[int, int]) -> Charge:
    """Return the charge that movements of (held, used) on one lot add up to."""
    lot = make_lot(1000)
    rows = [(number, lot.lot_id, held, used) for number, (held, used) in enumerate(moves, 1)]
    return Charge({lot.lot_id: lot}, fold_ticket_entries(rows))


def test_every_state_of_a_charge_has_a_row() -> None:
    for facts in product((False, True), repeat=5):
        assert any(
            all(each in (None, fact) for each, fact in zip(row, facts, strict=True))
            for row, _ in STATUSES
        ), facts


def test_a_charge_goes_from_held_to_settled_to_refunded() -> None:
    assert fold().status(overage=0) == "none"
    assert fold((25, 0)).status(overage=0) == "held"
    assert fold((25, 0), (-25, 0)).status(overage=0) == "returned"
    assert fold((25, 0), (-10, 10), (-15, 0)).status(overage=0) == "settled"
    assert fold((25, 0), (-25, 25), (0, -10)).status(overage=0) == "partly_refunded"
    assert fold((25, 0), (-25, 25), (0, -10)).status(overage=5) == "overage"
    assert fold((25, 0), (-25, 25), (0, -25)).status(overage=0) == "refunded"
    assert fold((25, 0), (-25, 25), (10, 0)).status(overage=5) == "held"


@given(st.lists(st.integers(1, 9), min_size=1, max_size=6), st.data())
def test_a_refund_stays_visible_whatever_is_used_and_given_back_after_it(
    taken: list[int], data: st.DataObject
) -> None:
    moves = [(0, each) for each in taken]
    given = data.draw(st.integers(1, sum(taken)))
    after = data.draw(st.integers(0, 9))
    charge = fold(*moves, (0, -given), (0, after))
    wanted = "partly_refunded" if charge.used else "refunded"
    assert charge.status(overage=0) == wanted
