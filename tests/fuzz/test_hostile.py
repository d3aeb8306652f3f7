"""Every route with hostile input: no 500, nothing slow, and a ledger that adds up afterwards."""

import json
import random
import time

from app.db.engine.database import Database
from app.main import create_app
from app.services.ledger import verification
from app.services.ledger.verification import Verification
from tests.fuzz.hostile import Author, Draft
from tests.fuzz.requests import SECONDS
from tests.support.raw_http import Connection, Reply

FEW = 600
SLOW_SECONDS = 5
# What the server says, without the application, of what is no HTTP.
NO_HTTP = b"Invalid HTTP request received."


async def test_no_hostile_request_does_harm(service: str, database_of_its_own: str) -> None:
    seed = 1 if SECONDS is None else random.randrange(2**32)
    ends_at = time.monotonic() + (SECONDS or 0) / 2
    asked: set[str] = set()
    statuses: dict[int, int] = {}
    async with Connection(service) as connection:
        requests = Author(create_app().openapi(), seed).write_requests()
        for number, (name, draft) in enumerate(requests):
            began_at = time.monotonic()
            reply = await connection.send(draft.write(), is_head=draft.method == "HEAD")
            took_s = time.monotonic() - began_at
            wrong = find_wrong(draft, reply, took_s)
            assert wrong is None, f"{wrong}; seed {seed}, {number}: {draft}\n{reply}"[:5_000]
            asked.add(name)
            statuses[reply.status] = statuses.get(reply.status, 0) + 1
            if number >= FEW and time.monotonic() >= ends_at:
                break
        health = await connection.send(b"GET /readyz HTTP/1.1\r\nHost: a\r\n\r\n")
        assert health.status == 200
    assert len(asked) == len(list_operations())
    # They were not all refused at the door: some were understood, and some were carried out.
    assert statuses[200] > FEW / 20
    assert statuses[422] > FEW / 20
    await verify_ledger(database_of_its_own)


def find_wrong(draft: Draft, reply: Reply, took_s: float) -> str | None:
    """Return what no reply may be, whatever was asked."""
    if reply.status >= 500:
        return "an error of ours"
    if took_s > SLOW_SECONDS:
        return f"it took {took_s:.1f} s"
    if reply.body == NO_HTTP:
        return None
    if "x-request-id" not in reply.headers or "content-security-policy" not in reply.headers:
        return "a reply without its headers"
    if reply.status < 400 or draft.method == "HEAD":
        return None
    if reply.headers["content-type"] != "application/problem+json":
        return "no problem"
    problem = json.loads(reply.body)
    if problem["status"] != reply.status or problem["type"] != f"/problems/{problem['code']}":
        return "a problem that is not one"
    return None


def list_operations() -> list[str]:
    paths = create_app().openapi()["paths"]
    return [method for item in paths.values() for method in item]


async def verify_ledger(url: str) -> None:
    """Recompute every balance that there is."""
    database = Database(url, pool_size=1)
    await database.open()
    found, after = Verification(), ""
    async with database.transaction(read_only=True) as db:
        while page := await verification.list_next_accounts(db, after=after):
            for account_id in page:
                await verification.verify_account(db, account_id, into=found)
            after = page[-1]
    await database.close()
    assert found.accounts >= 2
    assert list(found.describe()) == []
