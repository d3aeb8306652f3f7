"""`surety backup` and `surety restore`: everything in the database, in one file, and back.

PostgreSQL's own `pg_dump` and `pg_restore`, the extra's or the PATH's: a backup is a snapshot
of one moment, taken while the service runs. They know servers up to their own version.
"""

import os
import shutil
import subprocess
from contextlib import suppress
from pathlib import Path
from typing import IO, Annotated, cast
from urllib.parse import unquote, urlsplit

import typer

from app.cli.databases import open_direct_dsn
from app.cli.errors import CommandError
from app.embedded import find_client
from app.settings import load_settings

_TABLES = """
    SELECT count(*) FROM pg_catalog.pg_tables
    WHERE schemaname NOT IN ('pg_catalog', 'information_schema')
"""
_VERSION = "SHOW server_version_num"
# What a backup's first lines set, which servers know from 17 on; the programs are later ones.
_UNKNOWN_SETTING, _KNOWS = b"SET transaction_timeout = 0;\n", 170_000
_SETTINGS_BYTES = 4_096
_NO_OWNER = ("--no-owner", "--no-privileges")


def back_up(
    file: Annotated[Path, typer.Argument(help="The file to write; none may be there.")],
) -> None:
    """Write the whole database into a file, which only its owner may read."""
    if file.exists():
        raise CommandError(f"{file} is there already; name another.")
    part = file.with_name(f"{file.name}.part")
    os.umask(0o077)
    try:
        with open_direct_dsn(load_settings()) as dsn:
            _run("pg_dump", dsn, "--format=custom", f"--file={part}")
        part.rename(file)
    finally:
        part.unlink(missing_ok=True)
    typer.echo(f"Backed up to {file}, {file.stat().st_size:,} bytes.")


def restore(file: Annotated[Path, typer.Argument(help="What `surety backup` wrote.")]) -> None:
    """Bring a backup into an empty database, whole or not at all."""
    if not file.is_file():
        raise CommandError(f"There is no file {file}.")
    with open_direct_dsn(load_settings()) as dsn:
        if _run("psql", dsn, "--no-align", "--tuples-only", f"--command={_TABLES}") != "0\n":
            raise CommandError("The database is not empty; restore into one that is.")
        if int(_run("psql", dsn, "--no-align", "--tuples-only", f"--command={_VERSION}")) < _KNOWS:
            _restore_script(dsn, file)
        else:
            _run("pg_restore", dsn, "--exit-on-error", "--single-transaction", str(file))
    typer.echo(f"Restored {file}. `surety ledger verify` says whether all of it adds up.")


def _restore_script(dsn: str, file: Path) -> None:
    """Bring a backup into a server older than the programs, without the setting it has not."""
    reading: list[str | Path] = [find_client("pg_restore"), "--file=-", *_NO_OWNER, file]
    settings = ("--quiet", "--set=ON_ERROR_STOP=1", "--single-transaction", "--output=/dev/null")
    command, environment = _prepare("psql", dsn, *settings)
    with (
        subprocess.Popen(reading, stdout=subprocess.PIPE) as read,
        subprocess.Popen(
            command, env=environment, stdin=subprocess.PIPE, stderr=subprocess.PIPE
        ) as written,
    ):
        script, target = cast(IO[bytes], read.stdout), cast(IO[bytes], written.stdin)
        with suppress(BrokenPipeError), target:
            # The settings come first; what follows may be anything.
            target.write(script.read(_SETTINGS_BYTES).replace(_UNKNOWN_SETTING, b""))
            shutil.copyfileobj(script, target)
        script.close()
        faults = cast(IO[bytes], written.stderr).read().decode()
    if written.returncode or read.returncode:
        raise CommandError(f"pg_restore could not: {' '.join(faults.split())[:500]}")


def _run(program: str, dsn: str, *arguments: str) -> str:
    """Run one of PostgreSQL's programs on a database; what it says against it is a CommandError."""
    command, environment = _prepare(program, dsn, *arguments)
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise CommandError(f"{program} could not: {' '.join(done.stderr.split())[:500]}")
    return done.stdout


def _prepare(program: str, dsn: str, *arguments: str) -> tuple[list[str | Path], dict[str, str]]:
    """Return what runs a program on a database, and its environment.

    A password goes by the environment: arguments are everybody's to see.
    """
    url = urlsplit(dsn)
    environment = dict(os.environ)
    if url.password:
        environment["PGPASSWORD"] = unquote(url.password)
        user, _, hosts = url.netloc.rpartition("@")
        url = url._replace(netloc=f"{user.partition(':')[0]}@{hosts}")
    owner = () if program == "psql" else _NO_OWNER
    command = [find_client(program), f"--dbname={url.geturl()}", "--no-password"]
    return [*command, *owner, *arguments], environment
