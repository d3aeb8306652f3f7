"""The examples of the guides, run as their first lines say: small servers that call Surety."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from tests.support.folders import open_folder
from tests.support.serve import serve

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "docs/examples"
# Outside the examples' own folder, so that nothing is left in it.
_BUILT = ROOT / ".cache/typescript"


def build_typescript() -> Path:
    """Return the folder of the TypeScript examples, built; where there is no Node, skip."""
    if shutil.which("npm") is None:
        pytest.skip("there is no Node here")
    _BUILT.mkdir(parents=True, exist_ok=True)
    for path in (EXAMPLES / "typescript").glob("*.*"):
        shutil.copy2(path, _BUILT)
    if not (_BUILT / "node_modules").exists():
        install = ["npm", "install", "--no-audit", "--no-fund", "--ignore-scripts"]
        if subprocess.run(install, cwd=_BUILT, capture_output=True, check=False).returncode:
            shutil.rmtree(_BUILT)
            pytest.skip("npm reaches no registry here")
    done = subprocess.run(
        ["npm", "run", "build"], cwd=_BUILT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout
    return _BUILT / "build"


@contextmanager
def serve_examples() -> Iterator[dict[str, str]]:
    """Run a service that may call this machine; the settings by which examples reach it."""
    allowed = {"SURETY_WEBHOOK_ALLOWED_NETWORKS": "127.0.0.1/32"}
    with open_folder() as folder, serve(folder, **allowed) as service:
        yield {"SURETY_URL": service.url, "SURETY_KEY": service.read_key()}
        service.stop()


def make_customer(
    settings: dict[str, str],
    account_id: str,
    email: str,
    port: int,
    offer: str = "livecart.express-1y",
) -> str:
    """Sell a customer Express, or else; have a helpdesk on a port hear of it; its secret."""
    headers = {"Authorization": f"Bearer {settings['SURETY_KEY']}"}
    order = {"order_id": "SO-1", "offer": offer, "payment": {"status": "paid"}}
    hook = {"url": f"http://127.0.0.1:{port}/webhooks/surety", "types": ["deadline.*"]}
    with httpx.Client(base_url=settings["SURETY_URL"], headers=headers) as surety:
        account = f"/v1/accounts/{account_id}"
        surety.put(account, json={"name": "Kranich KG", "email": email}).raise_for_status()
        surety.post(f"{account}/purchases", json=order).raise_for_status()
        made = surety.post("/v1/webhooks", json=hook).raise_for_status()
    return str(made.json()["secret"])


@contextmanager
def run_example(language: str, name: str, port: int, **settings: str) -> Iterator[str]:
    """Run an example on a port; give its address."""
    if language == "python":
        command = [sys.executable, str(EXAMPLES / f"python/{name}.py")]
    else:
        command = ["node", str(build_typescript() / f"{name}.js")]
    environment = os.environ | settings | {"PORT": str(port)}
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
            assert line.rstrip().endswith(f" is at http://localhost:{port}"), line
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
