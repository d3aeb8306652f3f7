"""A helpdesk whose sidebar shows what the customer has, and whose tickets are paid and timed.

Run Surety (`SURETY_WEBHOOK_ALLOWED_NETWORKS=127.0.0.1/32 make run`) and this beside it, with the
key of a helpdesk (`surety keys create helpdesk --name desk`), then open http://localhost:8200:

    SURETY_KEY=surety_sk_... .venv/bin/python docs/examples/python/helpdesk.py

It needs Python 3.11 and httpx (`make run` has installed both), and takes its settings from the
environment: SURETY_URL, SURETY_KEY, PORT, and SURETY_WEBHOOK_SECRET, which was shown when the
webhook was made.
"""

import base64
import hashlib
import hmac
import json
import os
import threading
import time
import uuid
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, quote

import httpx

PORT = int(os.environ.get("PORT", "8200"))
WEBHOOK_SECRET = os.environ.get("SURETY_WEBHOOK_SECRET", "")
surety = httpx.Client(
    base_url=os.environ.get("SURETY_URL", "http://localhost:8000"),
    headers={"Authorization": f"Bearer {os.environ['SURETY_KEY']}"},
    timeout=10,
)

# What a helpdesk keeps: whose ticket it is, what is written, and what Surety told of it.
tickets: dict[str, dict[str, Any]] = {}
told: set[str] = set()
changing = threading.Lock()


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


def find_customer(email: str) -> str:
    """Return whose address it is; the summary has all that a sidebar shows."""
    return str(call("GET", f"/v1/summary?email={quote(email)}")["account_id"])


def ask(email: str, subject: str, channel: str) -> str:
    """Say what opening would cost and by when an answer would be owed; nothing is written."""
    customer = find_customer(email)
    asked = call(
        "POST", f"/v1/accounts/{customer}/coverage", {"subject": subject, "channel": channel}
    )
    return str(asked["text"])


def open_ticket(ticket: str, email: str, subject: str, channel: str) -> None:
    """Open a ticket: its units are held, and its clocks run."""
    customer = find_customer(email)
    call(
        "POST",
        f"/v1/accounts/{customer}/tickets",
        {"ticket_id": ticket, "subject": subject, "channel": channel, "requester": email},
    )
    tickets[ticket] = {"customer": customer, "email": email, "subject": subject, "alerts": []}


def act(ticket: str, action: str, note: str) -> None:
    """Report what happened to a ticket; a form sent twice happens once, by its note."""
    path = f"/v1/accounts/{tickets[ticket]['customer']}/tickets/{ticket}"
    body: dict[str, object]
    match action:
        case "agent" | "customer":
            path, body = f"{path}/replies", {"by": action}
        case "pause":
            path, body = f"{path}/pause", {"waiting_on": "customer"}
        case "resume":
            path, body = f"{path}/resumption", {}
        case outcome:  # solved, vendor_defect, withdrawn, duplicate
            path, body = f"{path}/resolution", {"outcome": outcome}
    call("POST", path, body, key=note)


def take_event(payload: bytes, headers: dict[str, str]) -> None:
    """Take an event that Surety sends: signed (Standard Webhooks), perhaps more than once."""
    if not WEBHOOK_SECRET:  # anybody can sign with an empty one
        raise PermissionError("SURETY_WEBHOOK_SECRET is not set: no event can be checked.")
    sent, at = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    key = base64.b64decode(WEBHOOK_SECRET.removeprefix("whsec_"))
    digest = hmac.new(key, f"{sent}.{at}.".encode() + payload, hashlib.sha256).digest()
    wanted = "v1," + base64.b64encode(digest).decode()
    given = headers.get("webhook-signature", "").split()
    fresh = at.isdigit() and abs(time.time() - int(at)) < 300
    if not (fresh and any(hmac.compare_digest(wanted, each) for each in given)):
        raise PermissionError("The signature is not Surety's.")
    event = json.loads(payload)
    with changing:
        if sent in told:
            return
        told.add(sent)
        ticket = tickets.get(event["data"].get("ticket_id", ""))
        if ticket is not None and event["type"].startswith("deadline."):
            ticket["alerts"].append(f"{event['type']}: {event['data']['metric']}")


def show_tickets() -> str:
    rows = "".join(
        f'<li><a href="/tickets/{name}">{name}</a> {escape(each["subject"])}</li>'
        for name, each in tickets.items()
    )
    number = f"HD-{uuid.uuid4().hex[:6]}"
    return f"""<main><h1>Tickets</h1><ul>{rows}</ul>
<form method="post" action="/tickets"><input type="hidden" name="ticket" value="{number}">
<p><label>From <input name="email" type="email" required></label></p>
<p><label>Subject <input name="subject" required></label></p>
<p><label>Channel <select name="channel"><option>ticket<option>email<option>chat<option>phone
</select></label></p>
<p><button name="wish" value="ask">May they?</button>
<button name="wish" value="open">Open</button></p></form></main>"""


def show_ticket(name: str) -> str:
    kept = tickets[name]
    ticket = call("GET", f"/v1/accounts/{kept['customer']}/tickets/{name}")
    clocks = "".join(
        f"<li>{each['metric'].replace('_', ' ')}: {each['status']}"
        + (f", due {each['due_at']}" if each["due_at"] else "")
        + "</li>"
        for each in ticket["deadlines"]
    )
    alerts = "".join(f"<li><strong>{escape(each)}</strong></li>" for each in kept["alerts"])
    choices = ["agent", "customer", "resume" if ticket["status"] == "paused" else "pause"]
    if ticket["status"] == "resolved":
        choices = []
    else:
        choices += ["solved", "vendor_defect"]
    note = uuid.uuid4().hex
    buttons = "".join(
        f'<button name="action" value="{each}">{each.replace("_", " ")}</button> '
        for each in choices
    )
    charge = ticket["charge"]
    return f"""<main><p><a href="/">All tickets</a></p><h1>{name} {escape(kept["subject"])}</h1>
<p>{ticket["status"]}, charge {charge["status"]} ({charge["amount"]} {charge["unit"] or ""})</p>
<ul>{clocks}{alerts}</ul><form method="post" action="/tickets/{name}">
<input type="hidden" name="note" value="{note}">{buttons}</form></main>
<iframe title="Customer" src="/customers/{quote(kept["customer"])}"></iframe>"""


def show_card(customer: str) -> bytes:
    """Return Surety's own card of a customer; the key stays here, and no browser has it."""
    reply = surety.get(f"/v1/accounts/{customer}/summary", headers={"Accept": "text/html"})
    return reply.raise_for_status().content


def page(content: str) -> str:
    return f"""<!doctype html><html lang="en"><meta charset="utf-8"><title>Helpdesk</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>:root {{ color-scheme: light dark }} body {{ display: flex; flex-wrap: wrap; gap: 2rem;
font: 1rem/1.5 system-ui; margin: 1rem }} main {{ flex: 2 1 20rem }}
iframe {{ border: 0; flex: 1 1 20rem; min-height: 34rem }}</style>{content}</html>"""


class Helpdesk(BaseHTTPRequestHandler):
    """The helpdesk's pages, and where Surety tells it what happened."""

    def do_GET(self) -> None:
        try:
            match self.path.strip("/").split("/"):
                case [""]:
                    self.answer(200, page(show_tickets()))
                case ["tickets", name] if name in tickets:
                    self.answer(200, page(show_ticket(name)))
                case ["customers", customer]:
                    self.answer(200, show_card(customer))
                case _:
                    self.answer(404, page("<h1>There is no such page</h1>"))
        except httpx.HTTPError as error:
            self.answer(502, page(f"<p>Surety cannot be reached: {escape(str(error))}</p>"))

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        try:
            if self.path == "/webhooks/surety":
                take_event(body, {name.lower(): value for name, value in self.headers.items()})
                self.answer(204, "")
                return
            form = {name: values[0] for name, values in parse_qs(body.decode()).items()}
            if self.path == "/tickets":
                request = (form["email"], form["subject"], form["channel"])
                if form["wish"] == "ask":
                    self.answer(200, page(f"<main><p>{escape(ask(*request))}</p></main>"))
                    return
                open_ticket(form["ticket"], *request)
                self.go_to(f"/tickets/{form['ticket']}")
            else:
                name = self.path.removeprefix("/tickets/")
                act(name, form["action"], form["note"])
                self.go_to(f"/tickets/{name}")
        except PermissionError as error:
            self.answer(400, escape(str(error)))
        except RefusedError as refused:
            # A refusal says why, and which plans would cover it or what may be chosen.
            offers = "".join(
                f"<li>{escape(each['name'])}" for each in refused.problem.get("offers", [])
            )
            self.answer(409, page(f"<main><p>{escape(str(refused))}</p><ul>{offers}</ul></main>"))
        except httpx.HTTPError as error:
            self.answer(502, page(f"<p>Surety cannot be reached: {escape(str(error))}</p>"))

    def answer(self, status: int, content: str | bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.end_headers()
        if status != 204:
            self.wfile.write(content if isinstance(content, bytes) else content.encode())

    def go_to(self, address: str) -> None:
        self.send_response(303)
        self.send_header("Location", address)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Print nothing of each request."""


if __name__ == "__main__":
    print(f"The helpdesk is at http://localhost:{PORT}", flush=True)
    ThreadingHTTPServer(("127.0.0.1", PORT), Helpdesk).serve_forever()
