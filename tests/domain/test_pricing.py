"""What a ticket costs by the list, and who may ask for another price."""

from typing import Any

import pytest

from app.domain.catalog.rate_cards import Rate
from app.domain.coverage.pricing import (
    AmountRequired,
    Asked,
    CategoryRequired,
    UnknownCategory,
    UnknownVariable,
    VariableRequired,
    costs_nothing,
    find_list_price,
    price_ticket,
)
from app.domain.values import replace
from tests.domain.catalog_examples import read_catalog

POINTS = read_catalog("xcart-points")
LIVECART = read_catalog("livecart")
AGENCY = read_catalog("agency")


def price(category: str | None, amount: int | None = None, **variables: int) -> tuple[Any, ...]:
    found = price_ticket(
        catalog=POINTS,
        plan=POINTS.plans["points"],
        asked=Asked(category=category, variables=variables),
        amount=amount,
    )
    return found.unit, found.amount, found.estimate, found.off_list


@pytest.mark.parametrize(
    ("category", "amount", "told"),
    [
        ("level-0", None, (0, False, False)),
        ("level-0", 1, (1, False, True)),
        ("level-1", None, (10, False, False)),
        ("level-1", 10, (10, False, False)),
        ("level-1", 9, (9, False, True)),
        ("level-1", 11, (11, False, True)),
        ("level-2", None, (25, False, False)),
        ("bug", None, (0, False, False)),
        ("bug", 0, (0, False, False)),
        ("bug", 1, (1, False, True)),
        ("other", 5, (5, True, False)),
        ("other", 0, (0, True, False)),
    ],
)
def test_P2_what_a_category_costs(
    category: str, amount: int | None, told: tuple[int, bool, bool]
) -> None:
    assert price(category, amount) == ("point", *told)


def test_a_price_from_on_is_kept_to_and_may_be_more() -> None:
    code, rate = next((c, each) for c, each in POINTS.rate_card.items() if each.kind == "from")
    assert price(code) == ("point", rate.base, True, False)
    assert price(code, rate.base) == ("point", rate.base, True, False)
    assert price(code, rate.base + 1) == ("point", rate.base + 1, True, False)
    assert price(code, rate.base - 1) == ("point", rate.base - 1, True, True)


def test_a_range_opens_at_its_lower_end_and_has_both() -> None:
    found = [(code, each) for code, each in POINTS.rate_card.items() if each.kind == "range"]
    assert found
    for code, rate in found:
        assert rate.upper is not None
        assert price(code) == ("point", rate.base, True, False)
        assert not price(code, rate.base)[3]
        assert not price(code, rate.upper)[3]
        assert price(code, rate.upper + 1)[3]
        assert price(code, rate.base - 1)[3]


def test_a_price_by_number_is_base_and_so_much_each() -> None:
    rate = POINTS.rate_card["transfer-aspe"]
    for stores in (0, 1, 7):
        whole = rate.base + stores * rate.per_unit
        assert price("transfer-aspe", stores=stores) == ("point", whole, False, False)
        assert (
            find_list_price(
                catalog=POINTS,
                plan=POINTS.plans["points"],
                asked=Asked(category="transfer-aspe", variables={"stores": stores}),
            )
            == whole
        )
    with pytest.raises(VariableRequired):
        price("transfer-aspe")


def test_what_the_list_does_not_know_is_refused_with_what_it_knows() -> None:
    with pytest.raises(CategoryRequired) as missing:
        price(None)
    with pytest.raises(UnknownCategory) as unknown:
        price("level-9")
    for refused in (missing, unknown):
        choices: Any = refused.value.members["choices"]
        known = [each["value"] for each in choices]
        assert {"level-0", "other"} <= set(known)
    with pytest.raises(AmountRequired):
        price("other")
    with pytest.raises(UnknownVariable) as faults:
        price("level-1", stores=1, shops=2)
    assert [each.pointer for each in faults.value.faults] == [
        "/variables/shops",
        "/variables/stores",
    ]


def test_an_incident_costs_one_and_minutes_what_is_asked() -> None:
    def cost(catalog: Any, plan: str, category: str | None, amount: int | None) -> Any:
        found = price_ticket(
            catalog=catalog,
            plan=catalog.plans[plan],
            asked=Asked(category=category),
            amount=amount,
        )
        return found.unit, found.amount, found.estimate, found.off_list

    assert cost(LIVECART, "express", None, None) == ("incident", 1, False, False)
    assert cost(LIVECART, "express", None, 1) == ("incident", 1, False, False)
    assert cost(LIVECART, "express", None, 2) == ("incident", 2, False, True)
    assert cost(LIVECART, "express", None, 0) == ("incident", 0, False, True)
    assert cost(LIVECART, "express", "bug", None) == ("incident", 0, False, False)
    assert cost(AGENCY, "starter", None, None) == ("minute", 0, True, False)
    assert cost(AGENCY, "starter", None, 90) == ("minute", 90, True, False)


@pytest.mark.parametrize(
    ("catalog", "plan", "category", "listed"),
    [
        (POINTS, "points", "level-2", 25),
        (POINTS, "points", "bug", 0),
        (POINTS, "points", "other", None),
        (POINTS, "points", None, 1),
        (LIVECART, "express", None, 1),
        (LIVECART, "express", "bug", 0),
        (AGENCY, "starter", None, None),
        (AGENCY, "starter", "bug", None),
    ],
)
def test_the_least_that_the_list_asks(
    catalog: Any, plan: str, category: str | None, listed: int | None
) -> None:
    """A revision to a bug is at the list's price, which is nothing; below it needs leave."""
    asked = Asked(category=category)
    found = find_list_price(catalog=catalog, plan=catalog.plans[plan], asked=asked)
    assert found == listed


@pytest.mark.parametrize(
    ("category", "amount", "free"),
    [
        ("bug", None, True),
        ("bug", 0, True),
        ("bug", 1, False),
        ("level-0", None, True),
        ("warranty", None, True),
        ("level-1", None, False),
        ("level-1", 0, False),
        ("other", None, False),
        (None, None, False),
    ],
)
def test_what_costs_nothing_needs_no_plan(
    category: str | None, amount: int | None, free: bool
) -> None:
    assert costs_nothing(POINTS, category=category, amount=amount) is free


def test_a_row_of_minutes_at_nothing_is_not_free_of_the_work() -> None:
    row = Rate("fault", "Fault of the platform", "fixed", unit="minute")
    terms = replace(AGENCY, rate_card={"fault": row, "question": replace(row, unit="incident")})
    assert not costs_nothing(terms, category="fault", amount=None)
    assert costs_nothing(terms, category="question", amount=None)
