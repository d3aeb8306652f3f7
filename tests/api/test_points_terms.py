"""Seed 001 through the API: all 22 rows of the price list, and the promised response."""

from typing import Any

import pytest

from tests.api.conftest import Api, Clock
from tests.support.points_terms import PRICE_LIST


@pytest.fixture
async def account(api: Api) -> str:
    """Hold 2 × 1200 points."""
    account = await api.make_account()
    await api.buy(account, "xcart-points.1200", quantity=2)
    return account


@pytest.fixture
async def helpdesk(api: Api) -> Api:
    """Hold a helpdesk's key, which cannot leave the price list."""
    made = await api.post("/v1/api-keys", {"name": "helpdesk", "role": "helpdesk"})
    return api.holding(made.json()["secret"])


async def test_P4_all_22_rows_cost_what_the_price_list_says(
    api: Api, helpdesk: Api, account: str
) -> None:
    assert len(PRICE_LIST) == 22
    for category, more, points in PRICE_LIST:
        opened = await helpdesk.open(account, f"HD-{category}", category=category, **more)
        status = "held" if points else "none"
        assert (opened["charge"]["amount"], opened["charge"]["status"]) == (points, status)
    # 0+10+25+40+80+0+25+50+40+35 = 305, +150+100+150+150 = 855, +150+150+80+300 = 1535,
    # +80+120+60 = 1795, +270 = 2065; 2400 - 2065 = 335.
    units = await api.units(account, "point")
    assert (units["held"], units["available"]) == (2065, 335)


async def test_P4_the_rate_card_is_published(api: Api) -> None:
    card = (await api.get("/v1/catalogs/xcart-points")).json()["document"]["rate_card"]
    assert list(card) == [category for category, _, _ in PRICE_LIST]
    kinds = {category: row["kind"] for category, row in card.items() if row["kind"] != "fixed"}
    assert kinds == {
        "other": "on_request",
        "install-third-party": "from",
        "install-server-app": "from",
        "transfer-customized": "from",
        "transfer-sales-n-stats": "range",
        "transfer-aspe": "per_unit",
        "optimize-store": "from",
        "optimize-server": "from",
        "security-audit": "per_unit",
    }
    sales_n_stats = card["transfer-sales-n-stats"]
    assert (sales_n_stats["base"], sales_n_stats["upper"]) == (80, 100)


@pytest.mark.parametrize(
    ("category", "variable", "base"),
    [("transfer-aspe", "stores", 120), ("security-audit", "additional_stores", 150)],
)
async def test_P4_a_missing_number_is_asked_for(
    api: Api, account: str, category: str, variable: str, base: int
) -> None:
    body = {"ticket_id": "HD-1", "subject": "Several stores", "category": category}
    reply = await api.post(f"{account}/tickets", body)
    assert (reply.status_code, reply.json()["code"]) == (422, "variable_required")
    (fault,) = reply.json()["errors"]
    assert fault["pointer"] == f"/variables/{variable}"
    assert fault["detail"].endswith(f"costs {base} + 60 × {variable}: give {variable}.")
    # No additional store is a number too.
    none = await api.post(f"{account}/tickets", body | {"variables": {variable: 0}})
    assert (
        none.json()["charge"]["amount"] == {"transfer-aspe": 120, "security-audit": 150}[category]
    )


async def test_P4_a_number_that_the_price_does_not_depend_on_is_refused(
    api: Api, account: str
) -> None:
    body = {"category": "level-1", "variables": {"stores": 3}}
    reply = await api.post(f"{account}/tickets", {"ticket_id": "HD-1", "subject": "Help"} | body)
    assert (reply.status_code, reply.json()["code"]) == (422, "unknown_variable")
    assert reply.json()["errors"][0]["pointer"] == "/variables/stores"


async def test_P4_upon_request_refuses_until_an_amount_is_agreed(
    helpdesk: Api, account: str
) -> None:
    body = {"ticket_id": "HD-1", "subject": "Something else", "category": "other"}
    refused = await helpdesk.post(f"{account}/tickets", body)
    assert (refused.status_code, refused.json()["code"]) == (422, "amount_required")
    assert refused.json()["errors"][0]["pointer"] == "/amount"
    agreed = await helpdesk.post(f"{account}/tickets", body | {"amount": 35})
    assert (agreed.status_code, agreed.json()["charge"]["amount"]) == (201, 35)


async def test_P4_a_ticket_names_a_category_that_exists(api: Api, account: str) -> None:
    body: dict[str, Any] = {"ticket_id": "HD-1", "subject": "Help"}
    for category, code in ((None, "category_required"), ("level-5", "unknown_category")):
        reply = await api.post(f"{account}/tickets", body | {"category": category})
        assert (reply.status_code, reply.json()["code"]) == (422, code)
        assert reply.json()["errors"][0]["pointer"] == "/category"


@pytest.mark.parametrize(
    ("category", "amount", "on_the_list"),
    [
        ("install-third-party", 100, True),
        ("install-third-party", 260, True),  # "from 100" may be more
        ("install-third-party", 99, False),
        ("transfer-sales-n-stats", 80, True),
        ("transfer-sales-n-stats", 100, True),
        ("transfer-sales-n-stats", 79, False),
        ("transfer-sales-n-stats", 101, False),
        ("level-2", 25, True),
        ("level-2", 24, False),
        ("level-2", 26, False),
    ],
)
async def test_P4_a_price_off_the_list_needs_a_scope(
    api: Api, helpdesk: Api, account: str, *, category: str, amount: int, on_the_list: bool
) -> None:
    body = {"ticket_id": "HD-1", "subject": "Help", "category": category, "amount": amount}
    reply = await helpdesk.post(f"{account}/tickets", body)
    if on_the_list:
        assert (reply.status_code, reply.json()["charge"]["amount"]) == (201, amount)
        return
    assert (reply.status_code, reply.json()["code"]) == (403, "scope_missing")
    assert reply.json()["required"] == "ledger:write"
    assert (await api.post(f"{account}/tickets", body)).status_code == 201


@pytest.mark.parametrize(
    ("opened_at", "due_at", "breaches_after"),
    [
        # A business date is worth one day, spread over 06:00-01:00 (19 hours), at +03:00.
        # Tuesday 11:00: 14 of its 19 hours are left; the other 5/19 are Wednesday's first five.
        ("2026-11-24T11:00:00+03:00", "2026-11-25T08:00:00Z", "2026-11-25T08:00:00Z"),
        # Friday 20:00: 5/19 until 01:00; Monday's first 14 hours, until 20:00.
        ("2026-11-27T20:00:00+03:00", "2026-11-30T17:00:00Z", "2026-11-30T17:00:00Z"),
        # Saturday 12:00 and Sunday 03:00 are no business days, though Saturday has hours: all
        # of Monday, until Tuesday 01:00; kept until support opens again, at 06:00.
        ("2026-11-28T12:00:00+03:00", "2026-11-30T22:00:00Z", "2026-12-01T03:00:00Z"),
        ("2026-11-29T03:00:00+03:00", "2026-11-30T22:00:00Z", "2026-12-01T03:00:00Z"),
    ],
)
async def test_P5_the_helpdesk_is_open_day_and_night_and_answers_in_one_business_day(
    api: Api, account: str, clock: Clock, *, opened_at: str, due_at: str, breaches_after: str
) -> None:
    clock.move_to(opened_at)
    opened = await api.open(account, category="level-1")
    (deadline,) = opened["deadlines"]
    assert (deadline["metric"], deadline["strength"]) == ("first_response", "guaranteed")
    assert deadline["target"] == "1 business day"
    assert (deadline["due_at"], deadline["breaches_after"]) == (due_at, breaches_after)
