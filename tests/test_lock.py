"""The locks name everything that pyproject.toml asks for, with hashes, and no place to get it."""

import json
import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.version import Version

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
GROUPS = PROJECT["dependency-groups"]
EMBEDDED = PROJECT["project"]["optional-dependencies"]["embedded"]
IMAGE = [*PROJECT["project"]["dependencies"], *GROUPS["build"]]
RUN = [*IMAGE, *EMBEDDED]
DEV = [*RUN, *GROUPS["dev"]]
LOCKS = [
    "requirements.lock",
    "requirements-run.lock",
    "requirements-dev.lock",
    "requirements-bench.lock",
    "requirements-mutants.lock",
]

_PIN = re.compile(
    r"^(?P<name>[a-z0-9-]+)==(?P<version>\S+)(?: ; (?P<marker>[^\\]+))? \\\n"
    r"(?P<hashes>(?:    --hash=sha256:[0-9a-f]{64}(?: \\)?\n)+)",
    re.MULTILINE,
)


@pytest.mark.parametrize(
    ("lock", "wanted"),
    [
        ("requirements.lock", IMAGE),
        ("requirements-run.lock", RUN),
        ("requirements-dev.lock", DEV),
        ("requirements-bench.lock", [*DEV, *GROUPS["bench"]]),
        ("requirements-mutants.lock", [*DEV, *GROUPS["mutants"]]),
    ],
)
def test_each_dependency_is_pinned_within_its_range(lock: str, wanted: list[str]) -> None:
    pins = _read_pins(lock)
    for requirement in map(Requirement, wanted):
        name = requirement.name.replace("_", "-").lower()
        assert Version(pins[name]) in requirement.specifier


def test_each_lock_pins_what_the_smaller_one_does_to_the_same_versions() -> None:
    image, run, dev, *larger = (_read_pins(lock).items() for lock in LOCKS)
    assert image < run < dev
    assert all(dev <= each for each in larger)


def test_an_image_carries_no_postgres() -> None:
    (embedded,) = (Requirement(each).name for each in EMBEDDED)
    assert embedded in _read_pins("requirements-run.lock")
    assert embedded not in _read_pins("requirements.lock")
    dockerfile = (ROOT / "Dockerfile").read_text()
    assert re.findall(r"requirements[\w-]*\.lock", dockerfile) == ["requirements.lock"] * 2
    assert "!requirements.lock\n" in (ROOT / ".dockerignore").read_text()


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_holds_pins_with_hashes_and_nothing_else(lock: str) -> None:
    text = (ROOT / lock).read_text()
    assert _PIN.sub("", text) == ""
    assert "://" not in text


def test_the_clients_generators_are_pinned_by_npm_and_no_place_to_get_them_is_named() -> None:
    text = (ROOT / "tests/clients/package-lock.json").read_text()
    assert "://" not in text
    packages = json.loads(text)["packages"]
    assert len(packages) > 100
    assert [name for name, each in packages.items() if name and "integrity" not in each] == []


def _read_pins(lock: str) -> dict[str, str]:
    found = _PIN.finditer((ROOT / lock).read_text())
    return {pin["name"]: pin["version"] for pin in found}
