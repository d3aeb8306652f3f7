"""The ledger's laws over random stories on catalogues made at random, all mechanisms among them."""

import random
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from app.services.ledger.verification import verify_ledger
from tests.api.conftest import Api, Clock
from tests.support.notices import look
from tests.support.random_catalogs import REGIONS, UNITS, Document, make_catalog

STEPS = 60
SITES = ("https://one.example", "https://two.example/shop")
REFUSED = (402, 409, 422)
WHY = {"reason": "By chance", "actor": "mara"}
Step = Callable[[], Coroutine[Any, Any, None]]


class Story:
    """An account and what happens to it; everything that is refused moves nothing."""

    def __init__(self, api: Api, clock: Clock, rng: random.Random, document: Document) -> None:
        self.api, self.clock, self.rng = api, clock, rng
        self.account = "/v1/accounts/c-1"
        self.offers = [f"made.{code}" for code in document["offers"]]
        self.orders: list[str] = []
        self.tickets: list[str] = []
        self.work: list[tuple[str, str]] = []
        self.sessions: list[tuple[str, str]] = []
        self.snapshots: list[tuple[dict[str, Any], Any]] = []
        parts = (document["policies"], *document["plans"].values())
        self.counts_alone = all(
            each["counting"]["over"] == "work" for each in parts if "counting" in each
        )
        self.unit_minutes = document.get("time_unit", {"minutes": 1})["minutes"]
        self.made = 0
        self.accepted = 0

    def name(self, prefix: str) -> str:
        self.made += 1
        return f"{prefix}-{self.made}"

    async def post(self, path: str, body: Document, **options: Any) -> httpx.Response:
        reply = await self.api.post(f"{self.account}{path}", body, **options)
        assert reply.status_code in (200, 201, *REFUSED), reply.text
        self.accepted += reply.status_code < 300
        return reply

    async def sell(self) -> None:
        order_id = self.name("SO")
        body: Document = {
            "order_id": order_id,
            "offer": self.rng.choice(self.offers),
            "quantity": self.rng.choice((1, 1, 2, 5)),
            "starts": self.rng.choice(("now", "now", "after_current")),
            "payment": {"status": self.rng.choice(("paid", "paid", "pending"))},
        }
        if body["offer"].endswith("-share"):
            body["share_of"] = {"amount": 123_456, "currency": "EUR"}
        if body["offer"].endswith("-store") or self.rng.random() < 0.1:
            body["site"] = self.rng.choice(SITES)
        if self.rng.random() < 0.3:
            body["region"] = self.rng.choice(REGIONS)
        if self.rng.random() < 0.3:
            body["contract_months"] = 3
        if (await self.post("/purchases", body)).status_code == 201:
            self.orders.append(order_id)

    async def change_order(self) -> None:
        if not self.orders:
            return
        path = f"/purchases/{self.rng.choice(self.orders)}"
        match self.rng.randrange(4):
            case 0:
                await self.post(f"{path}/payment", {"reference": self.name("ch")})
            case 1:
                body = {"refund": self.rng.choice(("none", "unused", "full"))} | WHY
                await self.post(f"{path}/cancellation", body)
            case 2:
                body = {"order_id": self.name("SO")}
                if (await self.post(f"{path}/renewal", body)).status_code == 201:
                    self.orders.append(body["order_id"])
            case _:
                added = {"quantity": self.rng.randint(1, 3)}
                quote = await self.post(f"{path}/addition-quote", added)
                if quote.status_code == 201:
                    order = {"order_id": self.name("SO"), "payment": {"status": "paid"}}
                    order["quote_id"] = quote.json()["quote_id"]
                    if (await self.post("/purchases", order)).status_code == 201:
                        self.orders.append(str(order["order_id"]))

    async def ask(self) -> None:
        """Preview, try and open a ticket: all three have one answer."""
        rows = ("free", "fixed", "from", "each", "question", "dear", "setup")
        category = self.rng.choice((None, None, "bug", *rows))
        body: Document = {
            "subject": "By chance",
            "catalog": "made",
            "channel": self.rng.choice(("ticket", "email", "chat", "phone")),
            "site": self.rng.choice((None, None, *SITES)),
            "severity": self.rng.choice((None, 1, 2)),
            "urgent": self.rng.random() < 0.3,
            "plan": self.rng.choice((None, *UNITS)),
            "topic": self.rng.choice((None, "use", "theme", "old", "gift")),
            "requester": self.rng.choice((None, "u-1", "erika@nordwind.example")),
            "category": category,
            "variables": {"stores": 2} if category == "each" else {},
            "amount": self.rng.choice((None, None, 30)),
        }
        ticket_id = self.name("HD")
        preview = (await self.post("/coverage", body)).json()
        tried = await self.post(
            "/tickets", body | {"ticket_id": ticket_id}, params={"dry_run": "true"}
        )
        done = await self.post("/tickets", body | {"ticket_id": ticket_id})
        assert tried.status_code == done.status_code
        assert preview["covered"] == (done.status_code == 201)
        if done.status_code != 201:
            assert preview["refusal"]["code"] == done.json()["code"] == tried.json()["code"]
            return
        ticket = done.json()
        assert preview["charge"]["amount"] == ticket["charge"]["amount"]
        assert [each["due_at"] for each in preview["deadlines"]] == [
            each["due_at"] for each in ticket["deadlines"]
        ]
        assert tried.json()["charge"]["amount"] == ticket["charge"]["amount"]
        self.tickets.append(ticket_id)

    async def change_ticket(self) -> None:
        if not self.tickets:
            return
        path = f"/tickets/{self.rng.choice(self.tickets)}"
        match self.rng.randrange(7):
            case 6:
                changed = {"urgent": self.rng.random() < 0.7, "severity": self.rng.choice((1, 2))}
                await self.post(f"{path}/severity", changed | {"reason": "By chance"})
            case 0:
                await self.post(f"{path}/replies", {"by": self.rng.choice(("agent", "customer"))})
            case 1:
                outcome = self.rng.choice(("solved", "withdrawn", "vendor_defect"))
                await self.post(f"{path}/resolution", {"outcome": outcome})
            case 2:
                await self.post(f"{path}/reopening", {"reason": "By chance"})
            case 3:
                await self.post(f"{path}/refund", {"cause": "goodwill"} | WHY)
            case 4:
                await self.post(f"{path}/coverage", {"catalog": "made"} | WHY)
            case _:
                amount = {"amount": self.rng.randint(0, 90), "reason": "By chance"}
                await self.post(f"{path}/charge/revision", amount)

    async def log(self) -> None:
        if not self.tickets:
            return
        ticket_id, work_id = self.rng.choice(self.tickets), self.name("W")
        body = {"work_id": work_id, "minutes": self.rng.randint(1, 300), "by": "mara"}
        reply = await self.post(f"/tickets/{ticket_id}/work", body)
        if reply.status_code == 201:
            assert reply.json()["worked"] == body["minutes"]
            await self.require_counted(ticket_id)
            ticket = reply.json()["ticket"]
            # A bug report takes nothing, and so counts as it was worked.
            if ticket["coverage"]["plan"] is not None and ticket["category"] != "bug":
                assert reply.json()["minutes"] % self.unit_minutes == 0
            self.work.append((ticket_id, work_id))

    async def correct(self) -> None:
        if self.work:
            ticket_id, work_id = self.rng.choice(self.work)
            body = {"minutes": self.rng.randint(0, 300)} | WHY
            await self.post(f"/tickets/{ticket_id}/work/{work_id}/correction", body)
            await self.require_counted(ticket_id)

    async def require_counted(self, ticket_id: str) -> None:
        """Require that a ticket's work counts no less than was worked: together, or each alone.

        Of what is rounded together a piece may add less, where those before it added more.
        """
        path = f"{self.account}/tickets/{ticket_id}/work"
        pieces = (await self.api.get(path, params={"limit": 200})).json()["data"]
        counted = [(each["minutes"], each["worked"]) for each in pieces]
        assert sum(minutes for minutes, _ in counted) >= sum(worked for _, worked in counted)
        if self.counts_alone:
            assert all(minutes >= worked for minutes, worked in counted)

    async def talk(self) -> None:
        """Book a session and begin it, or end one that runs; now and then correct it."""
        if self.sessions and self.rng.random() < 0.6:
            ticket_id, session_id = self.rng.choice(self.sessions)
            path = f"/tickets/{ticket_id}/sessions/{session_id}"
            if self.rng.random() < 0.7:
                await self.post(f"{path}/end", {})
            else:
                await self.post(f"{path}/correction", {"minutes": self.rng.randint(0, 60)} | WHY)
        elif self.tickets:
            ticket_id, session_id = self.rng.choice(self.tickets), self.name("S")
            body = {
                "session_id": session_id,
                "kind": self.rng.choice(("chat", "phone")),
                "starts_at": self.clock.now.isoformat(),
            }
            path = f"/tickets/{ticket_id}/sessions"
            if (await self.post(path, body)).status_code == 201:
                self.sessions.append((ticket_id, session_id))
                await self.post(f"{path}/{session_id}/start", {})

    async def wait(self) -> None:
        self.clock.advance(hours=self.rng.choice((0.3, 1, 5, 26, 24 * 9, 24 * 31)))
        await look(self.api)

    async def remember(self) -> None:
        """Read a balance, which is to stay the same for ever."""
        now = (await self.api.get(f"{self.account}/balance")).json()
        for days in (-20, 0, 45):
            at = self.clock.now.timestamp() + days * 86_400
            asked = {"at": _write(at), "sequence": now["sequence"]}
            found = await self.api.get(f"{self.account}/balance", params=asked)
            assert found.status_code == 200, found.text
            for lot in found.json()["lots"]:
                if lot["granted"] is not None and lot["valid_from"] <= found.json()["as_of"]:
                    _require_sum(lot)
            self.snapshots.append((asked, found.json()))

    async def run(self) -> None:
        steps: list[Step] = [
            *(self.sell,) * 4,
            *(self.ask,) * 6,
            *(self.change_ticket,) * 5,
            *(self.log,) * 3,
            self.correct,
            *(self.talk,) * 3,
            *(self.change_order,) * 3,
            *(self.wait,) * 3,
            self.remember,
        ]
        for _ in range(STEPS):
            await self.rng.choice(steps)()
        for asked, then in self.snapshots:
            found = await self.api.get(f"{self.account}/balance", params=asked)
            assert found.json() == then
        await self.require_overage()

    async def require_overage(self) -> None:
        """Require that the lines of the overage add up to what each ticket is beyond its plan."""
        ever = {"from": "2020-01-01T00:00:00Z", "to": "2040-01-01T00:00:00Z"}
        billed = dict.fromkeys(self.tickets, 0)
        for line in (await self.api.get(f"{self.account}/overage", params=ever)).json()["data"]:
            billed[line["ticket_id"]] += line["amount"]
            assert line["rated_minutes"] <= line["minutes"]
        for ticket_id, amount in billed.items():
            ticket = (await self.api.get(f"{self.account}/tickets/{ticket_id}")).json()
            assert ticket["charge"]["overage"] == amount


def _write(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat().replace("+00:00", "Z")


def _require_sum(lot: dict[str, Any]) -> None:
    parts = [lot[name] for name in ("available", "held", "used", "expired", "revoked")]
    assert (lot["granted"], min(parts) >= 0) == (sum(parts), True)


@pytest.mark.parametrize("seed", range(8))
async def test_N2_the_laws_hold_over_catalogues_made_at_random(
    api: Api, app: FastAPI, clock: Clock, seed: int
) -> None:
    rng = random.Random(seed)
    document = make_catalog(rng)
    published = await api.put("/v1/catalogs/made", document)
    assert published.status_code == 201, published.text
    story = Story(api, clock, rng, document)
    body = {"name": "Nordwind", "email": "shop@nordwind.example", "region": "here"}
    assert (await api.put(story.account, body)).status_code == 201
    contact = {"name": "Erika", "emails": ["erika@nordwind.example"], "named": True}
    assert (await api.put(f"{story.account}/contacts/u-1", contact)).status_code == 201
    await story.run()
    assert story.accepted > STEPS // 4
    for path in ("summary", "statement", "subscriptions", "purchases", "tickets", "entries"):
        assert (await api.get(f"{story.account}/{path}")).status_code == 200
    async with app.state.database.transaction(read_only=True) as db:
        assert (await verify_ledger(db)).describe() == []
    for accept in ("application/json", "text/html"):
        page = await api.get("/v1/catalogs/made/comparison", headers={"Accept": accept})
        assert page.status_code == 200
