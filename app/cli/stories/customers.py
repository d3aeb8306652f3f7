"""A year of customers, as calls of the API: what they buy, ask, and are answered.

Each story follows from its customer's id alone, so the same calls are made again however often.
"""

import random
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any

from app.domain.values import Value, field

YEAR = timedelta(days=365)


class Call(Value):
    """A POST below the account's address, so long after the customer's first day."""

    after: timedelta
    path: str
    body: Mapping[str, Any]


class Customer(Value):
    """Somebody who buys one seller's support, and asks `tickets` things within the year.

    `asks` are the choices of which each ticket takes one; `orders` are bought on their days.
    """

    account_id: str
    name: str
    email: str
    orders: Sequence[tuple[int, Mapping[str, Any]]]
    asks: Sequence[Mapping[str, Any]]
    tickets: int
    site: str | None = None
    quote: Mapping[str, Any] | None = None
    works: bool = False
    days: int = 365
    subjects: Sequence[str] = field(
        default=(
            "Checkout fails with an error",
            "Prices differ between cart and invoice",
            "How do I change the shipping zones?",
            "E-mails are not sent any more",
            "The search finds nothing",
            "Update asks for a licence",
            "Payment module cannot be installed",
            "Import stops at line 3,000",
            "Page is slow since Monday",
            "Cannot log in as administrator",
        )
    )


def paid(order_id: str, offer: str, **more: Any) -> Mapping[str, Any]:
    """Return an order that is paid at once."""
    return {"order_id": order_id, "offer": offer, "payment": {"status": "paid"}} | more


_Asks = tuple[Mapping[str, Any], ...]
_LIVECART: _Asks = ({}, {}, {"channel": "email"})
_POINTS: _Asks = (
    {"category": "level-0"},
    {"category": "level-1"},
    {"category": "level-2"},
    {"category": "mod-small"},
    {"category": "sef-analysis"},
)
_SUPPORT: _Asks = (
    {"topic": "troubleshooting"},
    {"topic": "store-setup"},
    {"topic": "php-mysql-errors", "urgent": True},
)
_CORPORATE: _Asks = ({"severity": 2}, {"severity": 3}, {"severity": 4}, {"severity": 4})
_AGENCY: _Asks = ({"severity": 2}, {"severity": 3}, {"severity": 4})

CUSTOMERS: tuple[Customer, ...] = (
    Customer(
        "demo-nordwind",
        "Nordwind Handel GmbH",
        "shop@nordwind.example",
        [(0, paid("demo-SO-1", "livecart.express-3y"))],
        _LIVECART,
        18,
    ),
    Customer(
        "demo-harbour",
        "Harbour Books Ltd",
        "it@harbour-books.example",
        [(0, paid("demo-SO-2", "livecart.priority-1y"))],
        _LIVECART,
        9,
        days=350,
    ),
    Customer(
        "demo-olive",
        "Olive & Thyme",
        "hello@olive-thyme.example",
        [(0, paid("demo-SO-3", "livecart.standard-1y"))],
        _LIVECART,
        10,
        days=300,
    ),
    Customer(
        "demo-kestrel",
        "Kestrel Outdoor",
        "orders@kestrel.example",
        [(0, paid("demo-SO-4", "xcart-points.300")), (170, paid("demo-SO-5", "xcart-points.120"))],
        _POINTS,
        14,
    ),
    Customer(
        "demo-lumen",
        "Lumen Lamps",
        "support@lumen.example",
        [(0, paid("demo-SO-6", "xcart-points.60"))],
        _POINTS[:3],
        4,
        days=120,
    ),
    Customer(
        "demo-baltic",
        "Baltic Toys",
        "shop@baltic-toys.example",
        [
            (
                0,
                paid(
                    "demo-SO-7",
                    "xcart-support.subscription-1y",
                    site="https://shop.baltic-toys.example",
                ),
            )
        ],
        _SUPPORT,
        16,
        site="https://shop.baltic-toys.example",
        days=340,
    ),
    Customer(
        "demo-ferry",
        "Ferry Line Tickets",
        "web@ferry-line.example",
        [(0, paid("demo-SO-8", "xcart-support.incident-urgent"))],
        ({"topic": "php-mysql-errors", "urgent": True},),
        1,
        days=30,
    ),
    Customer(
        "demo-meridian",
        "Meridian Insurance AG",
        "helpdesk@meridian.example",
        [(0, paid("demo-SO-9", "corporate.gold"))],
        _CORPORATE,
        20,
        days=360,
    ),
    Customer(
        "demo-quarry",
        "Quarry Stone SA",
        "admin@quarry.example",
        [(0, paid("demo-SO-10", "corporate.enterprise"))],
        _CORPORATE,
        9,
        days=200,
    ),
    Customer(
        "demo-atelier",
        "Atelier Rouge",
        "studio@atelier-rouge.example",
        [(0, {"order_id": "demo-SO-11", "payment": {"status": "paid"}})],
        _AGENCY,
        12,
        quote={
            "offer": "agency.starter",
            "contract_months": 12,
            "price": {"amount": 2_400_000, "currency": "EUR"},
        },
        works=True,
        days=330,
    ),
)


def run_story(customer: Customer) -> Iterator[Call]:
    """Yield a customer's calls in the order of their time; a quoted order comes without them."""
    chosen = random.Random(customer.account_id)  # noqa: S311  a story, not a secret
    calls = [
        Call(timedelta(days=day), "purchases", order)
        for day, order in customer.orders
        if customer.quote is None
    ]
    for number in range(1, customer.tickets + 1):
        calls += _run_ticket(customer, number, chosen)
    last = timedelta(days=customer.days)
    calls = [call for call in calls if call.after <= last]
    yield from sorted(calls, key=lambda call: call.after)
    yield Call(last, "clock", {})


def _run_ticket(customer: Customer, number: int, chosen: random.Random) -> list[Call]:
    """Return one ticket's calls: asked, answered (mostly in time), sometimes waited for, solved."""
    ticket_id = f"{customer.account_id.removeprefix('demo-')}-{number}"
    ticket = f"tickets/{ticket_id}"
    day = customer.days * number // (customer.tickets + 1)
    asked = timedelta(days=day, hours=chosen.randint(7, 15), minutes=chosen.randint(0, 59))
    answered = asked + timedelta(minutes=chosen.choice((12, 25, 40, 90, 150, 300, 2_000)))
    body = {"ticket_id": ticket_id, "subject": chosen.choice(customer.subjects)}
    body |= chosen.choice(customer.asks)
    if customer.site is not None:
        body["site"] = customer.site
    calls = [
        Call(asked, "tickets", body),
        Call(answered, f"{ticket}/replies", {"by": "agent"}),
    ]
    at = answered
    if chosen.random() < 0.4:
        calls.append(Call(at + timedelta(minutes=1), f"{ticket}/pause", {"waiting_on": "customer"}))
        at += timedelta(hours=chosen.randint(2, 50))
        calls.append(Call(at, f"{ticket}/replies", {"by": "customer"}))
        at += timedelta(minutes=chosen.randint(20, 400))
        calls.append(Call(at, f"{ticket}/replies", {"by": "agent"}))
    if customer.works:
        minutes = chosen.choice((30, 60, 90, 150))
        at += timedelta(minutes=minutes + 5)
        worked = {"work_id": f"{ticket_id}-w1", "minutes": minutes, "by": "Ada"}
        calls.append(Call(at, f"{ticket}/work", worked))
    if number <= customer.tickets - 2:
        at += timedelta(hours=chosen.randint(1, 60))
        outcome = chosen.choices(("solved", "vendor_defect", "duplicate"), (12, 2, 1))[0]
        calls.append(Call(at, f"{ticket}/resolution", {"outcome": outcome}))
    return calls
