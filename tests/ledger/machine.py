"""What may happen to an account: the steps that random histories are made of.

Each kind of step is drawn as often as it says, among those that can be done at all; most can
succeed, and some are meant to be refused.
"""

from datetime import datetime, timedelta
from random import Random
from typing import Any

import hypothesis.strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from tests.ledger.history import History, Host
from tests.ledger.model import Lot, Pool, Step, Ticket

SITES = ("one.example", "two.example")
UNITS = {"shop": "point", "desk": "incident"}
GRANTED = {"wide-30d": 10, "wide-365d": 25, "wide-monthly": 12, "bound-30d": 8}
HOW_OFTEN = {
    "open": 10,
    "resolve": 10,
    "refund": 8,
    "revise": 6,
    "pass_time": 6,
    "reopen": 4,
    "split": 2,
    "dispute": 2,
    "grant": 2,
    "buy": 1,
    "extend": 1,
    "suspend": 1,
    "cancel": 1,
}

OFFERS = (*GRANTED, "wide-30d", "open-1m")
PLANS = ("wide", "wide", "wide", "bound", "open")
AGO = (
    *[timedelta(0)] * 6,
    timedelta(microseconds=1),
    timedelta(hours=1),
    timedelta(days=2),
    timedelta(days=12),
)
SPANS = (timedelta(seconds=1), *(timedelta(days=days) for days in (1, 1, 4, 4, 8, 13, 31, 90)))
OUTCOMES = (*["solved"] * 5, "vendor_defect", "withdrawn", "duplicate")
CAUSES = ("goodwill", "vendor_defect", "error")


class Histories(RuleBasedStateMachine):
    """One account's history. `host` is set by the test."""

    host: Host

    @initialize(seed=st.integers(0, 2**32))
    def begin(self, seed: int) -> None:
        self.it = History(self.host, seed=seed)
        for catalog in UNITS:
            self.place_order(catalog, "wide-30d", None, 1, timedelta(0))
            self.give(catalog, "wide", 7, 9, timedelta(0))

    @rule(seed=st.integers(0, 2**48))
    def live(self, seed: int) -> None:
        """Do one step, of a kind and with the particulars that follow from its seed."""
        chance = Random(seed)
        kinds = [kind for kind in HOW_OFTEN if chance.random() < 0.1 or self.has_sense(kind)]
        (kind,) = chance.choices(kinds, [HOW_OFTEN[each] for each in kinds])
        getattr(self, kind)(chance)

    def teardown(self) -> None:
        if hasattr(self, "it"):
            self.it.end()

    # Time, and what is bought and given.

    def pass_time(self, chance: Random) -> None:
        self.host.clock.now += chance.choice(SPANS)
        self.it.look_at_ends()
        self.it.look()

    def buy(self, chance: Random) -> None:
        offer = chance.choice(OFFERS)
        site = chance.choice(SITES) if offer.startswith("bound") else None
        quantity = 1 if offer.startswith("open") else chance.randint(1, 2)
        self.place_order(chance.choice(sorted(UNITS)), offer, site, quantity, chance.choice(AGO))

    def place_order(
        self, catalog: str, offer: str, site: str | None, quantity: int, back: timedelta
    ) -> None:
        order_id = self.it.name("SO")
        body = {
            "order_id": order_id,
            "offer": f"{catalog}.{offer}",
            "quantity": quantity,
            "payment": {"status": "paid"},
            "site": site,
            "at": self.it.at(back),
        }
        reply = self.it.send("purchases", body)
        if reply.status_code == 409:
            assert reply.json()["code"] == "site_already_covered"
            return
        assert reply.status_code == 201, reply.text
        new = self.it.learn()
        assert sum(move.granted for _, move in new) == GRANTED.get(offer, 0) * quantity
        self.it.orders[order_id] = [lot for lot, _ in new]
        self.it.look()

    def cancel(self, chance: Random) -> None:
        """What is free is taken back and the lots end now; what is held stays held."""
        order_id = chance.choice(list(self.it.orders))
        lots = self.it.orders[order_id]
        body = {"refund": "none", "reason": "regret", "actor": "Maria"}
        path = f"purchases/{order_id}/cancellation"
        if order_id in self.it.cancelled:
            self.it.refused(path, body, 409, "purchase_cancelled")
            return
        if max(lot.moves[0].end or self.it.now for lot in lots) <= self.it.now:
            self.it.refused(path, body, 409, "purchase_ended")
            return
        expected = {}
        for lot in self.it.model.lots.values():
            free = sum(move.free for move in lot.moves)
            runs = lot.end is None or lot.end > self.it.now
            if lot.subscription_id == lots[0].subscription_id and runs:
                end = max(lot.valid_from, self.it.now)
                expected[lot.lot_id] = (free if lot.counted else 0, end)
        assert self.it.send(path, body).status_code == 200
        self.it.cancelled.add(order_id)
        found: dict[str, tuple[int, Any]] = {}
        for lot, move in self.it.learn():
            revoked, _ = found.get(lot.lot_id, (0, None))
            found[lot.lot_id] = (revoked + move.revoked, move.end)
            assert (move.held, move.used, move.granted) == (0, 0, 0)
        assert found == expected
        self.it.look()

    def grant(self, chance: Random) -> None:
        days = chance.choice([None, 3, 9, 20, 60])
        catalog = chance.choice(sorted(UNITS))
        self.give(catalog, chance.choice(PLANS), chance.randint(1, 9), days, chance.choice(AGO))

    def give(self, catalog: str, plan: str, amount: int, days: int | None, back: timedelta) -> None:
        at = self.it.now - back
        ends = None if days is None else at + timedelta(days=days)
        body = {
            "reference": self.it.name("G"),
            "catalog": catalog,
            "plan": plan,
            "unit": UNITS[catalog],
            "amount": amount,
            "expires_at": None if ends is None else ends.isoformat(),
            "reason": "a gift",
            "actor": "Maria",
            "at": at.isoformat(),
        }
        assert self.it.send("grants", body).status_code == 201
        [(lot, move)] = self.it.learn()
        assert (move.granted, lot.valid_from, lot.end) == (amount, at, ends)
        self.it.look()

    def extend(self, chance: Random) -> None:
        lots = self.it.model.lots.values()
        running = [lot for lot in lots if lot.end is not None and lot.end > self.it.now]
        if not running:
            return
        lot: Lot = chance.choice(running)
        assert lot.end is not None
        until = lot.end + timedelta(days=chance.choice([1, 10, 60]))
        self.host.run(self.it.extend(lot, until))
        [(of, move)] = self.it.learn()
        assert (of.lot_id, move.kind, move.free, move.end) == (lot.lot_id, "extend", 0, until)
        self.it.look()

    def suspend(self, chance: Random) -> None:
        """Suspend a subscription, or end its suspension."""
        lot = chance.choice(list(self.it.model.lots.values()))
        path = f"subscriptions/{lot.subscription_id}/suspension"
        if self.it.model.suspended.pop(lot.subscription_id, None) is not None:
            reply = self.host.run(self.host.api.delete(f"{self.it.path}/{path}"))
        else:
            reply = self.it.send(path, {"reason": "unpaid", "actor": "Maria"})
            self.it.model.suspended[lot.subscription_id] = self.it.now
        assert reply.status_code == 200, reply.text
        self.it.look()

    # Tickets, and what becomes of their charges.

    def open(self, chance: Random) -> None:
        known = sorted({lot.pool for lot in self.it.model.lots.values()}, key=str)
        usable = [pool for pool in known if self.it.model.usable(pool, self.it.now)]
        if usable and chance.random() < 0.9:
            known = usable
        catalog, plan, site = chance.choice(known)
        site = chance.choice([site, site, site, SITES[0]])
        at = self.it.now - chance.choice(AGO)
        stores = [] if site else self.it.model.stores(catalog, plan, at)
        asked = site or (stores[0] if len(stores) == 1 else None)
        pools: list[Pool] = [(catalog, plan, asked)] if asked else []
        pools.append((catalog, plan, None))
        amount = chance.randint(0, self.most(pools[0]) + 2)
        pool, step = self.it.model.open(pools, amount, at)
        ticket_id = self.it.name("HD")
        body = {
            "ticket_id": ticket_id,
            "subject": "Checkout fails",
            "catalog": catalog,
            "plan": plan,
            "site": site,
            "amount": amount,
            "category": "work" if catalog == "shop" else None,
            "at": None if at == self.it.now else at.isoformat(),
        }
        rehearse = chance.random() < 0.3
        preview = self.it.send("coverage", body).json() if rehearse else None
        if len(stores) > 1:
            problem = self.it.refused("tickets", body, 422, "site_required", rehearse=rehearse)
            assert [each["value"] for each in problem["choices"]] == stores
            return
        if pool is None:
            code = "insufficient_units" if step.missing else "not_covered"
            problem = self.it.refused("tickets", body, 402, code, rehearse=rehearse)
            if step.missing:
                assert (problem["required"], problem["shortfall"]) == (amount, step.missing)
            if preview is not None:
                assert preview["refusal"] == problem | {"instance": preview["refusal"]["instance"]}
            return
        ticket = Ticket(pool, opened_at=at)
        reply = self.it.done("tickets", body, ticket, step, status=201, rehearse=rehearse)
        assert reply is not None
        self.it.model.tickets[ticket_id] = ticket
        if preview is not None:
            assert preview["coverage"] == reply["coverage"]
            assert preview["deadlines"] == reply["deadlines"]
            shared = preview["charge"].keys() & reply["charge"].keys()
            for name in shared:
                assert preview["charge"][name] == reply["charge"][name]

    def revise(self, chance: Random) -> None:
        found = self.pick(chance, [each for each in self.tickets() if not each[1].is_resolved])
        if found is None:
            return
        ticket_id, ticket = found
        at = self.instant(chance, ticket)
        most = self.most(ticket.pool) + ticket.holds + ticket.used
        amount = chance.randint(ticket.used - (ticket.used > 0), most + 1)
        path = f"tickets/{ticket_id}/charge/revision"
        body = {"amount": amount, "reason": "it grows", "at": at.isoformat()}
        if ticket.is_resolved:
            self.it.refused(path, body, 409, "charge_settled")
        elif self.is_too_early(path, body, ticket, at, chance):
            return
        elif amount < ticket.used:
            self.it.refused(path, body, 409, "below_used")
        else:
            step = self.it.model.revise(ticket, amount, at)
            rehearse = chance.random() < 0.3
            if self.it.done(path, body, ticket, step, required=amount, rehearse=rehearse):
                ticket.returned = 0

    def resolve(self, chance: Random) -> None:
        found = self.pick(chance, [each for each in self.tickets() if not each[1].is_resolved])
        if found is None:
            return
        ticket_id, ticket = found
        at = self.instant(chance, ticket)
        outcome = chance.choice(OUTCOMES)
        had = ticket.holds + ticket.used
        most = self.most(ticket.pool) + had
        amount = chance.choice([None, chance.randint(ticket.used - (ticket.used > 0), most + 1)])
        path = f"tickets/{ticket_id}/resolution"
        body = {"outcome": outcome, "amount": amount, "at": at.isoformat()}
        if ticket.is_resolved:
            self.it.refused(path, body, 409, "ticket_resolved")
            return
        if self.is_too_early(path, body, ticket, at, chance):
            return
        total = ticket.used + (ticket.holds if outcome == "solved" else 0)
        if outcome == "vendor_defect":
            total = 0
        elif outcome == "solved":
            total = total or ticket.returned
        total = total if amount is None else amount
        if total < ticket.used and outcome != "vendor_defect":
            self.it.refused(path, body, 409, "below_used")
            return
        step = self.it.model.resolve(ticket, total, outcome, at)
        since = ticket.reopened_at
        if not step.missing and since is not None and at < since:
            self.it.refused(path, body, 409, "reopened_since")
            return
        rehearse = chance.random() < 0.3
        if self.it.done(path, body, ticket, step, required=total, rehearse=rehearse):
            assert ticket.holds == 0
            ticket.resolved_at = at
            undone = outcome in ("duplicate", "withdrawn")
            ticket.returned = max(0, had - total) if undone else 0
            ticket.refunds.clear()

    def refund(self, chance: Random) -> None:
        found = self.pick(chance, [each for each in self.tickets() if each[1].used])
        if found is None:
            return
        ticket_id, ticket = found
        at = self.instant(chance, ticket)
        amount = chance.choice([None, chance.randint(1, ticket.used + 1)])
        cause = chance.choice(CAUSES)
        path = f"tickets/{ticket_id}/refund"
        body = {
            "amount": amount,
            "cause": cause,
            "reason": "sorry",
            "actor": "Maria",
            "at": at.isoformat(),
        }
        if self.is_too_early(path, body, ticket, at, chance):
            return
        if amount is not None and (amount, cause) in ticket.refunds:
            self.it.refused(path, body, 409, "already_refunded")
        elif not ticket.used:
            self.it.refused(path, body, 409, "charge_not_settled")
        elif amount is not None and amount > ticket.used:
            self.it.refused(path, body, 409, "refund_exceeds_charge")
        else:
            given = ticket.used if amount is None else amount
            step = self.it.model.refund(ticket, given, cause, at)
            if self.it.done(path, body, ticket, step, rehearse=chance.random() < 0.3):
                ticket.refunds.add((given, cause))

    def reopen(self, chance: Random) -> None:
        found = self.pick(chance, [each for each in self.tickets() if each[1].is_resolved])
        if found is None:
            return
        ticket_id, ticket = found
        path = f"tickets/{ticket_id}/reopening"
        if not ticket.is_resolved:
            self.it.refused(path, {"reason": "again"}, 409, "ticket_not_resolved")
            return
        self.it.done(path, {"reason": "again"}, ticket, Step(self.it.now))
        ticket.resolved_at, ticket.reopened_at = None, self.it.now

    def split(self, chance: Random) -> None:
        """Each part is charged as if those before it were open already; all, or none."""
        found = self.pick(chance, self.tickets())
        if found is None:
            return
        ticket_id, first = found
        catalog, plan, site = first.pool
        pools: list[Pool] = [(catalog, plan, site), (catalog, plan, None)]
        amounts = [chance.randint(0, self.most(first.pool)) for _ in range(chance.randint(1, 2))]
        asked = {self.it.name("HD"): amount for amount in amounts}
        parts = [
            {"ticket_id": part_id, "subject": "And", "amount": amount}
            for part_id, amount in asked.items()
        ]
        both, opened = Step(self.it.now), dict[str, tuple[Ticket, Step]]()
        for part_id, amount in asked.items():
            pool, step = self.it.model.open(pools, amount, self.it.now)
            if pool is None:
                code = "insufficient_units" if step.missing else "not_covered"
                self.it.forget(both)
                self.it.refused(f"tickets/{ticket_id}/split", {"tickets": parts}, 402, code)
                return
            part = Ticket(pool, opened_at=self.it.now, asked_at=first.begun_at)
            opened[part_id] = (part, step)
            self.it.pretend(step)
            both.held += step.held
        self.it.forget(both)
        reply = self.it.send(f"tickets/{ticket_id}/split", {"tickets": parts})
        assert reply.status_code == 200, reply.text
        self.it.compare(both)
        for part_id, (ticket, step) in opened.items():
            self.it.take(ticket, step)
            self.it.model.tickets[part_id] = ticket
        self.it.look()

    def dispute(self, chance: Random) -> None:
        """A settled charge is disputed and then decided; with nothing used, nothing is refunded."""
        found = self.pick(chance, [each for each in self.tickets() if each[1].used])
        if found is None:
            return
        ticket_id, ticket = found
        path = f"tickets/{ticket_id}/dispute"
        if not ticket.disputed:
            self.it.done(path, {"reason": "too much"}, ticket, Step(self.it.now))
            ticket.disputed = True
            return
        self.it.refused(path, {"reason": "too much"}, 409, "dispute_open")
        amount = chance.randint(0, ticket.used + 1)
        body = {"refund_amount": amount, "reason": "right", "actor": "Maria"}
        if amount and not ticket.used:
            self.it.refused(f"{path}/decision", body, 409, "charge_not_settled")
        elif amount > ticket.used:
            self.it.refused(f"{path}/decision", body, 409, "refund_exceeds_charge")
        else:
            step = self.it.model.refund(ticket, amount, "dispute", self.it.now)
            self.it.done(f"{path}/decision", body, ticket, step)
            ticket.disputed = False

    def is_too_early(
        self, path: str, body: dict[str, Any], ticket: Ticket, at: datetime, chance: Random
    ) -> bool:
        """Expect that what is dated before its ticket is refused for that before all else."""
        if at >= ticket.begun_at:
            return False
        self.it.refused(path, body, 409, "before_opening", rehearse=chance.random() < 0.3)
        return True

    def instant(self, chance: Random, ticket: Ticket) -> datetime:
        at = self.it.now - chance.choice(AGO)
        # Up to a minute before the opening counts as at it.
        too_early = at < ticket.begun_at - timedelta(seconds=60)
        return (
            at
            if too_early and not ticket.is_resolved and chance.random() < 0.1
            else max(at, ticket.opened_at)
        )

    def has_sense(self, kind: str) -> bool:
        """Say whether a step can succeed as things are."""
        tickets = list(self.it.model.tickets.values())
        match kind:
            case "revise" | "resolve":
                return any(not each.is_resolved for each in tickets)
            case "reopen":
                return any(each.is_resolved for each in tickets)
            case "refund" | "dispute":
                return any(each.used for each in tickets)
            case "split":
                return bool(tickets)
            case "open":
                lots = self.it.model.lots.values()
                return any(self.it.model.usable(lot.pool, self.it.now) for lot in lots)
            case "cancel":
                return len(self.it.cancelled) < len(self.it.orders)
            case _:
                return True

    def tickets(self) -> list[tuple[str, Ticket]]:
        return list(self.it.model.tickets.items())

    def pick(self, chance: Random, liked: list[tuple[str, Ticket]]) -> tuple[str, Ticket] | None:
        """Pick one of those that it can be done to, and now and then another."""
        found = self.tickets()
        if liked and chance.random() < 0.9:
            found = liked
        return chance.choice(found[-4:]) if found else None

    def most(self, pool: Pool) -> int:
        """Say what a pool has free now; of one without a count, some."""
        frees = [lot.free_from(self.it.now) for lot in self.it.model.usable(pool, self.it.now)]
        return sum(5 if free is None else free for free in frees)
