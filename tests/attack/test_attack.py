"""Sixteen connections on a few accounts, random actions with random bodies, a week a second.

At the end the laws hold: no unit and no money from nowhere, none twice, every lot adds up at
every instant that was looked at, events have no gap, and what was acknowledged is there.
`make test-attack` goes on for SECONDS.
"""

import asyncio
import os
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta
from random import Random
from typing import Any

import httpx

from app.db.engine.database import Database
from app.services.ledger import verification
from tests.api.conftest import ADMIN_KEY
from tests.attack.actions import ACCOUNTS, Attacker, Known
from tests.attack.conftest import BEGIN, Target

_SECONDS = os.environ.get("SURETY_TEST_ATTACK_SECONDS")
SECONDS = float(_SECONDS or "3")
CONNECTIONS = 16
ROLES = ("storefront", "helpdesk", "helpdesk", "manager", "manager", "manager")
SLOW_SECONDS = 15.0


@dataclass(slots=True)
class Told:
    """What the attack was answered."""

    statuses: Counter[int] = field(default_factory=Counter)
    codes: Counter[str] = field(default_factory=Counter)
    slowest_s: float = 0.0
    # What was made, by its path.
    made: set[str] = field(default_factory=set)


async def test_an_attack_breaks_no_law(target: Target) -> None:
    seed = 1 if _SECONDS is None else Random().randrange(2**32)
    async with httpx.AsyncClient(
        base_url=target.url, headers={"Authorization": f"Bearer {ADMIN_KEY}"}, timeout=60
    ) as admin:
        keys = [await _make_key(admin, role) for role in ROLES]
        known = Known()
        for account in ACCOUNTS:
            made = await admin.put(f"/v1/accounts/{account}", json={"name": "Nordwind"})
            assert made.status_code == 201, made.text
            await stock(admin, account, known)
        told = Told()
        ends_at = time.monotonic() + SECONDS
        await asyncio.gather(
            *(
                attack(
                    target,
                    keys[number % len(keys)],
                    Attacker(seed + number, target.clock, known),
                    ends_at,
                    told,
                )
                for number in range(CONNECTIONS)
            )
        )
        target.clock.stop()
        total = sum(told.statuses.values())
        weeks = (target.clock() - BEGIN) / timedelta(days=7)
        print(
            f"\n{total} requests in {SECONDS:.0f} s and {weeks:.0f} weeks, seed {seed}:"
            f" {dict(sorted(told.statuses.items()))}, the slowest {told.slowest_s:.2f} s,"
            f" {len(told.made)} made; refused as {dict(told.codes.most_common(12))}"
        )
        assert told.statuses[201] > 0
        for account in ACCOUNTS:
            await check_account(admin, account, Random(seed), target)
        for path in sorted(told.made):
            assert (await admin.get(path)).status_code == 200, path
    await verify(target.database_url)


async def stock(admin: httpx.AsyncClient, account: str, known: Known) -> None:
    """Sell an account some plans and open some tickets, for the attack to begin with."""
    path = f"/v1/accounts/{account}"
    for number, offer in enumerate(("xcart-points.300", "livecart.express-1y", "xcart-points.60")):
        order = {"order_id": f"SO-{number}", "offer": offer}
        paid = {"payment": {"status": "paid", "reference": f"P-{account}-{number}"}}
        sold = await admin.post(f"{path}/purchases", json=order | paid)
        assert sold.status_code == 201, sold.text
        known.learn(account, sold.json())
    for number in range(10):
        asked = {"catalog": "livecart"}
        if number % 3:
            asked = {"catalog": "xcart-points", "category": "level-1"}
        ticket = {"ticket_id": f"HD-{number}", "subject": "Attack"} | asked
        opened = await admin.post(f"{path}/tickets", json=ticket)
        assert opened.status_code == 201, opened.text
        known.learn(account, opened.json())


async def attack(target: Target, key: str, attacker: Attacker, ends_at: float, told: Told) -> None:
    """Send one request after the other until the end; some of them twice, some with a key."""
    headers = {"Authorization": f"Bearer {key}"}
    async with httpx.AsyncClient(base_url=target.url, headers=headers, timeout=60) as http:
        while time.monotonic() < ends_at:
            method, path, body = attacker.draw()
            more = {}
            if attacker.random.random() < 0.3:
                more = {"Idempotency-Key": f"k-{attacker.random.randrange(200)}"}
            for _ in range(attacker.random.choice((1, 1, 1, 2))):
                began = time.monotonic()
                reply = await http.request(method, path, json=body, headers=more)
                took_s = time.monotonic() - began
                told.slowest_s = max(told.slowest_s, took_s)
                told.statuses[reply.status_code] += 1
                asked = f"{method} {path} {body}: {reply.text[:2_000]}"
                assert reply.status_code < 500 or reply.status_code == 503, asked
                assert took_s < SLOW_SECONDS, asked
                _note(attacker, path, reply, told)


def _note(attacker: Attacker, path: str, reply: httpx.Response, told: Told) -> None:
    shown = reply.json() if reply.content else {}
    if reply.status_code >= 400:
        told.codes[shown["code"]] += 1
        return
    account = path.split("/")[3]
    attacker.known.learn(account, shown)
    if reply.status_code == 201 and path.endswith("/purchases"):
        told.made.add(f"/v1/accounts/{account}/purchases/{shown['order_id']}")
    if reply.status_code == 201 and path.endswith("/tickets"):
        told.made.add(f"/v1/accounts/{account}/tickets/{shown['ticket_id']}")


async def check_account(admin: httpx.AsyncClient, account: str, random: Random, at: Target) -> None:
    """Check that units add up now and at instants of the past, and that no event is missing."""
    path = f"/v1/accounts/{account}"
    now = at.clock()
    known = await _read(admin, f"{path}/balance")
    lots = (await _read(admin, f"{path}/lots", limit="200"))["data"]
    unlimited = {lot["unit"] for lot in lots if lot["granted"] is None}
    instants = [BEGIN + (now - BEGIN) * random.random() for _ in range(12)]
    for instant in (now, *instants):
        asked = {"at": instant.isoformat(), "sequence": str(known["sequence"])}
        balance = await _read(admin, f"{path}/balance", **asked)
        for unit, each in balance["units"].items():
            parts = [each[name] for name in ("held", "used", "expired", "revoked")]
            assert min(parts) >= 0, (account, instant, unit, each)
            if each["granted"] is not None:
                assert each["available"] >= 0, (account, instant, unit, each)
                # What was taken of unlimited lots is counted, and nothing of them was granted.
                beyond = each["available"] + sum(parts) - each["granted"]
                assert beyond >= 0 if unit in unlimited else beyond == 0, (account, instant, each)
        for lot in balance["lots"]:
            if lot["granted"] is not None:
                left = lot["granted"] - lot["available"] - lot["held"] - lot["used"]
                assert left >= 0, (account, instant, lot)
        again = await _read(admin, f"{path}/balance", **asked)
        assert again == balance, (account, instant)
    after = 0
    while True:
        page = await _read(admin, "/v1/events", account_id=account, after=str(after), limit="200")
        numbers = [each["sequence"] for each in page["data"]] if page["data"] else []
        assert numbers == list(range(after + 1, after + 1 + len(numbers))), account
        after += len(numbers)
        if page["next_cursor"] is None:
            break
    assert after > 0


async def _read(http: httpx.AsyncClient, path: str, **asked: str) -> Any:
    reply = await http.get(path, params=asked)
    assert reply.status_code == 200, reply.text
    return reply.json()


async def _make_key(admin: httpx.AsyncClient, role: str) -> str:
    body = {"name": role, "role": role}
    reply = await admin.post("/v1/api-keys", json=body)
    secret: str = reply.json()["secret"]
    return secret


async def verify(url: str) -> None:
    """Verify the ledger: every balance, where units came from, and the money paid back."""
    database = Database(url, pool_size=1)
    await database.open()
    try:
        async with database.transaction(read_only=True) as db:
            found = await verification.verify_ledger(db)
    finally:
        await database.close()
    assert found.is_clean, "\n".join(found.describe())
