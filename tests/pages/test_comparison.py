"""The plan tables in Chromium, on a desk and on a phone: nothing sticks out, nothing is fetched."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.domain.catalog_examples import CODES
from tests.support.pages import STICKS_OUT
from tests.support.serve import Service

pytestmark = pytest.mark.pages

_HTML = {"Accept": "text/html"}


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("catalog", CODES)
def test_a_plan_table_fits_its_window(
    browser: Browser,
    service: Service,
    tmp_path: Path,
    catalog: str,
    width: int,
) -> None:
    page = browser.new_page(viewport={"width": width, "height": 900}, extra_http_headers=_HTML)
    asked: list[str] = []
    said: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda line: said.append(line.text))
    address = f"{service.url}/v1/catalogs/{catalog}/comparison"
    page.goto(address)
    page.screenshot(path=tmp_path / f"{catalog}-{width}.png", full_page=True)
    assert [url for url in asked if not url.endswith("/favicon.ico")] == [address]
    assert [line for line in said if "favicon" not in line and "404" not in line] == []
    assert page.evaluate(STICKS_OUT) == []
    page.close()
