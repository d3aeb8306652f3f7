"""Every route with hostile input: no 500, nothing slow, and a ledger that adds up afterwards."""

import random
import time

from app.main import create_app
from tests.fuzz.harm import find_wrong, verify_ledger
from tests.fuzz.hostile import Author
from tests.fuzz.requests import SECONDS
from tests.support.raw_http import Connection

FEW = 600


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


def list_operations() -> list[str]:
    paths = create_app().openapi()["paths"]
    return [method for item in paths.values() for method in item]
