"""`surety archive`: closed tickets' details and old events in files; units and money stay right."""

import asyncio
import gzip
import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from fastapi import FastAPI

from app.cli.history.archive_files import write_file
from app.db.engine.database import Database
from app.db.engine.gathered_writes import AccountChangedError
from app.db.engine.unit_of_work import Db
from app.db.tickets.archives import ArchivableTicket
from app.domain.access.callers import SCOPES, Caller
from app.domain.events.webhooks import Outcome
from app.services.events import attempts, deliveries, events
from app.services.tickets.archives import load_tickets, remove_tickets
from app.services.tickets.ticket_actions import reopen
from app.services.tickets.tickets import take_ticket
from tests.api.conftest import (  # noqa: F401
    Api,
    Clock,
    _published,
    api,
    app,
    clock,
    postgres_user,
    published_url,
)
from tests.support import cluster
from tests.support.serve import run
from tests.support.waiting import until

A = "/v1/accounts/c-1"
UNTIL = "2026-11-26T00:00:00Z"
BEFORE = datetime.fromisoformat(UNTIL)
WAITING = f"""
    SELECT count(*) FROM {cluster.ACTIVITY}
    WHERE wait_event_type = 'Lock' AND datname = current_database()
"""  # noqa: S608
CALLER = Caller("admin", frozenset(SCOPES))


def read(folder: Path, kind: str) -> list[dict[str, Any]]:
    lines = []
    for file in sorted(folder.glob(f"{kind}-*.ndjson.gz")):
        with gzip.open(file, "rt", encoding="utf-8") as text:
            lines += [json.loads(line) for line in text]
    return lines


async def tell(api: Api) -> None:  # noqa: F811
    """Let three tickets be answered: one is closed, one disputed, one still open."""
    await api.make_account("c-1")
    await api.buy(A, "livecart.express-1y", quantity=5)
    for ticket_id in ("HD-1", "HD-2", "HD-3"):
        await api.open(A, ticket_id)
        await api.post(f"{A}/tickets/{ticket_id}/replies", {"by": "agent"})
    for ticket_id in ("HD-1", "HD-2"):
        done = await api.post(f"{A}/tickets/{ticket_id}/resolution", {"outcome": "solved"})
        assert done.status_code == 200, done.text
    disputed = await api.post(f"{A}/tickets/HD-2/dispute", {"reason": "twice the same"})
    assert disputed.status_code in (200, 201), disputed.text


async def answers(api: Api) -> list[Any]:  # noqa: F811
    """What has to stay as it is, now and as known then."""
    paths = (
        "/balance",
        "/balance?sequence=3",
        "/entries",
        "/statement?from=2026-11-01T00:00:00Z&to=2026-12-01T00:00:00Z",
        "/summary",
    )
    replies = [await api.get(A + path) for path in paths]
    replies.append(
        await api.get("/v1/reports/sla?from=2026-11-01T00:00:00Z&to=2026-12-01T00:00:00Z")
    )
    assert [each.status_code for each in replies] == [200] * len(replies), [
        each.text for each in replies
    ]
    return [each.json() for each in replies]


async def test_what_is_closed_goes_into_a_file_and_units_stay_right(
    api: Api,  # noqa: F811
    clock: Clock,  # noqa: F811
    published_url: str,  # noqa: F811
    tmp_path: Path,
) -> None:
    await tell(api)
    clock.advance(days=3)
    before = await answers(api)
    events = (await api.get("/v1/events", params={"account_id": "c-1"})).json()
    assert len(events["data"]) > 5
    done = run(tmp_path, "archive", "files", "--before", UNTIL, SURETY_DATABASE_URL=published_url)
    assert done.returncode == 0, done.stderr
    assert "Archived 1 tickets and 0 events into files." in done.stdout, done.stdout
    assert await answers(api) == before
    [line] = read(tmp_path / "files", "tickets")
    assert line["ticket"]["ticket_id"] == "HD-1"
    assert [each["type"] for each in line["events"]] == ["agent_reply", "resolution"]
    for reply in (
        await api.get(f"{A}/tickets/HD-1"),
        await api.get(f"{A}/tickets/HD-1/deadlines"),
        await api.get(f"{A}/tickets/HD-1/events"),
        await api.post(f"{A}/tickets/HD-1/replies", {"by": "customer"}),
        await api.post(f"{A}/tickets/HD-1/refund", {"reason": "late", "actor": "ines"}),
        await api.post(f"{A}/tickets", {"ticket_id": "HD-1", "subject": "Checkout fails"}),
    ):
        assert reply.status_code == 410, reply.text
        assert reply.json()["code"] == "ticket_archived"
        assert reply.json()["archived_in"] == "tickets-000001.ndjson.gz"
    listed = (await api.get(f"{A}/tickets")).json()["data"]
    assert sorted(each["ticket_id"] for each in listed) == ["HD-2", "HD-3"]
    assert (await api.get("/v1/events", params={"account_id": "c-1"})).json() == events
    verified = run(tmp_path, "ledger", "verify", SURETY_DATABASE_URL=published_url)
    assert verified.returncode == 0, verified.stdout


async def test_events_that_were_read_go_and_their_readers_see_how_many(
    api: Api,  # noqa: F811
    clock: Clock,  # noqa: F811
    published_url: str,  # noqa: F811
    tmp_path: Path,
    postgres_user: asyncpg.Connection,  # noqa: F811
) -> None:
    await tell(api)
    clock.advance(days=3)
    await api.get("/v1/events")
    settings = {"SURETY_DATABASE_URL": published_url}
    assert "and 0 events" in run(tmp_path, "archive", "files", "--before", UNTIL, **settings).stdout
    # As if the webhooks had been made of them.
    await postgres_user.execute("UPDATE relay SET position = (SELECT max(position) FROM events)")
    there = await postgres_user.fetchval("SELECT count(*) FROM events")
    done = run(tmp_path, "archive", "files", "--before", UNTIL, **settings)
    assert f"and {there} events" in done.stdout, (done.stdout, done.stderr)
    assert len(read(tmp_path / "files", "events")) == there
    assert await postgres_user.fetchval("SELECT count(*) FROM events") == 0
    missed = (await api.get("/v1/events", params={"account_id": "c-1"})).json()
    assert (missed["data"], missed["missed"]) == ([], there)
    again = run(tmp_path, "archive", "files", "--before", UNTIL, **settings)
    assert "Archived 0 tickets and 0 events" in again.stdout


async def test_killed_between_the_file_and_the_removal_nothing_is_lost(
    api: Api,  # noqa: F811
    clock: Clock,  # noqa: F811
    published_url: str,  # noqa: F811
    tmp_path: Path,
) -> None:
    await tell(api)
    clock.advance(days=3)
    files = tmp_path / "files"
    files.mkdir()
    # What a kill leaves: a whole file that no ticket names, and a part of the next.
    write_file(files, "tickets", [{"ticket": {"ticket_id": "HD-1"}, "events": []}])
    (files / "tickets-0123456789abcdef.part").write_bytes(b"half")
    done = run(tmp_path, "archive", "files", "--before", UNTIL, SURETY_DATABASE_URL=published_url)
    assert "Archived 1 tickets" in done.stdout, done.stderr
    reply = await api.get(f"{A}/tickets/HD-1")
    assert reply.json()["archived_in"] == "tickets-000002.ndjson.gz"
    assert sorted(each.name for each in files.iterdir()) == [
        "tickets-000001.ndjson.gz",
        "tickets-000002.ndjson.gz",
        "tickets-0123456789abcdef.part",
    ]


async def test_another_run_is_refused_while_one_archives(
    api: Api,  # noqa: F811
    clock: Clock,  # noqa: F811
    published_url: str,  # noqa: F811
    tmp_path: Path,
    postgres_user: asyncpg.Connection,  # noqa: F811
) -> None:
    await tell(api)
    clock.advance(days=3)
    command = ("archive", "files", "--before", UNTIL)
    other = await asyncpg.connect(published_url)
    async with other.transaction():
        # So that the first has written its file and waits before it removes what it has.
        await other.execute("SELECT 1 FROM accounts WHERE account_id = 'c-1' FOR UPDATE")
        first = asyncio.create_task(
            asyncio.to_thread(
                run,
                tmp_path,
                *command,
                SURETY_DATABASE_URL=published_url,
                SURETY_LOCK_TIMEOUT_MS="60000",
            )
        )
        await until(lambda: first.done() or postgres_user.fetchval(WAITING))
        second = await asyncio.to_thread(
            run,
            tmp_path,
            *command,
            SURETY_DATABASE_URL=published_url,
            SURETY_LOCK_TIMEOUT_MS="100",
        )
    await other.close()
    assert second.returncode == 1
    assert second.stderr.startswith("surety: Another run archives this database"), second.stderr
    done = await first
    assert "Archived 1 tickets" in done.stdout, done.stderr
    assert [each.name for each in (tmp_path / "files").iterdir()] == ["tickets-000001.ndjson.gz"]
    [line] = read(tmp_path / "files", "tickets")
    assert line["ticket"]["ticket_id"] == "HD-1"
    again = run(tmp_path, *command, SURETY_DATABASE_URL=published_url)
    assert again.returncode == 0, again.stderr


def test_a_file_that_is_written_while_another_is_has_its_own_name(tmp_path: Path) -> None:
    """Of another database's run into the same folder."""
    names = []

    def write_another() -> Iterator[dict[str, int]]:
        yield {"line": 1}
        names.append(write_file(tmp_path, "tickets", [{"line": 3}]))
        yield {"line": 2}

    names.append(write_file(tmp_path, "tickets", write_another()))
    assert names == ["tickets-000001.ndjson.gz", "tickets-000002.ndjson.gz"]
    assert sorted(each.name for each in tmp_path.iterdir()) == names
    assert read(tmp_path, "tickets") == [{"line": 3}, {"line": 1}, {"line": 2}]


def test_many_that_write_into_one_folder_lose_nothing(tmp_path: Path) -> None:
    lines = [[{"line": number}] * 50 for number in range(40)]
    with ThreadPoolExecutor(8) as pool:
        names = list(pool.map(lambda each: write_file(tmp_path, "tickets", each), lines))
    assert len(set(names)) == len(lines)
    assert sorted(each.name for each in tmp_path.iterdir()) == sorted(names)
    found = [line["line"] for line in read(tmp_path, "tickets")]
    assert sorted(found) == [each["line"] for some in lines for each in some]


def test_what_cannot_be_written_leaves_no_file(tmp_path: Path) -> None:
    circle: dict[str, Any] = {}
    circle["itself"] = circle
    with pytest.raises(ValueError, match="Circular"):
        write_file(tmp_path, "tickets", [{"line": 1}, circle])
    assert list(tmp_path.iterdir()) == []


async def test_events_stay_from_the_first_on_that_is_still_to_be_sent(
    api: Api,  # noqa: F811
    clock: Clock,  # noqa: F811
    app: FastAPI,  # noqa: F811
    published_url: str,  # noqa: F811
    tmp_path: Path,
) -> None:
    database: Database = app.state.database
    wanted = {"url": "https://helpdesk.example/hooks", "types": ["ticket.resolved"]}
    made = [(await api.post("/v1/webhooks", wanted)).json() for _ in range(2)]
    clock.advance(seconds=1)
    await tell(api)
    async with database.transaction() as db:
        await events.sequence_events(db)
    async with database.transaction() as db:
        await deliveries.relay_events(db)
    # What was to be sent to an endpoint that is there no more is not waited for.
    assert (await api.delete(f"/v1/webhooks/{made[1]['id']}")).status_code == 204
    clock.advance(days=3)
    there = (await api.get("/v1/events")).json()["data"]
    types = [each["type"] for each in there]
    first = types.index("ticket.resolved")
    command = ("archive", "files", "--before", UNTIL)
    done = run(tmp_path, *command, SURETY_DATABASE_URL=published_url)
    assert f"and {first} events into files.\nLeft the events from 2026-11-24" in done.stdout, done
    left = (await api.get("/v1/events")).json()
    assert (left["data"], left["missed"]) == (there[first:], first)
    assert [each["type"] for each in read(tmp_path / "files", "events")] == types[:first]
    sent = await send_due(database, UUID(made[0]["id"]))
    assert sent == ["ticket.resolved"] * 2
    again = run(tmp_path, *command, SURETY_DATABASE_URL=published_url)
    assert again.stdout.endswith(f"tickets and {len(there) - first} events into files.\n"), again


async def send_due(database: Database, webhook_id: UUID) -> list[str]:
    """Have what is due be delivered; the types of the events that were sent."""
    ended: list[tuple[attempts.Attempt, Outcome]] = []
    for _ in range(2):
        async with database.transaction() as db:
            begun = await attempts.continue_deliveries(
                db,
                webhook_id,
                ended=ended,
                under_way=0,
                time_limit=timedelta(seconds=15),
                draw_chance=lambda: 0.5,
            )
        ended += [(each, Outcome("delivered", status_code=200)) for each in begun]
    return [json.loads(each.body)["type"] for each, _ in ended]


@pytest.mark.parametrize(
    ("instant", "said"),
    [
        ("yesterday", "yesterday is no instant"),
        ("2026-01-01T00:00:00", "2026-01-01T00:00:00 has no offset"),
        ("2199-01-01T00:00:00Z", "Only what is past is archived"),
    ],
)
def test_what_is_no_instant_of_the_past_is_refused(
    instant: str, said: str, tmp_path: Path, database_url: str
) -> None:
    done = run(tmp_path, "archive", "files", "--before", instant, SURETY_DATABASE_URL=database_url)
    assert done.returncode == 1
    assert done.stderr.startswith(f"surety: {said}")


async def _write_closed(api: Api, clock: Clock) -> list[ArchivableTicket]:  # noqa: F811
    """Return the closed ticket as the file has it that is written of it, before it is removed."""
    await tell(api)
    clock.advance(days=3)
    database: Database = api.app.state.database
    async with database.transaction(read_only=True) as db:
        batch = await load_tickets(db, before=BEFORE, after=("", ""), limit=10)
    assert [each.ticket_id for each in batch.keys] == ["HD-1"]
    return list(batch.keys)


async def _remove(db: Db, written: list[ArchivableTicket]) -> int:
    return await remove_tickets(db, "c-1", written, before=BEFORE, file="tickets-000001.ndjson.gz")


async def test_a_reopening_that_was_decided_before_the_removal_writes_nothing(
    api: Api,  # noqa: F811
    clock: Clock,  # noqa: F811
) -> None:
    written = await _write_closed(api, clock)
    database: Database = api.app.state.database

    async def reopen_it() -> None:
        async with database.connection() as connection, database.optimistic_write(connection) as db:
            change = await take_ticket(db, account_id="c-1", ticket_id="HD-1", caller=CALLER)
            async with database.transaction() as other:
                assert await _remove(other, written) == 1
            await reopen(db, change, reason="It fails again")

    with pytest.raises(AccountChangedError):
        await reopen_it()
    again = await api.post(f"{A}/tickets/HD-1/reopening", {"reason": "It fails again"})
    assert (again.status_code, again.json()["code"]) == (410, "ticket_archived")


@pytest.mark.parametrize(
    ("what", "body"),
    [
        ("reopening", {"reason": "It fails again"}),
        # Recorded now, of a time that the file is said to have the whole of.
        ("replies", {"by": "customer", "at": "2026-11-25T12:00:00Z"}),
    ],
)
async def test_what_is_recorded_before_the_removal_is_not_removed(
    what: str,
    body: dict[str, Any],
    api: Api,  # noqa: F811
    clock: Clock,  # noqa: F811
) -> None:
    written = await _write_closed(api, clock)
    done = await api.post(f"{A}/tickets/HD-1/{what}", body)
    assert done.status_code in (200, 201), done.text
    database: Database = api.app.state.database
    async with database.transaction() as db:
        assert await _remove(db, written) == 0
    events = await api.get(f"{A}/tickets/HD-1/events")
    assert len(events.json()["data"]) == 3
