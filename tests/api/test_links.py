"""Links for a browser, and the pages where a visitor begins."""

import re

import pytest

from tests.api.conftest import Api, Clock
from tests.api.contents import read_contents

A = "/v1/accounts/c-1"


@pytest.fixture
async def account(api: Api) -> str:
    """Make an account with a plan and a ticket."""
    account = await api.make_account()
    await api.buy(account, "livecart.express-1y")
    await api.open(account)
    return account


@pytest.mark.parametrize(
    ("body", "shown"),
    [
        ({"to": "statement"}, ("text/html", "Checkout fails")),
        ({"to": "summary"}, ("text/html", "Nordwind Handel GmbH")),
        ({"to": "timeline", "ticket_id": "HD-1"}, ("text/html", "Checkout fails")),
    ],
)
async def test_a_link_shows_it_to_whoever_has_it_until_it_expires(
    api: Api, clock: Clock, account: str, body: dict[str, str], shown: tuple[str, str]
) -> None:
    made = await api.post(f"{account}/links", body | {"expires_in": "P14D"})
    assert (made.status_code, made.headers["Cache-Control"]) == (201, "no-store")
    assert made.json()["expires_at"] == "2026-12-08T08:00:00Z"
    path = made.json()["url"].removeprefix("http://127.0.0.1:8000")
    assert re.fullmatch(r"/v1/links/[A-Za-z0-9_-]{40,}", path)
    stranger = api.holding(None)
    browser = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
    page = await stranger.get(path, headers=browser)
    assert (page.status_code, page.headers["Cache-Control"]) == (200, "private, no-store")
    assert page.headers["Content-Type"].startswith(shown[0])
    assert shown[1] in page.text
    clock.advance(days=14)
    gone = await stranger.get(path)
    assert (gone.status_code, gone.json()["code"]) == (404, "link_unknown")


async def test_a_linked_summary_is_data_for_who_asks(api: Api, account: str) -> None:
    made = await api.post(f"{account}/links", {"to": "summary", "expires_in": "P1D"})
    path = made.json()["url"].removeprefix("http://127.0.0.1:8000")
    reply = await api.holding(None).get(path, headers={"Accept": "application/json"})
    assert (reply.status_code, reply.json()["account_id"]) == (200, "c-1")


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ({"to": "timeline"}, (422, "linked_ticket")),
        ({"to": "summary", "ticket_id": "HD-1"}, (422, "linked_ticket")),
        ({"to": "timeline", "ticket_id": "HD-9"}, (404, "ticket_unknown")),
        ({"to": "summary", "expires_in": "P400D"}, (422, "invalid_link_term")),
        ({"to": "summary", "expires_in": "-PT1S"}, (422, "invalid_link_term")),
        ({"to": "balance"}, (422, "invalid_request")),
    ],
)
async def test_what_no_link_leads_to(
    api: Api, account: str, published_url: str, body: dict[str, str], told: tuple[int, str]
) -> None:
    before = await read_contents(published_url)
    refused = await api.post(f"{account}/links", {"expires_in": "P1D"} | body)
    assert (refused.status_code, refused.json()["code"]) == told, refused.text
    assert await read_contents(published_url) == before


@pytest.mark.parametrize("token", ["x", "a" * 60, "%00", "====", "é"])
async def test_a_link_that_nobody_made_leads_nowhere(api: Api, token: str) -> None:
    reply = await api.holding(None).get(f"/v1/links/{token}")
    assert reply.status_code == 404


async def test_a_visitor_begins_somewhere(api: Api) -> None:
    stranger = api.holding(None)
    page = await stranger.get("/")
    assert page.headers["Content-Type"].startswith("text/html")
    for place in re.findall(r'href="([^"]+)"', page.text):
        assert (await stranger.get(place)).status_code == 200, place
    assert "/v1/catalogs/livecart/comparison" in page.text
    problems = await stranger.get("/problems")
    places = re.findall(r'href="(/problems/[a-z_]+)"', problems.text)
    assert len(places) > 80
    for place in places[:5]:
        assert (await stranger.get(place)).status_code == 200
