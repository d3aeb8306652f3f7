"""Orders that others raised, whose cover moves to another store: as if it had not moved."""

from typing import Any

import pytest

from tests.api.conftest import Api, Clock
from tests.support.other_sellers import FOLDER, TOML

pytestmark = pytest.mark.usefixtures("ledger_adds_up")

ONE, TWO = "https://one.example", "https://two.example"
CANCEL = {"refund": "unused", "reason": "They part", "actor": "mara"}


@pytest.fixture(autouse=True)
async def _sold_by_servers_and_for_a_store(api: Api) -> None:
    text = (FOLDER / "seller-2.toml").read_text()
    changes = {
        "scales = false": "scales = true",
        "[offers.standard]": "[offers.standard]\nsite_bound = true",
        'refund = "none"': 'refund = "lesser"',
    }
    for before, after in changes.items():
        assert before in text
        text = text.replace(before, after)
    reply = await api.http.put("/v1/catalogs/seller-2", content=text, headers=TOML)
    assert reply.status_code == 201, reply.text


async def buy(api: Api, account_id: str, quantity: int = 2, **more: Any) -> tuple[str, Any]:
    account = await api.make_account(account_id)
    order = await api.buy(account, "seller-2.standard", quantity=quantity, site=ONE, **more)
    return account, order


async def move(api: Api, account: str, order: Any) -> None:
    body = {"site": TWO, "reason": "A new store", "actor": "mara"}
    path = f"{account}/subscriptions/{order['subscription']['id']}/site"
    assert (await api.post(path, body)).status_code == 200


async def add(api: Api, account: str, quantity: int) -> Any:
    asked = {"quantity": quantity}
    quote = await api.post(f"{account}/purchases/SO-1/addition-quote", asked)
    assert quote.status_code == 201, quote.text
    order = {"order_id": "SO-2", "quote_id": quote.json()["quote_id"]}
    bought = await api.post(f"{account}/purchases", order | {"payment": {"status": "paid"}})
    assert bought.status_code == 201, bought.text
    return bought.json()


async def cancel(api: Api, account: str, order_id: str) -> tuple[int, int]:
    """Cancel an order; what is paid back of it, and what is kept."""
    reply = await api.post(f"{account}/purchases/{order_id}/cancellation", CANCEL)
    assert reply.status_code == 200, reply.text
    found = reply.json()["cancellation"]
    return found["refund_amount"]["amount"], found["kept_amount"]["amount"]


async def test_what_is_paid_back_is_of_each_order_own_units(api: Api) -> None:
    found = []
    for account_id in ("c-1", "c-2"):
        account, order = await buy(api, account_id)
        await add(api, account, 3)
        await api.open(account, site=ONE)
        await api.post(f"{account}/tickets/HD-1/resolution", {"outcome": "solved"})
        if account_id == "c-2":
            await move(api, account, order)
        back = [await cancel(api, account, each) for each in ("SO-2", "SO-1")]
        found.append((back, (await api.units(account))["available"]))
    assert found[0] == found[1]
    (added, kept), (first, kept_of_first) = found[0][0]
    assert (kept, added > 0, first > 0, kept_of_first > 0) == (0, True, True, True)
    assert found[0][1] == 0


async def test_moved_cover_is_raised_as_any_other(api: Api) -> None:
    found = []
    for account_id in ("c-1", "c-2"):
        account, order = await buy(api, account_id)
        if account_id == "c-2":
            await move(api, account, order)
        added = await add(api, account, 3)
        granted = [each["granted"] for each in added["lots"]]
        found.append((added["total"], granted, (await api.units(account))["available"]))
    assert found[0] == found[1]
    assert sum(found[0][1]) > 0


async def test_what_comes_back_after_a_move_is_granted_where_the_cover_is(api: Api) -> None:
    account, order = await buy(api, "c-1", quantity=1)
    for ticket in ("A", "B"):
        await api.open(account, ticket, site=ONE)
    await api.post(f"{account}/tickets/A/resolution", {"outcome": "solved"})
    before = await api.units(account)
    await move(api, account, order)
    refund = {"reference": "r-1", "reason": "It was ours", "actor": "mara"}
    refunded = await api.post(f"{account}/tickets/A/refund", refund)
    assert refunded.status_code == 200, refunded.text
    done = await api.post(f"{account}/tickets/B/resolution", {"outcome": "duplicate"})
    for reply in (refunded, done):
        (back,) = reply.json()["charge"]["returns"]
        ends_at = order["subscription"]["ends_at"]
        assert (back["to"], back["amount"], back["expires_at"]) == ("grace", 1, ends_at)
        assert "moved to another store" in back["why"]
    asked = {"site": TWO}
    assert (await api.units(account, **asked))["available"] == before["available"] + 2
    opened = await api.open(account, "C", site=TWO)
    assert opened["charge"]["held"] == 1


async def test_a_term_to_come_that_was_raised_is_paid_back_whole(api: Api, clock: Clock) -> None:
    account, _ = await buy(api, "c-1", starts="2027-05-24T08:00:00Z")
    await add(api, account, 1)
    clock.advance(days=90)
    back, kept = await cancel(api, account, "SO-2")
    assert (back > 0, kept) == (True, 0)


async def test_what_an_addition_grants_is_what_it_was_quoted_to(api: Api, clock: Clock) -> None:
    account, _ = await buy(api, "c-1")
    clock.advance(days=61)
    path = f"{account}/purchases/SO-1/addition-quote"
    quoted = (await api.post(path, {"quantity": 7})).json()
    added = await add(api, account, 7)
    assert sum(each["granted"] for each in added["lots"]) == quoted["allowance"]["amount"]


async def test_no_upgrade_is_quoted_that_could_not_be_bought(api: Api) -> None:
    account, _ = await buy(api, "c-1")
    await add(api, account, 1)
    path = f"{account}/purchases/SO-1/upgrade-quote"
    refused = await api.post(path, {"offer": "seller-2.premium"})
    assert (refused.status_code, refused.json()["code"]) == (409, "raised")
    assert refused.json()["raised_by"] == ["SO-2"]
