"""Helpers of the tests of agreements, shared with others."""

from typing import Any

from tests.api.conftest import Api


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
