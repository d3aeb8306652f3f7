"""A start on a database that is there already loads no more than answering requests takes."""

import json
import subprocess
import sys

# What takes long to load, and is for migrations, pages, webhooks, holidays and jobs only.
LATER = ("alembic", "jinja2", "httpx", "holidays", "pgqueuer")
START = """
import json, sys
from app.cli import commands
from app.cli.serving import serve
from app.cli.migrations import migrate
from app.cli.serving.process import create_app

migrated = migrate(sys.argv[1])
app = create_app()
loaded = sorted(name for name in sys.argv[2:] if name in sys.modules)
complete = [route.path for route in app.routes if hasattr(route, "dependant")]
print(json.dumps([migrated, loaded, complete]))
"""


def test_what_few_need_is_loaded_when_they_do(database_url: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", START, database_url, *LATER],
        capture_output=True,
        text=True,
        check=True,
    )
    migrated, loaded, complete = json.loads(done.stdout.splitlines()[-1])
    assert (migrated, loaded, complete) == (False, [], [])
