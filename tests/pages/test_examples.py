"""The guides' examples in Chromium, in both languages: somebody buys, somebody is served."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.support.examples import make_customer, run_example, serve_examples
from tests.support.ports import find_free_port
from tests.support.waiting import until_now

pytestmark = pytest.mark.pages


@pytest.fixture(scope="module")
def settings() -> Iterator[dict[str, str]]:
    with serve_examples() as settings:
        yield settings


@pytest.fixture
def port() -> int:
    return find_free_port()


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
def test_somebody_buys_the_same_twice_and_is_paid_back(
    page: Page, settings: dict[str, str], port: int, language: str, tmp_path: Path
) -> None:
    with run_example(language, "storefront", port, **settings) as url:
        orders = []
        for _ in range(2):
            page.goto(url)
            page.get_by_text("Standard, 1 month").click()
            page.get_by_label("Company").fill("Süd KG")
            page.get_by_label("E-mail").fill(f"{language}@sued.example")
            page.get_by_role("button", name="Order").click()
            expect(page.get_by_role("button", name="Pay")).to_be_visible()
            orders.append(page.url)
        for order in orders:
            page.goto(order)
            page.get_by_role("button", name="Pay").click()
        expect(page.get_by_text("The account has this plan until")).to_be_visible()
        expect(page.get_by_text("Your payment is paid back.")).to_be_visible()
        expect(page.get_by_text("This order is cancelled.")).to_be_visible()
        page.screenshot(path=tmp_path / "paid-back.png")
        page.goto(orders[0])
        expect(page.get_by_text("Paid, thank you. Standard until")).to_be_visible()


@pytest.mark.parametrize("language", ["python", "typescript"])
def test_somebody_is_served(
    page: Page, settings: dict[str, str], port: int, language: str, tmp_path: Path
) -> None:
    address = f"{language}@kranich.example"
    secret = make_customer(settings, f"c-{language}", address, port)
    settings = settings | {"SURETY_WEBHOOK_SECRET": secret}
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
        until_now(lambda: "deadline.met: first_response" in _read_again(page))


@pytest.mark.parametrize("language", ["python", "typescript"])
def test_somebody_chooses_what_the_plan_wants_to_know(
    page: Page, settings: dict[str, str], port: int, language: str, tmp_path: Path
) -> None:
    address = f"{language}@gold.example"
    make_customer(settings, f"c-gold-{language}", address, port, "corporate.gold")
    with run_example(language, "helpdesk", port, **settings) as url:
        page.goto(url)
        page.get_by_label("From").fill(address)
        page.get_by_label("Subject").fill("Search is slow")
        page.get_by_role("button", name="Open").click()
        expect(page.get_by_role("group", name="Severity")).to_be_visible()
        page.screenshot(path=tmp_path / "choices.png")
        page.get_by_role("radio", name="High Any error").check()
        page.get_by_role("button", name="Go on").click()
        expect(page.get_by_text("open, charge held (1 incident)")).to_be_visible()


def _read_again(page: Page) -> str:
    page.reload()
    return page.inner_text("main")
