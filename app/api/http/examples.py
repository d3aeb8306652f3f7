"""Request bodies as the document shows them, by operation: the five sellers' own numbers.

Each is accepted as it stands (or refused for what it asks, never for its form); a test sends
them all.
"""

from typing import Any

from app.services.catalog.catalogs import packaged_documents

_FRIDAY = "2026-11-20T16:30:00+01:00"
_MONDAY = "2026-11-23T09:00:00+01:00"


def _example(summary: str, **value: object) -> dict[str, Any]:
    return {"summary": summary, "value": value}


_TICKETS: dict[str, Any] = {
    "express": _example(
        "One incident of a LiveCart plan",
        ticket_id="HD-5001",
        subject="Checkout fails",
        catalog="livecart",
    ),
    "points": _example(
        "A row of the rate card: 25 points",
        ticket_id="HD-5002",
        subject="Prices differ between cart and invoice",
        catalog="xcart-points",
        category="level-2",
    ),
    "stores": _example(
        "A price by number: 120 + 3 × 60 points",
        ticket_id="HD-5003",
        subject="Move three stores",
        catalog="xcart-points",
        category="transfer-aspe",
        variables={"stores": 3},
    ),
    "urgent": _example(
        "A hurried request about one store",
        ticket_id="HD-5004",
        subject="Orders are not confirmed",
        catalog="xcart-support",
        site="https://shop.example/eu",
        topic="troubleshooting",
        urgent=True,
    ),
    "severity": _example(
        "Times by severity",
        ticket_id="HD-5005",
        subject="No user can log in",
        catalog="corporate",
        channel="email",
        severity=1,
    ),
    "bug": _example(
        "A bug report, free for everybody",
        ticket_id="HD-5006",
        subject="Totals are rounded down",
        catalog="livecart",
        category="bug",
    ),
}

EXAMPLES: dict[str, dict[str, Any]] = {
    "publish_catalog": {
        "livecart": {"summary": "LiveCart's plans", "value": packaged_documents()["livecart"]}
    },
    "put_account": {
        "customer": _example(
            "A customer",
            name="Nordwind Handel GmbH",
            email="shop@nordwind.example",
            metadata={"segment": "b2b"},
        )
    },
    "create_link": {
        "card": _example("The customer's card, for two weeks", to="summary", expires_in="P14D"),
        "timeline": _example(
            "A ticket's timeline", to="timeline", ticket_id="HD-5001", expires_in="P1D"
        ),
    },
    "put_contact": {
        "person": _example(
            "A person who may ask",
            name="Erika Mustermann",
            emails=["erika@nordwind.example"],
            named=True,
        )
    },
    "move_clock": {"year": _example("A year on", to="2027-11-28T10:00:00Z")},
    "patch_account": {"email": _example("Another address", email="it@nordwind.example")},
    "place_purchase": {
        "express": _example(
            "Express for a year: 15 incidents, €399",
            order_id="SO-77",
            offer="livecart.express-1y",
            expected_total={"amount": 39900, "currency": "EUR"},
            payment={"status": "paid"},
        ),
        "points": _example(
            "1200 points: $673.33",
            order_id="SO-78",
            offer="xcart-points.1200",
            expected_total={"amount": 67333, "currency": "USD"},
            payment={"status": "paid", "reference": "pay-9301"},
        ),
        "store": _example(
            "A subscription for one store, not paid yet",
            order_id="SO-79",
            offer="xcart-support.subscription-1y",
            site="https://shop.example/eu",
            payment={"status": "pending"},
        ),
        "renewal": _example(
            "Gold after the present term",
            order_id="SO-80",
            offer="corporate.gold",
            starts="after_current",
            payment={"status": "paid"},
        ),
    },
    "draw_up_quote": {
        "starter": _example(
            "An agency's package for a year: 10 percent off",
            offer="agency.starter",
            contract_months=12,
            price={"amount": 200000, "currency": "EUR"},
        ),
        "flexible": _example(
            "Hours as agreed: 60 a month",
            offer="agency.flexible",
            contract_months=6,
            allowance=3600,
            price={"amount": 290000, "currency": "EUR"},
            valid_until="2026-12-31T23:00:00Z",
        ),
        "cover": _example(
            "Weekends and holidays for three months",
            offer="corporate.extended-cover",
            contract_months=3,
            price={"amount": 50000, "currency": "EUR"},
        ),
    },
    "cancel_purchase": {
        "unused": _example(
            "What is unused is paid back",
            refund="unused",
            reason="The shop is closed",
            actor="m.ozols",
        )
    },
    "renew_purchase": {
        "again": _example(
            "The same again", order_id="SO-81", payment={"status": "paid", "reference": "pay-9303"}
        )
    },
    "quote_upgrade": {"express": _example("To Express", offer="livecart.express-1y")},
    "report_payment": {"paid": _example("Paid", reference="pay-9302")},
    "move_subscription": {
        "store": _example(
            "To another store",
            site="https://outlet.example",
            reason="The customer closed the first store and opened another",
            actor="m.ozols",
        )
    },
    "suspend_subscription": {
        "unpaid": _example("Not paid", reason="Invoice 2026-118 is unpaid", actor="accounting")
    },
    "create_statement_link": {
        "fortnight": _example(
            "This year's statement, for a fortnight",
            **{"expires_in": "P14D", "from": "2026-01-01T00:00:00+02:00"},
        )
    },
    "record_agreement": {
        "join": _example(
            "This month's hours and the next one's, together",
            reference="agreed-2026-31",
            kind="join_months",
            subscription_id="01a20056-9b40-774b-a543-5ba6776fcd4a",
            months=2,
            reason="The shop moves to a new theme in December",
            actor="m.ozols",
        ),
        "cover": _example(
            "Weekends and holidays until the end of the year",
            reference="agreed-2026-32",
            kind="extended_cover",
            subscription_id="01a20056-9b40-774b-a543-5ba6776fcd4a",
            until="2026-12-31T23:00:00Z",
            reason="Christmas sales",
            actor="m.ozols",
        ),
    },
    "register_licence": {
        "first": _example(
            "The first licence brings free points",
            license_id="LIC-7731",
            catalog="xcart-points",
            product="X-Cart Gold",
        )
    },
    "grant_units": {
        "goodwill": _example(
            "An incident for goodwill",
            reference="goodwill-2026-118",
            catalog="livecart",
            plan="express",
            unit="incident",
            amount=1,
            expires_at="2027-06-30T22:00:00Z",
            reason="The first answer came too late",
            actor="m.ozols",
        )
    },
    "ask_coverage": _TICKETS,
    "open_ticket": _TICKETS,
    "reply_to_ticket": {
        "agent": _example("The first answer", by="agent", channel="email"),
        "customer": _example("The customer writes again", by="customer", at=_MONDAY),
    },
    "pause_ticket": {"customer": _example("Waiting for the customer", waiting_on="customer")},
    "resume_ticket": {"now": _example("From now on")},
    "change_severity": {
        "graver": _example("It is graver", severity=1, reason="No customer can pay any more")
    },
    "resolve_ticket": {
        "solved": _example("Solved", outcome="solved"),
        "bug": _example("It was a bug of the software", outcome="vendor_defect"),
    },
    "reopen_ticket": {"again": _example("It happened again", reason="The error is back")},
    "revise_charge": {
        "amount": _example(
            "More than it looked", amount=120, reason="Third-party software has to be adapted"
        ),
        "category": _example(
            "Another row of the rate card", category="level-3", reason="The server is involved"
        ),
    },
    "refund_charge": {
        "bug": _example(
            "All of it: it was a bug",
            cause="vendor_defect",
            reason="Fixed in 4.7.9",
            actor="m.ozols",
        )
    },
    "change_coverage": {
        "bought": _example(
            "A plan was bought since",
            reason="The package was bought after the ticket was opened",
            actor="m.ozols",
        ),
        "wrong": _example(
            "A wrong plan was named",
            catalog="livecart",
            plan="express",
            reason="The customer has Express",
            actor="m.ozols",
        ),
    },
    "dispute_charge": {"wrong": _example("Too much", reason="It was a question of level 1")},
    "decide_dispute": {
        "partly": _example(
            "15 points come back", refund_amount=15, reason="Level 1 it is", actor="m.ozols"
        )
    },
    "split_ticket": {
        "two": _example(
            "Another question in the same ticket",
            tickets=[{"ticket_id": "HD-5001-2", "subject": "Where are the invoices?"}],
        )
    },
    "book_session": {
        "chat": _example(
            "An hour of live chat on a Monday at 9:00 of the seller's",
            session_id="CHAT-118",
            kind="chat",
            starts_at="2026-11-30T09:00:00+03:00",
        ),
        "call": _example(
            "A quarter of an hour by phone",
            session_id="CALL-31",
            kind="phone",
            starts_at=_MONDAY,
            minutes=15,
        ),
    },
    "reschedule_session": {
        "later": _example("An hour later", starts_at="2026-11-30T10:00:00+03:00")
    },
    "start_session": {"now": _example("It begins now")},
    "end_session": {"now": _example("It ends now")},
    "correct_session": {
        "dead": _example(
            "The line was dead", minutes=9, reason="The line was dead", actor="m.ozols"
        )
    },
    "log_work": {
        "hours": _example(
            "An hour and a half", work_id="W-2207", minutes=90, by="j.berzins", at=_FRIDAY
        ),
        "bill": _example(
            "Billed above the week's cap, as agreed",
            work_id="W-2208",
            minutes=60,
            by="j.berzins",
            over_cap="bill",
        ),
    },
    "correct_work": {
        "shorter": _example("It took less", minutes=60, reason="Lunch counted", actor="m.ozols")
    },
    "preview_deadlines": {
        "gold": _example(
            "Gold, severity 1, on a Friday at 16:30 in Berlin",
            catalog="corporate",
            plan="gold",
            severity=1,
            opened_at=_FRIDAY,
        ),
        "waiting": _example(
            "With a wait for the customer",
            catalog="corporate",
            plan="enterprise",
            severity=2,
            opened_at=_FRIDAY,
            events=[
                {"type": "agent_reply", "at": "2026-11-23T10:00:00+01:00"},
                {"type": "pause", "at": "2026-11-23T10:00:00+01:00", "waiting_on": "customer"},
                {"type": "customer_reply", "at": "2026-11-24T09:00:00+01:00"},
            ],
        ),
    },
    "record_remedy": {
        "workaround": _example("A workaround", reason="Orders are taken by phone meanwhile")
    },
    "strike_event": {
        "mistake": _example(
            "A reply on the wrong ticket",
            reason="The reply was meant for another ticket",
            actor="m.ozols",
        )
    },
    "excuse_breach": {
        "provider": _example(
            "Not the seller's fault", reason="The data centre was down", actor="m.ozols"
        )
    },
    "re_evaluate_deadlines": {
        "holidays": _example(
            "After holidays were added",
            catalog="corporate",
            reason="The holidays of 2031 were added",
            actor="m.ozols",
        )
    },
    "find_due": {
        "hours": _example(
            "8 business hours from a Friday at 16:30",
            calendar="corporate/business",
            start=_FRIDAY,
            within="PT8H",
            explain=True,
        ),
        "days": _example(
            "7 business days, with a calendar in place",
            calendar={
                "timezone": "Europe/Berlin",
                "hours": {"mon": [["09:00", "17:00"]], "fri": [["22:00", "06:00"]]},
                "holidays": ["2026-12-25"],
            },
            start=_FRIDAY,
            within={"business_days": 7},
        ),
    },
    "measure_elapsed": {
        "weekend": _example(
            "From Friday 16:30 to Monday 9:00: half an hour",
            calendar="corporate/business",
            start=_FRIDAY,
            end=_MONDAY,
        )
    },
    "erase_account": {
        "asked": _example("The person asked", reason="Asked by the person", actor="m.ozols")
    },
    "move_account": {
        "twice": _example(
            "A customer that was entered twice",
            to_account_id="c-2077",
            reason="One customer, entered twice",
            actor="m.ozols",
        ),
    },
    "rotate_key": {
        "planned": _example("A week to put the new secret in its place", overlap="P7D"),
        "leaked": _example("The present secret ends now", overlap="PT0S"),
    },
    "rotate_key_before": {
        "planned": _example("A week to put the new secret in its place", overlap="P7D"),
    },
    "create_webhook": {
        "helpdesk": _example(
            "Tickets and deadlines, to a helpdesk, in order",
            url="https://helpdesk.example/hooks/surety",
            types=["ticket.*", "deadline.*"],
            ordered=True,
        ),
        "sales": _example(
            "Whose units run out, to whoever sells them more",
            url="https://shop.example/hooks/units",
            description="Offers of renewal",
            types=["units.low", "units.exhausted", "units.expiring"],
        ),
    },
    "change_webhook": {
        "enable": _example("The receiver works again", enabled=True),
        "account": _example("One customer's events only", account_ids=["c-1042"]),
    },
    "rotate_webhook": {
        "planned": _example("A week to put the new secret in its place", overlap="P7D"),
        "leaked": _example("The present secret ends now", overlap="PT0S"),
    },
    "rotate_webhook_before": {
        "planned": _example("A week to put the new secret in its place", overlap="P7D"),
        "leaked": _example("The present secret ends now", overlap="PT0S"),
    },
    "create_key": {
        "shop": _example("For a storefront", name="shop", role="storefront"),
        "customer": _example(
            "To read one account",
            name="Nordwind's own page",
            scopes=["read"],
            account_id="c-1042",
            expires_at="2027-12-31T23:00:00Z",
        ),
    },
}
