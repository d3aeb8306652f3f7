"""Folders for data that a test's Postgres keeps."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

# Memory that looks like a folder, where a system has it, and what a test's server may fill of it.
MEMORY = Path("/dev/shm")
ROOM = 4 * 1024**3


@contextmanager
def open_folder() -> Iterator[Path]:
    """Make a folder that other users can reach, as pytest's own are not.

    Root's Postgres runs as another user; out of a closed folder its data would be moved.
    """
    folder = Path(tempfile.mkdtemp(prefix="surety-test-", dir=find_memory()))
    folder.chmod(0o755)
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


def find_memory() -> Path | None:
    """Return a folder in memory with room for a server's data; None where there is none.

    A database is cloned there for a third of the work that it is on a disk.
    """
    try:
        has_room = shutil.disk_usage(MEMORY).free >= ROOM
    except OSError:
        return None
    return MEMORY if has_room and os.access(MEMORY, os.W_OK) else None
