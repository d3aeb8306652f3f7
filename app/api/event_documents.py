"""What the document says of each type of event, as the `webhooks` that it may be sent by.

Each has its members, described once whatever event has them, and an example; a test compares
both with what is really told.
"""

from typing import Any

from app.domain.events import EventType
from app.domain.webhooks import PING

_SUBSCRIPTION = "01a20056-9b40-774b-a543-5ba6776fcd4a"
_LOT = "01a20056-9b41-7010-8a3e-2f6a1be0c5d7"
_WHEN = "2026-11-24T08:20:00Z"

_TEXT = {"type": "string"}
_TEXT_OR_NULL = {"type": ["string", "null"]}
_COUNT = {"type": "integer"}
_ID = {"type": "string", "format": "uuid"}
_ID_OR_NULL = {"type": ["string", "null"], "format": "uuid"}
_INSTANT = {"type": "string", "format": "date-time"}
_INSTANT_OR_NULL = {"type": ["string", "null"], "format": "date-time"}

# Of every member its form and what it means.
_MEMBERS: dict[str, tuple[dict[str, Any], str]] = {
    "account_id": (_TEXT_OR_NULL, "The account that the key is bound to."),
    "amount": (_COUNT, "How many units."),
    "available": (_COUNT, "How many units of the pool are left."),
    "breached_at": (_INSTANT_OR_NULL, "When the promise was broken."),
    "breaches_after": (_INSTANT_OR_NULL, "After which instant the promise is broken."),
    "catalog": (_TEXT, "The catalogue."),
    "category": (_TEXT_OR_NULL, "The row of the rate card."),
    "cause": (_TEXT_OR_NULL, "Why: vendor_defect, goodwill or error."),
    "channel": (_TEXT, "How it was asked."),
    "charge_amount": (_COUNT, "What the ticket costs in all now."),
    "due_at": (_INSTANT_OR_NULL, "By when an answer is owed."),
    "ends_at": (_INSTANT_OR_NULL, "When the term ends; null where it does not."),
    "expires_at": (_INSTANT_OR_NULL, "When it ends; null where it does not."),
    "fair_use": (_COUNT, "How many uses a month are fair."),
    "from": (_INSTANT, "When the month of the term begins."),
    "from_amount": (_COUNT, "What the ticket cost before."),
    "granted": ({"type": ["integer", "null"]}, "How many units were granted; null: no count."),
    "key_id": (_ID, "The key."),
    "lot_id": (_ID, "The lot."),
    "met_at": (_INSTANT_OR_NULL, "When it was answered in time."),
    "metric": (_TEXT, "What is promised: first_response, next_response or resolution."),
    "offer": (_TEXT, "What was sold."),
    "on_demand": ({"type": "boolean"}, "Whether no plan pays for it."),
    "opened_at": (_INSTANT, "When it was opened."),
    "order_id": (_TEXT_OR_NULL, "The order: the storefront's own id."),
    "outcome": (_TEXT_OR_NULL, "How the ticket was resolved; null where it was not."),
    "overage_amount": (_COUNT, "What was used beyond what any lot held."),
    "plan": (_TEXT_OR_NULL, "The plan; null where none pays."),
    "previous_valid_until": (_INSTANT, "Until when the secret before is valid too."),
    "refund": ({"$ref": "#/components/schemas/MoneyWire"}, "What is to be paid back."),
    "replaced_by": (_TEXT_OR_NULL, "The order that took its place."),
    "returned": (_COUNT, "How many units came back."),
    "returns": (
        {"type": "array", "items": {"type": "object"}},
        "Where units came back to: of which lot, how many, and whether it could take them.",
    ),
    "revoked": (_COUNT, "How many units were taken back."),
    "role": (_TEXT_OR_NULL, "The key's role, if it was made with one."),
    "scopes": ({"type": "array", "items": {"type": "string"}}, "What the key may do."),
    "sequence": (_COUNT, "The account's movements of units until then: ask for a balance by it."),
    "session_id": (_TEXT_OR_NULL, "The session that it was for, if any."),
    "severity": ({"type": ["integer", "null"]}, "1 to 4, or none."),
    "site": (_TEXT_OR_NULL, "The store that it is bound to."),
    "spell": (_COUNT, "Which time the clock ran: 0, 1, 2 …"),
    "started_at": (_INSTANT, "When the clock began."),
    "starts_at": (_INSTANT, "When the term begins."),
    "status": (_TEXT, "How the clock stands."),
    "strength": (_TEXT, "How firm the promise is."),
    "subscription_id": (_ID_OR_NULL, "The subscription; null where none pays."),
    "ticket_id": (_TEXT, "The ticket: the helpdesk's own id."),
    "unit": (_TEXT_OR_NULL, "What is counted."),
    "until": (_INSTANT, "When the month of the term ends."),
    "urgent": ({"type": "boolean"}, "Whether it is hurried."),
    "used": (_COUNT, "How many uses there were in the month."),
    "warn_at": (_INSTANT_OR_NULL, "When little time is left."),
    "webhook_id": (_ID, "The webhook that was pinged."),
    "work_id": (_TEXT_OR_NULL, "The work that it was for, if any."),
}

_PURCHASE = {
    "order_id": "SO-77",
    "catalog": "livecart",
    "offer": "livecart.express-1y",
    "plan": "express",
    "site": None,
    "subscription_id": _SUBSCRIPTION,
}
_POOL = {
    "catalog": "livecart",
    "plan": "express",
    "site": None,
    "subscription_id": _SUBSCRIPTION,
    "unit": "incident",
}
_TICKET = {
    "ticket_id": "HD-5001",
    "catalog": "livecart",
    "plan": "express",
    "subscription_id": _SUBSCRIPTION,
}
_CHARGE = _TICKET | {"unit": "incident", "amount": 1, "sequence": 18}
_BACK = [
    {
        "lot_id": _LOT,
        "amount": 1,
        "to": "lot",
        "grace_lot_id": None,
        "expires_at": "2027-11-24T08:00:00Z",
    }
]
_ENDING = _POOL | {
    "lot_id": _LOT,
    "order_id": "SO-77",
    "amount": 13,
    "expires_at": "2027-11-24T08:00:00Z",
    "sequence": 31,
}
_CLOCK = {
    "ticket_id": "HD-5001",
    "metric": "first_response",
    "spell": 0,
    "catalog": "livecart",
    "plan": "express",
    "severity": None,
    "strength": "guaranteed",
    "status": "running",
    "started_at": _WHEN,
    "warn_at": "2026-11-24T11:20:00Z",
    "due_at": "2026-11-24T12:20:00Z",
    "breaches_after": "2026-11-24T12:20:00Z",
    "met_at": None,
    "breached_at": None,
}
_BREACHED = _CLOCK | {"status": "breached", "breached_at": "2026-11-24T12:20:00Z"}
_KEY = {
    "key_id": "01a20056-9b42-7d11-9c55-0f4ab6d3e6a2",
    "role": "storefront",
    "scopes": ["accounts:write", "purchases:write", "read"],
    "account_id": None,
    "expires_at": None,
}

# What is told by each type, and an example of its data.
TOLD: dict[EventType, tuple[str, dict[str, Any]]] = {
    "purchase.activated": (
        "An order was paid, and gives its units from now on or from when its term begins.",
        _PURCHASE
        | {"starts_at": "2026-11-24T08:00:00Z", "ends_at": "2027-11-24T08:00:00Z"}
        | {"unit": "incident", "granted": 15, "sequence": 1},
    ),
    "purchase.cancelled": (
        "An order was cancelled: what is to be paid back, and the units that were taken back.",
        _PURCHASE
        | {"refund": {"amount": 19900, "currency": "EUR"}, "replaced_by": None}
        | {"unit": "incident", "revoked": 10, "sequence": 11},
    ),
    "purchase.ended": (
        "The term of an order is over.",
        _PURCHASE | {"starts_at": "2026-11-24T08:00:00Z", "ends_at": "2027-11-24T08:00:00Z"},
    ),
    "units.low": (
        "A fifth of a pool's units is left, or less.",
        _POOL | {"available": 3, "granted": 15, "sequence": 28},
    ),
    "units.exhausted": (
        "None of a pool's units is left.",
        _POOL | {"available": 0, "granted": 15, "sequence": 31},
    ),
    "units.expiring": ("Units of a lot are left, two weeks before it ends.", _ENDING),
    "units.expired": ("Units of a lot were left when it ended.", _ENDING),
    "fair_use.passed": (
        "A plan without a count was used more than is fair within a month of its term.",
        _POOL
        | {"catalog": "xcart-support", "plan": "subscription", "site": "shop.example"}
        | {"lot_id": _LOT, "used": 100, "fair_use": 100, "from": _WHEN}
        | {"until": "2026-12-24T08:20:00Z", "sequence": 101},
    ),
    "ticket.opened": (
        "A ticket was opened.",
        _TICKET
        | {"channel": "ticket", "severity": None, "urgent": False, "category": None}
        | {"on_demand": False, "opened_at": _WHEN},
    ),
    "ticket.charged": (
        "A ticket took units: at its opening, for a session, or for work.",
        _CHARGE | {"charge_amount": 1, "session_id": None, "work_id": None},
    ),
    "ticket.revised": (
        "What a ticket costs was changed; `amount` is what it costs now.",
        _CHARGE | {"amount": 2, "from_amount": 1, "category": None, "returns": []},
    ),
    "ticket.settled": (
        "What a ticket costs was deducted for good.",
        _CHARGE | {"overage_amount": 0, "returned": 0, "outcome": "solved", "returns": []},
    ),
    "ticket.returned": (
        "Units that a ticket held came back.",
        _CHARGE
        | {"charge_amount": 0, "outcome": "vendor_defect", "returns": _BACK}
        | {"session_id": None, "work_id": None},
    ),
    "ticket.refunded": (
        "Units that a ticket had used came back.",
        _CHARGE | {"charge_amount": 1, "cause": "goodwill", "returns": _BACK},
    ),
    "overage.recorded": (
        "More was used than any lot held: it is to be billed. A correction may take some back.",
        _TICKET
        | {"ticket_id": "HD-9", "catalog": "agency", "plan": None, "subscription_id": None}
        | {"unit": "minute", "amount": 45, "sequence": 1, "work_id": "W-1"},
    ),
    "deadline.at_risk": ("Little time is left to keep a promise.", _CLOCK),
    "deadline.met": ("A promise was kept.", _CLOCK | {"status": "met", "met_at": _WHEN}),
    "deadline.breached": ("A promise was broken.", _BREACHED),
    "deadline.excused": ("A broken promise was excused, on the record.", _BREACHED),
    "key.created": ("A key was made.", _KEY),
    "key.rotated": (
        "A key got another secret.",
        _KEY | {"previous_valid_until": "2026-11-25T08:20:00Z"},
    ),
    "key.revoked": ("A key was revoked.", _KEY),
}
_PINGED = ("A webhook was pinged.", {"webhook_id": "01a20056-9b43-7a20-8b1e-6c2f0d9e8a71"})

_HEADERS = {
    "webhook-id": "The event's id: the same at each attempt.",
    "webhook-timestamp": "When the attempt was made, in seconds since 1970.",
    "webhook-signature": "`v1,` and a signature, for each secret that is valid; spaces between.",
}


def describe_webhooks() -> dict[str, Any]:
    """Return what may be sent to a webhook, by the type of event."""
    told = TOLD | {PING: _PINGED}
    return {type_: {"post": _describe(type_, *told[type_])} for type_ in told}


def _describe(type_: str, description: str, data: dict[str, Any]) -> dict[str, Any]:
    event = {
        "id": "01a20056-9b44-7f3c-9d02-7be1c4a5f610",
        "type": type_,
        "timestamp": _WHEN,
        "recorded_at": _WHEN,
        "account_id": "-" if type_ == PING or type_.startswith("key.") else "c-1042",
        "sequence": 0 if type_ == PING else 17,
        "data": data,
    }
    return {
        "operationId": f"receive_{type_.replace('.', '_')}",
        "summary": description.partition(".")[0].partition(":")[0],
        "description": description,
        "tags": ["Events"],
        "security": [],
        "parameters": [
            {
                "name": name,
                "in": "header",
                "required": True,
                "description": text,
                "schema": {"type": "string"},
            }
            for name, text in _HEADERS.items()
        ],
        "requestBody": {
            "required": True,
            "content": {
                "application/json": {
                    "schema": _show_schema(type_, data),
                    "examples": {type_: {"summary": description, "value": event}},
                }
            },
        },
        "responses": {
            "2XX": {"description": "It arrived."},
            "410": {"description": "Nothing more is wanted: the webhook is disabled."},
        },
    }


def _show_schema(type_: str, data: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "description": "An event, as `/v1/events` shows it.",
        "properties": {
            "id": _ID | {"description": "The event's own id."},
            "type": {"const": type_, "description": "What happened."},
            "timestamp": _INSTANT | {"description": "When it happened."},
            "recorded_at": _INSTANT | {"description": "When it was recorded."},
            "account_id": _TEXT | {"description": "The account, or `-` for what is of none."},
            "sequence": _COUNT | {"description": "Its number among the account's events."},
            "data": {
                "type": "object",
                "description": "The particulars.",
                "properties": {
                    name: _MEMBERS[name][0] | {"description": _MEMBERS[name][1]} for name in data
                },
                "required": sorted(data),
            },
        },
        "required": [
            "id", "type", "timestamp", "recorded_at", "account_id", "sequence", "data",
        ],
    }  # fmt: skip
