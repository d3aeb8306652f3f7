"""What a cancellation takes back and pays back adds up to what was granted and paid."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.catalog.money import Money
from app.domain.catalog.policies import RefundPolicy
from app.domain.ledger.ledger import Lot, apply_deltas, movement_deltas
from app.domain.selling.cancellations import (
    Payment,
    RefundRule,
    Unused,
    decide_refund,
    describe_share,
    measure_unused,
    split_refund,
    take_back,
)
from app.domain.selling.selling import Agreed, Sale, price_sale
from app.domain.selling.upgrades import NotAnUpgrade, add_credit
from app.domain.values import field_names
from tests.domain.catalog_examples import read_catalog

START = datetime(2026, 1, 1, tzinfo=UTC)
DAY = timedelta(days=1)
amounts = st.integers(0, 10**12)
rules = st.sampled_from(("none", "unused", "full"))


def make_lot(number: int, *, granted: int | None, begins: int, lasts: int, **buckets: int) -> Lot:
    valid_from = START + begins * DAY
    return Lot(
        lot_id=UUID(int=number + 1),
        subscription_id=UUID(int=0),
        tally_id=1,
        catalog="livecart",
        plan="express",
        site=None,
        unit="incident",
        source="purchase",
        order_id="SO-1",
        origin_lot_id=None,
        granted_sequence=number + 1,
        granted=granted,
        held=buckets.get("held", 0),
        used=buckets.get("used", 0),
        revoked=buckets.get("revoked", 0),
        valid_from=valid_from,
        expires_at=valid_from + lasts * DAY,
        created_at=START,
    )


@st.composite
def lots_of_an_order(draw: st.DrawFn) -> list[Lot]:
    """Return monthly lots in any state that they may come to be in."""
    granted = draw(st.integers(1, 5_000))
    lots = []
    for number in range(draw(st.integers(1, 12))):
        used = draw(st.integers(0, granted))
        held = draw(st.integers(0, granted - used))
        revoked = draw(st.integers(0, granted - used - held))
        lots.append(
            make_lot(
                number,
                granted=granted,
                begins=30 * number,
                lasts=30,
                used=used,
                held=held,
                revoked=revoked,
            )
        )
    return lots


def end(lots: list[Lot], at: datetime) -> list[Lot]:
    """Return the lots as the movements of a cancellation leave them."""
    after = {lot.lot_id: lot for lot in lots}
    for movement in take_back(lots, at=at):
        lot = apply_deltas(after[movement.lot.lot_id], movement_deltas(movement))
        if movement.kind == "extend":
            assert movement.expires_at is not None
            lot = make_end(lot, movement.expires_at)
        after[lot.lot_id] = lot
    return list(after.values())


def make_end(lot: Lot, expires_at: datetime) -> Lot:
    values = {name: getattr(lot, name) for name in field_names(Lot)}
    return Lot(**values | {"expires_at": expires_at})


@given(lots=lots_of_an_order(), hours=st.integers(0, 24 * 400), paid=amounts, asked=rules)
def test_money_and_units_add_up(lots: list[Lot], hours: int, paid: int, asked: RefundRule) -> None:
    at = START + hours * timedelta(hours=1)
    ends_at = max(lot.expires_at for lot in lots if lot.expires_at)
    unused = measure_unused(lots, starts_at=START, ends_at=ends_at, at=at)
    refund = decide_refund(asked, paid=paid, unused=unused, unit="incident")
    assert refund.amount + refund.kept == paid
    assert 0 <= refund.amount <= paid
    after = end(lots, at)
    taken = 0
    for before, lot in zip(lots, after, strict=True):
        taken += lot.revoked - before.revoked
        assert (lot.held, lot.used, lot.granted) == (before.held, before.used, before.granted)
        assert lot.free is not None
        assert lot.free >= 0
        assert (lot.available(at) or 0) == 0
        assert (lot.available(at + 500 * DAY) or 0) == 0
        # What was lost before stays lost; what was there is taken back, to the last unit.
        assert lot.free == (before.free if before.has_ended(at) else 0)
    assert (
        taken
        == measure_unused(lots, starts_at=START, ends_at=ends_at, at=at, policy="unused_units").left
    )
    # Done once more there is nothing left to take or to pay.
    assert measure_unused(after, starts_at=START, ends_at=ends_at, at=at).left == 0


@given(lots=lots_of_an_order(), hours=st.integers(0, 24 * 400), paid=amounts)
def test_unused_is_worth_the_lesser_of_units_and_time(
    lots: list[Lot], hours: int, paid: int
) -> None:
    at = START + hours * timedelta(hours=1)
    ends_at = max(lot.expires_at for lot in lots if lot.expires_at)

    def share(policy: RefundPolicy) -> int:
        unused = measure_unused(lots, starts_at=START, ends_at=ends_at, at=at, policy=policy)
        return unused.share_of(paid)

    assert share("lesser") == min(share("unused_units"), share("unused_time"))
    assert share("none") == 0


@given(amount=amounts, paid=st.lists(st.integers(0, 10**6), min_size=1, max_size=5))
def test_a_refund_is_split_by_what_was_paid(amount: int, paid: list[int]) -> None:
    payments = [Payment(f"SO-{n}", None, each) for n, each in enumerate(paid)]
    parts = split_refund(min(amount, sum(paid)), payments)
    assert sum(each.amount for each in parts) == min(amount, sum(paid))
    assert all(each.amount <= paid[int(each.order_id[3:])] for each in parts)


@given(hours=st.integers(-24 * 10, 24 * 40), paid=amounts)
def test_time_is_paid_back_from_all_to_nothing(hours: int, paid: int) -> None:
    lots = [make_lot(0, granted=None, begins=0, lasts=30)]
    at = START + hours * timedelta(hours=1)

    def share(at: datetime) -> int:
        unused = measure_unused(lots, starts_at=START, ends_at=START + 30 * DAY, at=at)
        return unused.share_of(paid)

    assert share(START - DAY) == share(START) == paid
    assert share(START + 30 * DAY) == 0
    assert 0 <= share(at + DAY) <= share(at) <= paid


@pytest.mark.parametrize(
    ("left", "whole", "paid", "share"),
    [
        (14, 15, 39900, 37240),
        (1, 3, 100, 33),
        (2, 3, 100, 67),
        (1, 8, 100, 13),  # 12.5 rounded half up
        (0, 15, 39900, 0),
        (15, 15, 39900, 39900),
        (0, 0, 39900, 0),
        (7, 15, 0, 0),
    ],
)
def test_a_share_is_rounded_half_up(left: int, whole: int, paid: int, share: int) -> None:
    assert Unused("units", left, whole).share_of(paid) == share


@given(data=st.data())
def test_no_cent_is_lost_along_a_chain_of_upgrades(data: st.DataObject) -> None:
    """Cash in, less what is paid back, is what is kept of all the orders together."""
    terms = read_catalog("livecart")
    offer = terms.offers["livecart.express-1y"]

    def sell(price: int) -> Sale:
        agreed = Agreed(Money(price, "EUR"))
        return price_sale(terms, offer, quantity=1, contract_months=None, agreed=agreed)

    sale = sell(data.draw(st.integers(0, 10**6)))
    cash, kept = sale.total.amount, 0
    for number in range(data.draw(st.integers(0, 5))):
        paid = sale.total.amount + sale.credit
        unused = Unused("units", data.draw(st.integers(0, 15)), 15)
        better = sell(data.draw(st.integers(0, 10**6)))
        try:
            upgraded = add_credit(
                better, order_id=f"SO-{number}", paid=paid, unused=unused, unit="incident"
            )
        except NotAnUpgrade:
            assert unused.share_of(paid) > better.total.amount
            continue
        assert upgraded.total.amount >= 0
        assert sum(line.amount for line in upgraded.lines) == upgraded.total.amount
        assert upgraded.total.amount + upgraded.credit == better.total.amount
        cash += upgraded.total.amount
        kept += paid - upgraded.credit
        sale = upgraded
    paid = sale.total.amount + sale.credit
    unused = Unused("units", data.draw(st.integers(0, 15)), 15)
    refund = decide_refund("unused", paid=paid, unused=unused, unit="incident")
    assert cash - refund.amount == kept + refund.kept


def test_a_share_is_said_in_what_it_is_measured_by() -> None:
    units = describe_share(Unused("units", 8, 10), "incident")
    assert units == "8 of 10 incidents are unused: that share of what was paid, rounded half up."
    term = describe_share(Unused("time", 1_800, 3_600), "incident")
    assert term == (
        "1,800 of 3,600 seconds of the term are left: that share of what was paid, rounded half up."
    )
