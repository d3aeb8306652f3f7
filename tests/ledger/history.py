"""One account's history, done to the service and to the plain model at once.

The service is spoken to as its users do; a refusal has to be the one that the model expects, and
to have moved nothing. What each step moved is compared lot by lot; what a balance says is
compared with the sum of the entries, at instants past and future, as known now and long ago; and
what was once answered is asked again.
"""

import asyncio
import random
from collections.abc import Coroutine
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar
from uuid import UUID

from hypothesis import note

from app.db.accounts.locked_accounts import lock_account
from app.db.engine.database import Database
from app.db.events.due_accounts import DueAccount
from app.db.ledger.ledger import Stamp, post
from app.db.ledger.stored_lots import load_lots
from app.domain.ledger.ledger import Movement
from app.domain.values import as_dict
from app.services.events import notices
from app.services.ledger.balances import BalanceView, read_balance
from app.services.ledger.verification import verify_ledger
from tests.api.conftest import Api, Clock
from tests.ledger.model import Account, Lot, Move, Step, Ticket

START = datetime(2026, 1, 12, 9, 0, tzinfo=UTC)
_PRETENDED = 10**9
# What a refusal must not change.
_TABLES = (
    "accounts lots tallies entries tickets ticket_events deadlines subscriptions purchases"
    " business_references idempotency_keys"
)
Answer = TypeVar("Answer")


@dataclass
class Host:
    """The service that histories are done to, in a loop of its own."""

    runner: asyncio.Runner
    api: Api
    clock: Clock
    database: Database
    accounts: int = 0

    def run(self, work: Coroutine[Any, Any, Answer]) -> Answer:
        return self.runner.run(work)


class History:
    """One account: what the service has of it, and what the model says it should."""

    def __init__(self, host: Host, *, seed: int) -> None:
        self.host = host
        self.random = random.Random(seed)
        self.model = Account()
        self.asked: dict[tuple[datetime, int], BalanceView] = {}
        self.origins: dict[str, str] = {}
        self.orders: dict[str, list[Lot]] = {}
        self.cancelled: set[str] = set()
        self.numbers = 0
        self.events = 0
        self.heard = 0
        self.charged: dict[str, int] = {}
        self.seen: set[tuple[str, str, datetime]] = set()
        host.accounts += 1
        host.clock.now = START
        self.account_id = f"h-{host.accounts}"
        self.path = host.run(host.api.make_account(self.account_id))

    @property
    def now(self) -> datetime:
        return self.host.clock.now

    def name(self, prefix: str) -> str:
        self.numbers += 1
        return f"{prefix}-{self.numbers}"

    def at(self, back: timedelta) -> str | None:
        return (self.now - back).isoformat() if back else None

    def send(self, path: str, body: dict[str, Any], **asked: Any) -> Any:
        note(f"{self.now.isoformat()} {path} {body} {asked or ''}")
        return self.host.run(self.host.api.post(f"{self.path}/{path}", body, params=asked))

    def refused(
        self,
        path: str,
        body: dict[str, Any],
        status: int,
        code: str,
        *,
        rehearse: bool = False,
    ) -> dict[str, Any]:
        """Expect a refusal, for a dry run as for the real thing, that moves nothing."""
        before = self.host.run(self.snapshot())
        reply = self.send(path, body)
        assert (reply.status_code, reply.json()["code"]) == (status, code), reply.text
        problem: dict[str, Any] = reply.json()
        if rehearse:
            tried = self.send(path, body, dry_run=True)
            assert (tried.status_code, tried.json()) == (status, problem)
        assert self.host.run(self.snapshot()) == before
        return problem

    def done(
        self,
        path: str,
        body: dict[str, Any],
        ticket: Ticket,
        step: Step,
        *,
        status: int = 200,
        required: int = 0,
        rehearse: bool = False,
    ) -> dict[str, Any] | None:
        """Expect exactly this step; None where the model says that it is refused."""
        if step.missing and self.host.run(self.is_suspended(path, step.at)):
            self.refused(path, body, 402, "not_covered", rehearse=rehearse)
            return None
        if step.missing:
            problem = self.refused(path, body, 402, "insufficient_units", rehearse=rehearse)
            assert (problem["required"], problem["shortfall"]) == (required, step.missing)
            assert problem["available"] == required - step.missing
            return None
        tried = None
        if rehearse:
            before = self.host.run(self.snapshot())
            tried = self.send(path, body, dry_run=True)
            assert (tried.status_code, tried.headers["Dry-Run"]) == (status, "true"), tried.text
            assert self.host.run(self.snapshot()) == before
        reply = self.send(path, body)
        assert reply.status_code == status, reply.text
        shown: dict[str, Any] = reply.json()
        if tried is not None:
            assert _without_new_ids(tried.json()) == _without_new_ids(reply.json())
        self.compare(step)
        self.take(ticket, step)
        charge = shown["charge"]
        assert (charge["held"], charge["used"]) == (ticket.holds, ticket.used)
        assert shown["sequence"] == self.model.sequence
        self.look()
        return shown

    def compare(self, step: Step) -> None:
        """Compare what was moved with what should be: lot by lot, and every lot granted again."""
        new = self.learn()
        moved: dict[str, tuple[int, int]] = {}
        grace = []
        for lot, move in new:
            assert move.at == step.at
            if move.kind == "grant":
                grace.append((self.origins[lot.lot_id], move.granted, move.end))
                assert not lot.paid
                continue
            held, used = moved.get(lot.lot_id, (0, 0))
            moved[lot.lot_id] = (held + move.held, used + move.used)
        assert {lot: each for lot, each in moved.items() if each != (0, 0)} == step.moved()
        assert sorted(grace) == sorted(step.grace)

    def take(self, ticket: Ticket, step: Step) -> None:
        """Keep in the model what the step did to the ticket."""
        for lot_id, amount in step.held.items():
            ticket.held[lot_id] += amount
        ticket.takes += step.takes
        for _ in range(-sum(amount for amount in step.used.values() if amount < 0)):
            lot_id, taken = ticket.takes.pop()
            if taken > 1:
                ticket.takes.append((lot_id, taken - 1))
        if step.moved():
            ticket.last = step.at

    def pretend(self, step: Step) -> None:
        for lot_id, amount in step.held.items():
            lot = self.model.lots[lot_id]
            lot.moves.append(Move(_PRETENDED, step.at, "hold", 0, amount, 0, 0, lot.end))

    def forget(self, step: Step) -> None:
        for lot_id in step.held:
            moves = self.model.lots[lot_id].moves
            moves[:] = [move for move in moves if move.sequence < _PRETENDED]

    def learn(self) -> list[tuple[Lot, Move]]:
        """Read the entries written since, and give the model each of them."""
        rows, lots = self.host.run(self.new_entries())
        self.origins = {lot_id: str(row["origin_lot_id"]) for lot_id, row in lots.items()}
        found = []
        for row in rows:
            assert row["sequence"] == self.model.sequence + 1
            self.model.sequence = row["sequence"]
            lot_id = str(row["lot_id"])
            if row["kind"] == "grant":
                new = lots[lot_id]
                self.model.lots[lot_id] = Lot(
                    lot_id=lot_id,
                    pool=(new["catalog"], new["plan"], new["site"]),
                    unit=new["unit"],
                    counted=new["granted"] is not None,
                    paid=new["source"] == "purchase",
                    subscription_id=str(new["subscription_id"]),
                    valid_from=new["valid_from"],
                    granted_again=new["source"] == "grace",
                )
            lot = self.model.lots[lot_id]
            buckets = (row["granted"], row["held"], row["used"], row["revoked"])
            move = Move(
                row["sequence"], row["effective_at"], row["kind"], *buckets, row["expires_at"]
            )
            lot.moves.append(move)
            found.append((lot, move))
        return found

    async def new_entries(self) -> tuple[list[Any], dict[str, Any]]:
        async with self.host.database.connection() as connection:
            rows = await connection.fetch(
                "SELECT * FROM entries WHERE account_id = $1 AND sequence > $2 ORDER BY sequence",
                self.account_id,
                self.model.sequence,
            )
            granted = [row["lot_id"] for row in rows if row["kind"] == "grant"]
            lots = await connection.fetch(
                "SELECT * FROM lots WHERE account_id = $1 AND lot_id = ANY($2)",
                self.account_id,
                granted,
            )
        return rows, {str(row["lot_id"]): row for row in lots}

    async def is_suspended(self, path: str, at: datetime) -> bool:
        """Say whether the subscription that a ticket is charged to is suspended at `at`."""
        _, ticket_id, *_ = path.split("/")
        ticket = (await self.host.api.get(f"{self.path}/tickets/{ticket_id}")).json()
        since = self.model.suspended.get(ticket["coverage"]["subscription_id"])
        return since is not None and since <= at

    async def snapshot(self) -> tuple[Any, ...]:
        """Read everything that a refusal must not change."""
        part = (
            "SELECT count(*), sum(hashtextextended(each::text, 0)) FROM {} each"
            " WHERE account_id = $1"
        )
        union = " UNION ALL ".join(part.format(table) for table in _TABLES.split())
        async with self.host.database.connection() as connection:
            return tuple(tuple(row) for row in await connection.fetch(union, self.account_id))

    # Laws 1, 2 and 7, after every step.

    def look(self) -> None:
        """Ask for the balance now, and at some instant as known at some sequence.

        And read what was told since: without a gap, and what the model finds worth telling.
        """
        self.listen()
        now = self.now
        instants = {
            each
            for lot in self.model.lots.values()
            for each in (lot.valid_from, lot.end or now, *(move.at for move in lot.moves))
        }
        at = self.random.choice(sorted(instants | {now + timedelta(days=400)}))
        at += timedelta(microseconds=self.random.choice([0, -1, 86_400_000_000]))
        new = [(now, self.model.sequence), (at, self.random.randint(0, self.model.sequence))]
        old = self.random.sample(sorted(self.asked), min(len(self.asked), 1))
        self.ask(new + old)

    def listen(self) -> None:
        """Read the events since, which number on, and compare those of pools and of charges."""
        told = self.host.run(self.new_events())
        assert [event["number"] for event in told] == [
            self.events + place for place in range(1, len(told) + 1)
        ]
        self.events += len(told)
        for event in told:
            self.follow(event["type"], event["data"])
        for ticket_id, ticket in self.model.tickets.items():
            assert self.charged.get(ticket_id, 0) == ticket.holds + ticket.used
        levels = [
            (event["type"], event["data"]["available"], event["data"]["granted"])
            for event in told
            if event["type"] in ("units.low", "units.exhausted")
        ]
        assert sorted(levels) == sorted(self.expected_levels())
        self.heard = self.model.sequence

    def follow(self, type_: str, data: dict[str, Any]) -> None:
        """Keep what a ticket's charge is, by what is told of it alone."""
        match type_:
            case "ticket.charged":
                before = self.charged.get(data["ticket_id"], 0)
                self.charged[data["ticket_id"]] = before + data["amount"]
                assert data["charge_amount"] == before + data["amount"]
            case "ticket.revised":
                assert self.charged.get(data["ticket_id"], 0) == data["from_amount"]
                self.charged[data["ticket_id"]] = data["amount"]
            case "ticket.settled":
                self.charged[data["ticket_id"]] = data["amount"]
            case "ticket.returned" | "ticket.refunded":
                before = self.charged[data["ticket_id"]]
                assert before - data["amount"] == data["charge_amount"]
                self.charged[data["ticket_id"]] = data["charge_amount"]

    def look_at_ends(self) -> None:
        """Look for what is due, as a worker does, and compare what it says of lots' ends."""
        self.listen()
        self.host.run(self.announce_due())
        told = self.host.run(self.new_events())
        found = [
            (event["type"], event["data"]["lot_id"], event["data"]["amount"])
            for event in told
            if event["type"] != "purchase.ended"
        ]
        assert sorted(found) == sorted(self.expected_ends())
        self.listen()

    def expected_ends(self) -> list[tuple[str, str, int]]:
        """Say of which lots an end has come, or is near, that was not looked at before."""
        found = []
        for lot in self.model.lots.values():
            if not lot.counted or lot.end is None or lot.end <= lot.valid_from:
                continue
            after_end = [
                move
                for move in lot.moves
                if move.kind in ("release", "refund") and move.at >= lot.end
            ]
            free = sum(move.free for move in lot.moves) - sum(move.free for move in after_end)
            near = max(lot.valid_from, lot.end - timedelta(days=14))
            if lot.end <= self.now:
                what = "units.expired"
            elif near <= self.now:
                what = "units.expiring"
            else:
                continue
            # An end that was moved is told of again.
            if free and (what, lot.lot_id, lot.end) not in self.seen:
                found.append((what, lot.lot_id, free))
            self.seen.add((what, lot.lot_id, lot.end))
        return found

    async def announce_due(self) -> None:
        async with self.host.database.transaction() as db:
            due = DueAccount(self.account_id, lot_ids=[UUID(lot_id) for lot_id in self.model.lots])
            await notices.record_due(db, due)

    def expected_levels(self) -> list[tuple[str, int, int]]:
        """Say which pools have become low or empty since they were last looked at."""
        found = []
        before = self.model.levels(self.now, self.heard)
        for pool, (free, granted) in self.model.levels(self.now, self.model.sequence).items():
            had, of = before.get(pool, (0, 0))
            if had > free == 0:
                found.append(("units.exhausted", 0, granted))
            elif had > free and had > of // 5 and free <= granted // 5:
                found.append(("units.low", free, granted))
        return found

    async def new_events(self) -> list[Any]:
        async with self.host.database.connection() as connection:
            return await connection.fetch(  # type: ignore[no-any-return]
                "SELECT number, type, data FROM events"
                " WHERE account_id = $1 AND number > $2 ORDER BY number",
                self.account_id,
                self.events,
            )

    def ask(self, questions: list[tuple[datetime, int]]) -> None:
        answers = self.host.run(self.balances(questions))
        for (at, sequence), balance in zip(questions, answers, strict=True):
            if (at, sequence) in self.asked:
                assert balance == self.asked[at, sequence]
                continue
            self.asked[at, sequence] = balance
            totals = {unit: as_dict(total) for unit, total in balance.units.items()}
            for total in totals.values():
                del total["unlimited"]
            assert totals == self.model.balance(at, sequence)
            shown = {str(lot.lot_id): (lot.held, lot.used, lot.expires_at) for lot in balance.lots}
            assert shown == self.model.live(at, sequence)

    async def balances(self, questions: list[tuple[datetime, int]]) -> list[BalanceView]:
        async with self.host.database.transaction(read_only=True) as db:
            return [
                await read_balance(
                    db,
                    account_id=self.account_id,
                    at=at,
                    sequence=sequence,
                    catalog=None,
                    site=None,
                )
                for at, sequence in questions
            ]

    def end(self) -> None:
        """Verify the ledger as an operator would, and ask once more what was asked before."""
        assert self.host.run(self.verify()) == []
        self.ask(self.random.sample(sorted(self.asked), min(len(self.asked), 10)))

    async def extend(self, lot: Lot, until: datetime) -> None:
        async with self.host.database.transaction() as db:
            account = await lock_account(db, self.account_id)
            found = await load_lots(db, self.account_id, [UUID(lot.lot_id)])
            later = [Movement("extend", each, 0, expires_at=until) for each in found.values()]
            stamp = Stamp(effective_at=account.now, reason="late", actor="Maria")
            await post(db, account, later, stamp)

    async def verify(self) -> list[str]:
        async with self.host.database.transaction(read_only=True) as db:
            return (await verify_ledger(db, account_id=self.account_id)).describe()


def _without_new_ids(shown: dict[str, Any]) -> dict[str, Any]:
    """Leave out the ids of lots granted again: a dry run's are never used."""
    for each in shown["charge"]["returns"]:
        each["grace_lot_id"] = each["grace_lot_id"] is not None
    return shown
