"""The README's story by the client that openapi-python-client writes."""

import json
import sys
from datetime import datetime
from pathlib import Path
from typing import TypeVar

from openapi_python_client_made import AuthenticatedClient, Client
from openapi_python_client_made.api.accounts import put_account
from openapi_python_client_made.api.balance import get_balance
from openapi_python_client_made.api.catalogues import get_calendar_status, publish_catalog
from openapi_python_client_made.api.purchases import place_purchase
from openapi_python_client_made.api.tickets import open_ticket, reply_to_ticket, resolve_ticket
from openapi_python_client_made.api.webhooks import create_webhook
from openapi_python_client_made.models.account import Account
from openapi_python_client_made.models.account_put import AccountPut
from openapi_python_client_made.models.balance import Balance
from openapi_python_client_made.models.calendar_status import CalendarStatus
from openapi_python_client_made.models.catalog_document import CatalogDocument
from openapi_python_client_made.models.money import Money
from openapi_python_client_made.models.new_webhook import NewWebhook
from openapi_python_client_made.models.outcome import Outcome
from openapi_python_client_made.models.payment_order import PaymentOrder
from openapi_python_client_made.models.payment_order_status import PaymentOrderStatus
from openapi_python_client_made.models.published import Published
from openapi_python_client_made.models.purchase import Purchase
from openapi_python_client_made.models.purchase_placing import PurchasePlacing
from openapi_python_client_made.models.reply import Reply
from openapi_python_client_made.models.resolution import Resolution
from openapi_python_client_made.models.speaker import Speaker
from openapi_python_client_made.models.ticket import Ticket
from openapi_python_client_made.models.ticket_opening import TicketOpening
from openapi_python_client_made.models.webhook_order import WebhookOrder

URL, KEY, ACCOUNT, CATALOG = sys.argv[1:]
BODIES = json.loads(Path("readme.json").read_text("utf-8"))
Shape = TypeVar("Shape")


def take(kind: type[Shape], reply: object) -> Shape:
    assert isinstance(reply, kind), reply
    return reply


def at(instant: str) -> datetime:
    return datetime.fromisoformat(instant)


public = Client(base_url=URL)
surety = AuthenticatedClient(base_url=URL, token=KEY)

status = take(
    CalendarStatus,
    get_calendar_status.sync(
        "livecart", "business", client=public, at=at("2025-01-10T16:30:00+02:00")
    ),
)
published = take(
    Published,
    publish_catalog.sync(CATALOG, client=surety, body=CatalogDocument.from_dict(BODIES["catalog"])),
)
take(Account, put_account.sync(ACCOUNT, client=surety, body=AccountPut("Nordwind Handel GmbH")))
purchase = take(
    Purchase,
    place_purchase.sync(
        ACCOUNT,
        client=surety,
        body=PurchasePlacing(
            order_id="SO-77",
            offer=f"{CATALOG}.express-3y",
            payment=PaymentOrder(status=PaymentOrderStatus.PAID),
            expected_total=Money(amount=199900, currency="EUR"),
            at=at("2025-01-10T09:00:00+01:00"),
        ),
    ),
)
ticket = take(
    Ticket,
    open_ticket.sync(
        ACCOUNT,
        client=surety,
        body=TicketOpening(
            ticket_id="HD-5001", subject="Checkout fails", at=at("2025-01-10T16:30:00+01:00")
        ),
    ),
)
replied = take(
    Ticket,
    reply_to_ticket.sync(
        ACCOUNT,
        "HD-5001",
        client=surety,
        body=Reply(by=Speaker.AGENT, at=at("2025-01-11T10:00:00+01:00")),
    ),
)
take(
    Ticket,
    resolve_ticket.sync(
        ACCOUNT,
        "HD-5001",
        client=surety,
        body=Resolution(outcome=Outcome.SOLVED, at=at("2025-01-13T09:45:00+01:00")),
    ),
)
balance = take(
    Balance, get_balance.sync(ACCOUNT, client=surety, at=at("2025-01-13T12:00:00+00:00"))
)
webhook = take(
    NewWebhook,
    create_webhook.sync(
        client=surety,
        body=WebhookOrder(
            url="https://helpdesk.example/hooks",
            types=["ticket.*", "deadline.breached"],
            ordered=True,
        ),
    ),
)
print(
    json.dumps(
        [
            status.to_dict(),
            published.to_dict(),
            purchase.to_dict(),
            ticket.to_dict(),
            replied.to_dict(),
            balance.to_dict(),
            webhook.to_dict(),
        ]
    )
)
