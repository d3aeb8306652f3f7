"""Postgres's own limit: the floor's two statements from pgbench, with no Python at all."""

import json
import re
import subprocess
import tempfile
from pathlib import Path

from app.embedded import find_program
from bench.floor_statements import CHANGED, CHARGED, OPENED, for_pgbench

_TPS = re.compile(r"^tps = ([\d.]+)", re.MULTILINE)


def drive_postgres(url: str, *, accounts: int, connections: int, seconds: float) -> float:
    """Return how many tickets a second Postgres opens in the accounts from `b-0` on."""
    script = f"\\set a random(0, {accounts - 1})\n\\set n random(1, 9000000000000000)\n"
    script += for_pgbench(
        {
            "account": "('b-' || :a)",
            "ticket": "('pg-' || :n)",
            "lot": ":lot_id",
            "subscription": ":subscription_id",
            "request": """'{"severity": null, "urgent": false}'""",
            "trace": "'[]'",
            "opened": f"'{json.dumps(OPENED)}'",
            "charged": f"'{json.dumps(CHARGED)}'",
            "changed": f"'{json.dumps(CHANGED)}'",
        }
    )
    with tempfile.NamedTemporaryFile("w", suffix=".sql", encoding="utf-8") as file:
        file.write(script)
        file.flush()
        command = [
            *(str(find_program("pgbench")), "--no-vacuum", "--protocol=prepared"),
            *(f"--client={connections}", f"--time={max(1, round(seconds))}"),
            *(f"--file={Path(file.name)}", url),
        ]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    found = _TPS.search(done.stdout)
    if done.returncode or found is None:
        raise RuntimeError(done.stderr[-2_000:])
    return float(found[1])
