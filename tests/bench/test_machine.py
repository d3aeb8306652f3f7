"""What a result says of what was measured."""

import re
import tomllib
from pathlib import Path

from bench.machine import PACKAGES

ROOT = Path(__file__).parents[2]


def test_every_package_whose_version_is_written_down_is_pinned_or_the_project_itself() -> None:
    lock = (ROOT / "requirements-bench.lock").read_text(encoding="utf-8")
    pinned = {name.lower() for name in re.findall(r"^([\w.-]+)==", lock, re.MULTILINE)}
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert set(PACKAGES) <= pinned | {project["name"]}
    assert project["name"] in PACKAGES
