"""What a sale gives over time: its end, its lots, and the copy that an order keeps."""

import itertools
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.catalog.money import Money
from app.domain.catalog.offers import CarryOver, Offer
from app.domain.catalog.policies import Ending
from app.domain.catalog.terms import Term
from app.domain.ledger.burn_order import draw
from app.domain.selling.cancellations import Unused
from app.domain.selling.selling import Agreed, InvalidContract, Sale, price_sale
from app.domain.selling.sold_terms import (
    begin_term,
    continue_term,
    copy_sale,
    describe_sold_terms,
    end_of_sale,
    lot_terms,
    read_sale,
    read_sold_terms,
    turn,
)
from app.domain.selling.upgrades import add_credit
from app.domain.time.instants import InstantOutOfRange
from app.domain.values import replace
from tests.domain.catalog_examples import CODES, read_catalog
from tests.domain.lot_examples import make_lot

START = datetime(2027, 1, 31, 9, 0, tzinfo=UTC)
BERLIN = ZoneInfo("Europe/Berlin")
IN_BERLIN = replace(read_catalog("livecart"), zone="Europe/Berlin")


def sell(code: str, **more: int) -> Sale:
    terms = read_catalog(code.partition(".")[0])
    return _sell(terms.offers[code], **more)


def _sell(offer: Offer, quantity: int = 1, contract_months: int | None = None) -> Sale:
    terms = read_catalog(offer.code.partition(".")[0])
    counted = offer.plan is not None and not offer.allowance.unlimited
    agreed = Agreed(Money(50_000, terms.currency), 600 if counted else None)
    return price_sale(
        terms, offer, quantity=quantity, contract_months=contract_months, agreed=agreed
    )


def test_what_carries_over_lasts_a_month_longer_within_the_sale() -> None:
    gold = read_catalog("corporate").offers["corporate.gold"]
    sale = _sell(replace(gold, carries_over=CarryOver(), term=Term(months=3)))
    assert [
        (lot.valid_from, lot.expires_at) for lot in lot_terms(sale, begin_term(START), IN_BERLIN)
    ] == [
        (START, datetime(2027, 3, 31, 8, 0, tzinfo=UTC)),
        (datetime(2027, 2, 28, 9, 0, tzinfo=UTC), datetime(2027, 4, 30, 8, 0, tzinfo=UTC)),
        (datetime(2027, 3, 31, 8, 0, tzinfo=UTC), datetime(2027, 4, 30, 8, 0, tzinfo=UTC)),
    ]


@given(
    granted=st.integers(0, 5_000),
    share=st.integers(1, 20).flatmap(lambda of: st.tuples(st.integers(1, of), st.just(of))),
    used=st.lists(st.integers(0, 2_000), max_size=4),
    lasts=st.sampled_from([Term(months=1), Term(months=2), Term(days=10)]),
)
def test_what_rolls_over_is_what_is_left_or_the_share_and_never_more(
    granted: int, share: tuple[int, int], used: list[int], lasts: Term
) -> None:
    """Whatever is used in February, in parts: no unit is made, and none is left after March."""
    gold = read_catalog("corporate").offers["corporate.gold"]
    offer = replace(gold, carries_over=CarryOver(share, lasts), term=Term(months=3))
    sale = replace(_sell(offer), amount=granted)
    sold = list(lot_terms(sale, begin_term(START), IN_BERLIN))
    assert sum(lot.granted or 0 for lot in sold) == 3 * granted
    first = [
        make_lot(lot.granted, valid_from=lot.valid_from, expires_at=lot.expires_at)
        for lot in sold
        if lot.valid_from == START
    ]
    left = {lot.lot_id: lot for lot in first}
    for amount in used:
        taken, _ = draw(left.values(), amount, at=START)
        for each in taken:
            left[each.lot.lot_id] = replace(each.lot, used=each.lot.used + each.amount)
    rest = max(0, granted - sum(used))
    turns_at = datetime(2027, 2, 28, 9, 0, tzinfo=UTC)
    carried = sum(lot.available(turns_at) or 0 for lot in left.values())
    assert carried == min(rest, granted * share[0] // share[1])
    ends = turn(begin_term(START), Term(months=3), 1, IN_BERLIN)
    assert not any(lot.available(ends) for lot in left.values())


def test_a_term_in_days_is_counted_in_days() -> None:
    offer = replace(read_catalog("livecart").offers["livecart.express-1y"], term=Term(days=30))
    sale = _sell(offer, quantity=2)
    (lot,) = lot_terms(sale, begin_term(START), IN_BERLIN)
    assert (lot.granted, lot.expires_at) == (1200, datetime(2027, 3, 2, 9, 0, tzinfo=UTC))
    with pytest.raises(InvalidContract):
        _sell(offer, contract_months=2)


def test_a_term_that_would_end_after_the_year_9999_is_refused() -> None:
    with pytest.raises(InstantOutOfRange):
        end_of_sale(
            sell("livecart.express-3y"),
            begin_term(datetime(9998, 1, 1, tzinfo=UTC)),
            IN_BERLIN,
        )


@pytest.mark.parametrize("code", [offer for code in CODES for offer in read_catalog(code).offers])
@given(data=st.data())
def test_lots_fill_the_term_without_a_gap(code: str, data: st.DataObject) -> None:
    offer = read_catalog(code.partition(".")[0]).offers[code]
    if offer.plan is None:
        return
    step = offer.term.months if offer.term else 1
    months = data.draw(st.none() | st.integers(1, 120 // step).map(lambda n: n * step))
    at = data.draw(st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1)))  # noqa: DTZ001
    starts_at = at.replace(tzinfo=UTC)
    sale = _sell(offer, contract_months=months)
    lots = list(lot_terms(sale, begin_term(starts_at), IN_BERLIN))
    assert lots[0].valid_from == starts_at
    assert lots[-1].expires_at == end_of_sale(sale, begin_term(starts_at), IN_BERLIN)
    for lot, following in itertools.pairwise(lots):
        assert lot.expires_at is not None
        assert lot.valid_from < lot.expires_at == following.valid_from
    counted = not offer.allowance.unlimited
    assert {lot.granted for lot in lots} == ({600} if counted else {None})


@pytest.mark.parametrize("code", [offer for code in CODES for offer in read_catalog(code).offers])
def test_a_copy_reads_back_as_what_was_sold(code: str) -> None:
    terms = read_catalog(code.partition(".")[0])
    sale = add_credit(
        sell(code), order_id="SO-1", paid=1_000, unused=Unused("units", 1, 3), unit="incident"
    )
    assert (sale.credit, sale.total.amount) == (333, 49_667)
    assert read_sale(read_sold_terms(describe_sold_terms(copy_sale(sale))), terms) == sale


@given(data=st.data(), day=st.booleans(), months=st.integers(1, 24), times=st.integers(2, 8))
def test_terms_one_after_another_end_where_one_as_long_as_all_would(
    data: st.DataObject, day: bool, months: int, times: int
) -> None:
    at = data.draw(st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1)))  # noqa: DTZ001
    anchor = at.replace(tzinfo=UTC)
    ending = Ending(term_ends="day" if day else "instant")
    terms = replace(IN_BERLIN, policies=replace(IN_BERLIN.policies, ending=ending))
    term = Term(months=months)
    start = begin_term(anchor)
    for _ in range(times):
        start = continue_term(turn(start, term, 1, terms), start.anchor, term, terms)
    assert start.at == turn(begin_term(anchor), term, times, terms)


@given(at=st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1)), days=st.integers(1, 400))  # noqa: DTZ001
def test_days_one_after_another_add_up(at: datetime, days: int) -> None:
    ending = Ending(term_ends="day")
    terms = replace(IN_BERLIN, policies=replace(IN_BERLIN.policies, ending=ending))
    first = turn(begin_term(at.replace(tzinfo=UTC)), Term(days=days), 1, terms)
    following = continue_term(first, at.replace(tzinfo=UTC), Term(days=days), terms)
    length = turn(following, Term(days=days), 1, terms).astimezone(BERLIN).date()
    assert (length - first.astimezone(BERLIN).date()).days == days
