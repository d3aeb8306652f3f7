"""A start on a database that is there already loads and makes no more than answering takes."""

import json
import subprocess
import sys

# What takes long to load, and is for migrations, pages, webhooks, holidays and jobs only.
LATER = ("alembic", "jinja2", "httpx", "holidays", "pgqueuer", "rich", "app.worker")
START = """
import json, sys
from app.cli import commands
from app.cli.serving import serve
from app.cli.migrations import migrate
from app.cli.serving.process import create_app
from app.documents.form.catalog import CatalogDocument

migrated = migrate(sys.argv[1])
app = create_app()
loaded = sorted(name for name in sys.argv[2:] if name in sys.modules)
made = [route.path for route in app.routes if {"dependant", "path_regex"} & vars(route).keys()]
made += [CatalogDocument.__name__] if CatalogDocument.__pydantic_complete__ else []
print(json.dumps([migrated, loaded, made]))
"""


def test_what_few_need_is_loaded_when_they_do(database_url: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", START, database_url, *LATER],
        capture_output=True,
        text=True,
        check=True,
    )
    migrated, loaded, made = json.loads(done.stdout.splitlines()[-1])
    assert (migrated, loaded, made) == (False, [], [])
