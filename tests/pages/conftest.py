"""A service, and Chromium with no way to any other host."""

import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.support.folders import open_folder
from tests.support.serve import Service, serve

# Every name but the service's own address leads nowhere.
CLOSED = "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"


@pytest.fixture(scope="module")
def service() -> Iterator[Service]:
    with open_folder() as folder, serve(folder) as running:
        yield running
        running.stop()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    path = shutil.which("chromium")
    assert path is not None, "Chromium is not installed: `make test-pages` installs it"
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(
            executable_path=path, args=["--no-sandbox", CLOSED, "--disable-gpu"]
        )
        yield launched
        launched.close()
