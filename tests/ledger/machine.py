"""What may happen to an account: the rules that random histories are made of."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import hypothesis.strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from tests.ledger.history import History, Host
from tests.ledger.model import Lot, Pool, Step, Ticket

SITES = ("one.example", "two.example")
UNITS = {"shop": "point", "desk": "incident"}

catalogs = st.sampled_from(["shop", "shop", "desk"])
plans = st.sampled_from(["wide", "wide", "wide", "bound", "open"])
offers = st.sampled_from(
    ["wide-30d", "wide-30d", "wide-365d", "wide-monthly", "bound-30d", "open-1m"]
)
sites = st.sampled_from(SITES)
amounts = st.integers(0, 12)
picks = st.integers(0, 1_000)
ago = st.sampled_from(
    [timedelta(0)] * 4
    + [
        timedelta(**each)
        for each in ({"microseconds": 1}, {"hours": 1}, {"days": 2}, {"days": 5}, {"days": 25})
    ]
)
spans = st.sampled_from(
    [
        timedelta(**each)
        for each in (
            {"seconds": 1},
            {"hours": 5},
            {"days": 3},
            {"days": 12},
            {"days": 30},
            {"days": 90},
        )
    ]
)
outcomes = st.sampled_from(["solved", "solved", "vendor_defect", "withdrawn", "duplicate"])
causes = st.sampled_from(["goodwill", "vendor_defect", "error"])


class Histories(RuleBasedStateMachine):
    """One account's history. `host` is set by the test."""

    host: Host

    @initialize(seed=st.integers(0, 2**32))
    def begin(self, seed: int) -> None:
        self.it = History(self.host, seed=seed)
        now = timedelta(0)
        self.buy(catalog="shop", offer="wide-30d", site=SITES[0], quantity=1, back=now)
        self.grant(catalog="shop", plan="wide", amount=7, days=20, back=now)

    @rule(span=spans)
    def pass_time(self, span: timedelta) -> None:
        self.host.clock.now += span
        self.it.look()

    @rule(catalog=catalogs, offer=offers, site=sites, quantity=st.integers(1, 2), back=ago)
    def buy(self, catalog: str, offer: str, site: str, quantity: int, back: timedelta) -> None:
        order_id = self.it.name("SO")
        body = {
            "order_id": order_id,
            "offer": f"{catalog}.{offer}",
            "quantity": 1 if offer.startswith("open") else quantity,
            "payment": {"status": "paid"},
            "at": self.it.at(back),
        }
        if offer.startswith("bound"):
            body["site"] = site
        reply = self.it.send("purchases", body)
        if reply.status_code == 409:
            assert reply.json()["code"] == "site_already_covered"
            return
        assert reply.status_code == 201, reply.text
        granted = {"wide-30d": 10, "wide-365d": 25, "wide-monthly": 12, "bound-30d": 8}.get(offer)
        new = self.it.learn()
        assert sum(move.granted for _, move in new) == (granted or 0) * quantity
        self.it.orders[order_id] = [lot for lot, _ in new]
        self.it.look()

    @rule(pick=picks)
    def cancel(self, pick: int) -> None:
        """What is free is taken back and the lots end now; what is held stays held."""
        order_id = list(self.it.orders)[pick % len(self.it.orders)]
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

    @rule(
        catalog=catalogs,
        plan=plans,
        amount=st.integers(1, 9),
        days=st.sampled_from([None, 3, 20, 60]),
        back=ago,
    )
    def grant(
        self, catalog: str, plan: str, amount: int, days: int | None, back: timedelta
    ) -> None:
        at = self.it.now - back
        body = {
            "reference": self.it.name("G"),
            "catalog": catalog,
            "plan": plan,
            "unit": UNITS[catalog],
            "amount": amount,
            "expires_at": None if days is None else (at + timedelta(days=days)).isoformat(),
            "reason": "a gift",
            "actor": "Maria",
            "at": at.isoformat(),
        }
        assert self.it.send("grants", body).status_code == 201
        [(lot, move)] = self.it.learn()
        assert (move.granted, lot.valid_from, lot.end) == (
            amount,
            at,
            None if days is None else at + timedelta(days=days),
        )
        self.it.look()

    @precondition(lambda self: self.running())
    @rule(pick=picks, days=st.sampled_from([1, 10, 60]))
    def extend(self, pick: int, days: int) -> None:
        lot = self.one_of(self.running(), pick)
        assert lot.end is not None
        until = lot.end + timedelta(days=days)
        self.host.run(self.it.extend(lot, until))
        [(of, move)] = self.it.learn()
        assert (of.lot_id, move.kind, move.free, move.end) == (lot.lot_id, "extend", 0, until)
        self.it.look()

    @precondition(lambda self: self.it.model.lots)
    @rule(pick=picks)
    def suspend(self, pick: int) -> None:
        subscription_id = self.one_of(list(self.it.model.lots.values()), pick).subscription_id
        body = {"reason": "unpaid", "actor": "Maria"}
        reply = self.it.send(f"subscriptions/{subscription_id}/suspension", body)
        if subscription_id in self.it.model.suspended:
            assert reply.status_code == 409
            reply = self.host.run(
                self.host.api.delete(f"{self.it.path}/subscriptions/{subscription_id}/suspension")
            )
            del self.it.model.suspended[subscription_id]
        else:
            self.it.model.suspended[subscription_id] = self.it.now
        assert reply.status_code in (200, 204), reply.text
        self.it.look()

    @rule(
        catalog=catalogs,
        plan=plans,
        site=st.none() | sites,
        amount=amounts,
        back=ago,
        rehearse=st.booleans(),
    )
    def open(
        self,
        *,
        catalog: str,
        plan: str,
        site: str | None,
        amount: int,
        back: timedelta,
        rehearse: bool,
    ) -> None:
        at = self.it.now - back
        pools: list[Pool] = [] if site is None else [(catalog, plan, site)]
        pool, step = self.it.model.open([*pools, (catalog, plan, None)], amount, at)
        ticket_id = self.it.name("HD")
        body = {
            "ticket_id": ticket_id,
            "subject": "Checkout fails",
            "catalog": catalog,
            "plan": plan,
            "site": site,
            "amount": amount,
            "category": "work" if catalog == "shop" else None,
            "at": None if not back else at.isoformat(),
        }
        preview = self.it.send("coverage", body).json() if rehearse else None
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
            estimate = {"estimate": preview["charge"]["estimate"]}
            for name, value in preview["charge"].items():
                assert value == (reply["charge"] | estimate)[name]

    @rule(catalog=catalogs, amount=st.integers(1, 20), part=st.integers(0, 20), back=ago)
    def charge(self, catalog: str, amount: int, part: int, back: timedelta) -> None:
        """What happens most: a ticket of the account-wide plan is opened, and settled in part."""
        before = set(self.it.model.tickets)
        self.open(catalog=catalog, plan="wide", site=None, amount=amount, back=back, rehearse=False)
        if set(self.it.model.tickets) != before:
            settled = min(part, amount) if part else None
            self.resolve(pick=9, outcome="solved", amount=settled, back=back, rehearse=False)

    @precondition(lambda self: self.it.model.tickets)
    @rule(pick=picks, amount=amounts, back=ago, rehearse=st.booleans())
    def revise(self, pick: int, amount: int, back: timedelta, rehearse: bool) -> None:
        ticket_id, ticket = self.ticket(pick, lambda each: each.resolved_at is None)
        at = self.it.now - back
        path = f"tickets/{ticket_id}/charge/revision"
        body = {"amount": amount, "reason": "it grows", "at": self.it.at(back)}
        if ticket.resolved_at is not None:
            self.it.refused(path, body, 409, "charge_settled")
        elif amount < ticket.used:
            self.it.refused(path, body, 409, "below_used")
        else:
            step = self.it.model.revise(ticket, amount, at)
            self.it.done(path, body, ticket, step, required=amount, at=at, rehearse=rehearse)

    @precondition(lambda self: self.it.model.tickets)
    @rule(
        pick=picks,
        outcome=outcomes,
        amount=st.none() | amounts,
        back=ago,
        rehearse=st.booleans(),
    )
    def resolve(
        self, pick: int, outcome: str, amount: int | None, back: timedelta, rehearse: bool
    ) -> None:
        ticket_id, ticket = self.ticket(pick, lambda each: each.resolved_at is None)
        at = self.it.now - back
        path = f"tickets/{ticket_id}/resolution"
        body = {"outcome": outcome, "amount": amount, "at": self.it.at(back)}
        if ticket.resolved_at is not None:
            self.it.refused(path, body, 409, "ticket_resolved")
            return
        total = ticket.used + (ticket.holds if outcome == "solved" else 0)
        total = total if amount is None else amount
        if total < ticket.used:
            self.it.refused(path, body, 409, "below_used")
            return
        step = self.it.model.resolve(ticket, total, outcome, at)
        since = ticket.reopened_at
        if not step.missing and at >= ticket.opened_at and since is not None and at < since:
            self.it.refused(path, body, 409, "reopened_since")
            return
        done = self.it.done(path, body, ticket, step, required=total, at=at, rehearse=rehearse)
        if done:
            assert ticket.holds == 0
            ticket.resolved_at = at
            ticket.refunds.clear()

    @precondition(lambda self: self.it.model.tickets)
    @rule(
        pick=picks,
        amount=st.none() | st.integers(1, 12),
        cause=causes,
        back=ago,
        rehearse=st.booleans(),
    )
    def refund(
        self, pick: int, amount: int | None, cause: str, back: timedelta, rehearse: bool
    ) -> None:
        ticket_id, ticket = self.ticket(pick, lambda each: each.used > 0)
        at = self.it.now - back
        path = f"tickets/{ticket_id}/refund"
        body = {
            "amount": amount,
            "cause": cause,
            "reason": "sorry",
            "actor": "Maria",
            "at": self.it.at(back),
        }
        if amount is not None and (amount, cause) in ticket.refunds:
            self.it.refused(path, body, 409, "already_refunded")
        elif not ticket.used:
            self.it.refused(path, body, 409, "charge_not_settled")
        elif amount is not None and amount > ticket.used:
            self.it.refused(path, body, 409, "refund_exceeds_charge")
        else:
            given = ticket.used if amount is None else amount
            step = self.it.model.refund(ticket, given, cause, at)
            if self.it.done(path, body, ticket, step, at=at, rehearse=rehearse):
                ticket.refunds.add((given, cause))

    @precondition(lambda self: self.it.model.tickets)
    @rule(pick=picks)
    def reopen(self, pick: int) -> None:
        ticket_id, ticket = self.ticket(pick, lambda each: each.resolved_at is not None)
        path = f"tickets/{ticket_id}/reopening"
        if ticket.resolved_at is None:
            self.it.refused(path, {"reason": "again"}, 409, "ticket_not_resolved")
            return
        self.it.done(path, {"reason": "again"}, ticket, Step(self.it.now))
        ticket.resolved_at, ticket.reopened_at = None, self.it.now

    @precondition(lambda self: self.it.model.tickets)
    @rule(pick=picks, part=st.tuples(amounts, st.none() | amounts))
    def split(self, pick: int, part: tuple[int, int | None]) -> None:
        ticket_id, first = self.ticket(pick)
        catalog, plan, site = first.pool
        pools: list[Pool] = [(catalog, plan, site), (catalog, plan, None)]
        given = [amount for amount in part if amount is not None]
        asked = {self.it.name("HD"): amount for amount in given}
        parts = [
            {"ticket_id": part_id, "subject": "And", "amount": amount}
            for part_id, amount in asked.items()
        ]
        now = self.it.now
        both, moved = Step(now), dict[str, Ticket]()
        held: dict[str, dict[str, int]] = {}
        for part_id, amount in asked.items():
            pool, step = self.it.model.open(pools, amount, now)
            if pool is None:
                code = "insufficient_units" if step.missing else "not_covered"
                self.it.forget(both)
                self.it.refused(f"tickets/{ticket_id}/split", {"tickets": parts}, 402, code)
                return
            moved[part_id] = Ticket(pool, opened_at=now)
            held[part_id] = dict(step.held)
            self.it.pretend(step)
            both.held += step.held
        self.it.forget(both)
        reply = self.it.send(f"tickets/{ticket_id}/split", {"tickets": parts})
        assert reply.status_code == 200, reply.text
        self.it.compare(both)
        for opened, ticket in moved.items():
            ticket.held.update(held[opened])
            ticket.last = now if held[opened] else None
            self.it.model.tickets[opened] = ticket
        self.it.look()

    @precondition(lambda self: self.it.model.tickets)
    @rule(pick=picks, amount=st.integers(0, 6))
    def dispute(self, pick: int, amount: int) -> None:
        ticket_id, ticket = self.ticket(pick)
        path = f"tickets/{ticket_id}/dispute"
        if not ticket.disputed:
            self.it.done(path, {"reason": "too much"}, ticket, Step(self.it.now))
            ticket.disputed = True
            return
        self.it.refused(path, {"reason": "too much"}, 409, "dispute_open")
        body = {"refund_amount": amount, "reason": "right", "actor": "Maria"}
        if amount and not ticket.used:
            self.it.refused(f"{path}/decision", body, 409, "charge_not_settled")
        elif amount > ticket.used:
            self.it.refused(f"{path}/decision", body, 409, "refund_exceeds_charge")
        else:
            step = self.it.model.refund(ticket, amount, "dispute", self.it.now)
            self.it.done(f"{path}/decision", body, ticket, step)
            ticket.disputed = False

    def teardown(self) -> None:
        if hasattr(self, "it"):
            self.it.end()

    def one_of(self, found: list[Lot], pick: int) -> Lot:
        return sorted(found, key=lambda lot: lot.moves[0].sequence)[pick % len(found)]

    def ticket(
        self, pick: int, likes: Callable[[Ticket], bool] = lambda _: True
    ) -> tuple[str, Ticket]:
        """Pick a ticket, nearly always one that it can be done to."""
        found = list(self.it.model.tickets.items())
        liked = [each for each in found if likes(each[1])]
        if liked and pick % 8:
            found = liked
        return found[-5:][pick % len(found[-5:])]

    def running(self) -> list[Lot]:
        lots = self.it.model.lots.values()
        return [lot for lot in lots if lot.end is not None and lot.end > self.it.now]
