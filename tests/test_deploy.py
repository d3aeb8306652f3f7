"""The files under deploy/: sound by their own schemas, agreeing with the guide and the code."""

import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import kubernetes_validate
import pytest
import yaml
from compose_spec.models import ComposeSpecification, Service

from app import __version__
from app.cli.commands import cli
from app.main import create_app
from app.settings import PREFIX, Settings
from tests.support.operating import read_blocks

ROOT = Path(__file__).parent.parent
DEPLOY = ROOT / "deploy"
COMPOSE = DEPLOY / "compose.yaml"
MANIFESTS = sorted(
    path for path in (DEPLOY / "kubernetes").glob("*.yaml") if path.stem != "kustomization"
)
UNITS = sorted((DEPLOY / "systemd").glob("*.service"))
FILES = [path for path in DEPLOY.rglob("*") if path.is_file()]


def read_manifests() -> list[dict[str, Any]]:
    return [each for path in MANIFESTS for each in yaml.safe_load_all(path.read_text())]


@pytest.mark.parametrize("path", MANIFESTS, ids=lambda path: path.stem)
def test_manifests_are_valid(path: Path) -> None:
    documents = list(yaml.safe_load_all(path.read_text()))
    assert documents
    for document in documents:
        kubernetes_validate.validate(document, "1.31", strict=True)


def test_every_manifest_is_applied_but_the_secret() -> None:
    listed = yaml.safe_load((DEPLOY / "kubernetes/kustomization.yaml").read_text())
    assert set(listed["resources"]) == {
        path.name for path in MANIFESTS if path.name != "secret.example.yaml"
    }
    assert [each["newTag"] for each in listed["images"]] == [__version__]


def test_containers_run_commands_that_there_are_and_are_asked_where_they_answer() -> None:
    paths = create_app().openapi()["paths"]
    settings = {each["metadata"]["name"] for each in read_manifests() if "spec" not in each}
    probed = set()
    for each in read_manifests():
        if each["kind"] != "Deployment":
            continue
        pod = each["spec"]["template"]
        assert each["spec"]["selector"]["matchLabels"] == pod["metadata"]["labels"]
        (container,) = pod["spec"]["containers"]
        _require_command(container["args"])
        for source in container["envFrom"]:
            assert next(iter(source.values()))["name"] in settings
        for name, probe in container.items():
            if name.endswith("Probe"):
                assert probe["httpGet"]["path"] in paths
                ports = {port["name"] for port in container["ports"]}
                assert probe["httpGet"]["port"] in ports
                probed.add((container["name"], name))
        # Requests under way may end, and the pause before them is over.
        grace = Settings.model_fields["grace_seconds"].default
        pause = container.get("lifecycle", {"preStop": {"exec": {"command": ["sleep", "0"]}}})
        waited = int(pause["preStop"]["exec"]["command"][1])
        assert pod["spec"]["terminationGracePeriodSeconds"] > grace + waited
    assert probed == {("surety", f"{each}Probe") for each in ("readiness", "liveness", "startup")}


def test_compose_is_valid_and_everything_goes_where_it_should() -> None:
    text = COMPOSE.read_text()
    document = yaml.safe_load(text)
    ComposeSpecification.model_validate(document)
    services = document["services"]
    known = {field.alias or name for name, field in Service.model_fields.items()}
    assert {name for each in services.values() for name in each} <= known
    assert set(services) == {"postgres", "pgbouncer", "migrate", "service", "worker"}
    for each in ("migrate", "service", "worker"):
        _require_command(services[each].get("command", ["surety", "serve"]))
        environment = services[each]["environment"]
        assert "@pgbouncer:6432/" in environment["SURETY_DATABASE_URL"]
        assert "@postgres:5432/" in environment["SURETY_WORKER_DATABASE_URL"]
        needs = services[each]["depends_on"]
        assert set(needs) <= set(services)
    mounted = re.findall(r"- \./([\w.-]+):", text)
    assert len(mounted) == 2
    assert all((DEPLOY / each).is_file() for each in mounted), mounted


def test_the_pooler_is_set_as_the_guide_says() -> None:
    """With these settings tests/test_pooler.py runs the service behind one."""
    pooler = (DEPLOY / "pgbouncer.ini").read_text()
    for line in read_blocks("ini")[0].splitlines():
        assert line in pooler.splitlines()
    assert read_blocks("sql")[0].strip() in (DEPLOY / "postgres-role.sql").read_text()


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_every_setting_is_one(path: Path) -> None:
    named = set(re.findall(rf"\b{PREFIX}[A-Z_]+\b", path.read_text()))
    assert named <= {f"{PREFIX}{name.upper()}" for name in Settings.model_fields}


@pytest.mark.parametrize("path", UNITS, ids=lambda path: path.stem)
def test_units_are_sound(path: Path, tmp_path: Path) -> None:
    text = path.read_text()
    (command,) = re.findall(r"^ExecStart=/opt/surety/bin/(.*)$", text, re.MULTILINE)
    _require_command(command.split())
    if shutil.which("systemd-analyze") is None:
        pytest.skip("there is no systemd-analyze here")
    true = shutil.which("true")
    unit = tmp_path / path.name
    unit.write_text(text.replace("/opt/surety/bin/surety", str(true)))
    done = subprocess.run(
        ["systemd-analyze", "verify", unit], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_a_wheel_has_all_that_the_service_reads(tmp_path: Path) -> None:
    """Build it as `make dist` does, from a copy."""
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy2(ROOT / name, tmp_path / name)
    for name in ("app", "migrations"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("*.pyc"))
    (build,) = re.findall(r'-c "(from setuptools[^"]+)"', (ROOT / "Makefile").read_text())
    (tmp_path / "dist").mkdir()
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", build],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    (wheel,) = (tmp_path / "dist").glob("*.whl")
    assert wheel.name == f"surety_sla-{__version__}-py3-none-any.whl"
    with ZipFile(wheel) as opened:
        packed = set(opened.namelist())
    kept = {
        str(path.relative_to(ROOT))
        for folder in ("app", "migrations")
        for path in (ROOT / folder).rglob("*")
        if path.is_file() and path.suffix != ".pyc"
    }
    assert kept <= packed, kept - packed


def _require_command(words: list[str]) -> None:
    name, *rest = words
    assert name == "surety"
    assert rest[0] in {each.name for each in cli.registered_commands}
