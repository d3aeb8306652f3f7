"""The guides' examples in Python, as their forms are sent: a checkout and a helpdesk.

In Chromium, and in TypeScript too: tests/pages/test_examples.py.
"""

import base64
import hashlib
import hmac
import json
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from html import unescape

import httpx
import pytest

from tests.support.examples import EXAMPLES, make_customer, run_example, serve_examples
from tests.support.ports import find_free_port
from tests.support.waiting import until_now


@pytest.fixture(scope="module")
def settings() -> Iterator[dict[str, str]]:
    with serve_examples() as settings:
        yield settings


@pytest.fixture
def port() -> int:
    return find_free_port()


def find(pattern: str, page: str) -> str:
    found = re.search(pattern, page)
    assert found is not None, page
    return found[1]


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


def test_a_payment_that_is_refused_is_paid_back(settings: dict[str, str], port: int) -> None:
    with (
        run_example("python", "storefront", port, **settings) as url,
        httpx.Client(base_url=url, follow_redirects=True) as shop,
    ):
        ordered = [
            shop.post(
                "/checkout",
                data={"cart": cart, "offer": "livecart.standard-1m"}
                | {"name": "Süd KG", "email": "it@sued.example"},
            )
            for cart in ("of-monday", "of-tuesday")
        ]
        for reply in ordered:
            assert ">Pay</button>" in reply.text
        customer, first = str(ordered[0].url).split("/")[-2:]
        paid = shop.post("/pay", data={"customer": customer, "order": first})
        assert "Paid, thank you. Standard until" in paid.text
        second = str(ordered[1].url).rpartition("/")[2]
        for _ in range(2):  # the provider's webhook may come twice
            refused = shop.post("/pay", data={"customer": customer, "order": second})
            assert refused.status_code == 200
            for said in (
                "The account has this plan until ",
                "Your payment is paid back.",
                "This order is cancelled.",
            ):
                assert said in refused.text
            assert "Paid, thank you" not in refused.text
        kept = httpx.get(
            f"{settings['SURETY_URL']}/v1/accounts/{customer}/purchases/{second}",
            headers={"Authorization": f"Bearer {settings['SURETY_KEY']}"},
        ).json()
        assert (kept["status"], kept["payment_reference"]) == ("cancelled", f"pi_{second}")
        assert kept["cancellation"]["refund_amount"] == kept["total"]
        still = shop.get(f"/orders/{customer}/{first}").text
        assert "Paid, thank you." in still
        assert "paid back" not in still


def test_a_helpdesk(settings: dict[str, str], port: int) -> None:
    secret = make_customer(settings, "c-desk", "post@kranich.example", port)
    settings = settings | {"SURETY_WEBHOOK_SECRET": secret}
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
        until_now(lambda: "deadline.met: first_response" in desk.get("/tickets/HD-1").text)
        assert "paused, charge held" in act(desk, "pause", "2")
        assert "paused, charge held" in act(desk, "pause", "2")  # sent twice
        assert "open, charge held" in act(desk, "customer", "3")
        assert "resolved, charge settled" in act(desk, "solved", "4")
        refused = desk.post(
            "/tickets", data=form | {"ticket": "HD-2", "channel": "video", "wish": "open"}
        )
        assert (refused.status_code, "has no video support" in refused.text) == (409, True)
        assert desk.post("/webhooks/surety", content=b"{}").status_code == 400


def test_a_helpdesk_shows_the_choices_that_a_refusal_offers(
    settings: dict[str, str], port: int
) -> None:
    make_customer(settings, "c-gold", "it@gold.example", port, "corporate.gold")
    with (
        run_example("python", "helpdesk", port, **settings) as url,
        httpx.Client(base_url=url, follow_redirects=True) as desk,
    ):
        form = {
            "ticket": "HD-7",
            "email": "it@gold.example",
            "subject": "Search is slow",
            "channel": "ticket",
        }
        for wish, done in (
            ("ask", "Covered by Gold. It costs 1 incident."),
            ("open", "open, charge held (1 incident)"),
        ):
            refused = desk.post("/tickets", data=form | {"wish": wish})
            assert "<legend>Severity</legend>" in refused.text
            assert "<b>High</b> Any error reported by the customer" in refused.text
            sent = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', refused.text))
            assert sent == form | {"wish": wish}
            chosen = unescape(find(r'value="([^"]*)" required> <b>High</b>', refused.text))
            assert json.loads(chosen) == {"severity": 2}
            assert done in desk.post("/tickets", data=sent | {"chosen": chosen}).text


def act(desk: httpx.Client, action: str, note: str) -> str:
    return desk.post("/tickets/HD-1", data={"action": action, "note": note}).text


@pytest.mark.parametrize("name", ["storefront", "helpdesk"])
def test_without_a_key_it_says_which_setting_is_missing(name: str) -> None:
    done = subprocess.run(
        [sys.executable, EXAMPLES / f"python/{name}.py"],
        env={}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (1, "Set SURETY_KEY to a key of Surety's.\n")


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
