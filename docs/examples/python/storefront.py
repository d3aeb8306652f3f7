"""A checkout that sells support plans: quote, order, payment, and what was bought.

Run Surety (`make run`) and this beside it, with the key of a storefront (`surety keys create
storefront --name shop`), then open http://localhost:8100:

    SURETY_KEY=surety_sk_... .venv/bin/python docs/examples/python/storefront.py

It needs Python 3.11, httpx (`make run` has installed both) and surety.py beside it, and takes its
settings from the environment: SURETY_URL, SURETY_KEY, CATALOG, PORT, and PAYMENT_SECRET, with which
the payment provider signs.
"""

import hashlib
import hmac
import json
import os
import time
import uuid
from email.message import Message
from html import escape
from typing import Any

import httpx
from surety import Answer, RefusedError, call, page, read_form, serve

CATALOG = os.environ.get("CATALOG", "livecart")
PORT = int(os.environ.get("PORT", "8100"))
PAYMENT_SECRET = os.environ.get("PAYMENT_SECRET", "whsec_of_the_payment_provider")

# What a shop keeps: of which orders a payment was refused and paid back, and why.
paid_back: dict[str, str] = {}


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
    order = paid["metadata"]["order"]
    path = f"/v1/accounts/{paid['metadata']['customer']}/purchases/{order}"
    try:
        call("POST", f"{path}/payment", {"reference": paid["payment_intent"]})
    except RefusedError as refused:
        if refused.problem["status"] != 409:
            raise  # the provider sends it again
        # It never heals. A shop pays it back here, at its provider, by the payment's id.
        paid_back.setdefault(order, str(refused))
        if call("GET", path)["status"] == "pending":
            why = {"reason": str(refused), "actor": "shop", "refund": "full"}
            back = {"payment_reference": paid["payment_intent"]}
            call("POST", f"{path}/cancellation", why | back)


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
        f"{escape(each['description'])} {escape(' '.join(p['text'] for p in each['promises'][:1]))}"
        "</p>"
        for each in offers
        if each["sold"] == "direct" and each["price"]
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
    if order in paid_back:
        head += f"<p>{escape(paid_back[order])}</p><p>Your payment is paid back.</p>"
    if bought["status"] == "pending":
        return f"""{head}<form method="post" action="/pay">
<input type="hidden" name="customer" value="{escape(customer)}">
<input type="hidden" name="order" value="{escape(order)}"><button>Pay</button></form>"""
    if bought["status"] == "cancelled":
        return f"{head}<p>This order is cancelled.</p>"
    summary = call("GET", f"/v1/accounts/{customer}/summary")
    return f"{head}<p>Paid, thank you. {escape(summary['text'])}</p>"


def handle(method: str, path: list[str], body: bytes, headers: Message) -> Answer:
    """Answer a request; an order's address names the customer and the order."""
    match method, path:
        case "GET", [""]:
            return Answer(page("shop", show_offers()))
        case "GET", ["orders", customer, order]:
            return Answer(page("shop", show_order(customer, order)))
        case "POST", ["webhooks", "payments"]:
            # Whatever goes wrong on the way is answered with an error: the provider sends it again.
            take_payment(body, headers.get("Stripe-Signature", ""))
            return Answer()
        case "POST", ["checkout"]:
            form = read_form(body)
            placed = place_order(form["cart"], form["offer"], form["name"], form["email"])
            return Answer(
                status=303, location=f"/orders/{placed['account_id']}/{placed['order_id']}"
            )
        case "POST", ["pay"]:
            form = read_form(body)
            pay(form["customer"], form["order"])
            return Answer(status=303, location=f"/orders/{form['customer']}/{form['order']}")
    return Answer(page("shop", "<h1>There is no such page</h1>"), 404)


if __name__ == "__main__":
    serve(PORT, "shop", handle)
