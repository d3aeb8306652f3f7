"""A customer with one of everything, in each state that an operation needs to be carried out."""

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from tests.fuzz.requests import KEY, VALUES

ACCOUNT = "/v1/accounts/w-1"
SITE = VALUES["site"][0]
ASKED = {
    "offer": "agency.starter",
    "contract_months": 12,
    "price": {"amount": 200_000, "currency": "EUR"},
}


class World:
    """Writes over HTTP what there is to be asked for, and keeps the ids that the service made."""

    def __init__(self, url: str) -> None:
        self.values = {name: [str(each) for each in known] for name, known in VALUES.items()}
        self.bodies: dict[str, Any] = {}
        self.queries = {
            "find_free_times": {"kind": "chat", "catalog": "livecart"},
            "find_summary": {"email": "erika@nordwind.example"},
        }
        self._client = httpx.Client(base_url=url, headers={"Authorization": f"Bearer {KEY}"})

    def build(self) -> None:
        """Make it all: a sandbox, whose clock can be moved to where something is due."""
        with self._client:
            for account in ("w-1", "w-2"):
                self._put(f"/v1/accounts/{account}", {"name": "Nordwind", "sandbox": True})
            self._sell()
            self._open_tickets()
            # By then what was to be answered is late.
            late = datetime.now(UTC) + timedelta(days=5)
            self._move_clock(late.isoformat())
            self._hold_sessions()
            self._link()
            valid_until = (late + timedelta(days=30)).isoformat()
            self.bodies["draw_up_quote"] = ASKED | {"valid_until": valid_until}
        self.values |= {
            "account_id": ["w-1"],
            "to_account_id": ["w-2"],
            "ticket_id": [f"T-{number}" for number in range(1, 9)],
            "order_id": [f"O-{number}" for number in range(1, 8)],
            "metric": ["first_response", "update", "resolution"],
            "number": [str(number) for number in range(1, 6)],
            "code": ["not_covered"],
            "catalog": [*self.values["catalog"], "kiosk"],
        }

    def _sell(self) -> None:
        for number, offer in enumerate(
            (
                "livecart.express-1y",
                "livecart.priority-1y",
                "corporate.gold",
                "xcart-points.300",
                "xcart-points.60",
            ),
            1,
        ):
            payment = {"status": "pending" if offer == "xcart-points.60" else "paid"}
            self._post(
                "/purchases", {"order_id": f"O-{number}", "offer": offer, "payment": payment}
            )
        paid = {"payment": {"status": "paid"}}
        subscription = {"offer": "xcart-support.subscription-1y", "site": SITE}
        self._post("/purchases", {"order_id": "O-6", **subscription, **paid})
        self.values["quote_id"] = [self._post("/quotes", ASKED)["quote_id"] for _ in range(2)]
        quoted = {"order_id": "O-7", "quote_id": self.values["quote_id"][1]}
        self._post("/purchases", quoted | paid)
        known = self._get("/subscriptions")["data"]
        self.values["subscription_id"] = [each["id"] for each in known]
        suspended = next(each["id"] for each in known if each["order_id"] == "O-6")
        reason = {"reason": "Invoice 118 is unpaid", "actor": "accounting"}
        self._post(f"/subscriptions/{suspended}/suspension", reason)
        self._post(
            "/licenses", {"license_id": "L-1", "catalog": "xcart-points", "product": "X-Cart Gold"}
        )

    def _open_tickets(self) -> None:
        points = {"catalog": "xcart-points", "category": "level-2"}
        asked: list[dict[str, Any]] = [
            {"catalog": "corporate", "severity": 1},
            *[points] * 3,
            {"catalog": "livecart"},
            {"catalog": "agency"},
            *[{"catalog": "livecart"}] * 2,
        ]
        for number, each in enumerate(asked, 1):
            self._post("/tickets", {"ticket_id": f"T-{number}", "subject": "It fails"} | each)
        self._post("/tickets/T-1/replies", {"by": "agent", "channel": "email"})
        for resolved in ("T-3", "T-4"):
            self._post(f"/tickets/{resolved}/resolution", {"outcome": "solved"})
        self._post("/tickets/T-4/dispute", {"reason": "It was a question of level 2"})
        self._post("/tickets/T-5/pause", {"waiting_on": "customer"})
        self._post("/tickets/T-6/work", {"work_id": "W-1", "minutes": 90, "by": "j.berzins"})

    def _hold_sessions(self) -> None:
        """Book three: one that is over, one that runs, and one that is to come."""
        slots = self._list_slots()
        for number in (1, 2, 3):
            starts_at = slots[2 * number]
            asked = {"session_id": f"S-{number}", "kind": "chat", "starts_at": starts_at}
            self._post(f"/tickets/{'T-8' if number == 3 else 'T-7'}/sessions", asked)
        for number in (1, 2):
            self._move_clock(slots[2 * number])
            self._post(f"/tickets/T-7/sessions/S-{number}/start", {})
            if number == 1:
                self._move_clock(slots[3])
                self._post("/tickets/T-7/sessions/S-1/end", {})
        self._move_clock(slots[6])
        self.values["session_id"] = ["S-1", "S-2", "S-3"]
        free = self._list_slots()[4]
        self.bodies["book_session"] = {"session_id": "S-4", "kind": "chat", "starts_at": free}
        self.bodies["reschedule_session"] = {"starts_at": free}

    def _link(self) -> None:
        hook = {"url": "https://helpdesk.example/hooks/surety", "account_ids": ["w-1"]}
        self.values["webhook_id"] = [self._post("/v1/webhooks", hook | {"types": ["*"]})["id"]]
        self.values["key_id"] = [
            self._post("/v1/api-keys", {"name": "a", "role": "storefront"})["id"]
        ]
        self._put(
            f"{ACCOUNT}/contacts/p-1", {"name": "Erika", "emails": ["erika@nordwind.example"]}
        )
        self.values["contact_id"] = ["p-1"]
        self.values["email"] = ["erika@nordwind.example"]
        period = {"from": "2026-01-01T00:00:00Z", "to": "2026-02-01T00:00:00Z"}
        links = [
            self._post("/statement-links", period | {"expires_in": "P14D"})["url"],
            self._post("/links", {"to": "summary", "expires_in": "P14D"})["url"],
        ]
        self.values["token"] = [link.rsplit("/", 1)[1] for link in links]

    def _list_slots(self) -> list[str]:
        slots = self._get("/slots?kind=chat&catalog=livecart")["data"]
        return [each["starts_at"] for each in slots]

    def _move_clock(self, to: str) -> None:
        for account in ("w-1", "w-2"):
            self._post(f"/v1/accounts/{account}/clock", {"to": to})

    def _get(self, path: str) -> Any:
        return self._client.get(ACCOUNT + path).raise_for_status().json()

    def _put(self, path: str, body: Any) -> None:
        self._client.put(path, json=body).raise_for_status()

    def _post(self, path: str, body: Any) -> Any:
        address = path if path.startswith("/v1/") else ACCOUNT + path
        reply = self._client.post(address, json=body)
        assert reply.is_success, f"{address}: {reply.text}"
        return reply.json()
