"""Users that Postgres runs as: ourselves, or, as it refuses to be root, somebody else."""

import os
import pwd
import signal
import subprocess
from collections.abc import Sequence
from pathlib import Path

from app.domain.values import Value
from app.embedded.errors import EmbeddedError
from app.embedded.parental import follow_parent

# Nothing of ours goes on to Postgres: a PGPORT or PGDATA in it would change what it does.
_ENVIRONMENT = {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"}


class User(Value):
    """Somebody to run as; None is ourselves."""

    uid: int | None = None
    gid: int | None = None

    @property
    def groups(self) -> list[int] | None:
        return None if self.uid is None else []


def choose_user(cluster: Path) -> User:
    """Return the user to run as, given where the cluster is or will be.

    As root that is whoever owns the cluster, else whoever owns the folder it comes into, so
    that a person's project stays theirs; else `nobody`. No user is created.
    """
    if os.geteuid() != 0:
        _require_name()
        return User()
    there = next(path for path in (cluster, *cluster.parents) if path.exists())
    owner = there.stat().st_uid
    try:
        entry = pwd.getpwuid(owner) if owner else pwd.getpwnam("nobody")
    except KeyError:
        raise EmbeddedError(
            f"Postgres refuses to run as root, and {there} belongs to user {owner}, who has no "
            "name here. Run as another user, or set SURETY_DATABASE_URL."
        ) from None
    return User(entry.pw_uid, entry.pw_gid)


def _require_name() -> None:
    try:
        pwd.getpwuid(os.geteuid())
    except KeyError:
        raise EmbeddedError(
            f"User {os.geteuid()} has no name in /etc/passwd, and Postgres wants one. "
            "Run as another user, or set SURETY_DATABASE_URL."
        ) from None


def run_as(
    user: User, command: Sequence[str | Path], *, text: str = ""
) -> subprocess.CompletedProcess[str]:
    """Run a command to its end as that user, `text` being its input."""
    return subprocess.run(
        command,
        user=user.uid,
        group=user.gid,
        extra_groups=user.groups,
        cwd="/",
        env=_ENVIRONMENT,
        input=text,
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
    )


def start_as(user: User, command: Sequence[str | Path], *, log: int) -> subprocess.Popen[bytes]:
    """Start a server as that user, its words going to the file descriptor `log`.

    It has a session of its own, so that Ctrl-C in our terminal does not reach it, and is told
    to stop when the thread that calls this dies, even by kill -9: at once (SIGQUIT), as the
    next start recovers what is on disk. SIGINT, told while backends are being killed too, can
    leave a server that neither runs nor ends (18.6).
    """
    return subprocess.Popen(
        command,
        user=user.uid,
        group=user.gid,
        extra_groups=user.groups,
        cwd="/",
        env=_ENVIRONMENT,
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=log,
        start_new_session=True,
        preexec_fn=follow_parent(signal.SIGQUIT),  # noqa: PLW1509
    )


def can_enter(user: User, folder: Path) -> bool:
    """Whether that user can reach what is in the folder."""
    return run_as(user, ["/bin/sh", "-c", 'test -x "$1/."', "sh", folder]).returncode == 0


def hand_over(user: User, path: Path) -> None:
    """Make a file or folder of ours that user's."""
    if user.uid is not None and user.gid is not None:
        os.chown(path, user.uid, user.gid, follow_symlinks=False)
