"""The README's story by the client that openapi-generator writes."""

import json
import sys
from datetime import datetime
from pathlib import Path

import openapi_generator_made as made

URL, KEY, ACCOUNT, CATALOG = sys.argv[1:]
BODIES = json.loads(Path("readme.json").read_text("utf-8"))


def at(instant: str) -> datetime:
    return datetime.fromisoformat(instant)


client = made.ApiClient(made.Configuration(host=URL, access_token=KEY))
catalogues = made.CataloguesApi(client)
tickets = made.TicketsApi(client)

status = made.CataloguesApi(made.ApiClient(made.Configuration(host=URL))).get_calendar_status(
    "livecart", "business", at=at("2025-01-10T16:30:00+02:00")
)
document = made.CatalogDocument.from_dict(BODIES["catalog"])
assert document is not None
published = catalogues.publish_catalog(CATALOG, document)
made.AccountsApi(client).put_account(ACCOUNT, made.AccountPut(name="Nordwind Handel GmbH"))
purchase = made.PurchasesApi(client).place_purchase(
    ACCOUNT,
    made.PurchasePlacing(
        order_id="SO-77",
        offer=f"{CATALOG}.express-3y",
        payment=made.PaymentOrder(status="paid"),
        expected_total=made.Money(amount=199900, currency="EUR"),
        at=at("2025-01-10T09:00:00+01:00"),
    ),
)
ticket = tickets.open_ticket(
    ACCOUNT,
    made.TicketOpening(
        ticket_id="HD-5001", subject="Checkout fails", at=at("2025-01-10T16:30:00+01:00")
    ),
)
replied = tickets.reply_to_ticket(
    ACCOUNT,
    "HD-5001",
    made.Reply(by=made.Speaker.AGENT, at=at("2025-01-11T10:00:00+01:00")),
)
tickets.resolve_ticket(
    ACCOUNT,
    "HD-5001",
    made.Resolution(outcome=made.Outcome.SOLVED, at=at("2025-01-13T09:45:00+01:00")),
)
balance = made.BalanceApi(client).get_balance(ACCOUNT, at=at("2025-01-13T12:00:00+00:00"))
webhook = made.WebhooksApi(client).create_webhook(
    made.WebhookOrder(
        url="https://helpdesk.example/hooks", types=["ticket.*", "deadline.breached"], ordered=True
    )
)
replies = [
    status.to_json(),
    published.to_json(),
    purchase.to_json(),
    ticket.to_json(),
    replied.to_json(),
    balance.to_json(),
    webhook.to_json(),
]
print(json.dumps([json.loads(reply) for reply in replies]))
