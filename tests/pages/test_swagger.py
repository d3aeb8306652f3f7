"""Swagger UI in Chromium, with no way to any other host: it shows, authorizes and tries out.

Screenshots are left in the test's temporary folder (`--basetemp=FOLDER` keeps them in one).
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page

from tests.support.serve import Service

pytestmark = pytest.mark.pages

# Some of the story's steps, with ids among them that a reply has made.
STORY = (
    ("Accounts", "put_account"),
    ("Accounts", "move_clock"),
    ("Purchases", "place_purchase"),
    ("Subscriptions", "get_subscription"),
    ("Tickets", "ask_coverage"),
    ("Tickets", "open_ticket"),
    ("Quotes", "draw_up_quote"),
    ("Quotes", "get_quote"),
)
SUCCESS = {"draw_up_quote": 201}


@pytest.fixture(scope="module")
def key(service: Service) -> str:
    return service.read_key()


@pytest.fixture
def docs(browser: Browser, service: Service) -> Iterator[Page]:
    """Open Swagger UI; afterwards, nothing was asked of another host, and nothing was wrong."""
    page = browser.new_page(viewport={"width": 1280, "height": 1600})
    asked: list[str] = []
    said: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda line: said.append(line.text) if line.type == "error" else None)
    page.on("pageerror", lambda error: said.append(str(error)))
    page.goto(f"{service.url}/docs")
    page.locator(".opblock-tag").first.wait_for()
    yield page
    page.close()
    assert [url for url in asked if not url.startswith((service.url, "data:"))] == []
    refused = "Failed to load resource: the server responded with a status of 401"
    assert [line for line in said if not line.startswith(refused)] == []


def test_every_operation_is_listed_under_its_tag(docs: Page, tmp_path: Path) -> None:
    document = json.loads(docs.evaluate("fetch('/openapi.json').then(reply => reply.text())"))
    operations = sum(len(item) for item in document["paths"].values())
    operations += len(document["webhooks"])
    tags = [tag["name"] for tag in document["tags"]]
    assert docs.locator(".opblock-tag a span").all_inner_texts() == tags
    # They are collapsed at first, so that the page opens at once.
    for tag in docs.locator(".opblock-tag").all():
        tag.click()
    assert docs.locator(".opblock").count() == operations
    docs.screenshot(path=tmp_path / "operations.png", full_page=True)


def test_offers_are_read_without_a_key(docs: Page, tmp_path: Path) -> None:
    block = _expand(docs, "Offers", "list_offers")
    # The story's example asks for one plan of one seller's.
    reply = _execute(block)
    assert len(reply["data"]) == 3
    assert reply["data"][0]["catalog"] == "livecart"
    block.screenshot(path=tmp_path / "offers.png")


def test_a_key_authorizes_and_a_post_is_tried_out(docs: Page, key: str, tmp_path: Path) -> None:
    block = _expand(docs, "Deadlines", "preview_deadlines")
    assert _execute(block, status=401)["code"] == "unauthenticated"
    docs.locator(".btn.authorize").click()
    dialog = docs.locator(".modal-ux")
    dialog.locator("input").fill(key)
    dialog.screenshot(path=tmp_path / "authorize.png")
    dialog.locator("button.authorize").click()
    dialog.get_by_role("button", name="Close").click()
    # The first example is in its place already: Gold, severity 1, on a Friday at 16:30 in 2030.
    reply = _execute(block)
    assert reply["deadlines"][0]["due_at"] == "2030-01-14T15:30:00Z"
    block.screenshot(path=tmp_path / "preview.png")


def test_the_story_is_executed_as_it_stands_and_again(docs: Page, key: str) -> None:
    docs.locator(".btn.authorize").click()
    docs.locator(".modal-ux input").fill(key)
    docs.locator(".modal-ux button.authorize").click()
    docs.locator(".modal-ux").get_by_role("button", name="Close").click()
    blocks: dict[str, Locator] = {}
    for status in (201, 200):
        for tag, operation in STORY:
            if operation not in blocks:
                blocks[operation] = _expand(docs, tag, operation)
            made = operation in ("put_account", "place_purchase", "open_ticket")
            _execute(blocks[operation], status=status if made else SUCCESS.get(operation, 200))


def test_a_problems_page(docs: Page, service: Service, tmp_path: Path) -> None:
    docs.goto(f"{service.url}/problems/insufficient_units")
    assert docs.locator("h1").inner_text() == "There are not enough units"
    docs.screenshot(path=tmp_path / "problem.png")
    docs.get_by_role("link", name="Open a ticket").click()
    docs.locator("#operations-Tickets-open_ticket .execute").wait_for()


def _expand(docs: Page, tag: str, operation: str) -> Locator:
    block = docs.locator(f"#operations-{tag}-{operation}")
    if not block.count():
        docs.locator(f"#operations-tag-{tag}").click()
    block.locator(".opblock-summary-control").click()
    block.locator("button.execute").wait_for()
    return block


def _execute(block: Locator, status: int = 200) -> dict[str, Any]:
    """Press Execute; the body of the reply that is shown."""
    block.locator("button.execute").click()
    shown = block.locator(".live-responses-table .response")
    shown.locator(".response-col_status", has_text=str(status)).wait_for()
    reply: dict[str, Any] = json.loads(shown.locator("code.language-json").inner_text())
    return reply
