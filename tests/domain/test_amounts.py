"""Amounts in words: as usual, in a seller's own, and in a seller's unit of so many minutes."""

import pytest

from app.api.pages.words import Words
from app.domain.catalog.amounts import (
    NO_NAMES,
    Names,
    TimeUnit,
    Unit,
    write_amount,
    write_share,
    write_unlimited,
    write_with_verb,
)
from app.domain.catalog.offer_texts import describe_allowance
from app.domain.catalog.offers import Allowance

CREDITS = Names({"unit": ("case", "cases")}, TimeUnit("credit", "credits", 15))


@pytest.mark.parametrize(
    ("amount", "unit", "usual", "own"),
    [
        (1, "incident", "1 incident", "1 case"),
        (1200, "point", "1,200 points", "1,200 cases"),
        (0, "minute", "0 minutes", "0 credits"),
        (15, "minute", "15 minutes", "1 credit"),
        (90, "minute", "1 hour 30 minutes", "6 credits"),
        (20, "minute", "20 minutes", "1 credit 5 minutes"),
        (14, "minute", "14 minutes", "14 minutes"),
        (60_000, "minute", "1,000 hours", "4,000 credits"),
    ],
)
def test_an_amount_is_written_in_the_sellers_words(
    amount: int, unit: Unit, usual: str, own: str
) -> None:
    assert write_amount(amount, unit) == usual
    assert write_amount(amount, unit, CREDITS) == own
    if amount:
        assert Words("en", CREDITS).units(amount, unit) == own
        assert Words("en", CREDITS).units(-amount, "minute").startswith("−")


def test_a_verb_agrees_with_its_amount() -> None:
    assert write_with_verb(1, "incident") == "1 incident is"
    assert write_with_verb(0, "incident") == "0 incidents are"
    assert write_with_verb(60, "point") == "60 points are"
    assert write_with_verb(60, "minute") == "1 hour is"
    assert write_with_verb(61, "minute") == "1 hour 1 minute are"
    assert write_with_verb(15, "minute", CREDITS) == "1 credit is"
    assert write_with_verb(60, "minute", CREDITS) == "4 credits are"


def test_what_is_left_is_a_share_of_what_was_granted() -> None:
    assert write_share(255, 300, "minute", CREDITS) == "17 of 20 credits"
    assert write_share(255, 300, "minute") == "4 hours 15 minutes of 5 hours"
    assert write_share(250, 300, "minute", CREDITS) == "16 credits 10 minutes of 20 credits"
    assert write_unlimited("minute", CREDITS) == "unlimited credits"
    assert write_unlimited("minute") == "unlimited hours"


def test_what_an_offer_grants_is_written_in_the_unit_that_it_sells() -> None:
    def describe(amount: int | None, names: Names, *, unlimited: bool = False) -> str:
        return describe_allowance(Allowance(amount, unlimited, "month"), "minute", names)

    assert describe(300, CREDITS) == "20 credits a month"
    assert describe(300, NO_NAMES) == "5 hours a month"
    assert describe(None, CREDITS) == "credits a month, as agreed"
    assert describe(None, NO_NAMES) == "hours a month, as agreed"
    assert describe(None, CREDITS, unlimited=True) == "unlimited credits a month"


def test_a_length_of_time_stays_one() -> None:
    assert Words("en", CREDITS).minutes(90) == "1 hour 30 minutes"
    assert Words("en", CREDITS).noun("minute") == "credits"
    assert Words("de").units(90, "minute") == "1 Stunde 30 Minuten"
