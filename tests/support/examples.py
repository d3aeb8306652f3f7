"""The examples of the guides, run as their first lines say: small servers that call Surety."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

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
