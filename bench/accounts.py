"""The accounts that are asked all day: one made over HTTP with a purchase, the others like it."""

import asyncio

from bench.client import Client
from bench.rig import Rig
from bench.seeding import copy_account, tidy

ACCOUNTS = 200
CROWD = 10_000


def prepare(rig: Rig, name: str) -> str:
    """Make a database in which `b-0` … have units and a ticket, `s-0` … nothing; its URL.

    `z-0` … are a crowd like `b-0`.
    """
    url = rig.make_database(name)
    with rig.serve(url) as service, Client(service.url) as client:
        for account in ("b", "s"):
            client.ask("PUT", f"/v1/accounts/{account}", {"name": "Nordwind Handel GmbH"})
        order = {"order_id": "SO-1", "offer": "livecart.express-3y", "quantity": 1_000}
        client.ask("POST", "/v1/accounts/b/purchases", order | {"payment": {"status": "paid"}})
        client.ask("POST", "/v1/accounts/b/tickets", {"ticket_id": "first", "subject": "It fails"})
    copies = (("b", "b-", ACCOUNTS), ("s", "s-", ACCOUNTS), ("b", "z-", CROWD))
    task = rig.progress.add_task("making accounts", total=len(copies))
    for like, prefix, count in copies:
        asyncio.run(copy_account(url, like, prefix=prefix, count=count))
        rig.progress.advance(task)
    asyncio.run(tidy(url))
    rig.progress.remove_task(task)
    return url
