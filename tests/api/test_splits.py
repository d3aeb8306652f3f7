"""A split's parts are as their ticket is now, where they say nothing else."""

from typing import Any

import pytest

from tests.api.conftest import Api, Clock
from tests.support.charge_rules import act

pytestmark = pytest.mark.usefixtures("ledger_adds_up")

ONE_STORE = {"category": "transfer-aspe", "variables": {"stores": 1}}


async def split(api: Api, account: str, **part: Any) -> Any:
    """Split the ticket; the reply."""
    further = {"ticket_id": "HD-2", "subject": "Another question"} | part
    return await api.post(f"{account}/tickets/HD-1/split", {"tickets": [further]})


@pytest.mark.parametrize(
    ("opened", "revised", "category", "held"),
    [
        ({"category": "level-1"}, {"category": "level-3"}, "level-3", 40),
        ({"category": "level-4"}, {"category": "bug"}, "bug", 0),
        (ONE_STORE, {"category": "level-1"}, "level-1", 10),
        (ONE_STORE, ONE_STORE | {"variables": {"stores": 4}}, "transfer-aspe", 360),
        ({"category": "other", "amount": 20}, {"amount": 33}, "other", 33),
        ({"category": "other", "amount": 20}, None, "other", 20),
        ({"category": "level-1"}, {"amount": 25}, "level-1", 10),
        ({"category": "level-1"}, None, "level-1", 10),
    ],
)
async def test_a_part_is_priced_as_its_ticket_is_now(
    api: Api,
    opened: dict[str, Any],
    revised: dict[str, Any] | None,
    category: str,
    held: int,
) -> None:
    account = await api.make_account()
    await api.buy(account, "xcart-points.1200")
    await api.open(account, **opened)
    if revised is not None:
        await act(api, account, "charge/revision", reason="It turned out so", **revised)
    _, part = (await split(api, account)).json()["tickets"]
    assert (part["category"], part["charge"]["held"]) == (category, held)


async def test_a_part_is_of_the_row_that_coverage_was_decided_by(api: Api) -> None:
    account = await api.make_account()
    await api.buy(account, "xcart-points.1200")
    await api.open(account, category="level-1")
    await act(api, account, "coverage", category="patch", reason="A patch", actor="Ada")
    _, part = (await split(api, account)).json()["tickets"]
    assert (part["category"], part["charge"]["held"]) == ("patch", 40)
    _, own = (await split(api, account, ticket_id="HD-3", category="level-3")).json()["tickets"]
    assert (own["category"], own["charge"]["held"]) == ("level-3", 40)


@pytest.mark.parametrize("named", [True, False])
async def test_a_part_goes_with_the_cover_that_moved(api: Api, clock: Clock, named: bool) -> None:
    account = await api.make_account()
    bought = await api.buy(account, "xcart-support.subscription-1y", site="https://a.example")
    await api.buy(account, "xcart-support.subscription-1y", "SO-2", site="https://c.example")
    await api.open(account, topic="store-setup", site="https://a.example" if named else "a.example")
    clock.advance(hours=1)
    move = {"site": "https://b.example", "reason": "A new shop", "actor": "ines"}
    path = f"{account}/subscriptions/{bought['subscription']['id']}/site"
    assert (await api.post(path, move)).status_code == 200
    reply = await split(api, account)
    assert reply.status_code == 200, reply.text
    first, part = reply.json()["tickets"]
    assert (first["site"], part["site"]) == ("a.example", "b.example")
    subscriptions = {each["coverage"]["subscription_id"] for each in (first, part)}
    assert subscriptions == {bought["subscription"]["id"]}


@pytest.mark.parametrize("opened", [{"category": "patch"}, {"category": "other", "amount": 20}])
async def test_a_part_is_put_at_what_was_agreed_with_its_cover(
    api: Api, opened: dict[str, Any]
) -> None:
    account = await api.make_account()
    await api.buy(account, "xcart-points.1200")
    await api.open(account, **opened)
    anew: dict[str, Any] = {
        "category": "other",
        "amount": 50,
        "reason": "As agreed",
        "actor": "Ada",
    }
    await act(api, account, "coverage", **anew)
    _, part = (await split(api, account)).json()["tickets"]
    assert (part["category"], part["charge"]["held"]) == ("other", 50)
