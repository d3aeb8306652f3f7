"""Verification finds every way in which what is stored may differ from the entries."""

import asyncpg
import pytest
from fastapi import FastAPI

from tests.api.conftest import Api, Clock
from tests.conftest import Connection
from tests.support.verification import verify

# An instant is moved by a span in a form that a cluster takes, too.
CLOCK_LATER = (
    "UPDATE entries SET clock_at = (clock_at AT TIME ZONE 'UTC' + interval '2 hours')"
    " AT TIME ZONE 'UTC' WHERE sequence = 2"
)
EARLIER = (
    "UPDATE entries SET effective_at = (effective_at AT TIME ZONE 'UTC' - interval '1 hour')"
    " AT TIME ZONE 'UTC' WHERE sequence = 3"
)


async def live_a_little(api: Api, clock: Clock) -> str:
    """Buy, hold, revise, settle, refund, and let a lot end: eleven entries in two units."""
    account = await api.make_account()
    await api.buy(account, "xcart-points.300", "SO-1")
    await api.buy(account, "livecart.standard-1m", "SO-2")
    await api.open(account, "HD-1", catalog="xcart-points", category="level-2")
    clock.advance(hours=1)
    revision = {"amount": 65, "reason": "Further investigation"}
    await api.post(f"{account}/tickets/HD-1/charge/revision", revision)
    await api.post(f"{account}/tickets/HD-1/resolution", {"outcome": "solved"})
    refund = {"amount": 5, "reason": "Goodwill", "actor": "ines"}
    await api.post(f"{account}/tickets/HD-1/refund", refund)
    await api.open(account, "HD-2", catalog="livecart")
    await api.post(f"{account}/tickets/HD-2/resolution", {"outcome": "solved"})
    clock.advance(days=40)
    await api.open(account, "HD-3", catalog="xcart-points", category="level-1")
    return account


async def test_a_ledger_is_what_its_entries_add_up_to(api: Api, app: FastAPI, clock: Clock) -> None:
    await live_a_little(api, clock)
    await api.make_account("c-2")
    found = await verify(app)
    assert found.describe() == []
    # Two grants; hold 25, hold 40, settle 65, refund 5; hold 1, settle 1; hold 10.
    assert (found.accounts, found.entries) == (2, 9)


@pytest.mark.parametrize(
    "slip",
    [
        ("UPDATE lots SET used = used + 1 WHERE unit = 'point'", "used is 61, and should be 60"),
        ("UPDATE lots SET granted = 301 WHERE unit = 'point'", "granted is 301, and should be 300"),
        ("UPDATE lots SET expires_at = '2031-05-05T05:00:00Z'", "expires_at is "),
        ("UPDATE lots SET tally_id = 2 WHERE tally_id = 1", "tally_id is 2, and should be 1"),
        ("DELETE FROM lots WHERE unit = 'point'", "its row is none, and should be a lot"),
        ("UPDATE tallies SET held = 11 WHERE unit = 'point'", "held is 11, and should be 10"),
        ("DELETE FROM tallies WHERE unit = 'point'", "tally 1: its row is none"),
        ("UPDATE tallies SET catalog = 'livecart'", "its tally is 1, and should be one of"),
        ("UPDATE accounts SET sequence = 10", "sequence is 10, and should be 9"),
        ("UPDATE accounts SET tallies = 3", "tallies is 3, and should be 2"),
        ("UPDATE accounts SET effective_at = created_at", "the account: effective_at is "),
        (
            "UPDATE tickets SET charge_amount = 65 WHERE ticket_id = 'HD-1'",
            "ticket HD-1: charge_amount is 65, and should be 60",
        ),
        (
            "UPDATE tickets SET overage_amount = 5 WHERE ticket_id = 'HD-2'",
            "ticket HD-2: overage_amount is 5, and should be 0",
        ),
        (
            "UPDATE tickets SET status = 'resolved', charge_status = 'settled'",
            "ticket HD-3: what it holds is 10, and should be 0, as it is resolved",
        ),
        ("DELETE FROM tickets WHERE ticket_id = 'HD-1'", "ticket HD-1: its row is none"),
    ],
)
async def test_a_slip_in_what_is_stored_is_found(
    api: Api, app: FastAPI, clock: Clock, postgres_user: Connection, slip: tuple[str, str]
) -> None:
    await live_a_little(api, clock)
    statement, told = slip
    await postgres_user.execute(statement)
    assert told in "\n".join((await verify(app)).describe())


@pytest.mark.parametrize(
    "slip",
    [
        ("DELETE FROM entries WHERE sequence = 4", "entry 5: its sequence is 5, and should be 4"),
        ("UPDATE entries SET lot_held = 24 WHERE sequence = 3", "entry 3: lot_held is 24"),
        ("UPDATE entries SET tally_used = 1 WHERE sequence = 3", "entry 3: tally_used is 1"),
        (
            "UPDATE entries SET held = 26 WHERE sequence = 3",
            "entry 3: what it moves is (0, 26, 0, 0), and should be a hold of 25",
        ),
        (
            CLOCK_LATER,
            "entry 3: clock_at is ",
        ),
        (
            # The first hold before its lot was granted: below zero from then until the grant.
            EARLIER,
            ": a bucket is -25, and should be 0 or more",
        ),
        (
            EARLIER,
            "entry 3: effective_at is ",
        ),
        ("UPDATE entries SET kind = 'grant' WHERE sequence = 3", "a second grant of its lot"),
        ("DELETE FROM entries WHERE sequence = 1", "its lot's grant is none"),
    ],
)
async def test_a_slip_in_the_entries_is_found(
    api: Api, app: FastAPI, clock: Clock, postgres_user: Connection, slip: tuple[str, str]
) -> None:
    await live_a_little(api, clock)
    await postgres_user.execute("ALTER TABLE entries DISABLE TRIGGER ALL")
    statement, told = slip
    await postgres_user.execute(statement)
    assert told in "\n".join((await verify(app)).describe())


async def test_one_account_alone_can_be_verified(
    api: Api, app: FastAPI, clock: Clock, postgres_user: Connection
) -> None:
    await live_a_little(api, clock)
    await api.make_account("c-2")
    await postgres_user.execute("UPDATE tallies SET held = 99")
    assert (await verify(app, "c-2")).is_clean
    assert not (await verify(app, "c-1")).is_clean


@pytest.mark.parametrize("replica", [False, True])
@pytest.mark.parametrize(
    "change",
    [
        "UPDATE entries SET amount = amount + 1",
        "DELETE FROM entries",
        "TRUNCATE entries",
        "UPDATE entries SET amount = amount WHERE sequence = 1",
    ],
)
async def test_entries_are_never_changed_or_removed(
    api: Api, clock: Clock, postgres_user: Connection, change: str, replica: bool
) -> None:
    await live_a_little(api, clock)
    before = await postgres_user.fetch("SELECT * FROM entries ORDER BY sequence")
    if replica:  # what a replica does, and whoever wants triggers out of the way
        await postgres_user.execute("SET session_replication_role = replica")
    with pytest.raises(asyncpg.RestrictViolationError, match="entries is append-only"):
        await postgres_user.execute(change)
    assert await postgres_user.fetch("SELECT * FROM entries ORDER BY sequence") == before
