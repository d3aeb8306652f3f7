"""The documentation: its links lead somewhere, and its tables say what the code has."""

import re
import tomllib
from pathlib import Path
from typing import get_args

import pytest

from app.domain.catalog.amounts import Unit
from app.domain.promises.promises import Strength
from tests.support.doc_tables import read_table

ROOT = Path(__file__).parent.parent
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
FLOORS = ("api", "db", "domain", "services")
# Folders that hold no subject: what every request or every store is made of.
FRAMES = {"http", "openapi", "pages", "engine", "tables"}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    links = re.findall(r"\]\(([^)#]+)\)", page.read_text("utf-8"))
    local = [link for link in links if "://" not in link]
    missing = [link for link in local if not (page.parent / link).exists()]
    assert missing == []


def test_code_names_pages_and_laws_that_are_there() -> None:
    laws = re.findall(r"^(\d+)\. \*\*", (ROOT / "docs/laws.md").read_text("utf-8"), re.MULTILINE)
    assert laws == [str(number) for number in range(1, 14)]
    for path in [*ROOT.glob("app/**/*.py"), *ROOT.glob("tests/**/*.py")]:
        text = path.read_text("utf-8")
        for page in re.findall(r"docs/[\w/.-]+\.md", text):
            assert (ROOT / page).exists(), f"{path} names {page}"
        for named in re.findall(r"docs/laws\.md, laws? ([\d and to]+)", text):
            assert set(re.findall(r"\d+", named)) <= set(laws), f"{path} names a law {named}"


def test_every_decision_is_listed() -> None:
    records = {path.name for path in ROOT.glob("docs/decisions/0*.md")}
    listed = set(re.findall(r"\((0[^)]+)\)", (ROOT / "docs/decisions/README.md").read_text()))
    assert listed == records


def test_subjects_are_the_folders_of_every_floor() -> None:
    subjects = [row[0].strip("`") for row in read_table("docs/architecture.md", "subject")]
    folders = {
        folder.name
        for floor in FLOORS
        for folder in (ROOT / "app" / floor).iterdir()
        if (folder / "__init__.py").exists()
    }
    assert set(subjects) == folders - FRAMES
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
    [order] = [
        list(reversed(each["layers"]))
        for each in contracts["contracts"]
        if each.get("containers") == ["app.services"]
    ]
    assert [subject for subject in subjects if subject in order] == order


def test_words_for_units_and_strengths_are_the_codes() -> None:
    [units] = [row[1] for row in read_table("docs/concepts.md", "word") if row[0] == "unit"]
    assert set(re.findall(r"`(\w+)`", units)) == set(get_args(Unit))
    strengths = {row[0].strip("`") for row in read_table("docs/concepts.md", "strength")}
    assert strengths >= set(get_args(Strength))
