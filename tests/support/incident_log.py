"""Helpers of the tests of incident log, shared with others."""

import subprocess
import sys
from pathlib import Path


def import_lines(file: Path, database_url: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "app.cli", "import", str(file)],
        env={"SURETY_DATABASE_URL": database_url, "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )
