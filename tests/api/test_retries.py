"""A write sent again happens once: by its own id for ever, by `Idempotency-Key` for a day."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any

import asyncpg
import pytest

from app.db.accounts.idempotency import claim_key, store_reply
from app.db.accounts.locked_accounts import lock_account
from app.db.engine.database import Database
from app.db.engine.unit_of_work import Db
from app.main import create_app
from app.settings import Settings
from tests.api.conftest import ADMIN_KEY, Api, Clock
from tests.api.contents import read_contents
from tests.support import cluster
from tests.support.waiting import until

EXPRESS = {"order_id": "SO-1", "offer": "livecart.express-1y", "payment": {"status": "paid"}}
FROM_AGENT = {"by": "agent"}


@pytest.fixture
async def replies(api: Api) -> str:
    """Open a ticket; the address where its replies are recorded."""
    account = await api.make_account()
    await api.buy(account, "livecart.express-1y")
    await api.open(account)
    return f"{account}/tickets/HD-1/replies"


def keyed(key: str) -> dict[str, str]:
    return {"Idempotency-Key": key}


async def test_a_replay_gives_the_first_reply(api: Api, replies: str, clock: Clock) -> None:
    first = await api.post(replies, FROM_AGENT, headers=keyed("k-1"))
    assert (first.status_code, first.headers["ETag"]) == (200, '"2"')
    assert "Idempotent-Replayed" not in first.headers
    clock.advance(hours=24)
    again = await api.post(replies, FROM_AGENT, headers=keyed("k-1"))
    assert (again.status_code, again.content) == (first.status_code, first.content)
    assert again.headers["Idempotent-Replayed"] == "true"
    assert again.headers["ETag"] == first.headers["ETag"]
    assert again.headers["Content-Type"] == "application/json"
    # Without the key it is another reply.
    assert (await api.post(replies, FROM_AGENT)).headers["ETag"] == '"3"'


async def test_a_key_with_another_request_is_refused(
    api: Api, replies: str, published_url: str
) -> None:
    await api.post(replies, FROM_AGENT, headers=keyed("k-1"))
    before = await read_contents(published_url)
    other = await api.post(replies, {"by": "customer"}, headers=keyed("k-1"))
    assert other.status_code == 422
    assert other.json() == {
        "type": "/problems/idempotency_key_reused",
        "title": "The Idempotency-Key belongs to another request",
        "status": 422,
        "detail": "This Idempotency-Key was used before, for another request.",
        "instance": replies,
        "code": "idempotency_key_reused",
    }
    assert await read_contents(published_url) == before


async def test_a_key_belongs_to_a_credential_and_an_address(api: Api, replies: str) -> None:
    await api.post(replies, FROM_AGENT, headers=keyed("k-1"))
    made = await api.post("/v1/api-keys", {"name": "helpdesk", "role": "helpdesk"})
    helpdesk = api.holding(made.json()["secret"])
    by_another = await helpdesk.post(replies, FROM_AGENT, headers=keyed("k-1"))
    assert (by_another.status_code, by_another.headers["ETag"]) == (200, '"3"')
    elsewhere = replies.replace("replies", "pause")
    paused = await api.post(elsewhere, {"waiting_on": "customer"}, headers=keyed("k-1"))
    assert (paused.status_code, paused.headers["ETag"]) == (200, '"4"')


async def test_only_posts_take_a_key(api: Api) -> None:
    for name in ("First", "Second"):
        reply = await api.put("/v1/accounts/c-1", {"name": name}, headers=keyed("k-1"))
        assert reply.json()["name"] == name


@pytest.mark.parametrize("key", ["", "k" * 256])
async def test_a_key_has_1_to_255_characters(api: Api, replies: str, key: str) -> None:
    reply = await api.post(replies, FROM_AGENT, headers=keyed(key))
    assert (reply.status_code, reply.json()["code"]) == (422, "invalid_idempotency_key")
    assert (await api.post(replies, FROM_AGENT, headers=keyed("k" * 255))).status_code == 200


async def test_refusals_are_not_kept(api: Api) -> None:
    account = await api.make_account()
    ticket = {"ticket_id": "HD-1", "subject": "Checkout fails", "catalog": "livecart"}
    refused = await api.post(f"{account}/tickets", ticket, headers=keyed("k-1"))
    assert refused.status_code == 402
    await api.buy(account, "livecart.express-1y")
    opened = await api.post(f"{account}/tickets", ticket, headers=keyed("k-1"))
    assert opened.status_code == 201
    assert "Idempotent-Replayed" not in opened.headers


async def test_a_dry_run_takes_no_key(api: Api) -> None:
    account = await api.make_account()
    purchases = f"{account}/purchases"
    tried = await api.post(f"{purchases}?dry_run=true", EXPRESS, headers=keyed("k-1"))
    assert (tried.status_code, tried.headers["Dry-Run"]) == (201, "true")
    real = await api.post(purchases, EXPRESS, headers=keyed("k-1"))
    assert (real.status_code, real.headers.get("Idempotent-Replayed")) == (201, None)


async def test_a_secret_is_not_in_a_replay(api: Api) -> None:
    order = {"name": "shop", "role": "storefront"}
    first = await api.post("/v1/api-keys", order, headers=keyed("k-1"))
    again = await api.post("/v1/api-keys", order, headers=keyed("k-1"))
    shown = first.json()
    assert shown.pop("secret").startswith("surety_sk_")
    assert (again.status_code, again.json()) == (201, shown)
    assert again.headers["Idempotent-Replayed"] == "true"


async def test_duplicates_wait_for_the_first(api: Api, replies: str) -> None:
    sent = [api.post(replies, FROM_AGENT, headers=keyed("k-1")) for _ in range(8)]
    got = await asyncio.gather(*sent)
    assert {reply.status_code for reply in got} == {200}
    assert len({reply.content for reply in got}) == 1
    assert sum("Idempotent-Replayed" in reply.headers for reply in got) == 7


@pytest.fixture
async def impatient(published_url: str, clock: Clock) -> AsyncIterator[Api]:
    """Run a second process of the service, that waits for a lock a fifth of a second at most."""
    app = create_app(
        Settings(database_url=published_url, admin_key=ADMIN_KEY, lock_timeout_ms=200), clock=clock
    )
    async with app.router.lifespan_context(app):
        yield Api(app)


@pytest.mark.skipif(bool(cluster.PORTS), reason="a session's patience does not reach the nodes")
async def test_who_waits_too_long_is_told_to_come_back(
    api: Api, impatient: Api, replies: str, published_url: str
) -> None:
    other = await asyncpg.connect(published_url)
    transaction = other.transaction()
    await transaction.start()
    await other.execute("SELECT 1 FROM accounts WHERE account_id = 'c-1' FOR UPDATE")
    first = asyncio.create_task(api.post(replies, FROM_AGENT, headers=keyed("k-1")))
    await _wait_for_a_waiter(other)
    second = await impatient.post(replies, FROM_AGENT, headers=keyed("k-1"))
    assert (second.status_code, second.headers["Retry-After"]) == (409, "1")
    assert second.json()["code"] == "idempotency_in_progress"
    assert second.json()["retryable"] is True
    third = await impatient.post(replies, FROM_AGENT)
    assert (third.status_code, third.headers["Retry-After"]) == (503, "1")
    assert (third.json()["code"], third.json()["retryable"]) == ("busy", True)
    await transaction.rollback()
    await other.close()
    assert (await first).status_code == 200
    replayed = await impatient.post(replies, FROM_AGENT, headers=keyed("k-1"))
    assert replayed.headers["Idempotent-Replayed"] == "true"


async def _wait_for_a_waiter(connection: Any) -> None:
    waiting = f"SELECT count(*) FROM {cluster.ACTIVITY} WHERE wait_event_type = 'Lock'"  # noqa: S608
    await until(lambda: connection.fetchval(f"{waiting} AND datname = current_database()"))


async def _insist(api: Api, path: str, body: dict[str, Any]) -> Any:
    """Send until there is a connection for it, as a client does that is told to come back."""
    while (reply := await api.post(path, body)).status_code == 503:
        assert reply.json()["code"] in ("overloaded", "busy")
    return reply


async def test_a_hundred_retries_of_one_purchase_are_one_purchase(api: Api) -> None:
    account = await api.make_account()
    sent = [_insist(api, f"{account}/purchases", EXPRESS) for _ in range(100)]
    statuses = Counter(reply.status_code for reply in await asyncio.gather(*sent))
    assert statuses == {201: 1, 200: 99}
    assert len((await api.get(f"{account}/purchases")).json()["data"]) == 1
    assert (await api.units(account))["granted"] == 15


async def test_a_ticket_again_with_its_defaults_filled_in_is_the_same(api: Api) -> None:
    account = await api.make_account()
    await api.buy(account, "livecart.express-1y")
    asked = {"ticket_id": "HD-1", "subject": "Checkout fails"}
    opened = await api.post(f"{account}/tickets", asked)
    assert opened.status_code == 201
    filled: dict[str, Any] = {
        **asked,
        "channel": "ticket",
        "severity": None,
        "urgent": False,
        "catalog": None,
        "plan": None,
        "site": None,
        "category": None,
        "variables": {},
        "topic": None,
        "amount": None,
        "requester": None,
        "at": None,
    }
    for body in (asked, filled):
        again = await api.post(f"{account}/tickets", body)
        assert (again.status_code, again.json()) == (200, opened.json())
    other = await api.post(f"{account}/tickets", asked | {"channel": "chat"})
    assert (other.status_code, other.json()["differences"]) == (
        409,
        [{"pointer": "/channel", "then": "ticket", "now": "chat"}],
    )


async def test_an_id_with_another_body_names_the_differences(api: Api) -> None:
    account = await api.make_account()
    await api.post(f"{account}/purchases", EXPRESS)
    other = await api.post(f"{account}/purchases", EXPRESS | {"offer": "livecart.express-2y"})
    assert other.status_code == 409
    assert other.json() == {
        "type": "/problems/already_exists",
        "title": "The id is taken by another request",
        "status": 409,
        "detail": "The order 'SO-1' exists already, and was made by another request.",
        "instance": "/v1/accounts/c-1/purchases",
        "code": "already_exists",
        "differences": [
            {"pointer": "/offer", "then": "livecart.express-1y", "now": "livecart.express-2y"}
        ],
    }


async def test_defaults_filled_in_are_the_same_body(api: Api) -> None:
    account = await api.make_account()
    await api.buy(account, "livecart.express-1y")
    opened = await api.open(account)
    spelt_out = {
        "ticket_id": "HD-1",
        "subject": "Checkout fails",
        "urgent": False,
        "severity": None,
        "variables": {},
    }
    again = await api.post(f"{account}/tickets", spelt_out)
    assert (again.status_code, again.json()) == (200, opened)


async def test_two_tickets_at_once_on_the_last_incident(api: Api) -> None:
    account = await api.make_account()
    await api.buy(account, "xcart-support.incident-normal")
    replies = await asyncio.gather(
        *(
            api.post(f"{account}/tickets", {"ticket_id": f"HD-{number}", "subject": "Help"})
            for number in (1, 2)
        )
    )
    won, lost = sorted(replies, key=lambda reply: reply.status_code)
    assert (won.status_code, lost.status_code) == (201, 402)
    refusal: dict[str, Any] = lost.json()
    assert refusal["code"] == "insufficient_units"
    assert (refusal["required"], refusal["available"], refusal["shortfall"]) == (1, 0, 1)
    assert [line["code"] for line in refusal["trace"]] == ["exhausted"]
    assert [offer["offer"] for offer in refusal["offers"]] == [
        "xcart-support.subscription-1m",
        "xcart-support.subscription-1y",
        "xcart-support.incident-normal",
        "xcart-support.incident-urgent",
    ]
    assert (await api.units(account))["held"] == 1


KEY: dict[str, Any] = {"account_id": "c-1", "digest": b"a key's", "request_digest": b"a request's"}


async def _do_once(database: Database, now: datetime) -> str:
    async with database.transaction() as db:
        if await claim_key(db, **KEY, now=now) is not None:
            return "replayed"
        await _do(db, now)
    return "done"


async def _do(db: Db, now: datetime) -> None:
    await lock_account(db, KEY["account_id"])
    await store_reply(db, **KEY, status=200, headers={}, body=b"done", now=now)


async def test_duplicates_sent_before_their_account_is_there_happen_once(
    api: Api, published_url: str, clock: Clock
) -> None:
    """When both were sent nobody could see the account, and when they go on there is one."""
    database: Database = api.app.state.database
    other = await asyncpg.connect(published_url)
    async with database.transaction() as db:
        assert await claim_key(db, **KEY, now=clock.now) is None
        second = asyncio.create_task(_do_once(database, clock.now))
        await _wait_for_a_waiter(other)
        await api.make_account()
        await _do(db, clock.now)
    assert await second == "replayed"
    await other.close()


async def test_a_key_removed_while_a_retry_waits_is_taken_anew(
    api: Api, published_url: str, clock: Clock
) -> None:
    """What the retry does is kept in its turn: sent once more it does not happen again."""
    await api.make_account()
    database: Database = api.app.state.database
    other = await asyncpg.connect(published_url)
    assert await _do_once(database, clock.now) == "done"
    async with database.transaction() as holder:
        await lock_account(holder, "c-1")
        second = asyncio.create_task(_do_once(database, clock.now))
        await _wait_for_a_waiter(other)
        await other.execute("DELETE FROM idempotency_keys")
    assert await second == "done"
    assert await _do_once(database, clock.now) == "replayed"
    await other.close()


async def test_a_request_of_no_account_holds_up_no_other(api: Api, published_url: str) -> None:
    """What belongs to nobody is recorded under one row: it is not held while a reply is kept."""
    other = await asyncpg.connect(published_url)
    transaction = other.transaction()
    await transaction.start()
    await other.execute("SELECT 1 FROM accounts WHERE account_id = '-' FOR UPDATE")
    move = {"catalog": "livecart", "reason": "New terms", "actor": "m.ozols"}
    for replayed in (None, "true"):
        moved = await api.post("/v1/deadlines/re-evaluation", move, headers=keyed("k-1"))
        assert (moved.status_code, moved.headers.get("Idempotent-Replayed")) == (200, replayed)
    await transaction.rollback()
    await other.close()
