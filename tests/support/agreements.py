"""Helpers of the tests of agreements, shared with others."""

from typing import Any

from tests.api.conftest import Api

AGREED_BY = {"reason": "The shop moves to a new theme", "actor": "ines"}


def euros(amount: int) -> dict[str, Any]:
    return {"amount": amount * 100, "currency": "EUR"}


async def buy_by_quote(api: Api, account: str, offer: str, order_id: str, **more: Any) -> Any:
    asked = {"offer": offer, "price": euros(2000)} | more
    quote = await api.post(f"{account}/quotes", asked)
    assert quote.status_code == 201, quote.text
    body = {
        "order_id": order_id,
        "quote_id": quote.json()["quote_id"],
        "payment": {"status": "paid"},
    }
    return await api.post(f"{account}/purchases", body)


async def buy_starter(api: Api, account: str, months: int = 4) -> Any:
    reply = await buy_by_quote(api, account, "agency.starter", "SO-1", contract_months=months)
    assert reply.status_code == 201, reply.text
    return reply.json()


async def agree(api: Api, account: str, bought: Any, kind: str, **more: Any) -> Any:
    body = {
        "reference": "agreed-1",
        "kind": kind,
        "subscription_id": bought["subscription"]["id"],
    }
    return await api.post(f"{account}/agreements", body | AGREED_BY | more)
