"""What the hand cases do, in their own words."""

from typing import Any

from tests.api.conftest import Api


async def grant(api: Api, account: str, amount: int, ends: str | None, **more: Any) -> Any:
    """Give units by hand until an instant; the grant."""
    listed = await api.get(f"{account}/lots", params={"limit": 200})
    body = {
        "reference": f"G-{len(listed.json()['data']) + 1}",
        "catalog": "shop",
        "plan": "wide",
        "unit": "point",
        "amount": amount,
        "expires_at": ends,
        "reason": "a hand case",
        "actor": "Maria",
    } | more
    reply = await api.post(f"{account}/grants", body)
    assert reply.status_code == 201, reply.text
    return reply.json()


async def hold(api: Api, account: str, amount: int, ticket_id: str = "HD-1", **more: Any) -> Any:
    """Open a ticket that holds so many points; the ticket."""
    asked = {"catalog": "shop", "plan": "wide", "category": "work", "amount": amount}
    return await api.open(account, ticket_id, **asked | more)


async def act(api: Api, account: str, action: str, ticket_id: str = "HD-1", **body: Any) -> Any:
    """Do something to a ticket; the ticket."""
    reply = await api.post(f"{account}/tickets/{ticket_id}/{action}", body)
    assert reply.status_code == 200, reply.text
    return reply.json()


async def resolve(api: Api, account: str, ticket_id: str = "HD-1", **body: Any) -> Any:
    """Resolve a ticket, as solved if nothing else is said; the ticket."""
    return await act(api, account, "resolution", ticket_id, **{"outcome": "solved"} | body)


async def refund(api: Api, account: str, ticket_id: str = "HD-1", **body: Any) -> Any:
    """Refund a ticket, all of it if nothing else is said; the ticket."""
    asked = {"reason": "sorry", "actor": "Maria"} | body
    return await act(api, account, "refund", ticket_id, **asked)


async def available(api: Api, account: str) -> list[int]:
    """List what each lot has available, in the order of their grants."""
    reply = await api.get(f"{account}/lots", params={"limit": 200, "order": "asc"})
    return [lot["available"] for lot in reply.json()["data"]]
