"""Errors that stop the embedded Postgres from running, in words that name the remedy."""

import errno
import os
import pwd
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_FULL = {errno.ENOSPC, errno.EDQUOT}
_FORBIDDEN = {errno.EACCES, errno.EPERM, errno.EROFS}
_IN_THE_WAY = {errno.ENOTDIR, errno.EEXIST, errno.ELOOP, errno.EISDIR}

_ELSEWHERE = "set SURETY_DATA_DIR to a folder"


class EmbeddedError(Exception):
    """The embedded Postgres cannot run: what is wrong, and what to do about it."""


@contextmanager
def explained(path: Path) -> Iterator[None]:
    """Turn an OSError about `path` into an EmbeddedError."""
    try:
        yield
    except OSError as error:
        raise EmbeddedError(_explain(error.errno or 0, path, os.strerror(error.errno or 0))) from (
            error
        )


def explain_output(output: str, path: Path) -> str:
    """Say what Postgres's own words mean for the folder `path`."""
    for number in (*_FULL, *_FORBIDDEN):
        if os.strerror(number) in output:
            return _explain(number, path, "")
    lines = [line for line in output.splitlines() if line.strip()]
    telling = [line for line in lines if "FATAL" in line or "PANIC" in line or "error:" in line]
    return "Postgres did not start: " + " / ".join((telling or lines)[-2:] or ["it does not say"])


def _explain(number: int, path: Path, otherwise: str) -> str:
    if number in _FULL:
        return f"The disk that holds {path} is full. Free some space, or {_ELSEWHERE} on another."
    if number in _FORBIDDEN:
        return (
            f"{path} cannot be written or reached by {_user_name()}. "
            f"Change its permissions, or {_ELSEWHERE} of yours."
        )
    if number in _IN_THE_WAY:
        return f"{path} is in the way. Move it, or {_ELSEWHERE} of its own."
    return f"{path}: {otherwise}."


def _user_name() -> str:
    try:
        return pwd.getpwuid(os.geteuid()).pw_name
    except KeyError:
        return f"user {os.geteuid()}"
