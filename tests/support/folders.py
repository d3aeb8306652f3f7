"""Folders for data that a test's Postgres keeps."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def open_folder() -> Iterator[Path]:
    """Make a folder that other users can reach, as pytest's own are not.

    Root's Postgres runs as another user; out of a closed folder its data would be moved.
    """
    folder = Path(tempfile.mkdtemp(prefix="surety-test-"))
    folder.chmod(0o755)
    try:
        yield folder
    finally:
        shutil.rmtree(folder)
