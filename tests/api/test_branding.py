"""Pages in the seller's own words and colours, and who may show them within theirs."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from app.main import create_app
from app.settings import Settings
from tests.api.conftest import ADMIN_KEY, Api, Clock
from tests.domain.catalog_examples import read_document, small_document

HTML = {"Accept": "text/html"}
SHOP = "https://shop.example"


def own_words() -> dict[str, Any]:
    return read_document("livecart") | {
        "code": "words",
        "names": {"unit": ["task ticket", "task tickets"], "site": ["server", "servers"]},
        "branding": {
            "accent": "#c02040",
            "logo_url": "https://cdn.example/logo.svg",
            "language": "de",
        },
    }


async def publish(api: Api, document: dict[str, Any]) -> None:
    reply = await api.put(f"/v1/catalogs/{document['code']}", document)
    assert reply.status_code == 201, reply.text


async def test_a_sellers_own_words_stand_wherever_a_person_reads(api: Api) -> None:
    document = own_words()
    document["branding"]["language"] = "en"
    for code in ("standard-1m", "standard-1y"):
        document["offers"][code]["site_bound"] = True
    for code in ("standard-2y", "standard-3y"):
        del document["offers"][code]
    await publish(api, document)
    data = (await api.get("/v1/catalogs/words/comparison")).json()
    rows = {
        row["label"]: [cell["text"] for cell in row["cells"]] for row in data["sections"][0]["rows"]
    }
    assert rows["Allowance"][0] == "10 task tickets, or unlimited"
    assert rows["Covers"] == ["One server, by its URL", "", ""]
    account = await api.make_account()
    await api.buy(account, "words.express-1y")
    await api.open(account)
    page = (await api.get(f"{account}/statement", headers=HTML)).text
    assert "14 task tickets left" in page
    assert "1 task ticket captured" in page


async def test_a_page_has_the_sellers_colour_picture_and_language(api: Api) -> None:
    await publish(api, own_words())
    reply = await api.get("/v1/catalogs/words/comparison", headers=HTML)
    assert '<html lang="de">' in reply.text
    assert "Erste Antwort" in reply.text
    assert "border-top: .3rem solid #c02040" in reply.text
    assert '<img class="logo" src="https://cdn.example/logo.svg" alt="">' in reply.text
    policy = reply.headers["Content-Security-Policy"]
    assert "img-src data: https://cdn.example;" in policy
    assert "frame-ancestors 'none'" in policy
    english = await api.get("/v1/catalogs/words/comparison?language=en", headers=HTML)
    assert "First response" in english.text


async def test_a_customers_card_is_in_the_sellers_language_or_another(api: Api) -> None:
    document = own_words()
    del document["names"]
    await publish(api, document)
    account = await api.make_account()
    await api.buy(account, "words.express-1y")
    await api.open(account)
    german = await api.get(f"{account}/summary", headers=HTML)
    assert (german.headers["Content-Language"], '<html lang="de">' in german.text) == ("de", True)
    for said in (
        "14 von 15 Vorfälle übrig",
        "Bis 24. Nov. 2027",
        "1 Vorfall vorgemerkt",
        "(10 Minuten je Vorfall)",
        "1 offen",
        "Erste Antwort bis 24. November 2026, 14:00",
    ):
        assert said in german.text
    russian = await api.get(f"{account}/summary?language=ru", headers=HTML)
    assert "осталось: 14 из 15 инцидентов" in russian.text
    english = await api.get(f"{account}/summary?language=en", headers=HTML)
    text = (await api.get(f"{account}/summary")).json()["plans"][0]["remaining"]["text"]
    assert f"{text} left" in english.text


@pytest.mark.parametrize(
    "branding",
    [
        {"accent": "red; } body { display: none"},
        {"accent": "#12345"},
        {"logo_url": "javascript:alert(1)"},
        {"logo_url": "https://cdn.example/x;y"},
        {"logo_url": "http://cdn.example/logo.png"},
        {"language": "xx"},
        {"colour": "#000000"},
    ],
)
async def test_a_brand_that_could_do_harm_is_refused(api: Api, branding: dict[str, str]) -> None:
    reply = await api.put("/v1/catalogs/shop", small_document() | {"branding": branding})
    assert reply.status_code == 422
    (fault,) = reply.json()["errors"]
    assert fault["pointer"].startswith("/branding/")


@pytest.fixture
async def embedded(published_url: str, clock: Clock) -> AsyncIterator[Api]:
    """Hold a key of a service whose pages a shop may show within its own."""
    settings = Settings(database_url=published_url, admin_key=ADMIN_KEY, embed_origins=(SHOP,))
    app = create_app(settings, clock=clock)
    async with app.router.lifespan_context(app):
        yield Api(app)


async def test_pages_may_be_shown_by_whom_the_operator_names_and_nobody_else(
    api: Api, embedded: Api
) -> None:
    page = "/v1/catalogs/livecart/comparison"
    shown = await embedded.get(page, headers=HTML | {"Origin": SHOP})
    assert f"frame-ancestors {SHOP}" in shown.headers["Content-Security-Policy"]
    assert "X-Frame-Options" not in shown.headers
    assert shown.headers["Access-Control-Allow-Origin"] == SHOP
    assert shown.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    other = await embedded.get(page, headers=HTML | {"Origin": "https://evil.example"})
    assert "Access-Control-Allow-Origin" not in other.headers
    # Data is not for them, nor is Swagger UI, nor anything where nobody is named.
    data = await embedded.get(page, headers={"Origin": SHOP})
    docs = await embedded.get("/docs", headers=HTML | {"Origin": SHOP})
    alone = await api.get(page, headers=HTML | {"Origin": SHOP})
    for reply in (data, docs, alone):
        assert "frame-ancestors 'none'" in reply.headers["Content-Security-Policy"]
        assert reply.headers["X-Frame-Options"] == "DENY"
        assert "Access-Control-Allow-Origin" not in reply.headers
