"""The README's and the guides' commands, run against a new service: their replies are true."""

import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support import cluster
from tests.support.folders import open_folder
from tests.support.readme import README, is_shortened, read_blocks
from tests.support.serve import Service, serve

ROOT = README.parent
GUIDES = {"README.md": 8, "docs/storefront.md": 9, "docs/helpdesk.md": 12}
EXAMPLES = ROOT / "docs/examples"
ADDRESS = "http://localhost:8000"


if cluster.PORTS:

    @pytest.fixture
    def settings(database_url: str) -> dict[str, str]:
        """Lead it to a database of the cluster's."""
        return {"SURETY_DATABASE_URL": database_url}

else:

    @pytest.fixture
    def settings() -> dict[str, str]:
        """Let it run a Postgres of its own."""
        return {}


@pytest.fixture
def service(settings: dict[str, str]) -> Iterator[Service]:
    """Start `surety serve` for the first time, in an empty folder."""
    with open_folder() as folder, serve(folder, **settings) as running:
        yield running
        running.stop()


@pytest.mark.parametrize("page", GUIDES)
def test_the_story_is_true(service: Service, page: str, tmp_path: Path) -> None:
    blocks = read_blocks(ROOT / page)
    assert len(blocks) == GUIDES[page]
    key = service.read_key()
    told = ""
    for command, shown in blocks:
        runnable = command.replace(ADDRESS, service.url)
        if "KEY=" in command:
            told = re.sub(r"KEY=\S+", f"KEY={key}", runnable)
            continue
        reply = _run(f"{told}\n{runnable}", tmp_path)
        assert is_shortened(json.loads(shown), reply), f"{command}\n{json.dumps(reply, indent=2)}"


def test_what_the_guides_quote_is_in_their_examples() -> None:
    for page in ("storefront", "helpdesk"):
        guide = (ROOT / f"docs/{page}.md").read_text()
        quoted = re.findall(r"^```python\n(.*?)^```", guide, re.DOTALL | re.MULTILINE)
        assert quoted
        for text in quoted:
            assert text in (EXAMPLES / f"python/{page}.py").read_text()


def test_every_file_it_names_is_there() -> None:
    root = README.parent
    named = re.findall(r"`((?:app|openapi|tests|migrations)/[\w./*-]+)`", README.read_text())
    assert len(named) >= 9
    for path in named:
        assert list(root.glob(path)), path


def test_every_make_target_it_names_is_there() -> None:
    makefile = (README.parent / "Makefile").read_text()
    for target in re.findall(r"make ([a-z-]+)", README.read_text()):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target


def _run(script: str, folder: Path) -> Any:
    """Run a command of a page's as a shell would, in a folder; the last of its replies."""
    done = subprocess.run(
        ["bash", "-euc", script], cwd=folder, capture_output=True, text=True, timeout=60, check=True
    )
    replies = done.stdout.strip()
    reader, place, reply = json.JSONDecoder(), 0, None
    while place < len(replies):
        reply, place = reader.raw_decode(replies, place)
    return reply
