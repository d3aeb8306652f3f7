"""Cover that moves to another store, and what ends soon across accounts."""

from typing import Any

from tests.api.conftest import Api, Clock


async def buy_for(api: Api, account: str, order_id: str, site: str) -> Any:
    offer = "xcart-support.subscription-1y"
    return await api.buy(account, offer, order_id, site=f"https://{site}")


async def move(api: Api, account: str, order: Any, site: str, **options: Any) -> Any:
    path = f"{account}/subscriptions/{order['subscription']['id']}/site"
    body = {"site": site, "reason": "A new store", "actor": "ines"}
    return await api.post(path, body, **options)


async def test_S2_cover_can_move_with_the_store(api: Api, clock: Clock) -> None:
    account = await api.make_account()
    order = await buy_for(api, account, "SO-1", "one.example")
    await api.open(account, "HD-1", site="https://one.example")
    clock.advance(days=10)
    before = (await api.get(f"{account}/balance")).json()
    dry = await move(api, account, order, "https://www.two.example/", params={"dry_run": "true"})
    assert dry.json()["site"] == "two.example"
    assert (await api.get(f"{account}/balance")).json() == before
    moved = await move(api, account, order, "https://www.two.example/")
    assert moved.status_code == 200, moved.text
    assert (moved.json()["site"], moved.json()["ends_at"]) == (
        "two.example",
        order["subscription"]["ends_at"],
    )
    opened = await api.open(account, "HD-2", site="https://two.example")
    assert opened["coverage"]["subscription_id"] == order["subscription"]["id"]
    body = {"ticket_id": "HD-3", "subject": "How?", "site": "https://one.example"}
    refused = await api.post(f"{account}/tickets", body | {"catalog": "xcart-support"})
    assert refused.status_code == 402
    # What was begun for the store before is finished there.
    done = await api.post(f"{account}/tickets/HD-1/resolution", {"outcome": "solved"})
    assert done.json()["charge"]["status"] == "settled"
    statement = (await api.get(f"{account}/statement")).json()
    assert "A new store" in str(statement["modifications"])
    # The order is as it was sold, and what is left of it is worth what it was.
    sold = (await api.get(f"{account}/purchases/SO-1")).json()
    assert sold["site"] == "one.example"
    cancel = {"refund": "unused", "reason": "Moved", "actor": "ines"}
    cancelled = await api.post(f"{account}/purchases/SO-1/cancellation", cancel)
    refund = cancelled.json()["cancellation"]["refund_amount"]["amount"]
    assert refund == round(99_000 * 355 / 365)


async def test_what_was_asked_before_the_move_was_for_the_store_before(
    api: Api, clock: Clock
) -> None:
    account = await api.make_account()
    order = await buy_for(api, account, "SO-1", "one.example")
    clock.advance(hours=1)
    asked_at = clock.now.isoformat()
    clock.advance(hours=1)
    assert (await move(api, account, order, "https://two.example")).status_code == 200
    clock.advance(hours=1)
    late = await api.open(account, "HD-1", site="https://one.example", at=asked_at)
    assert (late["site"], late["charge"]["status"]) == ("one.example", "held")
    unnamed = await api.open(account, "HD-2", at=asked_at)
    assert unnamed["site"] == "one.example"

    async def trace(site: str, **asked: Any) -> list[tuple[str, str | None]]:
        reply = await api.post(f"{account}/coverage", {"site": site} | asked)
        answer = reply.json()["coverage"] or reply.json()["refusal"]
        return [(line["site"], line["code"]) for line in answer["trace"]]

    # Each store has its own line: for how long it was covered, and since when.
    ended = ("one.example", "term_ended")
    assert await trace("one.example") == [ended, ("two.example", "site_not_covered")]
    assert await trace("two.example") == [ended, ("two.example", None)]
    began = ("two.example", "not_started")
    assert await trace("two.example", at=asked_at) == [("one.example", "site_not_covered"), began]


async def test_units_move_with_their_months(api: Api, clock: Clock) -> None:
    document = (await api.get("/v1/catalogs/corporate")).json()["document"]
    document["offers"]["store"] = document["offers"]["gold"] | {"site_bound": True}
    assert (await api.put("/v1/catalogs/corporate", document)).status_code == 201
    account = await api.make_account()
    order = await api.buy(account, "corporate.store", "SO-1", site="https://one.example")
    await api.open(account, "HD-1", site="https://one.example", severity=2)
    await api.open(account, "HD-2", site="https://one.example", severity=2)
    await api.post(f"{account}/tickets/HD-1/resolution", {"outcome": "solved"})
    before = await api.units(account)
    assert (await move(api, account, order, "https://two.example")).status_code == 200
    after = await api.units(account)
    assert (after["available"], after["held"], after["used"]) == (2, 1, 1)
    assert (before["available"], after["revoked"]) == (2, 2)
    clock.advance(days=31)
    assert (await api.units(account))["available"] == 4
    asked = {"site": "https://two.example"}
    assert (await api.units(account, **asked))["available"] == 4


async def test_what_is_not_moved(api: Api) -> None:
    account = await api.make_account()
    first = await buy_for(api, account, "SO-1", "one.example")
    await buy_for(api, account, "SO-2", "two.example")
    wide = await api.buy(account, "livecart.express-1y", "SO-3")
    refused = (
        (first, "https://one.example/", 409, "not_movable"),
        (first, "https://two.example", 409, "site_already_covered"),
        (wide, "https://three.example", 409, "not_movable"),
        (first, "mail@three.example", 422, "invalid_site"),
    )
    for order, site, status, code in refused:
        reply = await move(api, account, order, site)
        assert (reply.status_code, reply.json()["code"]) == (status, code)
    stale = await move(api, account, first, "three.example", headers={"If-Match": '"9"'})
    assert stale.status_code == 412
    cancel = {"refund": "full", "reason": "Moved", "actor": "ines"}
    await api.post(f"{account}/purchases/SO-1/cancellation", cancel)
    reply = await move(api, account, first, "https://three.example")
    assert (reply.status_code, reply.json()["code"]) == (409, "not_movable")


async def test_what_ends_soon_across_accounts(api: Api, clock: Clock) -> None:
    for number, offer in enumerate(
        ("livecart.standard-1m", "livecart.express-1y", "livecart.standard-1m")
    ):
        account = await api.make_account(f"c-{number}")
        await api.buy(account, offer, "SO-1")
        clock.advance(minutes=1)
    await api.put("/v1/accounts/c-9", {"name": "Trial", "sandbox": True})
    await api.buy("/v1/accounts/c-9", "livecart.standard-1m", "SO-1")

    async def list_all(**asked: Any) -> list[str]:
        found: list[str] = []
        cursor: str | None = None
        while True:
            params = {"limit": 1} | asked | ({} if cursor is None else {"cursor": cursor})
            reply = await api.get("/v1/subscriptions", params=params)
            assert reply.status_code == 200, reply.text
            found += [each["account_id"] for each in reply.json()["data"]]
            cursor = reply.json()["next_cursor"]
            if cursor is None:
                return found

    assert await list_all() == ["c-0", "c-2", "c-1"]
    assert await list_all(ends_before="2027-01-01T00:00:00Z") == ["c-0", "c-2"]
    assert await list_all(ends_after="2027-01-01T00:00:00Z") == ["c-1"]
    assert await list_all(plan="express", catalog="livecart") == ["c-1"]
    assert len(await list_all(sandbox="true", plan="standard")) == 3
    assert (await api.get("/v1/subscriptions?ends_befor=2027")).status_code == 422


TWO = "https://two.example"


async def list_terms(api: Api, account: str) -> list[tuple[str, str, str]]:
    found = (await api.get(f"{account}/subscriptions?order=asc")).json()["data"]
    return sorted((each["starts_at"][:10], each["site"], each["order_id"]) for each in found)


async def renew(api: Api, account: str, order_id: str, renewal: str, status: str = "paid") -> Any:
    body = {"order_id": renewal, "payment": {"status": status}}
    reply = await api.post(f"{account}/purchases/{order_id}/renewal", body)
    assert reply.status_code == 201, reply.text
    return reply.json()


async def is_covered(api: Api, account: str, site: str) -> bool:
    reply = await api.post(f"{account}/coverage", {"site": f"https://{site}"})
    return bool(reply.json()["covered"])


async def test_what_renews_moved_cover_is_for_the_store_it_moved_to(api: Api, clock: Clock) -> None:
    account = await api.make_account()
    order = await buy_for(api, account, "SO-1", "one.example")
    ends_at = order["subscription"]["ends_at"]
    assert (await move(api, account, order, TWO)).status_code == 200
    clock.advance(days=350)
    renewed = await renew(api, account, "SO-1", "SO-2")
    # The term goes on where the one before ends, for the store that has the cover now.
    assert (renewed["site"], renewed["subscription"]["starts_at"]) == ("two.example", ends_at)
    clock.advance(days=30)
    assert await is_covered(api, account, "two.example")
    assert not await is_covered(api, account, "one.example")


async def test_what_waits_to_go_on_moves_with_the_cover(api: Api, clock: Clock) -> None:
    account = await api.make_account()
    order = await buy_for(api, account, "SO-1", "one.example")
    clock.advance(days=300)
    second = await renew(api, account, "SO-1", "SO-2")
    third = await renew(api, account, "SO-2", "SO-3", status="pending")
    assert (second["site"], third["site"], third["status"]) == (
        "one.example",
        "one.example",
        "pending",
    )
    other = await buy_for(api, account, "SO-9", "other.example")
    assert (await move(api, account, order, TWO)).status_code == 200
    paid = await api.post(f"{account}/purchases/SO-3/payment", {"reference": "pay-3"})
    assert paid.status_code == 200, paid.text
    starts = [each["subscription"]["starts_at"][:10] for each in (order, second, paid.json())]
    assert await list_terms(api, account) == sorted(
        [
            *zip(starts, ["two.example"] * 3, ["SO-1", "SO-2", "SO-3"], strict=True),
            (other["subscription"]["starts_at"][:10], "other.example", "SO-9"),
        ]
    )
    kinds = (await api.get("/v1/events?account_id=c-1&after=0&limit=200")).json()["data"]
    moved = [each for each in kinds if each["type"] == "subscription.moved"]
    assert len(moved) == 2
    clock.advance(days=365)
    assert await is_covered(api, account, "two.example")


async def test_a_later_term_that_is_not_paid_yet_goes_with_the_cover(api: Api) -> None:
    account = await api.make_account()
    order = await buy_for(api, account, "SO-1", "one.example")
    body = {"order_id": "SO-2", "offer": "xcart-support.subscription-1y", "starts": "after_current"}
    for order_id, site in (("SO-2", "one.example"), ("SO-3", "other.example")):
        waits = {"order_id": order_id, "site": f"https://{site}", "payment": {"status": "pending"}}
        assert (await api.post(f"{account}/purchases", body | waits)).status_code == 201
    assert (await move(api, account, order, TWO)).status_code == 200
    paid = await api.post(f"{account}/purchases/SO-2/payment", {"reference": "pay-2"})
    assert (paid.json()["site"], paid.json()["subscription"]["starts_at"]) == (
        "two.example",
        order["subscription"]["ends_at"],
    )
    others = (await api.get(f"{account}/purchases/SO-3")).json()
    assert others["site"] == "other.example"


async def test_what_follows_stays_where_the_other_store_is_covered_then(api: Api) -> None:
    account = await api.make_account()
    order = await buy_for(api, account, "SO-1", "one.example")
    await renew(api, account, "SO-1", "SO-2")
    later = {"starts": order["subscription"]["ends_at"], "site": TWO}
    offer = "xcart-support.subscription-1y"
    theirs = await api.buy(account, offer, "SO-3", **later)
    assert (await move(api, account, order, TWO)).status_code == 200
    starts = theirs["subscription"]["starts_at"][:10]
    assert await list_terms(api, account) == [
        (order["subscription"]["starts_at"][:10], "two.example", "SO-1"),
        (starts, "one.example", "SO-2"),
        (starts, "two.example", "SO-3"),
    ]


async def test_an_upgrade_is_for_the_store_that_the_cover_moved_to(api: Api) -> None:
    account = await api.make_account()
    offer = "xcart-support.subscription-1m"
    order = await api.buy(account, offer, "SO-1", site="https://one.example")
    asked = {"offer": "xcart-support.subscription-1y"}
    path = f"{account}/purchases/SO-1/upgrade-quote"
    before = (await api.post(path, asked)).json()
    assert before["site"] == "one.example"
    assert (await move(api, account, order, TWO)).status_code == 200
    after = (await api.post(path, asked)).json()
    assert after["site"] == "two.example"
    # The one that was drawn up before is for the same cover.
    bought = {"order_id": "SO-2", "quote_id": before["quote_id"], "payment": {"status": "paid"}}
    upgraded = await api.post(f"{account}/purchases", bought)
    assert (upgraded.status_code, upgraded.json()["site"]) == (201, "two.example")
    assert await is_covered(api, account, "two.example")
    assert not await is_covered(api, account, "one.example")
