"""Helpers of the tests of charge rules, shared with others."""

from typing import Any

from tests.api.conftest import Api


async def act(api: Api, account: str, action: str, *, ticket: str = "HD-1", **body: Any) -> Any:
    reply = await api.post(f"{account}/tickets/{ticket}/{action}", body)
    assert reply.status_code in (200, 201), reply.text
    return reply.json()


async def buy_hours(api: Api, account: str, *, minutes: int, order_id: str = "SO-1") -> None:
    """Sell the Starter package, with so many minutes a month, by quote."""
    price = {"amount": 200000, "currency": "EUR"}
    body = {"offer": "agency.starter", "price": price, "allowance": minutes}
    quote = await api.post(f"{account}/quotes", body)
    assert quote.status_code == 201, quote.text
    body = {"order_id": order_id, "quote_id": quote.json()["quote_id"]}
    bought = await api.post(
        f"{account}/purchases", body | {"payment": {"status": "paid", "reference": f"P {order_id}"}}
    )
    assert bought.status_code == 201, bought.text
