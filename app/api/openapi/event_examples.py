"""An event of each type as the document shows it: what a test's story of it comes to.

The sellers' own terms, with ids of ours in place of those that are made anew each time.
"""

from typing import Any

from app.domain.events.webhooks import PING

_TUESDAY = "2026-11-24T08:00:00Z"
_EVENT_ID = "019ab4c0-0a00-7000-8000-00000000e001"
_SUBSCRIPTION_ID = "019ab4c0-0a00-7000-8000-00000000a001"
_LOT_ID = "019ab4c0-0a00-7000-8000-00000000b001"
_QUOTE_ID = "019ab4c0-0a00-7000-8000-00000000f001"
_WEBHOOK_ID = "019ab4c0-0a00-7000-8000-00000000d001"
_KEY_ID = "019ab4c0-0a00-7000-8000-00000000c001"

_ORDER: dict[str, Any] = {
    "order_id": "SO-77",
    "catalog": "livecart",
    "offer": "livecart.express-1y",
    "plan": "express",
    "site": None,
    "subscription_id": _SUBSCRIPTION_ID,
}
_POINTS: dict[str, Any] = {
    "catalog": "xcart-points",
    "plan": "points",
    "subscription_id": _SUBSCRIPTION_ID,
}
_POINTS_POOL: dict[str, Any] = _POINTS | {"site": None, "unit": "point"}
_POINTS_TICKET: dict[str, Any] = {"ticket_id": "HD-5001"} | _POINTS | {"unit": "point"}
_POINTS_LOT: dict[str, Any] = _POINTS_POOL | {
    "lot_id": _LOT_ID,
    "order_id": "SO-77",
    "amount": 60,
    "expires_at": "2028-11-24T21:00:00Z",
    "sequence": 1,
}
_TICKET: dict[str, Any] = {
    "ticket_id": "HD-5001",
    "catalog": "livecart",
    "plan": "express",
    "subscription_id": _SUBSCRIPTION_ID,
}
_SHOP_SUBSCRIPTION: dict[str, Any] = {
    "subscription_id": _SUBSCRIPTION_ID,
    "order_id": "SO-77",
    "catalog": "xcart-support",
    "plan": "subscription",
    "site": "shop.example",
    "ends_at": "2027-11-24T08:00:00Z",
}
_SESSION: dict[str, Any] = _TICKET | {
    "session_id": "CHAT-118",
    "kind": "chat",
    "starts_at": "2026-11-24T09:00:00Z",
    "ends_at": "2026-11-24T09:10:00Z",
    "sequence": 2,
}
_STARTED: dict[str, Any] = _SESSION | {"started_at": "2026-11-24T09:00:00Z", "incidents": 0}


def _happened(number: int, status: str = "open") -> dict[str, Any]:
    return _TICKET | {"number": number, "status": status}


_DEADLINE: dict[str, Any] = {
    "ticket_id": "HD-5001",
    "metric": "first_response",
    "spell": 0,
    "catalog": "livecart",
    "plan": "express",
    "severity": None,
    "strength": "guaranteed",
    "status": "running",
    "started_at": _TUESDAY,
    "warn_at": "2026-11-24T11:00:00Z",
    "due_at": "2026-11-24T12:00:00Z",
    "breaches_after": "2026-11-24T12:00:00Z",
    "met_at": None,
    "breached_at": None,
    "missed_at": None,
}
_BREACHED: dict[str, Any] = _DEADLINE | {
    "status": "breached",
    "breached_at": "2026-11-24T12:00:00Z",
}
_RESOLUTION: dict[str, Any] = _DEADLINE | {
    "metric": "resolution",
    "catalog": "corporate",
    "plan": "gold",
    "severity": 1,
    "strength": "target",
    "started_at": "2026-11-24T08:00:00Z",
    "warn_at": "2026-11-25T12:00:00Z",
    "due_at": "2026-11-25T16:00:00Z",
    "breaches_after": "2026-11-26T08:00:00Z",
}
_KEY: dict[str, Any] = {
    "key_id": _KEY_ID,
    "role": "storefront",
    "scopes": ["accounts:write", "purchases:write", "read"],
    "account_id": None,
    "expires_at": "2027-11-24T08:00:00Z",
}


def _event(
    type_: str,
    sequence: int,
    /,
    *,
    at: str = _TUESDAY,
    recorded_at: str | None = None,
    of: str = "c-1042",
    **data: object,
) -> dict[str, Any]:
    return {
        "id": _EVENT_ID,
        "type": type_,
        "timestamp": at,
        "recorded_at": recorded_at or at,
        "account_id": of,
        "sequence": sequence,
        "sandbox": False,
        "data": data,
    }


def _back(amount: int) -> list[dict[str, Any]]:
    """Return so many points that came back to their lot."""
    lot = {"lot_id": _LOT_ID, "amount": amount, "to": "lot"}
    return [lot | {"grace_lot_id": None, "expires_at": "2028-11-24T21:00:00Z"}]


_EVENTS = (
    _event("account.summary_changed", 1, because=[], sequence=0),
    _event(
        "account.moved",
        1,
        from_account_id="c-2077",
        to_account_id="c-1042",
        sequence=0,
    ),
    _event(
        "quote.made",
        1,
        quote_id=_QUOTE_ID,
        catalog="livecart",
        offer="livecart.express-1y",
        plan="express",
        site=None,
        quantity=1,
        total={"amount": 39900, "currency": "EUR"},
        upgrades=None,
        valid_until="2026-12-24T08:00:00Z",
    ),
    _event(
        "purchase.pending",
        1,
        **_ORDER | {"subscription_id": None},
        total={"amount": 39900, "currency": "EUR"},
        quote_id=None,
    ),
    _event(
        "purchase.activated",
        1,
        **_ORDER,
        starts_at=_TUESDAY,
        ends_at="2027-11-24T08:00:00Z",
        unit="incident",
        granted=15,
        sequence=1,
    ),
    _event(
        "purchase.cancelled",
        3,
        at="2027-03-04T08:00:00Z",
        **_ORDER,
        refund={"amount": 28968, "currency": "EUR"},
        replaced_by=None,
        unit="incident",
        revoked=15,
        sequence=3,
    ),
    _event(
        "purchase.ending",
        3,
        at="2027-10-25T08:00:00Z",
        recorded_at="2027-10-25T08:00:01Z",
        **_ORDER,
        ends_at="2027-11-24T08:00:00Z",
        renews=True,
    ),
    _event(
        "purchase.ended",
        3,
        at="2026-12-24T08:00:00Z",
        recorded_at="2026-12-24T08:00:01Z",
        **_ORDER | {"offer": "livecart.standard-1m", "plan": "standard"},
        starts_at=_TUESDAY,
        ends_at="2026-12-24T08:00:00Z",
    ),
    _event("subscription.suspended", 3, **_SHOP_SUBSCRIPTION),
    _event("subscription.resumed", 5, **_SHOP_SUBSCRIPTION),
    _event(
        "subscription.moved",
        3,
        **_SHOP_SUBSCRIPTION | {"site": "outlet.example"},
        from_site="shop.example",
        sequence=3,
    ),
    _event("units.low", 5, **_POINTS_POOL, available=10, granted=60, sequence=2),
    _event("units.exhausted", 5, **_POINTS_POOL, available=0, granted=60, sequence=2),
    _event("units.expiring", 3, at="2028-11-10T21:00:00Z", **_POINTS_LOT),
    _event(
        "units.expired",
        3,
        at="2028-11-24T21:00:00Z",
        recorded_at="2028-11-24T21:00:01Z",
        **_POINTS_LOT,
    ),
    _event(
        "fair_use.passed",
        302,
        catalog="xcart-support",
        plan="subscription",
        site="shop.example",
        subscription_id=_SUBSCRIPTION_ID,
        unit="incident",
        lot_id=_LOT_ID,
        used=100,
        fair_use=100,
        **{"from": _TUESDAY},
        until="2026-12-24T08:00:00Z",
        sequence=101,
    ),
    _event(
        "ticket.opened",
        3,
        **_TICKET,
        channel="ticket",
        severity=None,
        urgent=False,
        category=None,
        on_demand=False,
        opened_at=_TUESDAY,
    ),
    _event(
        "ticket.replied", 6, at="2026-11-24T08:45:00Z", **_happened(1), by="agent", channel=None
    ),
    _event(
        "ticket.paused",
        6,
        at="2026-11-24T08:45:00Z",
        **_happened(1, "paused"),
        waiting_on="customer",
    ),
    _event("ticket.resumed", 8, at="2026-11-24T10:45:00Z", **_happened(2)),
    _event(
        "ticket.severity_changed",
        6,
        at="2026-11-24T08:45:00Z",
        **_happened(1),
        severity=None,
        urgent=True,
        previous_severity=None,
        previous_urgent=False,
        policy="carry_elapsed",
    ),
    _event("ticket.remedied", 6, at="2026-11-24T08:45:00Z", **_happened(1)),
    _event(
        "ticket.resolved",
        7,
        at="2026-11-24T08:45:00Z",
        **_happened(1, "resolved"),
        outcome="solved",
    ),
    _event("ticket.reopened", 10, at="2026-11-25T08:45:00Z", **_happened(2)),
    _event("ticket.split", 8, at="2026-11-24T08:45:00Z", **_happened(1), parts=["HD-5002"]),
    _event(
        "ticket.event_struck",
        9,
        at="2026-11-24T08:50:00Z",
        **_happened(2),
        struck_number=1,
        struck_type="agent_reply",
    ),
    _event(
        "ticket.charged",
        4,
        **_POINTS_TICKET,
        amount=25,
        sequence=2,
        charge_amount=25,
        session_id=None,
        work_id=None,
    ),
    _event(
        "ticket.revised",
        6,
        at="2026-11-24T10:00:00Z",
        **_POINTS_TICKET,
        amount=35,
        sequence=3,
        from_amount=25,
        category="other",
        returns=[],
    ),
    _event(
        "ticket.settled",
        6,
        at="2026-11-24T10:00:00Z",
        **_POINTS_TICKET,
        amount=20,
        sequence=4,
        overage_amount=0,
        returned=5,
        outcome="solved",
        returns=_back(5),
    ),
    _event(
        "ticket.returned",
        6,
        at="2026-11-24T10:00:00Z",
        **_POINTS_TICKET,
        amount=25,
        sequence=3,
        charge_amount=0,
        outcome="vendor_defect",
        session_id=None,
        work_id=None,
        returns=_back(25),
    ),
    _event(
        "ticket.refunded",
        10,
        at="2026-11-25T10:00:00Z",
        **_POINTS_TICKET,
        amount=5,
        sequence=5,
        charge_amount=15,
        cause="goodwill",
        returns=_back(5),
    ),
    _event(
        "ticket.coverage_changed",
        10,
        **_TICKET,
        previous_catalog="livecart",
        previous_plan="standard",
        previous_subscription_id="01a222bd-5efa-71c1-bc3d-909238ffbac2",
        on_demand=False,
        sequence=5,
    ),
    _event(
        "ticket.disputed",
        10,
        **_TICKET,
        unit="incident",
        charge_amount=1,
        sequence=3,
    ),
    _event(
        "ticket.dispute_decided",
        13,
        **_TICKET,
        unit="incident",
        charge_amount=0,
        sequence=4,
        refund_amount=1,
    ),
    _event(
        "overage.recorded",
        3,
        at="2026-11-24T08:15:00Z",
        recorded_at="2026-11-24T10:00:00Z",
        ticket_id="HD-5001",
        catalog="agency",
        plan=None,
        subscription_id=None,
        unit="minute",
        amount=90,
        sequence=1,
        work_id="W-9",
    ),
    _event("session.booked", 6, **_SESSION),
    _event(
        "session.rescheduled",
        8,
        **_SESSION
        | {
            "starts_at": "2026-11-24T10:00:00Z",
            "ends_at": "2026-11-24T10:10:00Z",
            "previous_starts_at": "2026-11-24T09:00:00Z",
            "previous_ends_at": "2026-11-24T09:10:00Z",
        },
    ),
    _event("session.started", 8, at="2026-11-24T09:00:00Z", **_STARTED),
    _event(
        "session.ended",
        12,
        at="2026-11-24T09:12:00Z",
        **_STARTED
        | {
            "ended_at": "2026-11-24T09:12:00Z",
            "minutes": 12,
            "over_minutes": 0,
            "ended_by": "agent",
            "incidents": 1,
            "sequence": 3,
        },
    ),
    _event("session.missed", 8, at="2026-11-24T09:05:00Z", **_SESSION),
    _event(
        "deadline.at_risk",
        6,
        at="2026-11-24T11:00:00Z",
        recorded_at="2026-11-24T11:00:01Z",
        **_DEADLINE,
    ),
    _event(
        "deadline.met",
        7,
        at="2026-11-24T08:45:00Z",
        **_DEADLINE | {"status": "met", "met_at": "2026-11-24T08:45:00Z"},
    ),
    _event(
        "deadline.breached",
        6,
        at="2026-11-24T12:00:00Z",
        recorded_at="2026-11-24T12:00:01Z",
        **_BREACHED,
    ),
    _event(
        "deadline.missed",
        9,
        at="2026-11-26T08:00:00Z",
        recorded_at="2026-11-26T08:00:01Z",
        **_RESOLUTION | {"status": "missed", "missed_at": "2026-11-26T08:00:00Z"},
    ),
    _event(
        "deadline.late",
        8,
        at="2026-11-30T08:00:00Z",
        **_RESOLUTION
        | {
            "plan": "professional",
            "severity": 4,
            "metric": "first_response",
            "strength": "best_effort",
            "status": "late",
            "warn_at": None,
            "due_at": "2026-11-26T16:00:00Z",
            "breaches_after": None,
            "met_at": "2026-11-30T08:00:00Z",
        },
    ),
    _event("deadline.excused", 7, at="2026-11-24T13:00:01Z", **_BREACHED),
    _event("contact.changed", 1, contact_id="u-7", change="created"),
    _event(
        "account.clock_repaired",
        2,
        at="2026-11-24T08:00:00Z",
        found_at="2090-01-01T00:00:00Z",
        repaired_at="2026-11-24T08:00:00Z",
        entries=1,
        sequence=1,
    ),
    _event("key.created", 1, of="-", **_KEY),
    _event(
        "key.rotated",
        2,
        at="2026-12-24T08:00:00Z",
        of="-",
        **_KEY,
        previous_valid_until="2026-12-25T08:00:00Z",
    ),
    _event("key.revoked", 2, at="2027-01-23T08:00:00Z", of="-", **_KEY),
    _event(PING, 0, of="-", webhook_id=_WEBHOOK_ID),
)

EXAMPLES: dict[str, dict[str, Any]] = {event["type"]: event for event in _EVENTS}
