"""Webhooks from `surety serve` by itself, as somebody meets them who tries it out."""

import asyncio
import threading

import httpx

from tests.support.folders import open_folder
from tests.support.serve import serve
from tests.webhooks.receivers import OK, receive

KEY = "an-admin-key-for-tests-0123456789"


async def test_a_service_that_was_just_started_sends_what_happens() -> None:
    told = threading.Event()
    async with receive(OK) as receiver:
        selling = asyncio.create_task(asyncio.to_thread(_sell, receiver.url, told))
        await receiver.wait_for(lambda: len(receiver.received) == 3, seconds=60)
        told.set()
        secret = await selling
    types = {each.verify(secret)["type"] for each in receiver.received}
    assert types == {"webhook.ping", "purchase.activated", "account.summary_changed"}


def _sell(url: str, told: threading.Event) -> str:
    """Start a service, have it send to a URL, sell a plan, wait until told; the secret."""
    settings = {"SURETY_ADMIN_KEY": KEY, "SURETY_WEBHOOK_ALLOWED_NETWORKS": "127.0.0.1/32"}
    with open_folder() as folder, serve(folder, **settings) as service:
        with httpx.Client(
            base_url=service.url, headers={"Authorization": f"Bearer {KEY}"}
        ) as client:
            webhook = client.post("/v1/webhooks", json={"url": url}).raise_for_status().json()
            client.post(f"/v1/webhooks/{webhook['id']}/ping").raise_for_status()
            client.put("/v1/accounts/c-1", json={"name": "Nordwind"}).raise_for_status()
            order = {"order_id": "SO-1", "offer": "livecart.express-1y"}
            paid = {"payment": {"status": "paid"}}
            client.post("/v1/accounts/c-1/purchases", json=order | paid).raise_for_status()
            assert told.wait(60)
        code, said = service.stop()
        assert (code, len(said.splitlines())) == (0, 1)
    secret: str = webhook["secret"]
    assert secret not in said
    return secret
