"""A backup of the service's own Postgres: restored elsewhere, verified, and changed by somebody."""

import re
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pytest

from app.embedded import EmbeddedPostgres
from tests.conftest import url_of
from tests.support.folders import open_folder
from tests.support.older_postgres import OLDER, older_postgres
from tests.support.serve import run, serve

KEY = "an-admin-key-that-is-set-0123456789"


@pytest.fixture
def folder() -> Iterator[Path]:
    with open_folder() as folder:
        yield folder


@pytest.fixture
def older_url(folder: Path) -> Iterator[str]:
    """Run an older Postgres; the URL of its own database."""
    with older_postgres(folder) as url:
        yield url


def run_a_story(client: httpx.Client) -> Any:
    """Sell points, open a ticket, settle it, open another; the balance."""
    client.put("/v1/accounts/c-1", json={"name": "Nordwind Handel GmbH"}).raise_for_status()
    order = {"order_id": "SO-1", "offer": "xcart-points.60", "payment": {"status": "paid"}}
    client.post("/v1/accounts/c-1/purchases", json=order).raise_for_status()
    for ticket_id in ("HD-1", "HD-2"):
        opening = {"ticket_id": ticket_id, "subject": "Slow", "category": "level-1"}
        client.post("/v1/accounts/c-1/tickets", json=opening).raise_for_status()
    solved = {"outcome": "solved"}
    client.post("/v1/accounts/c-1/tickets/HD-1/resolution", json=solved).raise_for_status()
    return client.get("/v1/accounts/c-1/balance").json()


async def test_a_backup_is_restored_and_verified_and_a_change_to_it_is_found(folder: Path) -> None:
    file = folder / "monday.dump"
    lost, found = str(folder / "lost"), str(folder / "found")
    headers = {"Authorization": f"Bearer {KEY}"}
    with serve(folder, SURETY_DATA_DIR=lost, SURETY_ADMIN_KEY=KEY) as service:
        with httpx.Client(base_url=service.url, headers=headers) as client:
            before = run_a_story(client)
        done = run(folder, "backup", str(file), SURETY_DATA_DIR=lost)
        assert done.stdout.startswith(f"Backed up to {file}, "), done.stderr
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        service.stop()
    done = run(folder, "restore", str(file), SURETY_DATA_DIR=found)
    assert done.stdout.startswith(f"Restored {file}."), done.stderr
    verified = run(folder, "ledger", "verify", SURETY_DATA_DIR=found)
    assert (verified.returncode, verified.stderr) == (0, "")
    assert "of 1 accounts: every balance is what its entries add up to." in verified.stdout
    with serve(folder, SURETY_DATA_DIR=found, SURETY_ADMIN_KEY=KEY) as service:
        asked = {"sequence": before["sequence"], "at": before["as_of"]}
        with httpx.Client(base_url=service.url, headers=headers) as client:
            after = client.get("/v1/accounts/c-1/balance", params=asked).json()
        assert after["units"] == before["units"]
        assert after["lots"] == before["lots"]
        service.stop()
    await change_a_stored_balance(Path(found))
    verified = run(folder, "ledger", "verify", SURETY_DATA_DIR=found)
    assert verified.returncode == 1
    used = re.match(r"c-1: lot \S+: used is (\d+), and should be (\d+)\n", verified.stdout)
    assert used, verified.stdout
    assert int(used[1]) == int(used[2]) + 1


async def change_a_stored_balance(data_dir: Path) -> None:
    with EmbeddedPostgres(data_dir) as postgres:
        connection = await asyncpg.connect(postgres.url)
        await connection.execute("UPDATE lots SET used = used + 1")
        await connection.close()


def test_nothing_is_written_over(folder: Path) -> None:
    there = folder / "there.dump"
    there.write_text("mine")
    data = {"SURETY_DATA_DIR": str(folder / "data")}
    done = run(folder, "backup", str(there), **data)
    assert (done.returncode, done.stderr) == (
        1,
        f"surety: {there} is there already; name another.\n",
    )
    assert there.read_text() == "mine"
    assert run(folder, "migrate", **data).returncode == 0
    assert run(folder, "backup", str(folder / "new.dump"), **data).returncode == 0
    done = run(folder, "restore", str(folder / "new.dump"), **data)
    assert (done.returncode, done.stderr) == (
        1,
        "surety: The database is not empty; restore into one that is.\n",
    )


def test_what_is_no_backup_is_one_line(folder: Path) -> None:
    data = {"SURETY_DATA_DIR": str(folder / "data")}
    done = run(folder, "restore", str(folder / "none.dump"), **data)
    assert done.stderr == f"surety: There is no file {folder / 'none.dump'}.\n"
    (folder / "odd.dump").write_text("not a dump")
    done = run(folder, "restore", str(folder / "odd.dump"), **data)
    assert done.returncode == 1
    assert done.stderr.startswith("surety: pg_restore could not: pg_restore: error: ")
    assert len(done.stderr.splitlines()) == 1


def test_what_cannot_be_reached_is_one_line_without_the_password(folder: Path) -> None:
    url = "postgresql://somebody:hunter2@127.0.0.1:1/nothing"
    done = run(folder, "backup", str(folder / "new.dump"), SURETY_DATABASE_URL=url)
    assert done.returncode == 1
    assert done.stderr.startswith("surety: pg_dump could not: ")
    assert "hunter2" not in done.stderr
    assert list(folder.iterdir()) == []


@pytest.mark.skipif(not OLDER, reason="there is no older Postgres here")
async def test_a_backup_is_restored_on_the_oldest_postgres(folder: Path, older_url: str) -> None:
    file = folder / "monday.dump"
    connection = await asyncpg.connect(older_url)
    await connection.execute("CREATE DATABASE lost")
    await connection.execute("CREATE DATABASE found")
    lost, found = url_of(older_url, "lost"), url_of(older_url, "found")
    with serve(folder, SURETY_DATABASE_URL=lost, SURETY_ADMIN_KEY=KEY) as service:
        headers = {"Authorization": f"Bearer {KEY}"}
        with httpx.Client(base_url=service.url, headers=headers) as client:
            run_a_story(client)
        service.stop()
    done = run(folder, "backup", str(file), SURETY_DATABASE_URL=lost)
    assert done.returncode == 0, done.stderr
    done = run(folder, "restore", str(file), SURETY_DATABASE_URL=found)
    assert done.stdout.startswith(f"Restored {file}."), done.stderr
    verified = run(folder, "ledger", "verify", SURETY_DATABASE_URL=found)
    assert (verified.returncode, verified.stderr) == (0, "")
    again = run(folder, "restore", str(file), SURETY_DATABASE_URL=found)
    assert "not empty" in again.stderr
    await connection.close()
