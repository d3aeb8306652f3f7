"""The guides' examples in Python, as their forms are sent: a checkout and a helpdesk.

In Chromium, and in TypeScript too: tests/pages/test_examples.py.
"""

import base64
import hashlib
import hmac
import re
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator

import httpx
import pytest

from tests.support.examples import EXAMPLES, run_example
from tests.support.folders import open_folder
from tests.support.serve import Service, serve


@pytest.fixture(scope="module")
def service() -> Iterator[Service]:
    allowed = {"SURETY_WEBHOOK_ALLOWED_NETWORKS": "127.0.0.1/32"}
    with open_folder() as folder, serve(folder, **allowed) as running:
        yield running
        running.stop()


@pytest.fixture
def settings(service: Service) -> dict[str, str]:
    return {"SURETY_URL": service.url, "SURETY_KEY": service.read_key()}


@pytest.fixture
def port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


def find(pattern: str, page: str) -> str:
    found = re.search(pattern, page)
    assert found is not None, page
    return found[1]


def wait_for(read: Callable[[], str], wanted: str) -> None:
    ends_at = time.monotonic() + 20
    while wanted not in read():
        assert time.monotonic() < ends_at, read()
        time.sleep(0.05)


def test_a_checkout(settings: dict[str, str], port: int) -> None:
    with (
        run_example("python", "storefront", port, **settings) as url,
        httpx.Client(base_url=url, follow_redirects=True) as shop,
    ):
        offers = shop.get("/").text
        assert "Express, 1 year</strong>, EUR 399.00" in offers
        form = {
            "cart": find('name="cart" value="([^"]+)"', offers),
            "offer": "livecart.express-1y",
            "name": "Nord & Co",
            "email": "it@nord.example",
        }
        ordered = shop.post("/checkout", data=form)
        again = shop.post("/checkout", data=form)
        assert (again.url, again.text) == (ordered.url, ordered.text)
        assert "Total EUR 399.00" in ordered.text
        customer, order = str(ordered.url).split("/")[-2:]
        unsigned = shop.post("/webhooks/payments", content=b"{}")
        forged = shop.post(
            "/webhooks/payments", content=b"{}", headers={"Stripe-Signature": "t=1,v1=0"}
        )
        assert (unsigned.status_code, forged.status_code) == (400, 400)
        for _ in range(2):  # the provider's webhook may come twice
            paid = shop.post("/pay", data={"customer": customer, "order": order})
            assert "Paid, thank you. Express until" in paid.text
            assert "15 of 15 incidents left" in paid.text


def test_a_helpdesk(service: Service, settings: dict[str, str], port: int) -> None:
    headers = {"Authorization": f"Bearer {settings['SURETY_KEY']}"}
    with httpx.Client(base_url=service.url, headers=headers) as surety:
        account = "/v1/accounts/c-desk"
        surety.put(account, json={"name": "Kranich", "email": "post@kranich.example"})
        bought = {"order_id": "SO-1", "offer": "livecart.express-1y"}
        surety.post(f"{account}/purchases", json=bought | {"payment": {"status": "paid"}})
        hook = {"url": f"http://127.0.0.1:{port}/webhooks/surety", "types": ["deadline.*"]}
        secret = surety.post("/v1/webhooks", json=hook).json()["secret"]
    settings["SURETY_WEBHOOK_SECRET"] = secret
    with (
        run_example("python", "helpdesk", port, **settings) as url,
        httpx.Client(base_url=url, follow_redirects=True) as desk,
    ):
        form = {
            "ticket": "HD-1",
            "email": "Post@Kranich.example",
            "subject": "Checkout fails",
            "channel": "chat",
        }
        asked = desk.post("/tickets", data=form | {"wish": "ask"}).text
        assert "Covered by Express. It costs 1 incident." in asked
        opened = desk.post("/tickets", data=form | {"wish": "open"})
        assert "open, charge held (1 incident)" in opened.text
        card = find('src="([^"]+)"', opened.text)
        assert "14 of 15 incidents left" in desk.get(card).text
        assert "first response: met" in act(desk, "agent", "1")
        wait_for(lambda: desk.get("/tickets/HD-1").text, "deadline.met: first_response")
        assert "paused, charge held" in act(desk, "pause", "2")
        assert "paused, charge held" in act(desk, "pause", "2")  # sent twice
        assert "open, charge held" in act(desk, "customer", "3")
        assert "resolved, charge settled" in act(desk, "solved", "4")
        refused = desk.post(
            "/tickets", data=form | {"ticket": "HD-2", "channel": "video", "wish": "open"}
        )
        assert (refused.status_code, "has no video support" in refused.text) == (409, True)
        assert desk.post("/webhooks/surety", content=b"{}").status_code == 400


def act(desk: httpx.Client, action: str, note: str) -> str:
    return desk.post("/tickets/HD-1", data={"action": action, "note": note}).text


@pytest.mark.parametrize("name", ["storefront", "helpdesk"])
def test_without_a_key_it_says_which_setting_is_missing(name: str) -> None:
    done = subprocess.run(
        [sys.executable, EXAMPLES / f"python/{name}.py"],
        env={}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert "SURETY_KEY" in done.stderr


def test_no_event_is_taken_by_an_empty_secret(settings: dict[str, str], port: int) -> None:
    now, event = str(int(time.time())), b'{"type": "deadline.breached", "data": {}}'
    digest = hmac.new(b"", f"e-1.{now}.".encode() + event, hashlib.sha256).digest()
    headers = {
        "webhook-id": "e-1",
        "webhook-timestamp": now,
        "webhook-signature": "v1," + base64.b64encode(digest).decode(),
    }
    with run_example("python", "helpdesk", port, **settings) as url:
        forged = httpx.post(f"{url}/webhooks/surety", content=event, headers=headers)
    assert (forged.status_code, "SURETY_WEBHOOK_SECRET" in forged.text) == (400, True)
