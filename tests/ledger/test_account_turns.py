"""Writers of one account at once: one decides by what the one before is about to have written."""

import asyncio
import os
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from datetime import timedelta
from operator import attrgetter, itemgetter
from typing import Any
from uuid import uuid4

import asyncpg
import hypothesis.strategies as st
import pytest
from fastapi import FastAPI
from hypothesis import given, settings
from sqlalchemy import bindparam, select

from app.api.http.places.account_turns import AccountTurn, AccountTurns
from app.api.http.places.shares import Shares
from app.api.http.refusals.frame_refusals import Busy
from app.api.tickets.opening_shapes import TicketOpening
from app.db.coverage.coverage_inputs import AccountUnits, take_account_units
from app.db.engine.compiled import Statement
from app.db.engine.database import Database
from app.db.engine.gathered_writes import LeftVoidError
from app.db.engine.turns import Left, Turn
from app.db.tables import contacts
from app.domain.access.callers import SCOPES, Caller
from app.domain.access.refusals import Refusal
from app.domain.coverage.coverage import TRACE_ENDED
from app.domain.values import replace
from app.services.ledger.verification import verify_ledger
from app.services.tickets.openings import open_new_ticket, open_ticket
from tests.api.conftest import TUESDAY, Api, Clock
from tests.conftest import Connection
from tests.ledger.conftest import LAWS, PROFILE
from tests.ledger.hands import grant
from tests.support import cluster
from tests.support.brief_reads import statements_of
from tests.support.processes import serve_process
from tests.support.stepped_service import run_in_steps
from tests.support.waiting import until

_NAMES = Statement(
    select(contacts.c.contact_id).where(contacts.c.account_id == bindparam("account_id"))
)
CALLER = Caller("admin", frozenset(SCOPES))
WIDE = {"catalog": "shop", "plan": "wide", "category": "work"}
_WAITERS = f"SELECT count(*) FROM {cluster.ACTIVITY} WHERE wait_event_type = 'Lock'"  # noqa: S608


only_without_a_lock = pytest.mark.skipif(
    "SURETY_TEST_LOCKED" in os.environ, reason="who has the lock leaves nothing"
)


def order(number: int, amount: int) -> dict[str, Any]:
    return {"ticket_id": f"HD-{number}", "subject": "Help", "amount": amount, **WIDE}


async def ask_at_once(
    apis: Sequence[Api], account: str, orders: Sequence[dict[str, Any]], **headers: str
) -> list[Any]:
    """Open tickets at once, each by the next of several processes."""
    sent: list[Awaitable[Any]] = [
        apis[place % len(apis)].post(f"{account}/tickets", each, headers=headers)
        for place, each in enumerate(orders)
    ]
    return await asyncio.gather(*sent)


@pytest.fixture
def steps(published_url: str) -> Iterator[tuple[asyncio.Runner, Api, Clock]]:
    """Run the service in a loop that a test steps through."""
    clock = Clock(TUESDAY)
    with run_in_steps(published_url, clock) as (runner, api):
        yield runner, api, clock


class Onlooker(Turn):
    """The turn of a writer who is alone, and what it would leave to the next."""

    def __init__(self) -> None:
        self.known: Any = None

    def hand_on(self, known: object | None) -> None:
        self.known = known


@only_without_a_lock
async def test_N9_an_opening_behind_another_is_one_statement(api: Api, app: FastAPI) -> None:
    account = await api.make_account()
    await grant(api, account, 100, None)
    await api.open(account, "HD-0", **WIDE, amount=1)
    orders = [order(1 + each, 2) for each in range(12)]
    async with statements_of(app, connections=4) as ran:
        replies = await ask_at_once([api], account, orders)
    assert Counter(each.split()[0] for each in ran) == {"SELECT": 1, "WITH": 12}
    # In the order in which they came, each after the one before.
    left = [reply.json()["remaining"]["available"] for reply in replies]
    assert left == [97 - 2 * each for each in range(12)]


async def test_what_is_left_does_not_serve_an_opening_of_the_past(
    api: Api, app: FastAPI, clock: Clock
) -> None:
    """Of lots that are spent by now only the last was read; then, both could be used."""
    account = await api.make_account()
    for days in (1, 2, 300):
        await grant(api, account, 5, (TUESDAY + timedelta(days=days)).isoformat())
    clock.now = TUESDAY + timedelta(days=3)
    past = order(2, 4) | {"at": (TUESDAY + timedelta(hours=1)).isoformat()}
    async with statements_of(app, connections=2):  # so that none has to be made meanwhile
        replies = await ask_at_once([api], account, [order(1, 1), past])
    assert [reply.status_code for reply in replies] == [201, 201]
    lots = (await api.get(f"{account}/lots")).json()["data"]
    assert [each["held"] for each in sorted(lots, key=itemgetter("expires_at"))] == [4, 0, 1]


@settings(LAWS, max_examples=max(20, PROFILE.max_examples // 5))
@given(
    lots=st.lists(
        st.tuples(st.integers(1, 9), st.none() | st.integers(1, 400)), min_size=1, max_size=6
    ),
    amounts=st.lists(st.tuples(st.integers(1, 6), st.integers(0, 60)), min_size=1, max_size=6),
)
def test_what_is_left_is_what_a_read_finds(
    steps: tuple[asyncio.Runner, Api, Clock],
    lots: list[tuple[int, int | None]],
    amounts: list[tuple[int, int]],
) -> None:
    """Lots, tallies, versions and how far the account has come, after each of several openings."""
    runner, api, clock = steps
    clock.now = TUESDAY

    async def compare() -> None:
        account_id = f"left-{uuid4()}"
        account = await api.make_account(account_id)
        for amount, days in lots:
            ends = None if days is None else (TUESDAY + timedelta(days=days)).isoformat()
            await grant(api, account, amount, ends)
        database: Database = api.app.state.database
        for number, (amount, days) in enumerate(amounts):
            clock.now += timedelta(days=days)
            await _open_and_compare(database, account_id, order(number, amount))

    runner.run(compare())


def in_order(units: AccountUnits) -> AccountUnits:
    """Return them with lots in an order, for they are read in none."""
    return replace(units, lots=tuple(sorted(units.lots, key=attrgetter("granted_sequence"))))


async def _open_and_compare(database: Database, account_id: str, document: dict[str, Any]) -> None:
    """Open a ticket, and compare what is left with what is read then."""
    onlooker = Onlooker()
    opening = TicketOpening(**document).as_order()
    async with database.connection() as connection:
        try:
            async with database.optimistic_write(connection, onlooker) as db:
                await open_ticket(db, account_id=account_id, order=opening, caller=CALLER)
        except Refusal:
            assert onlooker.known is None
            return
        left = onlooker.known
        async with database.optimistic_write(connection) as db:
            account, units = await take_account_units(
                db, account_id, at=None, kept=TRACE_ENDED, ticket_id="another"
            )
            assert db.leave is not None
            # What it would leave itself, had it written something.
            found: Any = db.leave()
    assert in_order(left.units) == in_order(units)
    assert account.totals.items() <= left.totals.items()
    as_left = replace(left.version, lock_version=left.version.lock_version + 1)
    assert as_left == found.version


@pytest.fixture
async def processes(published_url: str, clock: Clock) -> AsyncIterator[list[Api]]:
    """Run two processes on one database."""
    async with AsyncExitStack() as stack:
        yield [await serve_process(stack, published_url, clock, optimistic=True) for _ in range(2)]


@pytest.mark.parametrize("count", [1, 2])
async def test_of_many_at_once_so_many_win_as_there_are_units(
    processes: list[Api], count: int
) -> None:
    account = await processes[0].make_account()
    await grant(processes[0], account, 50, None)
    orders = [order(each, 4) for each in range(30)]
    replies = await ask_at_once(processes[:count], account, orders)
    assert Counter(reply.status_code for reply in replies) == {201: 12, 402: 18}
    refused = [reply.json() for reply in replies if reply.status_code == 402]
    assert {each["available"] for each in refused} == {2}
    await require_adding_up(processes[0], account, held=48)


async def test_one_ticket_asked_for_many_times_at_once_is_opened_once(
    processes: list[Api],
) -> None:
    account = await processes[0].make_account()
    await grant(processes[0], account, 50, None)
    replies = await ask_at_once(processes, account, [order(1, 4)] * 12)
    assert Counter(reply.status_code for reply in replies) == {201: 1, 200: 11}
    assert {reply.json()["charge"]["amount"] for reply in replies} == {4}
    await require_adding_up(processes[0], account, held=4)


async def test_one_request_sent_many_times_at_once_has_one_reply(processes: list[Api]) -> None:
    account = await processes[0].make_account()
    await grant(processes[0], account, 50, None)
    same = {"Idempotency-Key": "once"}
    others = [order(10 + each, 4) for each in range(4)]
    behind = asyncio.create_task(ask_at_once(processes, account, others))
    replied = await ask_at_once(processes, account, [order(1, 4)] * 12, **same)
    assert {reply.status_code for reply in await behind} == {201}
    assert {reply.status_code for reply in replied} == {201}
    assert len({reply.content for reply in replied}) == 1
    assert Counter(reply.headers.get("Idempotent-Replayed") for reply in replied) == {
        None: 1,
        "true": 11,
    }
    await require_adding_up(processes[0], account, held=20)


@only_without_a_lock
async def test_who_decided_by_what_was_not_written_decides_again(
    api: Api, postgres_user: Connection
) -> None:
    """While the first is being written somebody else takes units, so that it is not."""
    account = await api.make_account()
    await grant(api, account, 20, None)
    replies = await ask_while_locked(
        api,
        postgres_user,
        "UPDATE lots SET held = 11",
        "UPDATE tallies SET held = 11",
        "UPDATE accounts SET lock_version = lock_version + 1",
    )
    assert [reply.status_code for reply in replies] == [201, 201, 402, 402, 402, 402]
    left = await postgres_user.fetch("SELECT held, used FROM lots")
    assert [tuple(each) for each in left] == [(19, 0)]
    turns = api.app.state.bulkheads.writers
    # For a while nobody leaves anything of an account to which others write.
    assert turns.is_shared("c-1")
    assert not turns.left


@only_without_a_lock
async def test_what_was_not_written_is_not_taken_for_what_another_wrote(
    api: Api, postgres_user: Connection
) -> None:
    """By its version the account is as it was left, but what another process wrote is in it.

    So many lots are drawn on that the next goes on as a transaction, which locks the account.
    """
    account = await api.make_account()
    await grant(api, account, 100, (TUESDAY + timedelta(days=1)).isoformat())
    for _ in range(30):
        await grant(api, account, 1, (TUESDAY + timedelta(days=2)).isoformat())
    await api.open(account, "HD-0", **WIDE, amount=1)
    state = "SELECT sequence, events FROM accounts WHERE account_id = 'c-1'"
    before = await postgres_user.fetchrow(state)
    await api.open(account, "HD-1", **WIDE, amount=1)
    after = await postgres_user.fetchrow(state)
    assert before is not None
    assert after is not None
    async with others_lock(api, postgres_user) as waits:
        first = asyncio.create_task(api.post(f"{account}/tickets", order(2, 88)))
        await waits(1)
        second = asyncio.create_task(api.post(f"{account}/tickets", order(3, 40)))
        await until(lambda: api.app.state.bulkheads.writers.sending.count() == (1, 1))
        # What an opening writes, of another amount.
        await postgres_user.execute("UPDATE lots SET held = held + 93 WHERE granted = 100")
        await postgres_user.execute("UPDATE tallies SET held = held + 93")
        await postgres_user.execute(
            "UPDATE accounts SET lock_version = lock_version + 1, sequence = $1, events = $2",
            2 * after["sequence"] - before["sequence"],
            2 * after["events"] - before["events"],
        )
    refused = [await first, await second]
    assert [reply.status_code for reply in refused] == [402, 402]
    assert [reply.json()["available"] for reply in refused] == [35, 35]
    assert await postgres_user.fetchval("SELECT sum(held)::int FROM lots") == 95


@only_without_a_lock
async def test_a_lot_that_has_ended_since_has_the_account_read(
    api: Api, app: FastAPI, clock: Clock, postgres_user: Connection
) -> None:
    account = await api.make_account()
    await grant(api, account, 5, (TUESDAY + timedelta(hours=1)).isoformat())
    await grant(api, account, 5, (TUESDAY + timedelta(days=9)).isoformat())
    async with statements_of(app, connections=4) as ran:
        async with others_lock(api, postgres_user) as waits:
            first = asyncio.create_task(api.post(f"{account}/tickets", order(1, 1)))
            await waits(1)
            clock.now += timedelta(hours=2)
            second = asyncio.create_task(api.post(f"{account}/tickets", order(2, 1)))
        replies = [await first, await second]
    assert [reply.status_code for reply in replies] == [201, 201]
    assert len([each for each in ran if each.startswith("SELECT accounts.sequence")]) == 2
    lots = (await api.get(f"{account}/lots")).json()["data"]
    assert [each["held"] for each in sorted(lots, key=itemgetter("expires_at"))] == [1, 1]


async def test_an_error_after_sending_is_not_decided_again(
    api: Api, postgres_user: Connection
) -> None:
    """It may have been done, and here it was; that the account has moved since says nothing."""
    await api.make_account()
    await grant(api, "/v1/accounts/c-1", 5, None)
    database: Database = api.app.state.database
    opening = TicketOpening(**order(1, 2)).as_order()

    async def open_it(connection: Any) -> None:
        async with database.optimistic_write(connection) as db:
            account, _ = await take_account_units(
                db, "c-1", at=None, kept=TRACE_ENDED, ticket_id="HD-1"
            )
            await db.rows(_NAMES, account_id="c-1")  # a second read, which would be confirmed
            await open_new_ticket(db, account, order=opening, caller=CALLER)

    async with database.connection() as connection:
        with pytest.raises(asyncpg.InternalClientError):
            await open_it(_Forgetful(connection))
    assert await postgres_user.fetchval("SELECT count(*) FROM tickets") == 1


class _Forgetful:
    """A driver's connection that does what it is sent, and then fails."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connection, name)

    async def execute(self, sql: str, *arguments: Any) -> None:
        await self._connection.execute(sql, *arguments)
        raise asyncpg.InternalClientError("the reply was not understood")


async def test_what_was_left_is_required_to_be_so_though_nothing_is_written(api: Api) -> None:
    account = await api.make_account()
    await grant(api, account, 5, None)
    database: Database = api.app.state.database
    opening = TicketOpening(**order(1, 2)).as_order()
    onlooker = Onlooker()
    async with (
        database.connection() as connection,
        database.optimistic_write(connection, onlooker) as db,
    ):
        await open_ticket(db, account_id="c-1", order=opening, caller=CALLER)

    async def take(left: Left) -> int:
        async with (
            database.connection() as connection,
            database.optimistic_write(connection, Behind(left)) as db,
        ):
            taken, _ = await take_account_units(
                db, "c-1", at=None, kept=TRACE_ENDED, ticket_id="HD-2"
            )
        return taken.sequence

    assert await take(Left(onlooker.known)) == 2
    with pytest.raises(LeftVoidError):
        await take(Left(onlooker.known, void=True))
    await grant(api, account, 1, None)
    with pytest.raises(LeftVoidError):
        await take(Left(onlooker.known))


class Behind(Turn):
    """The turn of a writer behind one who left something."""

    def __init__(self, left: Left) -> None:
        self._left = left

    def take_left(self) -> Left | None:
        return self._left


async def test_who_has_waited_too_long_once_waits_no_more() -> None:
    def share(seconds: float) -> Shares:
        return Shares(
            1, most_waiting=9, wait_s=seconds, refuse=lambda: Busy("Others are writing to it.")
        )

    turns = AccountTurns(deciding=share(9), sending=share(0.01))
    before, behind = AccountTurn(turns, "c-1"), AccountTurn(turns, "c-1")
    await before.follow()
    with pytest.raises(Busy):
        await behind.follow()
    with pytest.raises(Busy):
        behind.follow().send(None)  # at once
    before.leave()
    behind.leave()
    assert turns.sending.count() == (0, 0)


@pytest.mark.skipif(bool(cluster.PORTS), reason="who waits there is on another node")
async def test_who_loses_the_connection_while_sending_holds_nobody_up(
    api: Api, postgres_user: Connection
) -> None:
    account = await api.make_account()
    await grant(api, account, 20, None)
    replies = await ask_while_locked(
        api,
        postgres_user,
        f"SELECT pg_terminate_backend(pid) FROM {cluster.ACTIVITY} "  # noqa: S608
        "WHERE wait_event_type = 'Lock'",
    )
    assert [reply.status_code for reply in replies] == [503, 201, 201, 201, 201, 201]
    await require_adding_up(api, account, held=20)
    assert (await api.post(f"{account}/tickets", order(0, 4))).status_code == 402


async def test_who_goes_away_while_sending_holds_nobody_up(
    api: Api, postgres_user: Connection
) -> None:
    account = await api.make_account()
    await grant(api, account, 20, None)
    async with others_lock(api, postgres_user) as waits:
        first = asyncio.create_task(api.post(f"{account}/tickets", order(0, 4)))
        await waits(1)
        others = asyncio.create_task(
            ask_at_once([api], account, [order(1 + each, 4) for each in range(5)])
        )
        await until(lambda: api.app.state.bulkheads.writers.count()[1] > 0)
        first.cancel()
        with suppress(asyncio.CancelledError):
            await first
    replies = await others
    assert {reply.status_code for reply in replies} <= {201, 402}
    written = (await api.get(f"{account}/tickets")).json()["data"]
    await require_adding_up(api, account, held=4 * len(written))
    assert len(written) == 5
    assert not api.app.state.bulkheads.writers.left


@asynccontextmanager
async def others_lock(
    api: Api, postgres_user: Connection
) -> AsyncIterator[Callable[[int], Awaitable[None]]]:
    """Have somebody else lock the account's row; what waits until so many wait for it."""
    other: Connection = await asyncpg.connect(api.app.state.settings.dsn)

    async def waits(count: int) -> None:
        async def enough() -> bool:
            return int(await other.fetchval(_WAITERS)) >= count

        await until(enough)

    try:
        async with postgres_user.transaction():
            await postgres_user.execute("SELECT FROM accounts WHERE account_id = 'c-1' FOR UPDATE")
            yield waits
    finally:
        await other.close()


async def ask_while_locked(api: Api, postgres_user: Connection, *meanwhile: str) -> list[Any]:
    """Open six tickets at once, of which one waits for somebody else's lock; the replies.

    `meanwhile` are statements of whoever has the lock.
    """
    async with others_lock(api, postgres_user) as waits:
        asked = asyncio.create_task(
            ask_at_once([api], "/v1/accounts/c-1", [order(each, 4) for each in range(6)])
        )
        await waits(1)
        for statement in meanwhile:
            await postgres_user.execute(statement)
    return await asked


async def require_adding_up(api: Api, account: str, *, held: int) -> None:
    """Require so many units to be held, and the ledger to be what its entries add up to."""
    balance = await api.units(account, "point", catalog="shop")
    assert balance["held"] == held
    async with api.app.state.database.transaction(read_only=True) as db:
        assert (await verify_ledger(db)).describe() == []
