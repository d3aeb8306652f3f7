"""`surety serve` and its neighbours, as processes, the way somebody at a terminal meets them."""

import re
import signal
import socket
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from app.cli.openapi import build_files
from tests.support.folders import open_folder
from tests.support.serve import run, serve
from tests.support.waiting import until_now


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    """A project's folder, with the data that the first of these tests makes in it."""
    with open_folder() as parent:
        folder = parent / "a project"
        folder.mkdir()
        yield folder


def test_first_and_second_start(folder: Path) -> None:
    with serve(folder) as service:
        key = service.read_key()
        authorization = {"Authorization": f"Bearer {key}"}
        assert httpx.get(f"{service.url}/healthz").status_code == 200
        assert httpx.get(f"{service.url}/v1/queue").status_code == 401
        assert httpx.get(f"{service.url}/v1/queue", headers=authorization).status_code == 200
        assert len(httpx.get(f"{service.url}/v1/catalogs").json()["data"]) == 5
        code, said = service.stop()
        assert (code, len(said.splitlines())) == (0, 2)
    with serve(folder) as service:
        assert httpx.get(f"{service.url}/v1/queue", headers=authorization).status_code == 200
        code, said = service.stop(signal.SIGTERM)
        assert (code, len(said.splitlines())) == (0, 1)
    assert not (folder / "data" / "postgres" / "postmaster.pid").exists()


def test_others_beside_a_running_service(folder: Path) -> None:
    with serve(folder) as service:
        second = run(folder, "serve", SURETY_PORT="0")
        assert second.returncode == 1
        assert second.stderr.startswith(f"surety: Process {service.process.pid} uses the data in ")
        assert len(second.stderr.splitlines()) == 1
        assert run(folder, "migrate").stdout == "Nothing to migrate.\n"


def test_several_processes_end_with_the_one_that_started_them(folder: Path) -> None:
    with serve(folder, SURETY_PROCESSES="2") as service:
        assert httpx.get(f"{service.url}/healthz").status_code == 200
        service.process.kill()
        service.process.wait()
        until_now(lambda: not _is_listening(service.url))


def test_a_given_server_is_used_and_none_is_started(
    tmp_path: Path, blank_database_url: str
) -> None:
    admin_key = "a-key-of-the-operators-own-0123456789"
    with serve(
        tmp_path, SURETY_DATABASE_URL=blank_database_url, SURETY_ADMIN_KEY=admin_key
    ) as service:
        authorization = {"Authorization": f"Bearer {admin_key}"}
        assert httpx.get(f"{service.url}/v1/queue", headers=authorization).status_code == 200
        assert service.stop()[0] == 0
    assert list(tmp_path.iterdir()) == []


def test_a_port_in_use_is_one_line(folder: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        done = run(folder, "serve", SURETY_PORT=str(other.getsockname()[1]))
    assert (done.returncode, done.stdout) == (1, "")
    assert re.fullmatch(
        r"surety: Port \d+ of 127\.0\.0\.1 cannot be had: Address already in use\. "
        r"Stop what uses it, or set SURETY_PORT to another\.\n",
        done.stderr,
    )


def test_no_server_is_one_line(tmp_path: Path) -> None:
    done = run(tmp_path, "serve", SURETY_DATABASE_URL="postgresql://nobody@127.0.0.1:1/nothing")
    assert done.returncode == 1
    assert re.fullmatch(r"surety: The database cannot be reached: .*\n", done.stderr)


def test_settings_are_described_and_secrets_are_not_shown(tmp_path: Path) -> None:
    done = run(
        tmp_path,
        "settings",
        SURETY_DATABASE_URL="postgresql://user:hunter2@host/db",
        SURETY_ADMIN_KEY="correct horse battery staple 0123456789",
    )
    assert done.returncode == 0
    assert "SURETY_STATEMENT_TIMEOUT_MS" in done.stdout
    assert "hunter2" not in done.stdout
    assert "horse" not in done.stdout


def test_the_reviewed_document_is_what_the_code_makes() -> None:
    for name, text in build_files().items():
        assert (Path(__file__).parent.parent / "openapi" / name).read_text("utf-8") == text


def _is_listening(url: str) -> bool:
    try:
        httpx.get(f"{url}/healthz", timeout=1)
    except httpx.TransportError:
        return False
    return True
