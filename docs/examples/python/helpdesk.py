"""A helpdesk whose sidebar shows what the customer has, and whose tickets are paid and timed.

Run Surety (`SURETY_WEBHOOK_ALLOWED_NETWORKS=127.0.0.1/32 make run`) and this beside it, with the
key of a helpdesk (`surety keys create helpdesk --name desk`), then open http://localhost:8200:

    SURETY_KEY=surety_sk_... .venv/bin/python docs/examples/python/helpdesk.py

It needs Python 3.11, httpx (`make run` has installed both) and surety.py beside it, and takes its
settings from the environment: SURETY_URL, SURETY_KEY, PORT, and SURETY_WEBHOOK_SECRET, which was
shown when the webhook was made.
"""

import base64
import hashlib
import hmac
import json
import os
import threading
import time
import uuid
from email.message import Message
from html import escape
from typing import Any
from urllib.parse import quote

from surety import Answer, RefusedError, call, fetch_page, page, read_form, serve

PORT = int(os.environ.get("PORT", "8200"))
WEBHOOK_SECRET = os.environ.get("SURETY_WEBHOOK_SECRET", "")

# What a helpdesk keeps: whose ticket it is, what is written, and what Surety told of it.
tickets: dict[str, dict[str, Any]] = {}
told: set[str] = set()
changing = threading.Lock()


def find_customer(email: str) -> str:
    """Return whose address it is; the summary has all that a sidebar shows."""
    return str(call("GET", f"/v1/summary?email={quote(email)}")["account_id"])


def read_wanted(form: dict[str, str]) -> dict[str, Any]:
    """Return what a ticket asks for, with what was chosen since: a severity, a category, a site."""
    chosen: dict[str, Any] = json.loads(form.get("chosen", "{}"))
    return {"subject": form["subject"], "channel": form["channel"]} | chosen


def ask(form: dict[str, str]) -> str:
    """Say what opening would cost and by when an answer would be owed; nothing is written."""
    path = f"/v1/accounts/{find_customer(form['email'])}/coverage"
    found = call("POST", path, read_wanted(form))
    if found["refusal"] and "choices" in found["refusal"]:
        raise RefusedError(found["refusal"])
    return str(found["text"])


def open_ticket(form: dict[str, str]) -> None:
    """Open a ticket: its units are held, and its clocks run."""
    customer, ticket = find_customer(form["email"]), form["ticket"]
    named = {"ticket_id": ticket, "requester": form["email"]}
    call("POST", f"/v1/accounts/{customer}/tickets", named | read_wanted(form))
    tickets[ticket] = {"customer": customer, "subject": form["subject"], "alerts": []}


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


def take_event(payload: bytes, headers: Message) -> None:
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


def show_tickets() -> Answer:
    rows = "".join(
        f'<li><a href="/tickets/{name}">{name}</a> {escape(each["subject"])}</li>'
        for name, each in tickets.items()
    )
    number = f"HD-{uuid.uuid4().hex[:6]}"
    return show(f"""<h1>Tickets</h1><ul>{rows}</ul>
<form method="post" action="/tickets"><input type="hidden" name="ticket" value="{number}">
<p><label>From <input name="email" type="email" required></label></p>
<p><label>Subject <input name="subject" required></label></p>
<p><label>Channel <select name="channel"><option>ticket<option>email<option>chat<option>phone
</select></label></p>
<p><button name="wish" value="ask">May they?</button>
<button name="wish" value="open">Open</button></p></form>""")


def show_choices(form: dict[str, str], problem: dict[str, Any]) -> Answer:
    """Show what a refusal offers for the field that it is about, to be sent with all the rest."""
    field = problem["errors"][0]["pointer"].removeprefix("/")
    options = ""
    for each in problem["choices"]:
        chosen = json.loads(form.get("chosen", "{}")) | {field: each["value"]}
        said = f"<b>{escape(each['name'])}</b> {escape(each.get('definition', ''))}"
        value = f'name="chosen" value="{escape(json.dumps(chosen))}"'
        options += f'<p><label><input type="radio" {value} required> {said}</label></p>'
    sent = "".join(
        f'<input type="hidden" name="{escape(name)}" value="{escape(value)}">'
        for name, value in form.items()
        if name != "chosen"
    )
    return show(f"""<p>{escape(problem["detail"])}</p><form method="post" action="/tickets">{sent}
<fieldset><legend>{escape(field.capitalize())}</legend>{options}</fieldset>
<p><button>Go on</button></p></form>""")


def show_ticket(name: str) -> Answer:
    kept = tickets[name]
    ticket = call("GET", f"/v1/accounts/{kept['customer']}/tickets/{name}")
    clocks = "".join(
        f"<li>{each['metric'].replace('_', ' ')}: {each['status']}"
        + (f", due {each['due_at']}" if each["due_at"] else "")
        + "</li>"
        for each in ticket["deadlines"]
    )
    alerts = "".join(f"<li><strong>{escape(each)}</strong></li>" for each in kept["alerts"])
    waiting = "resume" if ticket["status"] == "paused" else "pause"
    choices = ["agent", "customer", waiting, "solved", "vendor_defect"]
    if ticket["status"] == "resolved":
        choices = []
    note = uuid.uuid4().hex
    buttons = "".join(
        f'<button name="action" value="{each}">{each.replace("_", " ")}</button> '
        for each in choices
    )
    charge = ticket["charge"]
    return show(
        f"""<p><a href="/">All tickets</a></p><h1>{name} {escape(kept["subject"])}</h1>
<p>{ticket["status"]}, charge {charge["status"]} ({charge["amount"]} {charge["unit"] or ""})</p>
<ul>{clocks}{alerts}</ul><form method="post" action="/tickets/{name}">
<input type="hidden" name="note" value="{note}">{buttons}</form>""",
        card=f'<iframe title="Customer" src="/customers/{quote(kept["customer"])}"></iframe>',
    )


def show(content: str, *, card: str = "") -> Answer:
    """Show something, and beside it the customer's card."""
    style = """body { display: flex; flex-wrap: wrap; gap: 2rem } main { flex: 2 1 20rem }
iframe { border: 0; flex: 1 1 20rem; min-height: 34rem }"""
    return Answer(page("helpdesk", content, beside=card, style=style))


def handle(method: str, path: list[str], body: bytes, headers: Message) -> Answer:
    """Answer a request of the helpdesk's pages, or of Surety, which tells what happened."""
    match method, path:
        case "GET", [""]:
            return show_tickets()
        case "GET", ["tickets", name] if name in tickets:
            return show_ticket(name)
        case "GET", ["customers", customer]:
            return Answer(fetch_page(f"/v1/accounts/{customer}/summary"))
        case "POST", ["webhooks", "surety"]:
            take_event(body, headers)
            return Answer(status=204)
        case "POST", ["tickets"]:
            form = read_form(body)
            try:
                if form["wish"] == "ask":
                    return show(f"<p>{escape(ask(form))}</p>")
                open_ticket(form)
            except RefusedError as refused:
                if "choices" not in refused.problem:
                    raise
                return show_choices(form, refused.problem)
            return Answer(status=303, location=f"/tickets/{form['ticket']}")
        case "POST", ["tickets", name] if name in tickets:
            form = read_form(body)
            act(name, form["action"], form["note"])
            return Answer(status=303, location=f"/tickets/{name}")
    return Answer(page("helpdesk", "<h1>There is no such page</h1>"), 404)


if __name__ == "__main__":
    serve(PORT, "helpdesk", handle)
