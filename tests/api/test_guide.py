"""The authors' guide: its blocks are one sound document, and its commands say what it shows."""

import re
from html import unescape
from pathlib import Path

import pytest
from typer.testing import CliRunner

from app.cli.commands import cli
from app.documents.files import read_toml
from app.documents.reference import render_reference
from app.documents.schema import document_schema
from tests.api.conftest import Api

GUIDE = Path(__file__).parents[2] / "docs" / "write-a-catalogue.md"
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
BLOCKS = BLOCK.findall(GUIDE.read_text())
DOCUMENT = "\n".join(text for kind, text in BLOCKS if kind == "toml")
# Of a seller who says all that there is a field for.
MORE = "\n".join(text for kind, text in BLOCKS if kind == "TOML")

TOML = {"Content-Type": "application/toml"}


def run(command: str) -> str:
    done = CliRunner().invoke(cli, command.split()[1:])
    return done.output if done.exit_code == 0 else f"{done.output}{done.exception}"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "hafen.toml").write_text(DOCUMENT)
    return tmp_path


def test_its_commands_say_what_it_shows(folder: Path) -> None:
    commands = [text.strip() for kind, text in BLOCKS if kind == "sh"]
    shown = [text for kind, text in BLOCKS if kind == "text"]
    schema, holidays, check, publish, curl = commands
    assert "is written" in run(schema)
    assert (folder / "hafen.toml").read_text() == DOCUMENT
    assert run(check) == shown[0]
    file = folder / "hafen.toml"
    file.write_text(DOCUMENT.replace('1 = "4 bh"', '1 = "4 h"'))
    assert shown[1] in run(check)
    file.write_text(DOCUMENT)
    assert "27 added to german" in run(holidays)
    assert run(check) == shown[0]
    assert publish == "surety catalog publish hafen.toml"
    assert curl.startswith("curl -X PUT")


async def test_its_document_is_published_and_keeps_its_promise(api: Api) -> None:
    headers = {"Content-Type": "application/toml"}
    made = await api.http.put("/v1/catalogs/hafen", content=DOCUMENT, headers=headers)
    assert made.status_code == 201, made.text
    asked = {
        "catalog": "hafen",
        "plan": "plus",
        "severity": 1,
        "opened_at": "2026-11-20T15:00:00+01:00",
    }
    found = await api.post("/v1/deadlines/preview", asked)
    first, resolution = found.json()["deadlines"]
    assert first["due_at"] == "2026-11-23T09:00:00Z"
    assert (resolution["strength"], resolution["due_at"]) == ("target", "2026-11-24T14:00:00Z")
    page = await api.http.get("/v1/catalogs/hafen/comparison", headers={"Accept": "text/html"})
    assert "Data recovery" in page.text


def test_every_part_that_the_guide_uses_is_in_the_reference() -> None:
    reference = render_reference()
    used = read_toml(DOCUMENT)
    for field in (*used, *used["plans"]["basic"], *used["offers"]["plus-1y"]):
        assert f"`{field}`" in reference
    assert (GUIDE.parent / "../openapi/catalog.md").resolve().read_text() == reference


def test_what_else_a_page_may_say_is_one_sound_document(folder: Path) -> None:
    (folder / "kontor.toml").write_text(MORE)
    said = run("surety catalog check kontor.toml")
    assert said == "kontor.toml: kontor, 4 plans, 6 offers, 10 examples verified\n"


async def test_the_plan_page_tells_all_of_it(api: Api) -> None:
    made = await api.http.put("/v1/catalogs/kontor", content=MORE, headers=TOML)
    assert made.status_code == 201, made.text
    page = await api.http.get("/v1/catalogs/kontor/comparison", headers={"Accept": "text/html"})
    text = unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page.text)))
    for said in (
        "At least 1 hour, then each 15 minutes begun; at least 4 hours, then each 1 hour begun",
        ", for: On-site work; 2 times if urgent, 2 hours at least;",
        "€150 an hour. At least 1 hour, then each 15 minutes begun; 1.5 times outside",
        "1.5 times outside: Business hours",
        "€180 an hour, if it is urgent; €150 an hour worked outside: Business hours; €120 an hour",
        "4 at most (Down)",
        "€45 for each further case",
        "First response: from 2 in a month on, 5 percent of the month's price",
        "A request names its topic",
        "€240 for each server and €50 once",
        "18% of the licence's price, €500 at least",
        "For those who have: Care, Desk, Open, Hours",
        "with reasonable efforts, from the first answer on",
        "Unlimited cases, 40 cases a month at most",
        "15 minutes for one case",
        "2 cases",
        "€150 an hour",
    ):
        assert said in text, said
    offers = (await api.get("/v1/offers?catalog=kontor")).json()["data"]
    assert offers[0]["allowance_text"] == "10 cases"


def test_every_field_is_found_in_the_guide_by_its_name() -> None:
    text = GUIDE.read_text()
    for name, shape in document_schema()["$defs"].items():
        for field in shape.get("properties", {}):
            assert re.search(rf"\b{field}\b", text), (name, field)
