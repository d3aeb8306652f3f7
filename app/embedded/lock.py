"""One holder at a time: a lock that ends with the process, however the process ends."""

import fcntl
import os
from pathlib import Path

from app.embedded.errors import EmbeddedError, explained


class Lock:
    """An exclusive lock on a file that says which process has it."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: int | None = None

    def take(self) -> None:
        """Take the lock at once. Raises EmbeddedError with the holder's process id."""
        with explained(self._path):
            file = open_own(self._path, os.O_RDWR)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.read(file, 20).decode(errors="replace").strip() or "unknown"
            os.close(file)
            raise EmbeddedError(
                f"Process {holder} uses the data in {self._path.parent}. Stop it, or set "
                "SURETY_DATA_DIR to another folder."
            ) from None
        self._file = file
        with explained(self._path):
            os.ftruncate(file, 0)
            os.pwrite(file, f"{os.getpid()}\n".encode(), 0)

    def release(self) -> None:
        if self._file is not None:
            os.ftruncate(self._file, 0)
            os.close(self._file)
            self._file = None


def open_own(path: Path, flags: int) -> int:
    """Open a file of ours, made if it is missing and then owned as its folder is.

    A link in its place is refused: as root it could lead anywhere.
    """
    file = os.open(path, flags | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o644)
    if os.geteuid() == 0:
        owner = path.parent.stat()
        os.fchown(file, owner.st_uid, owner.st_gid)
    return file
