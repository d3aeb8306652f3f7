"""References of one kind never meet another's, and what was granted again is so once."""

from typing import Any

from tests.api.conftest import Api, Clock


async def grant(api: Api, account: str, reference: str, **more: Any) -> Any:
    body = {
        "reference": reference,
        "catalog": "corporate",
        "plan": "gold",
        "unit": "incident",
        "amount": 1,
        "reason": "Goodwill",
        "actor": "ines",
    }
    reply = await api.post(f"{account}/grants", body | more)
    assert reply.status_code == 201, reply.text
    return reply.json()


async def test_a_grant_does_not_block_the_payment_of_cover(api: Api) -> None:
    account = await api.make_account()
    gold = await api.buy(account, "corporate.gold", "SO-1")
    await grant(api, account, "order SO-9")
    agreement = {
        "reference": "order SO-9",
        "kind": "extended_cover",
        "subscription_id": gold["subscription"]["id"],
        "until": "2026-12-01T00:00:00Z",
        "reason": "A launch",
        "actor": "ines",
    }
    assert (await api.post(f"{account}/agreements", agreement)).status_code == 201
    asked = {
        "offer": "corporate.extended-cover",
        "price": {"amount": 10_000, "currency": "EUR"},
    }
    quote = (await api.post(f"{account}/quotes", asked)).json()
    order = {"order_id": "SO-9", "quote_id": quote["quote_id"]}
    reply = await api.post(f"{account}/purchases", order | {"payment": {"status": "pending"}})
    assert reply.status_code == 201, reply.text
    paid = await api.post(f"{account}/purchases/SO-9/payment", {"reference": "order SO-9"})
    assert (paid.status_code, paid.json()["status"]) == (200, "active")
    oldest = {"order": "asc"}
    listed = (await api.get(f"{account}/agreements", params=oldest)).json()["data"]
    assert [(each["reference"], each["order_id"]) for each in listed] == [
        ("order SO-9", None),
        ("order SO-9", "SO-9"),
    ]
    # Cancelling the order ends its own cover, and not the one agreed by hand.
    body = {"refund": "full", "reason": "Moved", "actor": "ines"}
    assert (await api.post(f"{account}/purchases/SO-9/cancellation", body)).status_code == 200
    listed = (await api.get(f"{account}/agreements", params=oldest)).json()["data"]
    assert listed[0]["ends_at"] == "2026-12-01T00:00:00Z"
    assert listed[1]["ends_at"] == "2026-11-24T08:00:00Z"
    # The same reference again for the same kind is one grant.
    again = await api.post(f"{account}/grants", agreement)
    assert again.status_code == 422


async def test_units_are_granted_again_once(api: Api, clock: Clock) -> None:
    """Held before each end and returned after it, again and again."""
    account = await api.make_account()
    await api.buy(account, "xcart-points.60")
    last: Any = None
    for number in range(4):
        body = {"ticket_id": f"HD-{number}", "subject": "How?", "catalog": "xcart-points"}
        body |= {"category": "sef-analysis"}
        reply = await api.post(f"{account}/tickets", body)
        if reply.status_code != 201:
            break
        ends_at = reply.json()["charge"]["allocations"][0]["expires_at"]
        clock.move_to(ends_at.replace("Z", "+00:00"))
        resolution = {"outcome": "vendor_defect"}
        last = await api.post(f"{account}/tickets/HD-{number}/resolution", resolution)
        assert last.status_code == 200
    assert number == 2
    assert [each["to"] for each in last.json()["charge"]["returns"]] == ["expired"]
    assert "by hand" in last.json()["charge"]["returns"][0]["why"]
    assert (await api.units(account, "point"))["available"] == 0
