"""Writes decided without a lock leave what writes under a lock leave, and a miss leaves nothing."""

import asyncio
import hashlib
import re
from collections.abc import AsyncIterator, Awaitable, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import asyncpg
import hypothesis.strategies as st
import pytest
from hypothesis import given, settings

from app.api.tickets.opening_shapes import TicketOpening
from app.db.accounts.idempotency import store_reply
from app.db.accounts.kept_replies import unpack_reply
from app.db.engine.database import Database
from app.db.engine.gathered_writes import AccountChangedError
from app.db.tables import metadata
from app.domain.access.callers import SCOPES, Caller
from app.services.ledger.verification import verify_ledger
from app.services.tickets.openings import open_ticket
from tests.api.conftest import TUESDAY, Api, Clock
from tests.conftest import Connection, clone_database, url_of
from tests.ledger.conftest import LAWS, PROFILE
from tests.ledger.hands import grant
from tests.support import cluster
from tests.support.processes import serve_process
from tests.support.waiting import until

_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
WHY = {"reason": "It happens", "actor": "Maria"}
# By these a table's rows come in one order, whatever their ids are.
_ORDERS = {
    "entries": "sequence",
    "lots": "granted_sequence",
    "events": "number",
    "quotes": "offer",
}
_TABLES = (
    *_ORDERS,
    *("accounts", "agreements", "business_references", "deadlines", "idempotency_keys"),
    *("purchases", "sessions", "subscriptions", "tallies", "ticket_events", "tickets", "work"),
)
# What counts how something came about, and not what it is; and a request, which names a quote.
_OF_THE_WAY = {"lock_version", "position", "request_digest"}
_HAS_WAITER = f"SELECT count(*) > 0 FROM {cluster.ACTIVITY} WHERE wait_event_type = 'Lock'"  # noqa: S608
KEY: dict[str, Any] = {"account_id": "c-1", "digest": b"a key", "request_digest": b"a request"}
DOCUMENT: dict[str, Any] = {
    "ticket_id": "HD-1",
    "subject": "Help",
    "catalog": "shop",
    "plan": "wide",
    "category": "work",
    "amount": 3,
}


# What is sold here: by a list with units, with units month by month, for good, and for a store.
OFFERS: list[dict[str, Any]] = [
    {"offer": "shop.wide-30d"},
    {"offer": "shop.wide-monthly", "starts": "after_current"},
    {"offer": "shop.open-1m"},
    {"offer": "shop.bound-30d", "site": "https://www.shop.example/eu"},
    {"offer": "livecart.standard-1y"},
    {"offer": "desk.wide-30d"},
]
# Of these an account has a quote.
QUOTED = ("shop.wide-30d", "livecart.standard-1y", "desk.wide-365d")


@dataclass(frozen=True, slots=True)
class Act:
    """Something that is asked of the service: of a ticket, an order, a session or some work."""

    what: str
    place: int
    amount: int
    twice: bool

    def send(self, api: Api, account: str, key: str, quotes: Sequence[str]) -> Awaitable[Any]:
        """Ask it of a customer of the service, who has these quotes."""
        body = self._body(quotes, number=int(key.partition("-")[0]))
        return api.post(self._path(account), body, headers={"Idempotency-Key": key})

    def digest(self, account: str, key: str) -> str:
        """Return what its key is stored as."""
        digest = hashlib.sha256()
        for part in ("admin", "POST", self._path(account), key):
            digest.update(len(part).to_bytes(8, "big") + part.encode())
        return digest.hexdigest()

    def _path(self, account: str) -> str:
        thing, _, action = self.what.partition(" ")
        ids = {
            "ticket": f"tickets/HD-{self.place}",
            "order": f"purchases/SO-{self.place}",
            "session": f"tickets/first-talk/sessions/S-{self.place}",
            "work": f"tickets/first-job/work/W-{self.place}",
        }
        path = f"{account}/{ids[thing]}"
        if action in ("open", "buy", "buy quoted", "book", "log"):
            return path.rpartition("/")[0]
        return f"{path}/{action}"

    def _body(self, quotes: Sequence[str], *, number: int) -> dict[str, Any]:
        paid = {"status": "paid", "reference": f"P-{self.amount}"}
        payment = paid if self.amount % 3 else {"status": "pending"}
        bodies: dict[str, dict[str, Any]] = {
            "ticket open": {
                "ticket_id": f"HD-{self.place}",
                "subject": "Help",
                "catalog": "shop",
                "plan": "wide",
                "category": "work",
                "amount": self.amount,
            },
            "ticket replies": {"by": "agent" if self.amount % 2 else "customer"},
            "ticket pause": {"waiting_on": "customer"},
            "ticket resumption": {},
            "ticket charge/revision": {"amount": self.amount, "reason": "It grows"},
            "ticket resolution": {
                "outcome": ("solved", "duplicate", "vendor_defect")[self.amount % 3]
            },
            "ticket reopening": {"reason": "Again"},
            "ticket refund": WHY | {"amount": self.amount},
            "order buy": OFFERS[self.amount - 1]
            | {"order_id": f"SO-{self.place}", "payment": payment},
            "order buy quoted": {
                "order_id": f"SO-{self.place}",
                "quote_id": quotes[self.amount % len(quotes)],
                "payment": payment,
            },
            "order payment": {"reference": f"P-{self.amount}"},
            "order cancellation": WHY | {"refund": ("none", "unused", "full")[self.amount % 3]},
            "order renewal": {"order_id": f"SO-{self.amount}-again", "payment": payment},
            "session book": {
                "session_id": f"S-{self.place}",
                "kind": "chat" if self.amount % 2 else "phone",
                "starts_at": at_number(number).isoformat(),
                "minutes": 10,
            },
            "session start": {},
            "session end": {},
            "session no-show": {},
            "session correction": WHY | {"minutes": 5 * self.amount},
            "work log": {
                "work_id": f"W-{self.place}",
                "minutes": 40 * self.amount,
                "by": "Maria",
            },
            "work correction": WHY | {"minutes": 25 * self.amount},
        }
        return bodies[self.what]


def at_number(number: int) -> datetime:
    """Return when the step of a history happens that has this number."""
    return TUESDAY + timedelta(minutes=7 * (number + 1))


OF_TICKETS = (
    *["ticket open"] * 4,
    *["ticket resolution", "ticket charge/revision"] * 2,
    *["ticket replies", "ticket pause", "ticket resumption", "ticket reopening", "ticket refund"],
)
OF_SALES = (
    *["order buy"] * 4,
    *["order buy quoted", "order payment", "order cancellation"] * 2,
    *["order renewal", "ticket open", "ticket resolution"],
)
OF_METERS = (
    *["session book", "session start", "session end", "work log"] * 2,
    *["session no-show", "session correction", "work correction"],
)


def histories_of(*kinds: str) -> st.SearchStrategy[list[list[Act]]]:
    """Return histories of what is asked at once, step by step."""
    acts = st.builds(
        Act,
        what=st.sampled_from(kinds),
        place=st.integers(1, 4),
        amount=st.integers(1, 6),
        twice=st.booleans(),
    )
    return st.lists(st.lists(acts, min_size=1, max_size=5), min_size=1, max_size=8)


@dataclass(slots=True)
class Stage:
    """Two processes to which a history happens at once, and one to which it happens again."""

    runner: asyncio.Runner
    processes: tuple[Api, Api]
    again: Api
    clock: Clock
    urls: tuple[str, str]
    customers: int = 0

    async def tell(self, history: Sequence[Sequence[Act]]) -> None:
        """Tell a new customer's history twice, and compare what is left of it."""
        self.customers += 1
        account_id = f"c-{self.customers}"
        account, quotes, again = await self._begin(account_id)
        told: dict[str, tuple[Act, str, int]] = {}
        for number, at_once in enumerate(history):
            self._move_clock(number)
            sent: list[Awaitable[Any]] = []
            for place, act in enumerate(at_once):
                key = f"{number}-{place}"
                told[act.digest(account, key)] = act, key, number
                senders = self.processes if act.twice else (self.processes[place % 2],)
                sent += [act.send(each, account, key, quotes) for each in senders]
            for reply in await asyncio.gather(*sent):
                assert reply.status_code < 500, reply.text
        async with AsyncExitStack() as stack:
            first, second = [await stack.enter_async_context(connect(url)) for url in self.urls]
            done = await _list_done(first, account_id)
            for digest in done:
                act, key, number = told[digest]
                self._move_clock(number)
                reply = await act.send(self.again, account, key, again)
                assert reply.status_code in (200, 201), (act, reply.text)
            assert await dump(first, account_id, done) == await dump(second, account_id, done)

    async def _begin(self, account_id: str) -> tuple[str, list[str], list[str]]:
        """Make a customer in both places, with units, a ticket of each kind, and quotes there."""
        self.clock.now = TUESDAY
        account = f"/v1/accounts/{account_id}"
        quotes: list[list[str]] = []
        for api in (self.processes[0], self.again):
            await api.make_account(account_id)
            for amount in (7, 9):
                await grant(api, account, amount, None)
            await api.buy(account, "livecart.express-1y", "first")
            await api.open(account, "first-talk", catalog="livecart", plan="express")
            hours = {"catalog": "agency", "plan": "starter", "unit": "minute"}
            await grant(api, account, 600, "2026-12-24T08:00:00Z", **hours)
            await api.open(account, "first-job", catalog="agency", plan="starter")
            made = [await api.post(f"{account}/quotes", {"offer": each}) for each in QUOTED]
            quotes.append([each.json()["quote_id"] for each in made])
        first, again = quotes
        return account, first, again

    def _move_clock(self, number: int) -> None:
        self.clock.now = at_number(number)


@asynccontextmanager
async def connect(url: str) -> AsyncIterator[Connection]:
    connection = await asyncpg.connect(url)
    try:
        yield connection
    finally:
        await connection.close()


async def _list_done(connection: Connection, account_id: str) -> list[str]:
    """List the keys of what was done, in its order: that of their transactions' events."""
    rows = await connection.fetch(
        """SELECT encode(digest, 'hex') AS digest, min(number) AS first
        FROM idempotency_keys AS keys JOIN events
        ON events.account_id = $1 AND events.xmin = keys.xmin
        WHERE keys.account_id = $1 GROUP BY 1 ORDER BY 2""",
        account_id,
    )
    return [row["digest"] for row in rows]


async def dump(connection: Connection, account_id: str, done: Sequence[str]) -> dict[str, Any]:
    """Return all that an account has, by table, with its ids by the order in which they come."""
    found: dict[str, list[str]] = {}
    ids: dict[str, str] = {}
    for name in _TABLES:
        columns = ", ".join(
            f'"{column.name}"'
            for column in metadata.tables[name].columns
            if column.name not in _OF_THE_WAY
        )
        order = _ORDERS.get(name, "1")
        rows = await connection.fetch(
            f"SELECT {columns} FROM {name} WHERE account_id = $1 ORDER BY {order}",  # noqa: S608
            account_id,
        )
        texts = [_write(row) for row in rows if _is_of(row, done)]
        found[name] = [
            _UUID.sub(lambda each: ids.setdefault(each[0], f"id {len(ids)}"), text)
            for text in texts
        ]
        if name not in _ORDERS:
            found[name].sort()
    return found


def _is_of(row: Any, done: Sequence[str]) -> bool:
    """Say whether it is not a reply to what was done already, which is stored, too."""
    return "digest" not in row or row["digest"].hex() in done


def _write(row: Any) -> str:
    values = dict(row)
    if "digest" in values:
        values["body"] = unpack_reply(values["body"])
    return repr(values)


@pytest.fixture
def stage(_sellers: str, postgres: str) -> Iterator[Stage]:
    """Run two processes on one database, of which the first decides without a lock, and a third."""
    clock = Clock(TUESDAY)

    @asynccontextmanager
    async def serve() -> AsyncIterator[tuple[list[Api], tuple[str, str]]]:
        async with AsyncExitStack() as stack:
            server = await stack.enter_async_context(connect(postgres))
            names = [
                await stack.enter_async_context(clone_database(server, _sellers)) for _ in range(2)
            ]
            first, second = [url_of(postgres, name) for name in names]
            started = [
                await serve_process(stack, url, clock, optimistic=optimistic)
                for url, optimistic in ((first, True), (first, False), (second, False))
            ]
            yield started, (first, second)
            async with started[0].app.state.database.transaction(read_only=True) as db:
                assert (await verify_ledger(db)).describe() == []

    with asyncio.Runner() as runner:
        served = serve()
        (one, other, again), urls = runner.run(served.__aenter__())
        try:
            yield Stage(runner, (one, other), again, clock, urls)
        finally:
            runner.run(served.__aexit__(None, None, None))


@settings(LAWS, max_examples=max(10, PROFILE.max_examples // 15))
@given(history=histories_of(*OF_TICKETS))
def test_both_ways_leave_the_same_tables(stage: Stage, history: list[list[Act]]) -> None:
    """What happens at once, in two processes of which one locks, leaves what it leaves in order."""
    stage.runner.run(stage.tell(history))


@settings(LAWS, max_examples=max(10, PROFILE.max_examples // 15))
@given(history=histories_of(*OF_SALES))
def test_both_ways_sell_the_same(stage: Stage, history: list[list[Act]]) -> None:
    stage.runner.run(stage.tell(history))


@settings(LAWS, max_examples=max(10, PROFILE.max_examples // 15))
@given(history=histories_of(*OF_METERS))
def test_both_ways_meter_the_same(stage: Stage, history: list[list[Act]]) -> None:
    stage.runner.run(stage.tell(history))


async def test_a_miss_writes_nothing_at_all(api: Api, postgres_user: Connection) -> None:
    """The ticket, its hold, clocks, events and stored reply: another writer was there before."""
    account = await api.make_account()
    await grant(api, account, 10, None)
    database: Database = api.app.state.database
    before = await _dump_all(postgres_user)
    order = TicketOpening(**DOCUMENT).as_order()
    caller = Caller("admin", frozenset(SCOPES))

    async def open_it(meanwhile: str = "SELECT 1") -> None:
        async with database.connection() as connection, database.optimistic_write(connection) as db:
            db.key_digest = b"a key"
            await open_ticket(db, account_id="c-1", order=order, caller=caller)
            await store_reply(db, **KEY, status=201, headers={}, body=b"{}", now=TUESDAY)
            await postgres_user.execute(meanwhile)

    with pytest.raises(AccountChangedError):
        await open_it("UPDATE accounts SET lock_version = lock_version + 1")
    left = await _dump_all(postgres_user)
    assert {name for name in left if left[name] != before[name]} == {"accounts"}
    await open_it()
    after = await _dump_all(postgres_user)
    changed = {name for name in after if after[name] != before[name]}
    assert changed == {
        *("accounts", "entries", "events", "idempotency_keys", "lots"),
        *("tallies", "tickets"),
    }


async def test_a_writer_that_waits_for_another_decides_again(
    api: Api, postgres_user: Connection
) -> None:
    """The last units are taken while the statement waits for the account: it is refused."""
    account = await api.make_account()
    await grant(api, account, 5, None)
    transaction = postgres_user.transaction()
    await transaction.start()
    await postgres_user.execute("SELECT 1 FROM accounts WHERE account_id = 'c-1' FOR UPDATE")
    opening = asyncio.create_task(api.post(f"{account}/tickets", DOCUMENT))
    other: Connection = await asyncpg.connect(api.app.state.settings.dsn)
    await until(lambda: other.fetchval(_HAS_WAITER))
    await other.close()
    await postgres_user.execute("UPDATE lots SET held = 3")
    await postgres_user.execute("UPDATE accounts SET lock_version = lock_version + 1")
    await transaction.commit()
    refused = await opening
    assert (refused.status_code, refused.json()["code"]) == (402, "insufficient_units")
    assert refused.json()["available"] == 2


async def test_a_dry_run_leaves_every_table_as_it_is(api: Api, postgres_user: Connection) -> None:
    account = await api.make_account()
    await grant(api, account, 5, None)
    before = await _dump_all(postgres_user)
    reply = await api.post(f"{account}/tickets?dry_run=true", DOCUMENT)
    assert (reply.status_code, reply.headers["Dry-Run"]) == (201, "true")
    assert await _dump_all(postgres_user) == before


async def _dump_all(connection: Connection) -> dict[str, list[str]]:
    """Return every row of every table."""
    return {
        name: sorted(repr(row) for row in await connection.fetch(f"TABLE {name}"))
        for name in metadata.tables
    }
