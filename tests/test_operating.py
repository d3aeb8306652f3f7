"""The operator's guide, alerts and threats: what they say is run, what they name is there."""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pytest
import yaml

from app.api.http.refusals.problems import refusal_classes
from app.main import create_app
from app.settings import PREFIX, Settings
from tests.support.folders import open_folder
from tests.support.operating import GUIDE, read_blocks
from tests.support.serve import serve

ROOT = GUIDE.parent
THREATS = ROOT / "THREATS.md"
ALERTS = ROOT / "deploy" / "alerts.yml"
KEY = "an-admin-key-that-is-set-0123456789"
RULES: list[dict[str, Any]] = [
    rule for group in yaml.safe_load(ALERTS.read_text())["groups"] for rule in group["rules"]
]


def test_the_commands_do_what_they_say() -> None:
    """In the guide's order, in one folder, beside a running service."""
    with open_folder() as folder:
        program = folder / "bin" / "surety"
        program.parent.mkdir()
        code = shlex.quote("from app.cli import main; main()")
        program.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -c {code} "$@"\n')
        program.chmod(0o755)
        script = "\n".join(read_blocks("sh"))
        assert script.count("surety ") >= 8
        with serve(folder, SURETY_ADMIN_KEY=KEY) as service:
            done = subprocess.run(
                ["bash", "-euo", "pipefail", "-c", script],
                cwd=folder,
                env=os.environ | {"PATH": f"{program.parent}:{os.environ['PATH']}"},
                capture_output=True,
                text=True,
                check=False,
            )
            assert (done.returncode, done.stdout.count("\n")) == (0, 8), done.stdout + done.stderr
            authorization = {"Authorization": f"Bearer {KEY}"}
            keys = httpx.get(f"{service.url}/v1/api-keys", headers=authorization).json()["data"]
            service.stop()
    (key,) = keys
    assert (key["name"], key["role"]) == ("prometheus", "viewer")
    assert key["rotated_at"] is not None
    assert key["revoked_at"] is not None


async def test_the_role_takes_what_pgbouncer_ignores(database_url: str) -> None:
    (ignored,) = re.findall(r"^ignore_startup_parameters = (.*)$", GUIDE.read_text(), re.MULTILINE)
    (statements,) = read_blocks("sql")
    assert re.findall(r"SET (\w+) =", statements) == ignored.split(",")
    connection = await asyncpg.connect(database_url)
    transaction = connection.transaction()
    await transaction.start()
    await connection.execute(statements)
    await transaction.rollback()
    await connection.close()


def test_every_setting_is_in_the_guide_and_no_other() -> None:
    named = set(re.findall(rf"\b{PREFIX}[A-Z_]+\b", GUIDE.read_text()))
    assert named == {f"{PREFIX}{name.upper()}" for name in Settings.model_fields}


@pytest.mark.parametrize("file", [GUIDE, THREATS], ids=lambda file: file.name)
def test_every_file_and_address_named_is_there(file: Path) -> None:
    text = file.read_text()
    for path in re.findall(r"`((?:app|deploy|tests)/[\w./*-]+|[A-Z]+\.md)`", text):
        assert list(ROOT.glob(path)), path
    taken = {re.sub(r"\{\w+\}", "{}", path) for path in create_app().openapi()["paths"]}
    for address in re.findall(r"(?:GET|POST) (/v1/[\w/{}-]+)", text):
        assert re.sub(r"\{\w+\}", "{}", address) in taken, address
    makefile = (ROOT / "Makefile").read_text()
    for target in re.findall(r"`make ([a-z-]+)", text):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target


def test_every_alert_has_its_remedy_and_every_remedy_its_alert() -> None:
    remedies = re.findall(r"^### (Surety\w+)$", GUIDE.read_text(), re.MULTILINE)
    assert remedies == [rule["alert"] for rule in RULES]
    for rule in RULES:
        assert set(rule) <= {"alert", "expr", "for", "labels", "annotations"}
        assert rule["labels"]["severity"] in ("page", "ticket")
        assert rule["annotations"]["summary"]


def test_every_figure_that_an_alert_asks_for_is_in_metrics() -> None:
    """As a server shows them that runs the jobs too."""
    with open_folder() as folder, serve(folder, SURETY_ADMIN_KEY=KEY) as service:
        headers = {"Authorization": f"Bearer {KEY}"}
        with httpx.Client(base_url=service.url, headers=headers) as client:
            client.get("/v1/offers")
            client.get("/nowhere")
            text = client.get("/metrics").text
        service.stop()
    kinds = dict(re.findall(r"^# TYPE (surety_\w+) (\w+)$", text, re.MULTILINE))
    series = set(kinds) | {f"{name}_bucket" for name, kind in kinds.items() if kind == "histogram"}
    asked = {name for rule in RULES for name in re.findall(r"\bsurety_\w+", rule["expr"])}
    assert len(asked) >= 6
    assert asked <= series
    operations = {
        each["operationId"] for item in create_app().openapi()["paths"].values()
        for each in item.values()
    }  # fmt: skip
    known = {
        "code": {each.code for each in refusal_classes()},
        "operation": operations | {"none"},
        "outcome": {"done", "failed"},
        "state": {"waiting", "working", "idle", "at_risk", "breached", "missed"},
        "status": {"500"},
        "job": {"surety"},
    }
    for rule in RULES:
        for label, values in re.findall(r'(\w+)(?:=|!~|=~)"([^"]+)"', rule["expr"]):
            assert set(values.split("|")) <= known[label], rule["alert"]
