"""Pages that people read, in Chromium: on a phone and a desk, in the light, the dark and in print.

Nothing sticks out, nothing is fetched, and axe finds nothing that keeps people from reading it.
Screenshots are left in the test's temporary folder (`--basetemp=FOLDER` keeps them in one).
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from tests.support.pages import STICKS_OUT
from tests.support.serve import Service

pytestmark = pytest.mark.pages

A = "/v1/accounts/c-pages"
YEAR = datetime.now(UTC).year
PERIOD = f"from={YEAR}-01-01T00:00:00Z&to={YEAR + 1}-01-01T00:00:00Z"
PAGES = {
    "card": f"{A}/summary",
    "statement": f"{A}/statement",
    "statement in German": f"{A}/statement?language=de",
    "timeline": f"{A}/tickets/HD-1/deadlines",
    "comparison": "/v1/catalogs/livecart/comparison",
    "comparison in Russian": "/v1/catalogs/xcart-support/comparison?language=ru",
    "comparison in German": "/v1/catalogs/corporate/comparison?language=de",
    "landing": "/",
    "problems": "/problems",
    "problem": "/problems/insufficient_units",
    "report": f"/v1/reports/sla?{PERIOD}&group_by=plan&sandbox=true",
}
LOOKS = [(width, light) for width in (390, 1280) for light in ("light", "dark")]


@pytest.fixture(scope="module")
def key(service: Service) -> str:
    """Give a key of a service in which a customer has bought, and has two tickets."""
    key = service.read_key()
    headers = {"Authorization": f"Bearer {key}"}
    with httpx.Client(base_url=service.url, headers=headers, timeout=30) as client:

        def send(path: str, body: dict[str, object]) -> None:
            reply = client.post(f"{A}/{path}", json=body)
            assert reply.is_success, reply.text

        client.put(A, json={"name": "Nordwind Handel & Söhne GmbH", "sandbox": True})
        for offer in ("express-1y", "priority-1y"):
            order = {"order_id": f"SO-{offer}", "offer": f"livecart.{offer}"}
            send("purchases", {**order, "payment": {"status": "paid"}})
        subject = "Checkout fails with a payment error after the last update of the shop"
        for ticket in ("HD-1", "HD-2"):
            send("tickets", {"ticket_id": ticket, "subject": subject, "channel": "ticket"})
        send("tickets/HD-2/replies", {"by": "agent"})
        send("tickets/HD-2/pause", {"waiting_on": "customer"})
        began = client.get(A).json()["clock"]
        assert client.post(f"{A}/clock", json={"to": began}).is_success
        send("tickets", {"ticket_id": "HD-3", "subject": "A question"})
        send("tickets/HD-3/resolution", {"outcome": "solved"})
    return key


@pytest.fixture(params=PAGES)
def page(
    request: pytest.FixtureRequest, browser: Browser, service: Service, key: str
) -> Iterator[Page]:
    """Open a page; afterwards, nothing else was asked for but a picture for the tab."""
    context = browser.new_context(
        extra_http_headers={"Accept": "text/html", "Authorization": f"Bearer {key}"},
        bypass_csp=True,  # for axe, which is a script
    )
    page = context.new_page()
    asked: list[str] = []
    page.on("request", lambda each: asked.append(each.url))
    address = f"{service.url}{PAGES[request.param]}"
    reply = page.goto(address)
    assert reply is not None
    assert reply.ok, reply.text()
    yield page
    assert [url for url in asked if not url.endswith("/favicon.ico")] == [address]
    context.close()


def test_it_can_be_read_by_all(page: Page, tmp_path: Path) -> None:
    assert page.locator("main").count() == 1
    assert page.locator("h1").count() == 1
    for width, light in LOOKS:
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(color_scheme=light, media="screen")  # type: ignore[arg-type]
        page.screenshot(path=tmp_path / f"{width}-{light}.png", full_page=True)
        assert page.evaluate(STICKS_OUT) == []
        found = Axe().run(page)
        assert found.violations_count == 0, found.generate_report()
    page.emulate_media(media="print", color_scheme="light")
    page.screenshot(path=tmp_path / "print.png", full_page=True)
    assert page.evaluate(STICKS_OUT) == []
