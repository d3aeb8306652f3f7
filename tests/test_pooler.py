"""PgBouncer between the service and its database, each transaction on another connection."""

import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from app.embedded import EmbeddedPostgres
from tests.support.folders import open_folder
from tests.support.operating import read_blocks
from tests.support.ports import find_free_port
from tests.support.serve import run, serve

PGBOUNCER = shutil.which("pgbouncer")
pytestmark = pytest.mark.skipif(PGBOUNCER is None, reason="there is no PgBouncer here")
KEY = "an-admin-key-that-is-set-0123456789"


@pytest.fixture
def folder() -> Iterator[Path]:
    with open_folder() as folder:
        yield folder


@pytest.fixture
def server(folder: Path) -> Iterator[EmbeddedPostgres]:
    with EmbeddedPostgres(folder / "data", durable=False) as server:
        yield server


@pytest.fixture
def pooler_url(folder: Path, server: EmbeddedPostgres) -> Iterator[str]:
    """Run PgBouncer as the operator's guide has it, with three connections; its URL."""
    direct = urlsplit(server.url)
    (sockets,) = parse_qs(direct.query)["host"]
    port = find_free_port()
    owner = Path(sockets).stat()
    file = folder / "pgbouncer.ini"
    file.write_text(
        "[databases]\n"
        f"surety = host={sockets} dbname={direct.path.strip('/')} user={direct.username}\n"
        "[pgbouncer]\n"
        f"listen_addr = 127.0.0.1\nlisten_port = {port}\nauth_type = any\n"
        "default_pool_size = 3\nunix_socket_dir =\n" + read_blocks("ini")[0]
    )
    is_root = os.geteuid() == 0  # as whom it would not run
    assert PGBOUNCER is not None
    process = subprocess.Popen(
        [PGBOUNCER, "-q", file],
        stderr=subprocess.DEVNULL,
        user=owner.st_uid if is_root else None,
        group=owner.st_gid if is_root else None,
    )
    try:
        _wait_for(port)
        yield f"postgresql://surety@127.0.0.1:{port}/surety"
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(10)


def _wait_for(port: int) -> None:
    ends_at = time.monotonic() + 10
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            assert time.monotonic() < ends_at
        else:
            return


def test_the_service_works_through_it_and_commands_go_around_it(
    folder: Path, server: EmbeddedPostgres, pooler_url: str
) -> None:
    settings = {
        "SURETY_DATABASE_URL": pooler_url,
        "SURETY_WORKER_DATABASE_URL": server.url,
        "SURETY_PREPARED_STATEMENTS": "false",
        "SURETY_ADMIN_KEY": KEY,
    }
    assert run(folder, "migrate", **settings).stdout == "Migrated.\n"
    headers = {"Authorization": f"Bearer {KEY}"}
    with serve(folder, **settings) as service:
        with httpx.Client(base_url=service.url, headers=headers) as client:
            for number in range(20):
                account = f"/v1/accounts/c-{number}"
                client.put(account, json={"name": "Nordwind"}).raise_for_status()
                order = {"order_id": "SO-1", "offer": "livecart.express-1y"}
                paid = order | {"payment": {"status": "paid"}}
                client.post(f"{account}/purchases", json=paid).raise_for_status()
                ticket = {"ticket_id": "HD-1", "subject": "Checkout fails"}
                opened = client.post(f"{account}/tickets", json=ticket)
                assert opened.json()["charge"]["status"] == "held"
                balance = client.get(f"{account}/balance").json()
                assert balance["units"]["incident"]["held"] == 1
        service.stop()
    verified = run(folder, "ledger", "verify", **settings)
    assert (verified.returncode, verified.stderr) == (0, "")
    done = run(folder, "backup", str(folder / "it.dump"), **settings)
    assert done.stdout.startswith("Backed up to ")
