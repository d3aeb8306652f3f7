"""The guides' examples in Chromium, in both languages: somebody buys, somebody is served."""

import socket
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.support.examples import run_example
from tests.support.folders import open_folder
from tests.support.serve import Service, serve

pytestmark = pytest.mark.pages


@pytest.fixture(scope="module")
def service() -> Iterator[Service]:
    allowed = {"SURETY_WEBHOOK_ALLOWED_NETWORKS": "127.0.0.1/32"}
    with open_folder() as folder, serve(folder, **allowed) as running:
        yield running
        running.stop()


@pytest.fixture
def settings(service: Service) -> dict[str, str]:
    return {"SURETY_URL": service.url, "SURETY_KEY": service.read_key()}


@pytest.fixture
def port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    yield page
    page.close()


@pytest.mark.parametrize("language", ["python", "typescript"])
def test_somebody_buys(
    page: Page, settings: dict[str, str], port: int, language: str, tmp_path: Path
) -> None:
    with run_example(language, "storefront", port, **settings) as url:
        page.goto(url)
        page.screenshot(path=tmp_path / "offers.png")
        page.get_by_text("Express, 3 years").click()
        page.get_by_label("Company").fill("Nord & Co")
        page.get_by_label("E-mail").fill(f"{language}@nord.example")
        page.get_by_role("button", name="Order").click()
        expect(page.get_by_text("Total EUR 1")).to_be_visible()
        page.get_by_role("button", name="Pay").click()
        expect(page.get_by_text("Paid, thank you. Express until")).to_be_visible()
        page.screenshot(path=tmp_path / "paid.png")


@pytest.mark.parametrize("language", ["python", "typescript"])
def test_somebody_is_served(
    page: Page, settings: dict[str, str], port: int, language: str, tmp_path: Path
) -> None:
    headers = {"Authorization": f"Bearer {settings['SURETY_KEY']}"}
    address = f"{language}@kranich.example"
    with httpx.Client(base_url=settings["SURETY_URL"], headers=headers) as surety:
        account = f"/v1/accounts/c-{language}"
        surety.put(account, json={"name": "Kranich KG", "email": address})
        bought = {"order_id": "SO-1", "offer": "livecart.express-1y"}
        surety.post(f"{account}/purchases", json=bought | {"payment": {"status": "paid"}})
        hook = {"url": f"http://127.0.0.1:{port}/webhooks/surety", "types": ["deadline.*"]}
        settings["SURETY_WEBHOOK_SECRET"] = surety.post("/v1/webhooks", json=hook).json()["secret"]
    with run_example(language, "helpdesk", port, **settings) as url:
        page.goto(url)
        for wish in ("May they?", "Open"):
            page.goto(url)
            page.get_by_label("From").fill(address)
            page.get_by_label("Subject").fill("Checkout fails")
            page.get_by_label("Channel").select_option("chat")
            page.get_by_role("button", name=wish).click()
            if wish == "May they?":
                expect(page.get_by_text("Covered by Express.")).to_be_visible()
        card = page.frame_locator("iframe")
        expect(card.get_by_text("14 of 15 incidents left")).to_be_visible()
        page.screenshot(path=tmp_path / "ticket.png")
        page.get_by_role("button", name="agent").click()
        expect(page.get_by_text("first response: met")).to_be_visible()
        page.get_by_role("button", name="pause").click()
        expect(page.get_by_text("paused, charge held")).to_be_visible()
        page.get_by_role("button", name="resume").click()
        page.get_by_role("button", name="vendor defect").click()
        expect(page.get_by_text("resolved, charge returned")).to_be_visible()
        expect(page.frame_locator("iframe").get_by_text("15 of 15 incidents left")).to_be_visible()
        page.reload()
        expect(page.get_by_text("deadline.met: first_response")).to_be_visible()
