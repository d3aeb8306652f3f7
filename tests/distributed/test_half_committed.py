"""Nodes commit one after the other: what is counted on one may not be seen yet on another."""

import asyncio
from collections.abc import AsyncIterator

import asyncpg
import httpx
import pytest

from tests.api.conftest import Api, _published, api, app, clock, published_url  # noqa: F401
from tests.conftest import Connection
from tests.support import cluster
from tests.support.waiting import until

pytestmark = pytest.mark.skipif(not cluster.PORTS, reason="SURETY_TEST_CITUS names no nodes")

BOOKING = {"session_id": "S-1", "kind": "chat", "starts_at": "2026-11-24T09:00:00Z"}
COUNTED = "SELECT bookings FROM {} WHERE catalog = 'livecart'"
COUNT = "UPDATE {} SET bookings = bookings + 1 WHERE catalog = 'livecart'"
SET_STATUS = "UPDATE {} SET status = '{}'"
CATALOGS = """
    SELECT 'catalogs_' || shardid FROM pg_dist_shard WHERE logicalrelid = 'catalogs'::regclass
"""
SESSIONS_OF_C_1 = """
    SELECT 'sessions_' || shardid AS part, nodeport AS port
    FROM pg_dist_placement JOIN pg_dist_node USING (groupid)
    WHERE shardid = get_shard_id_for_distribution_column('sessions', 'c-1')
"""
WAITING = """
    SELECT count(*) FROM pg_stat_activity
    WHERE wait_event_type = 'Lock' AND datname = current_database()
"""


@pytest.fixture
async def nodes(published_url: str) -> AsyncIterator[dict[int, Connection]]:  # noqa: F811
    """Open a connection to the test's database on each node, that may write to parts of tables."""
    name = published_url.rpartition("/")[2]
    opened = {port: await asyncpg.connect(cluster.url_on(port, name)) for port in cluster.PORTS}
    for node in opened.values():
        await node.execute("SET citus.enable_manual_changes_to_shards = on")
    yield opened
    for node in opened.values():
        # A database that has one cannot be dropped.
        for prepared in await node.fetch("SELECT gid FROM pg_prepared_xacts WHERE gid = 'half'"):
            await node.execute(f"ROLLBACK PREPARED '{prepared['gid']}'")
        await node.close()


async def test_a_slot_is_not_sold_again_while_its_sale_is_half_committed(
    api: Api,  # noqa: F811
    nodes: dict[int, Connection],
) -> None:
    for account_id in ("c-1", "c-2"):
        account = await api.make_account(account_id)
        await api.buy(account, "livecart.priority-1y")
        await api.open(account)
    coordinator = nodes[cluster.PORTS[0]]
    catalogs = await coordinator.fetchval(CATALOGS)
    ((sessions, last),) = await coordinator.fetch(SESSIONS_OF_C_1)
    assert (await book(api, "c-1")).status_code == 201
    # As it is where all have committed it but the node that has the session.
    await nodes[last].execute(SET_STATUS.format(sessions, "cancelled"))
    for port, node in nodes.items():
        if port != last:
            await node.execute(COUNT.format(catalogs))
    await nodes[last].execute(
        f"BEGIN; {COUNT.format(catalogs)}; {SET_STATUS.format(sessions, 'booked')};"
        " PREPARE TRANSACTION 'half'"
    )
    second = asyncio.create_task(book(api, "c-2"))

    async def waits() -> bool:
        return second.done() or await nodes[last].fetchval(WAITING) > 0

    await until(waits)
    await nodes[last].execute("COMMIT PREPARED 'half'")
    reply = await second
    assert (reply.status_code, reply.json().get("reason")) == (409, "taken"), reply.text
    counted = [await node.fetchval(COUNTED.format(catalogs)) for node in nodes.values()]
    assert counted == [2] * len(nodes)


async def book(api: Api, account_id: str) -> httpx.Response:  # noqa: F811
    return await api.post(f"/v1/accounts/{account_id}/tickets/HD-1/sessions", BOOKING)
