"""Laws of what is sold, over catalogues made at random that use every mechanism."""

import random
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.documents.reading import check_catalog
from app.domain.catalog.amounts import TimeUnit
from app.domain.catalog.catalogs import Catalog
from app.domain.catalog.money import Money
from app.domain.catalog.offers import Offer
from app.domain.catalog.regions import RegionRequired, choose_region
from app.domain.selling.conservation import count_units
from app.domain.selling.selling import Sale, price_sale
from app.domain.selling.sold_terms import (
    begin_term,
    copy_sale,
    describe_sold_terms,
    end_of_sale,
    lot_terms,
    read_sale,
    read_sold_terms,
)
from app.domain.time.instants import InstantOutOfRange
from app.domain.values import replace
from tests.support.random_catalogs import make_catalog

SEEDS = st.integers(0, 100_000)
INSTANTS = st.datetimes(datetime(2026, 1, 1), datetime(2030, 1, 1)).map(  # noqa: DTZ001
    lambda at: at.replace(tzinfo=UTC)
)


def read(seed: int) -> Catalog:
    return check_catalog(make_catalog(random.Random(seed))).catalog


def sell(catalog: Catalog, offer: Offer, quantity: int, periods: int) -> Sale:
    without_count = offer.allowance.unlimited or offer.opens_only
    counted = not without_count or offer.sold_by is not None
    months = offer.term.months if offer.term is not None else 0
    return price_sale(
        catalog,
        offer,
        quantity=quantity if counted else 1,
        contract_months=months * periods if months else None,
        share_of=None if offer.price_share is None else Money(123_456, catalog.currency),
    )


@given(SEEDS, st.integers(1, 6), st.integers(1, 4), INSTANTS)
def test_what_is_granted_and_paid_is_what_was_sold(
    seed: int, quantity: int, periods: int, at: datetime
) -> None:
    """Lots add up to the sale, none begins after it ends, and its copy says the same."""
    catalog = read(seed)
    for offer in catalog.offers.values():
        sale = sell(catalog, offer, quantity, periods)
        assert sale.total.amount == sum(line.amount for line in sale.lines) >= 0
        start = begin_term(at)
        lots = list(lot_terms(sale, start, catalog))
        sold = copy_sale(sale)
        assert sum(lot.granted or 0 for lot in lots) == count_units(sold)
        ends_at = None if offer.without_end else end_of_sale(sale, start, catalog)
        for lot in lots:
            assert at <= lot.valid_from
            if ends_at is None:
                assert lot.expires_at is None
            else:
                assert lot.expires_at is not None
                assert lot.valid_from < lot.expires_at <= ends_at
        copied = read_sold_terms(describe_sold_terms(sold))
        assert copied == sold
        assert list(lot_terms(read_sale(copied, catalog), start, catalog)) == lots


@given(SEEDS, INSTANTS)
def test_within_a_contract_each_month_grants_as_much(seed: int, at: datetime) -> None:
    """Whatever carries over: what begins in a month is that month's, no more and no less."""
    catalog = read(seed)
    for offer in catalog.offers.values():
        if offer.allowance.per != "month" or offer.allowance.amount is None:
            continue
        sale = sell(catalog, offer, 1, 4)
        begun: dict[datetime, int] = {}
        for lot in lot_terms(sale, begin_term(at), catalog):
            begun[lot.valid_from] = begun.get(lot.valid_from, 0) + (lot.granted or 0)
        assert set(begun.values()) == {offer.allowance.amount}


@given(SEEDS)
def test_a_region_changes_hours_and_nothing_else(seed: int) -> None:
    catalog = read(seed)
    if not catalog.roles:
        assert choose_region(catalog, named=None, accounts="here") in (None, "here")
        return
    with pytest.raises(RegionRequired):
        choose_region(catalog, named=None, accounts="elsewhere")
    for region, roles in catalog.regions.items():
        there = catalog.in_region(choose_region(catalog, named=None, accounts=region))
        assert there.in_region(region) == there
        assert there.plans is catalog.plans
        for role, name in roles.items():
            assert there.calendars[role] == catalog.calendars[name]


def test_a_term_past_the_last_year_is_refused_and_never_fails() -> None:
    catalog = read(1)
    offer = catalog.offers["made.incident-term"]
    sale = sell(catalog, offer, 1, 4)
    with pytest.raises(InstantOutOfRange):
        list(lot_terms(sale, begin_term(datetime(9999, 6, 1, tzinfo=UTC)), catalog))


@given(SEEDS, st.integers(2, 90))
def test_a_unit_of_time_says_the_same_as_its_minutes(seed: int, minutes: int) -> None:
    """Amounts in a seller's unit are as many times its minutes, and each one begun counts."""
    document = make_catalog(random.Random(seed))
    document.pop("time_unit", None)
    document["time_unit"] = {"name": "credit", "plural": "credits", "minutes": minutes}
    timed = document["plans"]["minute"]
    countings = [timed["counting"], document["policies"].get("counting", {})]
    for counting in countings:
        counting.pop("step", None)
    timed["credits"] = [{"breaches_in_month": [[1, 2], [3, 5]]}]
    written = check_catalog(document).catalog
    del document["time_unit"]
    for counting in filter(None, countings):
        counting["step"] = minutes
    timed["credits"] = [{"breaches_in_month": [[1, 2 * minutes], [3, 5 * minutes]]}]
    match timed.get("fair_use"):
        case int(uses):
            timed["fair_use"] = uses * minutes
        case dict(table):
            timed["fair_use"] = table | {"uses": table["uses"] * minutes}
    for offer in document["offers"].values():
        if offer["plan"] == "minute" and "allowance" in offer:
            offer["allowance"]["amount"] *= minutes
    document["rate_card"]["setup"]["base"] *= minutes
    plain = check_catalog(document).catalog
    assert written == replace(plain, names=written.names)
    assert (plain.names.time, written.names.time) == (None, TimeUnit("credit", "credits", minutes))
