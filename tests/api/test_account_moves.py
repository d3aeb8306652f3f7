"""Two customers merged: everything of one account is the other's, and nothing is undone."""

import re
from typing import Any

import pytest

from app.db.accounts.account_moves import ENDED, MOVED
from app.db.engine.database import Database
from app.db.tables import metadata
from app.services.ledger.verification import verify_ledger
from tests.api.conftest import Api, Clock
from tests.support.notices import look
from tests.support.route_table import EVERY_ROUTE

OLD, NEW = "/v1/accounts/c-1", "/v1/accounts/c-2"
WHY = {"reason": "One customer, entered twice", "actor": "m.ozols"}
# What every address of an account answers from, by what it needs.
READS = (
    *("", "/summary", "/balance", "/lots", "/entries", "/statement", "/purchases", "/tickets"),
    *("/purchases/SO-1", "/tickets/HD-1", "/subscriptions", "/contacts", "/quotes"),
    *("/licenses", "/agreements", "/tickets/HD-1/events", "/tickets/HD-1/deadlines"),
)


@pytest.fixture
async def customers(api: Api, clock: Clock) -> None:
    """Make two customers with the same plans: each has resolved a ticket, and has one open."""
    await api.put(OLD, {"name": "Nordwind Handel", "email": "Shop@Nordwind.example"})
    await api.put(NEW, {"name": "Nordwind Handel GmbH", "email": "info@nordwind.example"})
    for number, account in enumerate((NEW, OLD)):
        await api.buy(account, "livecart.express-1y", f"SO-{number}")
        await api.buy(account, "xcart-points.60", f"SO-{number}-p")
        clock.advance(days=1)
        for ticket in (f"HD-{number}-done", f"HD-{number}"):
            await api.open(account, ticket, catalog="livecart")
        await api.open(account, f"HD-{number}-p", catalog="xcart-points", category="level-2")
        clock.advance(hours=1)
        path = f"{account}/tickets/HD-{number}-done"
        assert (await api.post(f"{path}/replies", {"by": "agent"})).status_code == 200
        assert (await api.post(f"{path}/resolution", {"outcome": "solved"})).status_code == 200
    await api.put(f"{OLD}/contacts/u-7", {"name": "Erika", "emails": ["erika@nordwind.example"]})
    clock.advance(days=1)


async def move(api: Api, **more: Any) -> Any:
    return await api.post(f"{OLD}/move", {"to_account_id": "c-2", **WHY}, **more)


async def read(api: Api, path: str, **asked: Any) -> Any:
    reply = await api.get(path, params=asked)
    assert reply.status_code == 200, (path, reply.text)
    return reply.json()


async def list_all(api: Api, path: str, **asked: Any) -> list[Any]:
    data: list[Any] = (await read(api, path, limit=200, **asked))["data"]
    return data


def add(*units: Any) -> Any:
    return {
        unit: {
            name: value if isinstance(value, bool) else sum(each[unit][name] for each in units)
            for name, value in of.items()
        }
        for unit, of in units[0].items()
    }


@pytest.mark.usefixtures("customers")
async def test_N11_units_orders_tickets_statement_and_events_add_up(
    api: Api, published_url: str
) -> None:
    past = "2026-11-26T09:30:00Z"
    before = {account: await read(api, f"{account}/balance") for account in (OLD, NEW)}
    then = {account: await read(api, f"{account}/balance", at=past) for account in (OLD, NEW)}
    stated = {account: await read(api, f"{account}/statement") for account in (OLD, NEW)}
    events = {each: await list_all(api, "/v1/events", account_id=each) for each in ("c-1", "c-2")}
    tickets = {account: await list_all(api, f"{account}/tickets") for account in (OLD, NEW)}
    entries = {account: await list_all(api, f"{account}/entries") for account in (OLD, NEW)}
    known = before[NEW]["sequence"]
    reply = await move(api)
    assert reply.status_code == 200, reply.text
    moved = reply.json()
    assert (moved["account_id"], moved["moved_to"]) == ("c-1", "c-2")
    assert moved["moved"] == {
        "purchases": 2,
        "subscriptions": 2,
        "lots": 2,
        "entries": before[OLD]["sequence"],
        "tickets": 3,
        "sessions": 0,
        "work": 0,
        "quotes": 0,
        "licenses": 0,
        "contacts": 1,
        "events": len(events["c-1"]),
    }
    after = await read(api, f"{NEW}/balance")
    assert after["units"] == add(before[OLD]["units"], before[NEW]["units"])
    assert len(after["lots"]) == len(before[OLD]["lots"]) + len(before[NEW]["lots"])
    assert moved["sequence"] == after["sequence"]
    assert after["sequence"] == before[OLD]["sequence"] + known + len(before[OLD]["lots"])
    # The past is what both were, and as it was known before the move it is what the one was.
    shown = await read(api, f"{NEW}/balance", at=past)
    assert shown["units"] == add(then[OLD]["units"], then[NEW]["units"])
    shown = await read(api, f"{NEW}/balance", at=past, sequence=known)
    assert shown["units"] == then[NEW]["units"]
    orders = [each["order_id"] for each in await list_all(api, f"{NEW}/purchases", order="asc")]
    assert orders == ["SO-0", "SO-0-p", "SO-1", "SO-1-p"]
    listed = {each["ticket_id"]: each for each in await list_all(api, f"{NEW}/tickets")}
    for each in (*tickets[OLD], *tickets[NEW]):
        found = listed.pop(each["ticket_id"])
        kept = ("status", "subject", "charge", "deadlines", "opened_at", "coverage", "outcome")
        assert {name: found[name] for name in kept if name in found} == {
            name: each[name] for name in kept if name in each
        }
    assert listed == {}
    statement = await read(api, f"{NEW}/statement")
    assert statement["closing"] == after["units"]
    for part in ("in_progress", "resolved"):
        together = sorted(
            (*stated[OLD][part], *stated[NEW][part]), key=lambda each: str(each["ticket_id"])
        )
        assert sorted(statement[part], key=lambda each: str(each["ticket_id"])) == together
    came = [each for each in statement["modifications"] if each["kind"] == "move"]
    assert [(each["reason"], each["actor"], each["reference"]) for each in came] == [
        ("One customer, entered twice", "m.ozols", "c-1")
    ] * 2
    assert sum(each["kind"] == "grant" for each in statement["modifications"]) == 4
    page = await api.get(f"{NEW}/statement", headers={"Accept": "text/html"})
    assert "Taken over from account c-1: One customer, entered twice" in page.text
    lines = await list_all(api, f"{NEW}/entries")
    assert len(lines) == len(entries[OLD]) + len(entries[NEW]) + 2
    copied = lines[len(entries[NEW]) : -2]
    for line, was in zip(copied, entries[OLD], strict=True):
        assert line["sequence"] == was["sequence"] + known
        same = ("kind", "amount", "effective_at", "lot_id", "ticket_id", "order_id", "change")
        assert [line[name] for name in same] == [was[name] for name in same]
    told = await list_all(api, "/v1/events", account_id="c-2")
    assert [each["sequence"] for each in told] == list(range(1, len(told) + 1))
    assert told[: len(events["c-2"])] == events["c-2"]
    again = told[len(events["c-2"]) :][: len(events["c-1"])]
    assert [each["id"] for each in again] == [each["id"] for each in events["c-1"]]
    assert "account.moved" in [each["type"] for each in told]
    assert await verify(published_url) == []


@pytest.mark.usefixtures("customers")
async def test_what_was_begun_in_the_one_is_ended_in_the_other(
    api: Api, clock: Clock, published_url: str
) -> None:
    assert (await move(api)).status_code == 200
    done = await api.post(f"{NEW}/tickets/HD-1/resolution", {"outcome": "solved"})
    assert (done.status_code, done.json()["charge"]["status"]) == (200, "settled")
    back = await api.post(f"{NEW}/tickets/HD-1-done/refund", {"amount": 1, **WHY})
    assert (back.status_code, back.json()["charge"]["status"]) == (200, "refunded")
    assert (await api.units(NEW))["used"] == 2
    # Both packs are one pool: 120 points, of which each ticket holds 25.
    big = await api.open(NEW, "HD-9", catalog="xcart-points", category="other", amount=70)
    assert [each["amount"] for each in big["charge"]["allocations"]] == [35, 35]
    ended = {"refund": "unused", "reason": "They leave", "actor": "m.ozols"}
    cancelled = await api.post(f"{NEW}/purchases/SO-1/cancellation", ended)
    assert cancelled.status_code == 200, cancelled.text
    clock.advance(days=3)
    await look(api)
    assert await verify(published_url) == []
    queue = await list_all(api, "/v1/queue")
    assert {each["account_id"] for each in queue} == {"c-2"}


@pytest.mark.usefixtures("customers")
async def test_the_old_id_says_where_it_went(api: Api) -> None:
    key = {"Idempotency-Key": "merge-1"}
    first = await move(api, headers=key)
    for path in READS:
        reply = await api.get(OLD + path)
        problem = reply.json()
        assert (reply.status_code, problem["code"]) == (410, "account_moved"), path
        assert problem["moved_to"] == "c-2"
    for method, path, body in (
        ("PUT", "", {"name": "Nordwind"}),
        ("PATCH", "", {"name": "Nordwind"}),
        ("POST", "/tickets", {"ticket_id": "HD-5", "subject": "Checkout fails"}),
        ("POST", "/coverage", {"subject": "Checkout fails"}),
        ("POST", "/move", {"to_account_id": "c-2", **WHY}),
        ("PUT", "/contacts/u-8", {"name": "Hans"}),
        ("POST", "/purchases/SO-1/cancellation", {"refund": "none", **WHY}),
    ):
        for headers in ({}, {"Idempotency-Key": f"another-{method}{path}"}):
            reply = await api.http.request(method, OLD + path, json=body, headers=headers)
            assert (reply.status_code, reply.json()["code"]) == (410, "account_moved"), path
    again = await move(api, headers=key)
    assert (again.status_code, again.json()) == (200, first.json())
    assert again.headers["Idempotent-Replayed"] == "true"
    assert (await api.get("/v1/accounts/c-3")).status_code == 404
    # A customer moved on is where they are now.
    await api.make_account("c-3")
    await api.post(f"{NEW}/move", {"to_account_id": "c-3", **WHY})
    assert (await api.get(OLD)).json()["moved_to"] == "c-3"


@pytest.mark.parametrize("size", [0, 100_000])
async def test_a_key_of_another_account_reads_nothing_of_a_move(api: Api, size: int) -> None:
    """Every address of an account that was moved answers as that of one that never was."""
    for number in (1, 2, 3):
        await api.make_account(f"c-{number}")
    assert (await move(api)).status_code == 200
    made = await api.post("/v1/api-keys", {"name": "c-3", "role": "admin", "account_id": "c-3"})
    holder = api.holding(made.json()["secret"])
    asked = 0
    for route in EVERY_ROUTE:
        if "{account_id}" not in route.path:
            continue
        for method in route.methods or ():
            body = None if method in ("GET", "DELETE") else {"reason": "x" * size}
            replies = []
            for account_id in ("c-1", "c-9"):
                path = re.sub(r"{\w+}", "x-1", route.path.replace("{account_id}", account_id))
                reply = await holder.http.request(method, path, json=body)
                assert (reply.status_code, reply.json()["code"]) == (404, "account_unknown"), path
                assert reply.json()["instance"] == path
                replies.append(reply.text.replace(account_id, "c"))
            assert replies[0] == replies[1]
            asked += 1
    assert asked > 60
    assert (await api.get(OLD)).json()["moved_to"] == "c-2"


@pytest.mark.usefixtures("customers")
async def test_by_the_old_address_the_customer_is_found(api: Api) -> None:
    await move(api)
    for address in ("shop@nordwind.EXAMPLE", "info@nordwind.example", "erika@nordwind.example"):
        found = await read(api, "/v1/summary", email=address)
        assert found["account_id"] == "c-2"
    assert (await read(api, f"{NEW}/contacts/c-1"))["emails"] == ["Shop@Nordwind.example"]


async def test_ids_met_twice_are_refused_and_said(api: Api, published_url: str) -> None:
    for account in (OLD, NEW):
        await api.put(account, {"name": "Nordwind"})
        await api.buy(account, "livecart.express-1y", "SO-1")
        await api.open(account, "HD-1")
        await api.put(f"{account}/contacts/u-7", {"name": "Erika"})
        grant = {"catalog": "livecart", "plan": "express", "unit": "incident", "amount": 1}
        await api.post(f"{account}/grants", {"reference": "g-1", **grant, **WHY})
    before = [await read(api, f"{account}/balance") for account in (OLD, NEW)]
    refused = await move(api)
    problem = refused.json()
    assert (refused.status_code, problem["code"]) == (409, "ids_met")
    assert problem["met"] == [
        {"kind": "contact", "id": "u-7"},
        {"kind": "order", "id": "SO-1"},
        {"kind": "reference", "id": "g-1"},
        {"kind": "ticket", "id": "HD-1"},
    ]
    assert problem["detail"] == (
        "Both accounts have the contact u-7, the order SO-1, the reference g-1, the ticket HD-1."
    )
    assert [await read(api, f"{account}/balance") for account in (OLD, NEW)] == before
    assert await verify(published_url) == []


async def test_what_cannot_be_moved(api: Api) -> None:
    await api.make_account("c-1")
    for account, status, code in (
        ("c-1", 409, "same_account"),
        ("c-9", 404, "account_unknown"),
        ("c-8", 409, "clocks_differ"),
    ):
        await api.put("/v1/accounts/c-8", {"name": "Trial", "sandbox": True})
        body = {"to_account_id": account, **WHY}
        reply = await api.post(f"{OLD}/move", body)
        assert (reply.status_code, reply.json()["code"]) == (status, code)


def test_every_table_of_an_account_is_moved_with_it() -> None:
    # Copied by the ledger and for the list of events; kept for retries; the account itself.
    ledger = {"clock_repairs", "entries", "lots", "tallies"}
    apart = ledger | {"accounts", "events", "idempotency_keys", "moved_accounts"}
    named = {each.name for each in (*MOVED, *ENDED)} | apart
    owned = {
        table.name
        for table in metadata.tables.values()
        if next(iter(table.primary_key.columns)).name == "account_id"
    }
    assert named == owned


async def verify(url: str) -> list[str]:
    database = Database(url, pool_size=1)
    await database.open()
    async with database.transaction(read_only=True) as db:
        found = await verify_ledger(db)
    await database.close()
    return found.describe()
