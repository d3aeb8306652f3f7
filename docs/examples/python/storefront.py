"""A checkout that sells support plans: quote, order, payment, and what was bought.

Run Surety (`make run`) and this beside it, with the key of a storefront (`surety keys create
storefront --name shop`), then open http://localhost:8100:

    SURETY_KEY=surety_sk_... .venv/bin/python docs/examples/python/storefront.py

It needs Python 3.11 and httpx (`make run` has installed both), and takes its settings from the
environment: SURETY_URL, SURETY_KEY, CATALOG, PORT, and PAYMENT_SECRET, with which the payment
provider signs.
"""

import hashlib
import hmac
import json
import os
import time
import uuid
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs

import httpx

CATALOG = os.environ.get("CATALOG", "livecart")
PORT = int(os.environ.get("PORT", "8100"))
PAYMENT_SECRET = os.environ.get("PAYMENT_SECRET", "whsec_of_the_payment_provider")
surety = httpx.Client(
    base_url=os.environ.get("SURETY_URL", "http://localhost:8000"),
    headers={"Authorization": f"Bearer {os.environ['SURETY_KEY']}"},
    timeout=10,
)


class RefusedError(Exception):
    """Surety refused: the problem that it answered with."""

    def __init__(self, problem: dict[str, Any]) -> None:
        super().__init__(problem["detail"])
        self.problem = problem


def call(method: str, path: str, body: object = None, *, key: str | None = None) -> Any:
    """Call Surety, again where that may help: what has the same id or key happens once."""
    headers = {"Idempotency-Key": key} if key else {}
    for pause in (0.2, 1, 3, None):
        try:
            reply = surety.request(method, path, json=body, headers=headers)
        except httpx.TransportError:
            if pause is None:
                raise
        else:
            if reply.is_success:
                return reply.json()
            if pause is None or reply.status_code not in (429, 500, 502, 503, 504):
                raise RefusedError(reply.json())
        time.sleep(pause)
    raise AssertionError("unreachable")


def place_order(cart: str, offer: str, name: str, email: str) -> dict[str, Any]:
    """Order what is in a cart: the price is frozen, and nothing is given before it is paid."""
    customer = "c-" + hashlib.sha256(email.lower().encode()).hexdigest()[:12]
    call("PUT", f"/v1/accounts/{customer}", {"name": name, "email": email})
    quote = call("POST", f"/v1/accounts/{customer}/quotes", {"offer": offer}, key=f"quote-{cart}")
    order: dict[str, Any] = call(
        "POST",
        f"/v1/accounts/{customer}/purchases",
        {
            "order_id": f"SO-{cart}",
            "quote_id": quote["quote_id"],
            "expected_total": quote["total"],
            "payment": {"status": "pending"},
        },
    )
    return order


def take_payment(payload: bytes, signature: str) -> None:
    """Take what the payment provider tells: it is paid. Told again, nothing more happens."""
    signed = dict(part.partition("=")[::2] for part in signature.split(","))
    at, given = signed.get("t", ""), signed.get("v1", "")
    fresh = at.isdigit() and abs(time.time() - int(at)) < 300
    if not (fresh and hmac.compare_digest(sign(payload, at), given)):
        raise PermissionError("The signature is not the payment provider's.")
    event = json.loads(payload)
    if event["type"] != "checkout.session.completed":
        return
    paid = event["data"]["object"]
    order = f"/v1/accounts/{paid['metadata']['customer']}/purchases/{paid['metadata']['order']}"
    call("POST", f"{order}/payment", {"reference": paid["payment_intent"]})


def sign(payload: bytes, at: str) -> str:
    """Return the provider's signature of a payload, as Stripe makes it."""
    signed = f"{at}.".encode() + payload
    return hmac.new(PAYMENT_SECRET.encode(), signed, hashlib.sha256).hexdigest()


def pay(customer: str, order: str) -> None:
    """Stand in for the payment provider, which has the customer's card and calls the webhook."""
    paid = {
        "payment_intent": f"pi_{order}",
        "metadata": {"customer": customer, "order": order},
    }
    event = {"type": "checkout.session.completed", "data": {"object": paid}}
    payload, at = json.dumps(event).encode(), str(int(time.time()))
    httpx.post(
        f"http://127.0.0.1:{PORT}/webhooks/payments",
        content=payload,
        headers={"Stripe-Signature": f"t={at},v1={sign(payload, at)}"},
    ).raise_for_status()


def money(amount: dict[str, Any]) -> str:
    return f"{amount['currency']} {amount['amount'] / 100:,.2f}"


def show_offers() -> str:
    offers = call("GET", f"/v1/offers?catalog={CATALOG}")["data"]
    cart = uuid.uuid4().hex[:8]
    choices = "".join(
        f'<p><label><input type="radio" name="offer" value="{escape(each["offer"])}" required>'
        f" <strong>{escape(each['name'])}</strong>, {money(each['price'])}</label><br>"
        f"{escape(each['description'])} {escape(each['promises'][0]['text'])}</p>"
        for each in offers
        if each["sold"] == "direct"
    )
    return f"""<h1>Support plans</h1>
<form method="post" action="/checkout"><input type="hidden" name="cart" value="{cart}">{choices}
<p><label>Company <input name="name" required></label></p>
<p><label>E-mail <input name="email" type="email" required></label></p>
<p><button>Order</button></p></form>"""


def show_order(customer: str, order: str) -> str:
    bought = call("GET", f"/v1/accounts/{customer}/purchases/{order}")
    lines = "".join(f"<li>{escape(each['text'])}</li>" for each in bought["lines"])
    head = f"<h1>Order {escape(order)}</h1><ul>{lines}</ul><p>Total {money(bought['total'])}</p>"
    if bought["status"] == "pending":
        return f"""{head}<form method="post" action="/pay">
<input type="hidden" name="customer" value="{escape(customer)}">
<input type="hidden" name="order" value="{escape(order)}"><button>Pay</button></form>"""
    summary = call("GET", f"/v1/accounts/{customer}/summary")
    return f"{head}<p>Paid, thank you. {escape(summary['text'])}</p>"


def page(content: str) -> str:
    return f"""<!doctype html><html lang="en"><meta charset="utf-8"><title>Shop</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>:root {{ color-scheme: light dark }} body {{ font: 1rem/1.5 system-ui; margin: 2rem auto;
max-width: 40rem; padding: 0 1rem }}</style><main>{content}</main></html>"""


class Shop(BaseHTTPRequestHandler):
    """The shop's pages; an order's address names the customer and the order."""

    def do_GET(self) -> None:
        try:
            match self.path.strip("/").split("/"):
                case [""]:
                    self.answer(200, show_offers())
                case ["orders", customer, order]:
                    self.answer(200, show_order(customer, order))
                case _:
                    self.answer(404, "<h1>There is no such page</h1>")
        except RefusedError as refused:
            self.answer(409, f"<h1>{escape(str(refused))}</h1>")

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        try:
            if self.path == "/webhooks/payments":
                # Whatever goes wrong here is answered with 500: the provider sends it again.
                take_payment(body, self.headers.get("Stripe-Signature", ""))
                self.answer(200, "")
                return
            form = {name: values[0] for name, values in parse_qs(body.decode()).items()}
            if self.path == "/checkout":
                order = place_order(form["cart"], form["offer"], form["name"], form["email"])
                self.go_to(f"/orders/{order['account_id']}/{order['order_id']}")
            else:
                pay(form["customer"], form["order"])
                self.go_to(f"/orders/{form['customer']}/{form['order']}")
        except PermissionError as error:
            self.answer(400, escape(str(error)))
        except RefusedError as refused:
            self.answer(409, f"<h1>{escape(str(refused))}</h1>")
        except httpx.HTTPError as error:
            self.answer(502, f"<h1>Please try again.</h1><p>{escape(str(error))}</p>")

    def answer(self, status: int, content: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.end_headers()
        self.wfile.write(page(content).encode())

    def go_to(self, address: str) -> None:
        self.send_response(303)
        self.send_header("Location", address)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Print nothing of each request."""


if __name__ == "__main__":
    print(f"The shop is at http://localhost:{PORT}", flush=True)
    ThreadingHTTPServer(("127.0.0.1", PORT), Shop).serve_forever()
