"""`surety ledger verify`: what an operator runs after a crash, a race, or a slip."""

import asyncio
from datetime import UTC, datetime

import asyncpg
import pytest
from typer.testing import CliRunner, Result

from app.cli.commands import cli
from app.db.accounts.accounts import insert_account
from app.db.accounts.idempotency import insert_reference
from app.db.accounts.locked_accounts import lock_account
from app.db.engine.database import Database
from app.db.ledger.ledger import Stamp, insert_lots
from app.domain.access.repeats import BusinessReference
from app.domain.ledger.ledger import Lot
from app.services.selling.lots import new_id

NOW = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)


def run(*arguments: str) -> Result:
    return CliRunner().invoke(cli, ["ledger", "verify", *arguments])


async def grant(url: str, *account_ids: str) -> None:
    """Make accounts of one lot each."""
    database = Database(url, pool_size=1, clock=lambda: NOW)
    await database.open()
    for account_id in account_ids:
        async with database.transaction() as db:
            await insert_account(
                db, account_id=account_id, name="?", email=None, metadata={}, now=NOW
            )
            account = await lock_account(db, account_id)
            lot = _lot()
            await insert_reference(
                db,
                BusinessReference(
                    account_id=account_id,
                    operation="grant",
                    reference="goodwill-1",
                    request={"amount": lot.granted},
                    result_id=str(lot.subscription_id),
                    created_at=NOW,
                ),
            )
            await insert_lots(db, account, [lot], Stamp(effective_at=NOW))
    await database.close()


def _lot() -> Lot:
    return Lot(
        lot_id=new_id(),
        subscription_id=new_id(),
        tally_id=0,
        catalog="xcart-points",
        plan="points",
        site=None,
        unit="point",
        source="grant",
        order_id=None,
        origin_lot_id=None,
        granted_sequence=0,
        granted=60,
        held=0,
        used=0,
        revoked=0,
        valid_from=NOW,
        expires_at=None,
        created_at=NOW,
    )


async def slip(url: str) -> None:
    connection = await asyncpg.connect(url)
    await connection.execute("UPDATE lots SET used = 1 WHERE account_id = 'c-2'")
    await connection.close()


async def test_a_clean_ledger_exits_with_0(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SURETY_DATABASE_URL", database_url)
    await grant(database_url, "c-1", "c-2")
    result = await asyncio.to_thread(run)
    assert result.exit_code == 0
    assert result.stdout == (
        "Verified 2 entries of 2 accounts: every balance is what its entries add up to.\n"
    )


async def test_a_difference_is_listed_and_exits_with_1(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SURETY_DATABASE_URL", database_url)
    await grant(database_url, "c-1", "c-2")
    await slip(database_url)
    result = await asyncio.to_thread(run)
    assert result.exit_code == 1
    assert result.stdout.startswith("c-2: lot ")
    assert result.stdout.endswith(": used is 1, and should be 0\n")
    assert result.stderr == "1 differences in 2 entries of 2 accounts.\n"
    assert (await asyncio.to_thread(run, "--account", "c-1")).exit_code == 0
    assert (await asyncio.to_thread(run, "--account", "c-2")).exit_code == 1
