"""A customer's card in a helpdesk's sidebar, of each seller: in Chromium, narrow and wide.

Nothing sticks out, nothing is fetched, and axe finds nothing that keeps people from reading it.
"""

from pathlib import Path
from typing import Literal

import httpx
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser

from tests.support.customers import SELLERS, list_requests, name_of
from tests.support.pages import STICKS_OUT
from tests.support.serve import Service

pytestmark = pytest.mark.pages

_SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")


@pytest.fixture(scope="module")
def key(service: Service) -> str:
    """Give a key of a service that has a customer of each seller."""
    key = service.read_key()
    with httpx.Client(
        base_url=service.url, headers={"Authorization": f"Bearer {key}"}, timeout=30
    ) as client:
        for seller in SELLERS:
            account = f"/v1/accounts/of-{seller}"
            assert client.put(account, json={"name": name_of(seller)}).is_success
            for path, body in list_requests(seller):
                reply = client.post(f"{account}/{path}", json=body)
                assert reply.is_success, reply.text
    return key


@pytest.mark.parametrize("seller", SELLERS)
def test_N7_a_card_is_read_in_a_sidebar(
    browser: Browser, service: Service, key: str, tmp_path: Path, seller: str
) -> None:
    context = browser.new_context(
        extra_http_headers={"Accept": "text/html", "Authorization": f"Bearer {key}"},
        bypass_csp=True,  # for axe, which is a script
    )
    page = context.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    address = f"{service.url}/v1/accounts/of-{seller}/summary"
    page.goto(address)
    assert page.locator("script").count() == 0
    assert page.locator("h1").inner_text() == name_of(seller)
    for width in (320, 1280):
        for scheme in _SCHEMES:
            page.set_viewport_size({"width": width, "height": 700})
            page.emulate_media(color_scheme=scheme)
            page.screenshot(path=tmp_path / f"{seller}-{width}-{scheme}.png", full_page=True)
            assert page.evaluate(STICKS_OUT) == []
            found = Axe().run(page)
            assert found.violations_count == 0, found.generate_report()
    assert [url for url in asked if not url.endswith("/favicon.ico")] == [address]
    context.close()
