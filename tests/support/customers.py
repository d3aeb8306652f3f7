"""A customer of each of the five sellers, as the requests that make one, with something open."""

from typing import Any

Requests = list[tuple[str, dict[str, Any]]]

_NAMES = {
    "livecart": "Nordwind Handel GmbH",
    "xcart-points": "Sugar & Salt Ltd",
    "xcart-support": "Café Müller",
    "agency": "Blumen Schulz",
    "corporate": "Müller & Söhne Maschinenbau Gesellschaft mit beschränkter Haftung",
}
_WHY = {"reason": "Contract", "actor": "mara"}
SELLERS = tuple(_NAMES)


def name_of(seller: str) -> str:
    """Return what the customer is called."""
    return _NAMES[seller]


def list_requests(seller: str) -> Requests:
    """Return what is posted to the customer's account, each with its path below it."""
    requests: dict[str, Requests] = {
        "livecart": [
            _buy("livecart.express-3y"),
            _open("HD-5001", "Checkout fails for customers with two addresses"),
            _open("HD-5002", "Newsletter is sent twice"),
            ("tickets/HD-5002/replies", {"by": "agent"}),
        ],
        "xcart-points": [
            _buy("xcart-points.60"),
            ("licenses", {"license_id": "XL-1", "catalog": "xcart-points", "product": "cart"}),
            _open("P-1", "Installation on a new server", category="install"),
            _open("P-2", "Colour of the cart", category="mod-small"),
            ("tickets/P-1/resolution", {"outcome": "solved"}),
            ("tickets/P-1/dispute", {"reason": "It failed once"}),
        ],
        "xcart-support": [
            _buy("xcart-support.subscription-1m", site="https://cafe.example/store"),
            _open("S-1", "Payment page is blank", urgent=True),
            _open("S-2", "Change of logo"),
            ("tickets/S-2/replies", {"by": "agent"}),
            ("tickets/S-2/pause", {"waiting_on": "customer"}),
        ],
        "agency": [
            (
                "grants",
                {"reference": "starter", "catalog": "agency", "plan": "starter", "unit": "minute"}
                | {"amount": 2400, "expires_at": "2100-01-01T00:00:00Z"}
                | _WHY,
            ),
            _open("W-1", "New theme", severity=2),
            ("tickets/W-1/work", {"work_id": "w-1", "minutes": 600, "by": "jon"}),
        ],
        "corporate": [
            _buy("corporate.gold"),
            *(
                _open(f"K-{level}", f"Production line {level} is down", severity=level)
                for level in (1, 2, 3, 4)
            ),
        ],
    }
    return requests[seller]


def _buy(offer: str, **more: Any) -> tuple[str, dict[str, Any]]:
    order = {"order_id": "SO-1", "offer": offer, "payment": {"status": "paid"}}
    return "purchases", order | more


def _open(ticket_id: str, subject: str, **more: Any) -> tuple[str, dict[str, Any]]:
    return "tickets", {"ticket_id": ticket_id, "subject": subject} | more
