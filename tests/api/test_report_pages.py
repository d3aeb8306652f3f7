"""Reports for whoever would rather look: what ends soon, promises and units as pages."""

import csv
import io
from typing import Any

import pytest

from tests.api.conftest import Api, Clock

PERIOD = {"from": "2026-11-01T00:00:00Z", "to": "2027-11-01T00:00:00Z"}


async def sell(api: Api) -> None:
    """Sell a month, a year and two years to three customers, and a month in a sandbox."""
    for name, offer in (
        ("c-1", "livecart.standard-2y"),
        ("c-2", "livecart.standard-1m"),
        ("c-3", "corporate.gold"),
    ):
        await api.buy(await api.make_account(name), offer)
    await api.put("/v1/accounts/c-sand", {"name": "Sand", "sandbox": True})
    await api.buy("/v1/accounts/c-sand", "livecart.standard-1m")


async def ending(api: Api, **asked: Any) -> list[str]:
    reply = await api.get("/v1/subscriptions", params=asked)
    assert reply.status_code == 200, reply.text
    return [each["account_id"] for each in reply.json()["data"]]


async def test_what_ends_soon_is_listed_across_accounts(api: Api, clock: Clock) -> None:
    await sell(api)
    first = (await api.get("/v1/subscriptions", params={"limit": 1})).json()
    (soonest,) = first["data"]
    assert (soonest["account_id"], soonest["account_name"]) == ("c-2", "Nordwind Handel GmbH")
    assert (soonest["plan"], soonest["ends_at"]) == ("standard", "2026-12-24T08:00:00Z")
    assert await ending(api, cursor=first["next_cursor"]) == ["c-3", "c-1"]
    assert await ending(api, ends_before="2027-01-01T00:00:00Z") == ["c-2"]
    assert await ending(api, ends_after="2027-01-01T00:00:00Z") == ["c-3", "c-1"]
    assert await ending(api, catalog="livecart", plan="standard") == ["c-2", "c-1"]
    assert await ending(api, sandbox=True) == ["c-2", "c-sand", "c-3", "c-1"]
    clock.advance(days=31)
    assert await ending(api) == ["c-3", "c-1"]
    table = await api.get("/v1/subscriptions", headers={"Accept": "text/csv"})
    rows = list(csv.DictReader(io.StringIO(table.text)))
    assert [(row["account_id"], row["plan"]) for row in rows] == [
        ("c-3", "gold"),
        ("c-1", "standard"),
    ]


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/v1/subscriptions", ["What ends soon", "2026-12", "Nordwind Handel GmbH"]),
        ("/v1/reports/usage", ["Incidents used and expired, by month", "<title>Used: 1</title>"]),
        ("/v1/reports/sla", ["Kept and broken, by month", "<title>Kept: 1</title>", "2026-11"]),
    ],
)
async def test_a_report_as_a_page(api: Api, clock: Clock, path: str, words: list[str]) -> None:
    await sell(api)
    account = "/v1/accounts/c-1"
    await api.open(account)
    clock.advance(hours=1)
    await api.post(f"{account}/tickets/HD-1/replies", {"by": "agent"})
    await api.post(f"{account}/tickets/HD-1/resolution", {"outcome": "solved"})
    params = PERIOD if "reports" in path else {}
    page = await api.get(path, params=params, headers={"Accept": "text/html"})
    assert (page.status_code, page.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    for word in words:
        assert word in page.text
    assert "<main>" in page.text
    assert "<script" not in page.text


async def test_what_ends_is_shown_by_its_last_day_where_its_seller_is(
    api: Api, clock: Clock
) -> None:
    document = (await api.get("/v1/catalogs/livecart")).json()["document"]
    del document["utc_offset"]
    changed = document | {"code": "kiwi", "timezone": "Pacific/Auckland", "examples": []}
    assert (await api.put("/v1/catalogs/kiwi", changed)).status_code == 201
    # Midnight of 1 February in Auckland, to that of 1 March: the last day is 28 February.
    clock.move_to("2027-01-31T11:00:00Z")
    account = await api.make_account()
    sold = await api.buy(account, "kiwi.standard-1m")
    assert sold["subscription"]["ends_at"] == "2027-02-28T11:00:00Z"
    page = (await api.get("/v1/subscriptions", headers={"Accept": "text/html"})).text
    assert "28 Feb 2027" in page
    assert "2027-02" in page
    # Without a calendar among what is owed, a picture is in the seller's zone too.
    await api.open(account)
    picture = await api.get(
        f"{account}/tickets/HD-1/deadlines", headers={"Accept": "image/svg+xml"}
    )
    assert "Times in Pacific/Auckland." in picture.text
