"""The cluster: made once, whole or not at all, and kept."""

import shutil
from pathlib import Path

from app.embedded.binaries import MAJOR_VERSION
from app.embedded.errors import EmbeddedError, explain_output, explained
from app.embedded.places import Places
from app.embedded.users import hand_over, run_as

USER = "surety"
DATABASE = "surety"


def ensure_cluster(places: Places, programs: Path, *, durable: bool) -> None:
    """Make the cluster if there is none. Raises EmbeddedError if what is there is not one."""
    cluster = places.cluster
    with explained(cluster):
        if cluster.exists():
            _check_version(cluster)
            return
        making = places.home / "postgres.new"
        if making.exists():  # an earlier start was ended while it made one
            shutil.rmtree(making)
        making.mkdir(mode=0o700)
        hand_over(places.user, making)
    try:
        _make_cluster(making, places, programs, durable=durable)
        with explained(cluster):
            making.rename(cluster)
    finally:
        shutil.rmtree(making, ignore_errors=True)


def _check_version(cluster: Path) -> None:
    version_file = cluster / "PG_VERSION"
    if not version_file.is_file():
        raise EmbeddedError(
            f"{cluster} is not a Postgres cluster. Move it, or set SURETY_DATA_DIR to a folder "
            "of its own."
        )
    version = version_file.read_text().strip()
    if version != MAJOR_VERSION:
        raise EmbeddedError(
            f"{cluster} was made by PostgreSQL {version}, and this is {MAJOR_VERSION}. Move it "
            "over with that version's pg_dumpall, or set SURETY_DATA_DIR to another folder."
        )


def _make_cluster(making: Path, places: Places, programs: Path, *, durable: bool) -> None:
    """Initialise `making` and the database in it.

    Text sorts and folds as Unicode code points do, the same on every machine.
    """
    initdb: list[str | Path] = [
        programs / "initdb",
        f"--pgdata={making}",
        f"--username={USER}",
        "--auth=trust",  # only the socket is listened on, and only its user reaches that
        "--encoding=UTF8",
        "--locale=C",
        "--locale-provider=builtin",
        "--builtin-locale=C.UTF-8",
        "--no-instructions",
        *([] if durable else ["--no-sync"]),
    ]
    single: list[str | Path] = [programs / "postgres", "--single", "-D", making, "postgres"]
    for command, text in ((initdb, ""), (single, f"CREATE DATABASE {DATABASE}\n")):
        done = run_as(places.user, command, text=text)
        output = done.stderr + done.stdout
        if done.returncode != 0 or "FATAL" in output or "ERROR" in output:
            raise EmbeddedError(explain_output(output, places.home))
