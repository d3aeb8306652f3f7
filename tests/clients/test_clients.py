"""The README's story by the clients that five generators make of the document, none of them edited.

Each is made of `openapi/openapi.json`, checked by the strictest rules of its language, and run
against one service; its replies are those that the README shows.
"""

import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support.folders import open_folder
from tests.support.readme import is_shortened, read_blocks
from tests.support.serve import Service, serve

pytestmark = pytest.mark.clients

ROOT = Path(__file__).parent.parent.parent
HERE = Path(__file__).parent
TOOLS = ROOT / ".cache" / "clients"
BIN = TOOLS / "node_modules" / ".bin"
PYTHON = TOOLS / "python" / "bin"
JAR = "lib/python*/site-packages/openapi_generator_cli/openapi-generator.jar"
TSC = (str(BIN / "tsc"), "--project", ".")
# What the generators' own templates lack, whatever the document: an exit that takes any object, and
# one variable for two lists of a class.
OF_THE_TEMPLATE = re.compile(r'/client\.py:\d+: .*__a?exit__|models/.*: Argument 1 to "append"')


@dataclass(frozen=True, slots=True)
class Client:
    """How a client is made, checked and run."""

    name: str
    make: tuple[str, ...]
    check: tuple[str, ...]
    run: tuple[str, ...]
    path: str = "."


CLIENTS = (
    Client(
        name="openapi-python-client",
        make=(
            *(f"{PYTHON}/openapi-python-client", "generate", "--path", "openapi.json"),
            *("--output-path", "openapi_python_client_made", "--meta", "none", "--overwrite"),
        ),
        check=(f"{PYTHON}/mypy", "--strict", "openapi_python_client_story.py"),
        run=(f"{PYTHON}/python", "openapi_python_client_story.py"),
    ),
    Client(
        name="openapi-generator",
        make=(
            *("java", "-jar", str(next((TOOLS / "python").glob(JAR), JAR)), "generate"),
            *("--generator-name", "python", "--input-spec", "openapi.json"),
            *("--output", "openapi-generator", "--package-name", "openapi_generator_made"),
        ),
        # Its own rules: the story by strict ones is checked besides.
        check=(f"{PYTHON}/mypy", "--config-file", "openapi-generator/pyproject.toml"),
        run=(f"{PYTHON}/python", "openapi_generator_story.py"),
        path="openapi-generator",
    ),
    Client(
        name="hey-api",
        make=(
            *(f"{BIN}/openapi-ts", "--input", "openapi.json", "--output", "hey-api"),
            *("--client", "@hey-api/client-fetch"),
        ),
        check=TSC,
        run=(f"{BIN}/tsx", "hey-api-story.ts"),
    ),
    Client(
        name="openapi-fetch",
        make=(
            *(f"{BIN}/openapi-typescript", "openapi.json", "--output", "openapi-typescript.ts"),
            # What has a default may be left out of a request, too.
            "--default-non-nullable=false",
        ),
        check=TSC,
        run=(f"{BIN}/tsx", "openapi-fetch-story.ts"),
    ),
    Client(
        name="orval",
        make=(f"{BIN}/orval", "--config", "orval.config.mjs"),
        check=TSC,
        run=(f"{BIN}/tsx", "orval-story.ts"),
    ),
)
NAMES = [client.name for client in CLIENTS]


@pytest.fixture(scope="module")
def folder() -> Path:
    """A folder with the document, the stories and what runs them."""
    folder = TOOLS / "made"
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(HERE / "stories", folder)
    for name in ("orval.config.mjs", "tsconfig.json"):
        shutil.copy(HERE / name, folder)
    shutil.copy(ROOT / "openapi" / "openapi.json", folder)
    (folder / "node_modules").symlink_to(TOOLS / "node_modules")
    return folder


@pytest.fixture(scope="module")
def service() -> Iterator[Service]:
    with open_folder() as folder, serve(folder) as running:
        yield running
        running.stop()


@pytest.fixture(scope="module")
def key(service: Service) -> str:
    return service.read_key()


@pytest.mark.parametrize("client", CLIENTS, ids=NAMES)
def test_a_client_is_made(client: Client, folder: Path) -> None:
    done = _run(client.make, folder, client)
    assert done.returncode == 0, done.stdout[-2000:]
    assert not re.search(r"WARNING parsing|ERROR parsing|may be missing", done.stdout)


def test_clients_in_python_have_the_types_that_they_say(folder: Path) -> None:
    for client in CLIENTS[:2]:
        files = ("openapi-generator/openapi_generator_made",) if client.path != "." else ()
        found = _find_faults(_run((*client.check, *files), folder, client))
        story = _find_faults(_run((*CLIENTS[0].check[:2], client.run[1]), folder, client))
        assert found + [line for line in story if "_story.py" in line] == []


def test_clients_in_typescript_have_the_types_that_they_say(folder: Path) -> None:
    done = _run(TSC, folder, CLIENTS[2])
    assert (done.returncode, done.stdout) == (0, "")


@pytest.mark.parametrize("client", CLIENTS, ids=NAMES)
def test_a_client_tells_the_readmes_story(
    client: Client, folder: Path, service: Service, key: str
) -> None:
    account, catalog = f"c-{client.name}", f"acme-{client.name}"
    blocks = read_blocks()
    document = re.search(r"/v1/catalogs/acme '(\{.*\})'", blocks[2][0], re.DOTALL)
    assert document is not None
    bodies = {"catalog": json.loads(document[1]) | {"code": catalog}}
    (folder / "readme.json").write_text(json.dumps(bodies))
    done = _run((*client.run, service.url, key, account, catalog), folder, client)
    assert done.returncode == 0, done.stdout[-2000:]
    replies = json.loads(done.stdout.splitlines()[-1].replace("+00:00", "Z"))
    shown = [
        json.loads(reply.replace('"acme"', f'"{catalog}"').replace("c-1042", account))
        for _, reply in blocks
        if reply
    ]
    assert len(replies) == len(shown) == 7
    for expected, reply in zip(shown, replies, strict=True):
        assert is_shortened(expected, reply), (expected, reply)


def _run(
    command: tuple[str, ...], folder: Path, client: Client
) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {
        "PATH": f"{PYTHON}:{BIN}:{os.environ['PATH']}",
        "PYTHONPATH": client.path,
        "MYPYPATH": client.path,
        "NO_COLOR": "1",
    }
    return subprocess.run(
        command,
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=600,
        check=False,
    )


def _find_faults(done: subprocess.CompletedProcess[str]) -> list[str]:
    lines = [line for line in done.stdout.splitlines() if ": error:" in line]
    assert lines or "Success" in done.stdout, done.stdout
    return [line for line in lines if not OF_THE_TEMPLATE.search(line)]
