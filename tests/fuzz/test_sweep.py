"""Every operation as it is carried out, with one hostile value at a time in each of its places."""

import time

from app.main import create_app
from tests.fuzz.harm import find_wrong, verify_ledger
from tests.fuzz.hostile import Draft
from tests.fuzz.requests import SECONDS
from tests.fuzz.sweep import find_bases, spoil
from tests.fuzz.world import World
from tests.support.raw_http import Connection, Reply

# Of all places and values, every so manieth; `make test-fuzz` sends each of them.
EVERY = 29 if SECONDS is None else 1
# What the five catalogues cannot bring about, or only a worker does.
NOT_CARRIED_OUT = {"quote_addition", "redeliver_event"}


async def test_no_hostile_value_in_any_place_does_harm(
    service: str, database_of_its_own: str
) -> None:
    world = World(service)
    world.build()
    document = create_app().openapi()
    operations = {
        operation["operationId"]: operation
        for item in document["paths"].values()
        for operation in item.values()
    }
    statuses: dict[int, int] = {}
    async with Connection(service) as connection:

        async def send(draft: Draft) -> Reply:
            return await connection.send(draft.write())

        bases = await find_bases(document, world, send)
        refused = {name for name, (_, status) in bases.items() if status >= 400}
        assert refused == NOT_CARRIED_OUT
        hostile = (
            each for name, (base, _) in bases.items() for each in spoil(base, operations[name])
        )
        for number, draft in enumerate(hostile):
            if number % EVERY:
                continue
            began_at = time.monotonic()
            reply = await send(draft)
            wrong = find_wrong(draft, reply, time.monotonic() - began_at)
            assert wrong is None, f"{wrong}: {draft}\n{reply}"[:5_000]
            statuses[reply.status] = statuses.get(reply.status, 0) + 1
    # Some were understood, and everything is as it was: none was gone, as after an erasure.
    assert statuses[200] > 1_000 / EVERY
    assert 410 not in statuses
    await verify_ledger(database_of_its_own)
