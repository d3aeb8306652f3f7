"""The story of one ticket, as the README tells it."""

from tests.api.conftest import Api, Clock


async def test_an_express_incident_is_held_answered_and_settled(api: Api, clock: Clock) -> None:
    account = await api.make_account()
    await api.buy(account, "livecart.express-1y")
    opened = await api.open(account)
    assert opened["charge"]["status"] == "held"
    assert opened["deadlines"][0]["due_at"] == "2026-11-24T12:00:00Z"
    clock.advance(hours=1)
    answered = await api.post(f"{account}/tickets/HD-1/replies", {"by": "agent"})
    assert answered.json()["deadlines"][0]["status"] == "met"
    resolved = await api.post(f"{account}/tickets/HD-1/resolution", {"outcome": "solved"})
    assert resolved.json()["charge"]["status"] == "settled"
    units = await api.units(account)
    assert (units["granted"], units["available"], units["used"]) == (15, 14, 1)
