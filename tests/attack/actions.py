"""What an attacker does: any action of a shop, a helpdesk or a manager, with any body.

Ids are few, so that requests meet: orders are paid, cancelled and upgraded by one connection
while another asks for the same; times lie in the past and ahead; amounts are none that anybody
would give.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any

ACCOUNTS = ("c-1", "c-2", "c-3")
OFFERS = (
    *("livecart.standard-1m", "livecart.priority-1y", "livecart.express-1y", "livecart.express-2y"),
    *("xcart-points.60", "xcart-points.120", "xcart-points.300"),
    *("xcart-support.subscription-1m", "xcart-support.subscription-1y"),
    *("xcart-support.incident-normal", "xcart-support.incident-urgent", "corporate.gold"),
    "agency.starter",
)
CATALOGS = ("livecart", "xcart-points", "xcart-support", "corporate", "agency")
SITES = ("https://one.example", "https://two.example/shop")
CATEGORIES = ("level-0", "level-1", "level-2", "level-4", "other", "bug", "transfer-aspe")
OUTCOMES = ("solved", "solved", "solved", "vendor_defect", "withdrawn", "duplicate")
REFUNDS = ("none", "unused", "full")
WHY = {"reason": "Attack", "actor": "mallory"}
AMOUNTS = (0, 1, 1, 2, 3, 5, 10, 60, 1_000, 10**9, -1)

Body = dict[str, Any]
Draft = tuple[str, str, Body | None]


@dataclass(slots=True)
class Known:
    """What there is to be met at, by the accounts' ids; all connections learn of it."""

    tickets: dict[str, list[str]] = field(default_factory=dict)
    orders: dict[str, list[str]] = field(default_factory=dict)
    quotes: list[str] = field(default_factory=list)
    subscriptions: list[str] = field(default_factory=list)

    def learn(self, account: str, reply: Mapping[str, Any]) -> None:
        """Remember what was made."""
        for name, ids in (("ticket_id", self.tickets), ("order_id", self.orders)):
            made = reply.get(name)
            if isinstance(made, str) and made not in ids.setdefault(account, []):
                ids[account].append(made)
        if isinstance(quote := reply.get("quote_id"), str):
            self.quotes.append(quote)
        if isinstance(subscription := reply.get("subscription"), Mapping):
            self.subscriptions.append(subscription["id"])


class Attacker:
    """Draws one request after the other; the same ones for one seed and one course of time."""

    def __init__(self, seed: int, clock: Callable[[], datetime], known: Known) -> None:
        self.random = Random(seed)
        self._clock = clock
        self.known = known
        self._account = ACCOUNTS[0]
        self._actions: list[Callable[[], Draft]] = [
            *[self._buy] * 4,
            *[self._open] * 8,
            *[self._resolve] * 7,
            *[self._revise] * 4,
            *[self._refund] * 4,
            *[self._reopen] * 3,
            *[self._cancel] * 3,
            *[self._upgrade] * 2,
            *[self._session] * 6,
            *[self._work] * 4,
            *[self._say] * 3,
            self._pay,
            self._renew,
            self._grant,
            self._licence,
            self._quote,
            self._split,
            self._dispute,
            self._decide,
            self._suspend,
            self._cover_anew,
            self._excuse,
            self._join_months,
            self._read,
        ]

    def draw(self) -> Draft:
        """Return a method, a path, and a body, one place of which may be anything."""
        self._account = self.random.choice(ACCOUNTS)
        method, path, body = self.random.choice(self._actions)()
        if body is not None and self.random.random() < 0.1:
            spoilt = dict(body)
            if spoilt:
                spoilt[self.random.choice(list(spoilt))] = self.random.choice(
                    (None, "", -1, 2**63, "\0", [], {}, "9999-12-31T23:59:59Z", True, 1.5)
                )
            body = spoilt
        return method, f"/v1/accounts/{self._account}/{path}", body

    def _one(self, kind: str, of: int) -> str:
        return f"{kind}-{self.random.randrange(of)}"

    def _ticket(self) -> str:
        return f"tickets/{self._met(self.known.tickets) or self._one('HD', 400)}"

    def _order(self) -> str:
        return self._met(self.known.orders) or self._one("SO", 200)

    def _met(self, ids: Mapping[str, list[str]]) -> str | None:
        known = ids.get(self._account)
        return self.random.choice(known[-15:]) if known and self.random.random() < 0.9 else None

    def _at(self) -> Body:
        """Return a time of the caller's own, now and then."""
        if self.random.random() < 0.7:
            return {}
        hours = self.random.choice((-2_000, -100, -71, -20, -1, 0, 1))
        return {"at": (self._clock() + timedelta(hours=hours)).isoformat()}

    def _amount(self) -> Body:
        return {"amount": self.random.choice(AMOUNTS)} if self.random.random() < 0.4 else {}

    def _payment(self) -> Body:
        status = self.random.choice(("paid", "paid", "pending"))
        known = {"status": status, "reference": self._one("P", 200)}
        return {"payment": known}

    def _site(self) -> Body:
        return {"site": self.random.choice(SITES)} if self.random.random() < 0.4 else {}

    def _buy(self) -> Draft:
        order = {"order_id": self._one("SO", 200)} | self._payment() | self._site()
        if self.known.quotes and self.random.random() < 0.5:
            return (
                "POST",
                "purchases",
                order | {"quote_id": self.random.choice(self.known.quotes[-20:])},
            )
        more = {"starts": "after_current"} if self.random.random() < 0.2 else {}
        quantity = {"quantity": self.random.choice((1, 2, 3))} if self.random.random() < 0.2 else {}
        offer = {"offer": self.random.choice(OFFERS)}
        return "POST", "purchases", order | offer | more | quantity

    def _pay(self) -> Draft:
        path = f"purchases/{self._order()}/payment"
        return "POST", path, {"reference": self._one("P", 200)} | self._at()

    def _cancel(self) -> Draft:
        path = f"purchases/{self._order()}/cancellation"
        return "POST", path, {"refund": self.random.choice(REFUNDS)} | WHY | self._at()

    def _upgrade(self) -> Draft:
        path = f"purchases/{self._order()}/upgrade-quote"
        return "POST", path, {"offer": self.random.choice(OFFERS)}

    def _renew(self) -> Draft:
        path = f"purchases/{self._order()}/renewal"
        return "POST", path, {"order_id": self._one("SO", 200)} | self._payment()

    def _quote(self) -> Draft:
        price = {"price": {"amount": 1_000, "currency": "EUR"}, "contract_months": 3}
        more = price if self.random.random() < 0.5 else {}
        return "POST", "quotes", {"offer": self.random.choice(OFFERS)} | more | self._site()

    def _grant(self) -> Draft:
        unit = self.random.choice((("xcart-points", "point"), ("livecart", "incident")))
        body = {"reference": self._one("G", 30), "catalog": unit[0], "unit": unit[1]}
        plan = {"plan": "express"} if unit[0] == "livecart" else {}
        return "POST", "grants", body | plan | {"amount": self.random.choice(AMOUNTS)} | WHY

    def _licence(self) -> Draft:
        body = {"license_id": self._one("L", 5), "catalog": "xcart-points"}
        return "POST", "licenses", body | {"product": "X-Cart Gold"}

    def _open(self) -> Draft:
        body: dict[str, Any] = {"ticket_id": self._one("HD", 400), "subject": "Attack"}
        chosen = self.random.choice(CATALOGS)
        body |= {"catalog": chosen} if self.random.random() < 0.9 else {}
        if chosen == "xcart-points" or self.random.random() < 0.1:
            body |= {"category": self.random.choice(CATEGORIES)}
        if chosen == "corporate" or self.random.random() < 0.2:
            body |= {"severity": self.random.choice((1, 2, 3, 4))}
        return "POST", "tickets", body | self._amount() | self._at() | self._site()

    def _resolve(self) -> Draft:
        body = {"outcome": self.random.choice(OUTCOMES)}
        return "POST", f"{self._ticket()}/resolution", body | self._amount() | self._at()

    def _revise(self) -> Draft:
        body: dict[str, Any] = {"reason": "Attack"}
        if self.random.random() < 0.5:
            body |= {"amount": self.random.choice(AMOUNTS)}
        else:
            body |= {"category": self.random.choice(CATEGORIES)}
        more = {"reference": self._one("R", 50)} if self.random.random() < 0.5 else {}
        return "POST", f"{self._ticket()}/charge/revision", body | more

    def _refund(self) -> Draft:
        more = {"reference": self._one("F", 50)} if self.random.random() < 0.5 else {}
        cause = {"cause": self.random.choice(("vendor_defect", "goodwill", "error"))}
        return "POST", f"{self._ticket()}/refund", WHY | cause | more | self._amount()

    def _reopen(self) -> Draft:
        return "POST", f"{self._ticket()}/reopening", {"reason": "Attack"} | self._at()

    def _split(self) -> Draft:
        part = {"ticket_id": self._one("HD", 400), "subject": "Part"} | self._amount()
        return "POST", f"{self._ticket()}/split", {"tickets": [part]}

    def _dispute(self) -> Draft:
        return "POST", f"{self._ticket()}/dispute", {"reason": "Attack"}

    def _decide(self) -> Draft:
        body = WHY | {"refund_amount": self.random.choice(AMOUNTS)}
        return "POST", f"{self._ticket()}/dispute/decision", body

    def _session(self) -> Draft:
        path = f"{self._ticket()}/sessions"
        session = self._one("S", 12)
        minutes = self.random.choice((1, 5, 10, 30, 60, 600))
        starts_at = self._clock() + timedelta(hours=self.random.choice((-1, 0, 0, 1, 20)))
        match self.random.randrange(5):
            case 0 | 1:
                kind = self.random.choice(("chat", "phone", "video"))
                body = {"session_id": session, "kind": kind, "starts_at": starts_at.isoformat()}
                return "POST", path, body | {"minutes": minutes}
            case 2:
                return "POST", f"{path}/{session}/start", self._at()
            case 3:
                return "POST", f"{path}/{session}/end", self._at()
            case _:
                return "POST", f"{path}/{session}/correction", {"minutes": minutes} | WHY

    def _work(self) -> Draft:
        work = self._one("W", 12)
        minutes = {"minutes": self.random.choice((0, 1, 30, 60, 480, 100_000))}
        if self.random.random() < 0.4:
            return "POST", f"{self._ticket()}/work/{work}/correction", WHY | minutes
        at = self._clock() - timedelta(hours=self.random.choice((1, 10, 60, 800)))
        body = {"work_id": work, "at": at.isoformat(), "by": "mallory"} | minutes
        over = {"over_cap": "bill"} if self.random.random() < 0.5 else {}
        return "POST", f"{self._ticket()}/work", body | over

    def _say(self) -> Draft:
        match self.random.randrange(4):
            case 0:
                return "POST", f"{self._ticket()}/pause", {"waiting_on": "customer"} | self._at()
            case 1:
                return "POST", f"{self._ticket()}/resumption", self._at()
            case 2:
                by = self.random.choice(("agent", "customer"))
                return "POST", f"{self._ticket()}/replies", {"by": by} | self._at()
            case _:
                severity = {"severity": self.random.choice((1, 2, 3, 4))}
                return "POST", f"{self._ticket()}/severity", severity | {"reason": "Attack"}

    def _suspend(self) -> Draft:
        if not self.known.subscriptions:
            return self._read()
        path = f"subscriptions/{self.random.choice(self.known.subscriptions[-20:])}/suspension"
        return ("DELETE", path, None) if self.random.random() < 0.6 else ("POST", path, WHY)

    def _cover_anew(self) -> Draft:
        return "POST", f"{self._ticket()}/coverage", {"catalog": self.random.choice(CATALOGS)} | WHY

    def _excuse(self) -> Draft:
        return "POST", f"{self._ticket()}/deadlines/first_response/excuse", WHY

    def _join_months(self) -> Draft:
        if not self.known.subscriptions:
            return self._read()
        subscription = {"subscription_id": self.random.choice(self.known.subscriptions[-20:])}
        month = self._clock().strftime("%Y-%m")
        body: Body = {"reference": self._one("A", 20), "kind": "join_months", "months": [month]}
        return "POST", "agreements", body | subscription | WHY

    def _read(self) -> Draft:
        path = self.random.choice(("balance", "statement", "summary", "entries", "tickets", "lots"))
        return "GET", path, None
