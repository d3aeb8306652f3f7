"""`surety backup` and `surety restore`: everything in the database, in one file, and back.

PostgreSQL's own `pg_dump` and `pg_restore`, as the package carries them: a backup is a snapshot
of one moment, taken while the service runs. They know servers up to their own version.
"""

import os
import subprocess
from pathlib import Path
from typing import Annotated
from urllib.parse import unquote, urlsplit

import typer

from app.cli.databases import open_direct_dsn
from app.cli.errors import CommandError
from app.embedded import find_program
from app.settings import load_settings

_TABLES = """
    SELECT count(*) FROM pg_catalog.pg_tables
    WHERE schemaname NOT IN ('pg_catalog', 'information_schema')
"""


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
        _run("pg_restore", dsn, "--exit-on-error", "--single-transaction", str(file))
    typer.echo(f"Restored {file}. `surety ledger verify` says whether all of it adds up.")


def _run(program: str, dsn: str, *arguments: str) -> str:
    """Run one of PostgreSQL's programs on a database; what it says against it is a CommandError.

    A password goes by the environment: arguments are everybody's to see.
    """
    url = urlsplit(dsn)
    environment = dict(os.environ)
    if url.password:
        environment["PGPASSWORD"] = unquote(url.password)
        user, _, hosts = url.netloc.rpartition("@")
        url = url._replace(netloc=f"{user.partition(':')[0]}@{hosts}")
    owner = () if program == "psql" else ("--no-owner", "--no-privileges")
    done = subprocess.run(
        [find_program(program), f"--dbname={url.geturl()}", "--no-password", *owner, *arguments],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise CommandError(f"{program} could not: {' '.join(done.stderr.split())[:500]}")
    return done.stdout
