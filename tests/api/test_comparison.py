"""The plan table that a shop shows: of packs, of a matrix of severities, and any other."""

from html.parser import HTMLParser
from typing import Any

import pytest

from app.api.catalog.price_texts import describe_money
from app.api.pages.words import Words
from app.domain.catalog.money import Money
from tests.api.conftest import Api
from tests.domain.catalog_examples import CODES, small_document


async def compare(api: Api, catalog: str) -> Any:
    reply = await api.holding(None).get(f"/v1/catalogs/{catalog}/comparison")
    assert reply.status_code == 200, reply.text
    assert reply.headers["Content-Type"] == "application/json"
    return reply.json()


def rows(comparison: Any, title: str) -> dict[str, list[str]]:
    (section,) = [each for each in comparison["sections"] if each["title"].startswith(title)]
    return {row["label"]: [cell["text"] for cell in row["cells"]] for row in section["rows"]}


def details(comparison: Any, title: str) -> dict[str, list[str | None]]:
    (section,) = [each for each in comparison["sections"] if each["title"].startswith(title)]
    return {row["label"]: [cell["detail"] for cell in row["cells"]] for row in section["rows"]}


def notes(comparison: Any, title: str) -> dict[str, str]:
    (section,) = [each for each in comparison["sections"] if each["title"].startswith(title)]
    return {row["label"]: row["note"] for row in section["rows"]}


def terms(comparison: Any) -> dict[str, str]:
    return {each["label"]: each["text"] for each in comparison["terms"]}


async def test_L2_L3_L4_L6_L7_the_plan_table_of_seed_000(api: Api) -> None:
    compared = await compare(api, "livecart")
    assert [plan["name"] for plan in compared["plans"]] == ["Standard", "Priority", "Express"]
    assert rows(compared, "Plans") == {
        "Price": ["from €99", "from €199", "from €399"],
        "Allowance": [
            "10 to 100 incidents, or unlimited",
            "10 to 100 incidents",
            "15 to 120 incidents",
        ],
        "What is left unused": ["Ends with the term"] * 3,
        "Expedited bug fixes": ["–", "–", "Yes"],
    }
    assert rows(compared, "Channels") == {
        "Support tickets": ["Yes", "Yes", "Yes"],
        "E-mail": ["Yes", "Yes", "Yes"],
        "Skype or other live chat": ["–", "Yes", "Yes"],
        "Telephone": ["–", "–", "Yes"],
    }
    minutes = details(compared, "Channels")
    assert minutes["Skype or other live chat"] == [None, *["10 minutes an incident"] * 2]
    assert minutes["Telephone"] == [None, None, "5 minutes an incident"]
    told = notes(compared, "Channels")
    assert told["Skype or other live chat"].startswith("Text only, neither voice nor video")
    assert told["Telephone"].startswith("Not for technical advice")
    assert rows(compared, "Times") == {
        "First response": [
            "48 hours",
            "24 hours",
            "24 hours; 1 to 4 business hours when asked in business hours",
        ]
    }
    assert details(compared, "Times") == {"First response": ["guaranteed"] * 3}
    assert terms(compared)["Business hours"] == "Monday to Friday 09:30–17:30, UTC+02:00"
    assert [(each["name"], each["price"]["amount"]) for each in compared["offers"]][:2] == [
        ("Standard, 1 month", 9900),
        ("Standard, 1 year", 9900),
    ]
    assert len(compared["offers"]) == 10
    # The days of its hours are not published, nor what happens without a plan but for bugs;
    # nothing usual is invented.
    assert [each["label"] for each in compared["terms"] if each["chosen"]] == [
        "Business hours",
        "Without a plan",
    ]
    assert "usually" not in str(compared["sections"])


async def test_P1_P2_P3_P4_the_page_of_seed_001_has_its_prices(api: Api) -> None:
    compared = await compare(api, "xcart-points")
    assert rows(compared, "Plans") == {
        "Price": ["from $34.50"],
        "Allowance": ["60 to 1,200 points"],
        "What is left unused": ["Expires 2 years after the day of purchase"],
    }
    assert rows(compared, "Times") == {"First response": ["1 business day"]}
    (channel,) = notes(compared, "Channels").values()
    assert "24 hours a day, 7 days a week" in channel
    assert [each["text"] for each in compared["rate_card"]] == [
        *("0", "10", "25", "40", "80", "0"),
        *("25", "50", "40", "Upon request"),
        *("150", "from 100", "150", "from 150"),
        *("150", "from 150", "80–100", "120 + 60 × stores"),
        *("from 80", "from 120", "60", "150 + 60 × additional stores"),
    ]
    (free,) = [each for each in compared["terms"] if each["label"] == "Free of charge"]
    assert free["text"].endswith(
        "points with the first software licence, once, to be used within 2 years"
    )
    assert free["chosen"]


async def test_E1_E2_E3_E4_E5_the_matrix_of_seed_004(api: Api) -> None:
    compared = await compare(api, "corporate")
    assert [plan["name"] for plan in compared["plans"]] == ["Professional", "Enterprise", "Gold"]
    assert rows(compared, "Plans") == {
        "Price": ["Included", "Included", "€1,499 a month"],
        "Allowance": ["1 incident a month", "2 incidents a month", "4 incidents a month"],
        "What is left unused": ["Ends with its month"] * 3,
    }
    # What becomes of unused incidents is not published.
    (unused,) = [
        row for row in compared["sections"][0]["rows"] if row["label"] == "What is left unused"
    ]
    assert all(cell["chosen"] for cell in unused["cells"])
    assert details(compared, "Plans")["Price"] == [
        *["Comes with the product subscription"] * 2,
        "€17,988 for 1 year",
    ]
    assert rows(compared, "Channels") == {
        "E-mail": ["Best effort"] * 3,
        "Chat": ["Best effort"] * 3,
        "Phone call": ["On request"] * 3,
        "Video call": ["On request"] * 3,
        "Support tickets": ["Best effort"] * 3,
    }
    assert details(compared, "Channels")["Chat"] == ["in business hours"] * 3
    assert rows(compared, "Severity 1 (Urgent)") == {
        "First response": ["–", "8 business hours", "8 business hours"],
        "Resolution": ["–", "32 business hours", "16 business hours"],
    }
    assert rows(compared, "Severity 2 (High)") == {
        "First response": ["–", "16 business hours", "8 business hours"],
        "Resolution": ["–", "7 business days", "3 business days"],
    }
    assert rows(compared, "Severity 3 (Normal)") == {
        "First response": ["–", "24 business hours", "8 business hours"],
        "Resolution": ["–", "14 business days", "7 business days"],
    }
    assert rows(compared, "Severity 4 (Low)") == {
        "First response": ["24 business hours"] * 3,
        "Resolution": ["Best effort", "Best effort", "Best effort"],
    }
    assert details(compared, "Severity 3 (Normal)")["First response"] == [
        None,
        "guaranteed",
        "guaranteed",
    ]
    assert details(compared, "Severity 3 (Normal)")["Resolution"] == [
        None,
        *["with reasonable efforts"] * 2,
    ]
    assert details(compared, "Severity 4 (Low)")["First response"] == [
        "best effort",
        "guaranteed",
        "guaranteed",
    ]
    (urgent,) = [each for each in compared["sections"] if each["title"] == "Severity 1 (Urgent)"]
    assert urgent["note"].startswith("Any error reported by the customer where the majority")
    assert [cell["included"] for cell in urgent["rows"][0]["cells"]] == [False, True, True]
    assert terms(compared)["Business hours"] == (
        "Monday to Friday 09:00–17:00, Europe/Berlin, excluding holidays"
    )
    paid = [each["topic"] for each in compared["topics"] if not each["included"]]
    assert paid == ["custom-development", "consulting", "training"]


async def test_S2_S3_S5_S7_S8_S9_the_terms_of_seed_002(api: Api) -> None:
    compared = await compare(api, "xcart-support")
    assert rows(compared, "Plans") == {
        "Price": ["from $149", "$99", "$139"],
        "Allowance": ["Unlimited incidents, under fair use", "1 incident", "1 incident"],
        "What is left unused": ["", *["Expires 1 year after the purchase"] * 2],
        "Covers": ["One store, by its URL", "", ""],
        "Urgent requests": ["Yes", "–", "Yes"],
        "X-Cart installation": ["Yes", "–", "–"],
    }
    assert rows(compared, "Channels") == {
        "HelpDesk": ["Yes", "Yes", "Yes"],
        "Skype live chat": ["Urgent requests only", "–", "Urgent requests only"],
        "Skype phone call": ["Urgent requests only", "–", "Urgent requests only"],
    }
    assert details(compared, "Channels")["Skype phone call"] == [
        "on request, 1 hour an incident at most",
        None,
        "on request, 1 hour an incident at most",
    ]
    assert (
        "Open Monday to Friday 09:00–17:00, UTC+03:00."
        in (notes(compared, "Channels")["Skype live chat"])
    )
    assert rows(compared, "Times") == {
        "First response": ["1 business day", "1 business day", "1 business day"],
        "First response, urgent": ["2 business hours", "–", "2 business hours"],
        "Resolution": ["–", "Guaranteed", "Guaranteed"],
    }
    # That the two hours are the engineers' is a choice.
    (urgent,) = [
        row
        for section in compared["sections"]
        for row in section["rows"]
        if row["label"] == "First response, urgent"
    ]
    assert [cell["chosen"] for cell in urgent["cells"]] == [True, False, True]
    assert terms(compared)["Languages"] == "English, Russian"
    assert terms(compared)["Bug reports"].startswith("The issue tracker")
    assert terms(compared)["Hours (engineers)"] == (
        "Monday to Friday 06:00–01:00, Saturday and Sunday 10:00–18:00, UTC+03:00"
    )
    assert len([each for each in compared["topics"] if not each["included"]]) == 9
    (installation,) = [each for each in compared["topics"] if each["topic"] == "installation"]
    assert installation["plans"] == ["subscription"]
    support, service, sales = compared["contacts"]
    assert support["note"] == "Available through the HelpDesk only."
    assert support["hours"] == terms(compared)["Hours (engineers)"]
    assert (service["email"], sales["email"]) == ("helpdesk@x-cart.com", "sales@x-cart.com")


async def test_A1_A2_A3_A4_A5_A6_A7_A8_packages_without_times(api: Api) -> None:
    compared = await compare(api, "agency")
    assert [plan["name"] for plan in compared["plans"]] == [
        "Starter",
        "Standard",
        "Advanced",
        "Flexible",
    ]
    plans = rows(compared, "Plans")
    assert plans["Allowance"] == ["40 hours a month", *["Hours a month, as agreed"] * 3]
    assert plans["In one week"] == ["No more than half"] * 4
    assert details(compared, "Plans")["In one week"] == ["20 hours", None, None, None]
    assert plans["What is left unused"] == ["Ends with its month"] * 4
    assert plans["More than that"] == ["Billed separately, by the time it takes"] * 4
    assert plans["2 months' hours together"] == ["Upon agreement"] * 4
    assert set(plans["Price"]) == {"By quote"}
    assert any(label.startswith("An account manager is assigned") for label in plans)
    assert [section["title"] for section in compared["sections"]] == ["Plans", "Channels"]
    # By which channels requests arrive is not published.
    assert all(row["chosen"] for row in compared["sections"][1]["rows"])
    assert [each["level"] for each in compared["severities"]] == [1, 2, 3, 4]
    assert len(compared["services"]) == 8
    told = terms(compared)
    assert told["Discount"] == "10 percent off a contract of 1 year or more"
    assert told["Please have ready"] == "Admin panel access, FTP access, SSH (shell) access"
    assert told["Without a plan"].startswith("Support can be requested without a package")


@pytest.mark.parametrize(
    ("catalog", "language", "words"),
    [
        ("xcart-support", "ru", ["Первый ответ", "1 рабочий день", "2 рабочих часа", "от 149 $"]),
        ("corporate", "de", ["Erste Antwort", "8 Geschäftsstunden", "7 Werktage", "garantiert"]),
    ],
)
async def test_the_pages_words_are_in_the_language_asked_for(
    api: Api, catalog: str, language: str, words: list[str]
) -> None:
    reply = await api.get(
        f"/v1/catalogs/{catalog}/comparison?language={language}", headers={"Accept": "text/html"}
    )
    assert reply.headers["Content-Language"] == language
    assert f'<html lang="{language}">' in reply.text
    for word in words:
        assert word in reply.text.replace("\xa0", " ")
    data = await api.get(f"/v1/catalogs/{catalog}/comparison?language={language}")
    assert data.json()["language"] == language
    assert words[0] in data.text


async def test_a_language_that_no_page_is_in_is_refused(api: Api) -> None:
    reply = await api.get("/v1/catalogs/livecart/comparison?language=xx")
    assert reply.status_code == 422


async def test_P4_the_rate_card_typed(api: Api) -> None:
    reply = await api.holding(None).get("/v1/catalogs/xcart-points/rate-card")
    cards = {each["category"]: each for each in reply.json()["data"]}
    assert len(cards) == 22
    assert cards["transfer-aspe"] == {
        "category": "transfer-aspe",
        "name": "Transfer of LiteCommerce ASPE, by the number of deployed stores",
        "group": "Transfer services",
        "kind": "per_unit",
        "unit": "point",
        "base": 120,
        "upper": None,
        "per_unit": 60,
        "variable": "stores",
        "text": "120 + 60 × stores",
        "price_of": None,
        "severities": [],
        "urgent": None,
        "channels": [],
    }
    assert (cards["other"]["base"], cards["other"]["text"]) == (None, "Upon request")
    assert (await api.get("/v1/catalogs/agency/rate-card")).json()["data"] == []
    assert (await api.get("/v1/catalogs/nobody/rate-card")).status_code == 404


async def test_S8_A2_topics_and_severities_typed(api: Api) -> None:
    topics = (await api.holding(None).get("/v1/catalogs/xcart-support/topics")).json()["data"]
    assert [each["topic"] for each in topics if each["included"]][-1] == "installation"
    assert topics[0]["plans"] == ["subscription", "incident-normal", "incident-urgent"]
    assert topics[-1] == {
        "topic": "custom-seo",
        "name": "Custom SEO",
        "included": False,
        "promised": True,
        "plans": [],
        "note": None,
        "fee_note": None,
        "until": None,
    }
    levels = (await api.holding(None).get("/v1/catalogs/agency/severities")).json()["data"]
    assert [each["name"] for each in levels] == ["Emergency", "Partial outage", "High", "Regular"]
    assert levels[1]["examples"][0] == "Not all products in the catalogue are shown"


class Page(HTMLParser):
    """Collects the text of a page's cells, and everything it would fetch."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.cells: list[str] = []
        self.fetched: list[str] = []
        self._open = self._small = False
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.fetched += [
            f"{tag} {value}"
            for name, value in attrs
            if name in ("src", "href", "srcset") and not str(value).startswith(("#", "?"))
        ]
        if tag in ("td", "th"):
            self._open = True
            self.cells.append("")
        if tag in ("small", "a"):
            self._small = True
        if tag in ("script", "link", "img", "iframe", "object"):
            self.fetched.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in ("td", "th"):
            self._open = False
        if tag in ("small", "a"):
            self._small = False

    def handle_data(self, data: str) -> None:
        if self._open and not self._small:
            self.cells[-1] += data.strip()


@pytest.mark.parametrize("catalog", CODES)
async def test_the_page_shows_what_the_data_says_and_fetches_nothing(
    api: Api, catalog: str
) -> None:
    compared = await compare(api, catalog)
    reply = await api.holding(None).get(
        f"/v1/catalogs/{catalog}/comparison", headers={"Accept": "text/html,*/*;q=0.8"}
    )
    assert reply.headers["Content-Type"] == "text/html; charset=utf-8"
    assert reply.headers["Vary"] == "Accept, Accept-Encoding"
    page = Page(reply.text)
    assert page.fetched == []
    place = 0
    for section in compared["sections"]:
        for row in section["rows"]:
            place = page.cells.index(row["label"], place) + 1
            shown = page.cells[place : place + len(row["cells"])]
            assert shown == [cell["text"] for cell in row["cells"]]
    for note in compared["notes"]:
        assert note in reply.text.replace("&#39;", "'")


async def test_any_catalogue_can_be_compared_and_is_escaped(api: Api) -> None:
    document = small_document()
    document["plans"]["gold"]["name"] = "<script>alert(1)</script>"
    assert (await api.put("/v1/catalogs/shop", document)).status_code == 201
    compared = await compare(api, "shop")
    assert rows(compared, "Severity 1 (Urgent)") == {"First response": ["8 business hours", "–"]}
    # The second plan has no offer of its own.
    assert rows(compared, "Plans")["Price"] == ["€99", ""]
    reply = await api.get("/v1/catalogs/shop/comparison", headers={"Accept": "text/html"})
    assert "<script>" not in reply.text
    assert "&lt;script&gt;" in reply.text
    unknown = await api.get("/v1/catalogs/nobody/comparison")
    assert (unknown.status_code, unknown.json()["code"]) == (404, "catalog_unknown")


@pytest.mark.parametrize(
    ("money", "text"),
    [
        (Money(39900, "EUR"), "€399"),
        (Money(3450, "USD"), "$34.50"),
        (Money(1798800, "EUR"), "€17,988"),
        (Money(67333, "USD"), "$673.33"),
        (Money(0, "EUR"), "€0"),
        (Money(1200, "JPY"), "¥1,200"),
    ],
)
def test_money_in_words(money: Money, text: str) -> None:
    assert describe_money(money, Words("en")) == text
