"""Writes that are asked for all day: read once, written once, with no lock held in between."""

from datetime import timedelta
from typing import Any

import pytest
from fastapi import FastAPI

from tests.api.conftest import Api, Clock
from tests.support import cluster
from tests.support.brief_reads import statements_of
from tests.support.work import hours

OPENING = {"ticket_id": "HD-2", "subject": "Checkout fails"}
EXPRESS = "livecart.express-1y"
PAID = {"payment": {"status": "paid"}}
WHY = {"reason": "It happens", "actor": "Maria"}
# What a booking is on a cluster: with the account locked, and then the catalogue.
LOCKED = ["SELECT", "SELECT", "BEGIN", "SELECT LOCK", "UPDATE", "SELECT", "WITH", "COMMIT"]
# On a customer's ticket, in this order, each with an Idempotency-Key.
DAY: list[tuple[str, dict[str, Any], int]] = [
    ("tickets", OPENING, 201),
    ("tickets/HD-2/replies", {"by": "agent"}, 200),
    ("tickets/HD-2/pause", {"waiting_on": "customer"}, 200),
    ("tickets/HD-2/resumption", {}, 200),
    ("tickets/HD-2/charge/revision", {"amount": 2, "reason": "Two questions"}, 200),
    ("tickets/HD-2/resolution", {"outcome": "solved"}, 200),
]


@pytest.fixture
async def account(api: Api) -> str:
    """Have a customer with a plan, and everything read once that is read once for all."""
    account = await api.make_account()
    await api.buy(account, "livecart.express-1y")
    await api.open(account)
    return account


async def ask(api: Api, app: FastAPI, path: str, body: dict[str, Any], status: int) -> list[str]:
    """Ask for a write with a key of its own; what ran for it, by first words."""
    async with statements_of(app) as ran:
        reply = await api.post(path, body, headers={"Idempotency-Key": f"{path} {body}"})
    assert reply.status_code == status, reply.text
    words = ((each.split()[0].strip(";"), "FOR UPDATE" in each) for each in ran)
    return [f"{word} LOCK" if locks else word for word, locks in words]


async def test_N9_a_tickets_day_is_a_read_and_a_write_each_without_a_lock(
    api: Api, app: FastAPI, account: str
) -> None:
    for path, body, status in DAY:
        ran = await ask(api, app, f"{account}/{path}", body, status)
        assert ran == ["SELECT", "WITH"], path


async def test_an_openings_rows_of_one_table_are_one_insert(
    api: Api, app: FastAPI, account: str
) -> None:
    async with statements_of(app) as ran:
        await api.open(account, "HD-2")
    (written,) = [each for each in ran if each.startswith("WITH")]
    for table in ("events", "deadlines", "tickets", "entries"):
        assert written.count(f"INSERT INTO {table} ") == 1, table


async def test_N9_a_sale_is_a_read_and_a_write_without_a_lock(
    api: Api, app: FastAPI, account: str
) -> None:
    drawn_up = await api.post(f"{account}/quotes", {"offer": "livecart.standard-1y"})
    paid = {"status": "paid", "reference": "P-2"}
    sales: list[tuple[str, dict[str, Any], int]] = [
        ("", {"order_id": "SO-2", "offer": EXPRESS, "payment": paid}, 201),
        ("", {"order_id": "SO-3", "offer": EXPRESS, "payment": {"status": "pending"}}, 201),
        ("/SO-3/payment", {"reference": "P-3"}, 200),
        ("/SO-3/cancellation", WHY | {"refund": "unused"}, 200),
        ("", {"order_id": "SO-4", "quote_id": drawn_up.json()["quote_id"]} | PAID, 201),
        ("/SO-4/cancellation", WHY | {"refund": "full"}, 200),
    ]
    for path, body, status in sales:
        ran = await ask(api, app, f"{account}/purchases{path}", body, status)
        # Of an order by quote, what was paid before it is read as well.
        reads = 2 if path == "/SO-4/cancellation" else 1
        assert ran == ["SELECT"] * reads + ["WITH"], (path, body)


async def test_N9_a_session_is_a_read_and_a_write_and_a_booking_three_reads(
    api: Api, app: FastAPI, account: str, clock: Clock
) -> None:
    sessions = f"{account}/tickets/HD-1/sessions"
    booking = {"session_id": "S-1", "kind": "chat", "starts_at": clock().isoformat()}
    booked = await ask(api, app, sessions, booking, 201)
    # What others' sessions take is read, and how many bookings there were before.
    assert booked == (LOCKED if cluster.PORTS else ["SELECT"] * 3 + ["WITH"])
    for action, minutes in (("start", 14), ("end", 0), ("correction", 0)):
        body = WHY | {"minutes": 21} if action == "correction" else {}
        ran = await ask(api, app, f"{sessions}/S-1/{action}", body, 200)
        # The end charges as of when the further minutes began: what there was then is read.
        reads = 2 if action == "end" else 1
        assert ran == ["SELECT"] * reads + ["WITH"], action
        clock.advance(minutes=minutes)
    later = clock() + timedelta(hours=1)
    await ask(
        api, app, sessions, booking | {"session_id": "S-2", "starts_at": later.isoformat()}, 201
    )
    assert await ask(api, app, f"{sessions}/S-2/no-show", {}, 200) == ["SELECT", "WITH"]


async def test_N9_work_within_a_weeks_cap_is_three_reads_and_a_write(
    api: Api, app: FastAPI
) -> None:
    account = await hours(api)
    await api.open(account)
    work = f"{account}/tickets/HD-1/work"
    for number in (1, 2):
        logged = {"work_id": f"W-{number}", "minutes": 30, "by": "Maria"}
        # Its ticket; the lots that make up the week's cap; and what the week has used.
        assert await ask(api, app, work, logged, 201) == ["SELECT"] * 3 + ["WITH"]
    ran = await ask(api, app, f"{work}/W-2/correction", WHY | {"minutes": 10}, 200)
    assert ran == ["SELECT"] * 3 + ["WITH"]


async def test_N9_a_renewal_reads_the_order_and_the_sale(
    api: Api, app: FastAPI, account: str
) -> None:
    renewal = {"order_id": "SO-2"} | PAID
    ran = await ask(api, app, f"{account}/purchases/SO-1/renewal", renewal, 201)
    assert ran == ["SELECT", "SELECT", "WITH"]


async def test_N9_an_upgrade_reads_the_sale_and_the_order_that_it_ends(
    api: Api, app: FastAPI
) -> None:
    account = await api.make_account()
    await api.buy(account, "livecart.standard-1y")
    asked = {"offer": EXPRESS}
    quote = (await api.post(f"{account}/purchases/SO-1/upgrade-quote", asked)).json()
    order = {"order_id": "SO-2", "quote_id": quote["quote_id"]} | PAID
    ran = await ask(api, app, f"{account}/purchases", order, 201)
    assert ran == ["SELECT", "SELECT", "WITH"]
    cancelled = WHY | {"refund": "unused"}
    ran = await ask(api, app, f"{account}/purchases/SO-2/cancellation", cancelled, 200)
    assert ran == ["SELECT"] * 3 + ["WITH"]


async def test_N9_a_rehearsal_is_the_read_alone(api: Api, app: FastAPI, account: str) -> None:
    async with statements_of(app) as ran:
        reply = await api.post(f"{account}/tickets", OPENING, params={"dry_run": "true"})
    assert (reply.status_code, reply.headers["Dry-Run"]) == (201, "true")
    (read,) = ran
    assert read.startswith("SELECT")
