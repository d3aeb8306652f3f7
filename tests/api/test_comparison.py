"""The plan table that a shop shows: of packs, of a matrix of severities, and any other."""

from html.parser import HTMLParser
from typing import Any

import pytest

from app.domain.catalog.money import Money
from app.domain.catalog.price_texts import say_money
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


async def test_L2_L3_the_plan_table_of_seed_000(api: Api) -> None:
    compared = await compare(api, "livecart")
    assert [plan["name"] for plan in compared["plans"]] == ["Standard", "Priority", "Express"]
    assert rows(compared, "Plans") == {
        "Price": ["from €99", "from €199", "from €399"],
        "Allowance": [
            "10 to 100 incidents, or unlimited",
            "10 to 100 incidents",
            "15 to 120 incidents",
        ],
        "Bug fixes put first": ["–", "–", "Yes"],
    }
    assert rows(compared, "Channels") == {
        "Support tickets": ["Yes", "Yes", "Yes"],
        "E-mail": ["Yes", "Yes", "Yes"],
        "Skype or other live chat": ["–", "Yes", "Yes"],
        "Telephone": ["–", "–", "Yes"],
    }
    assert rows(compared, "Times") == {
        "First response": [
            "48 hours",
            "24 hours",
            "24 hours; 4 business hours if asked in business hours, usually 1 business hour",
        ]
    }
    assert [(each["name"], each["price"]["amount"]) for each in compared["offers"]][:2] == [
        ("Standard, 1 month", 9900),
        ("Standard, 1 year", 9900),
    ]
    assert len(compared["offers"]) == 10


async def test_E1_E2_E3_the_matrix_of_seed_004(api: Api) -> None:
    compared = await compare(api, "corporate")
    assert [plan["name"] for plan in compared["plans"]] == ["Professional", "Enterprise", "Gold"]
    assert rows(compared, "Plans") == {
        "Price": ["Included", "Included", "€1,499 a month"],
        "Allowance": ["1 incident a month", "2 incidents a month", "4 incidents a month"],
    }
    assert rows(compared, "Severity 1 (Urgent)") == {
        "First response": ["–", "8 business hours", "8 business hours"],
        "Resolution": ["–", "32 business hours (target)", "16 business hours (target)"],
    }
    assert rows(compared, "Severity 2 (High)") == {
        "First response": ["–", "16 business hours", "8 business hours"],
        "Resolution": ["–", "7 business days (target)", "3 business days (target)"],
    }
    assert rows(compared, "Severity 3 (Normal)") == {
        "First response": ["–", "24 business hours", "8 business hours"],
        "Resolution": ["–", "14 business days (target)", "7 business days (target)"],
    }
    assert rows(compared, "Severity 4 (Low)") == {
        "First response": [
            "24 business hours (best effort)",
            "24 business hours",
            "24 business hours",
        ],
        "Resolution": ["Best effort", "Best effort", "Best effort"],
    }
    (urgent,) = [each for each in compared["sections"] if each["title"] == "Severity 1 (Urgent)"]
    assert urgent["note"].startswith("Any error reported by the customer where the majority")
    assert [cell["included"] for cell in urgent["rows"][0]["cells"]] == [False, True, True]


async def test_S2_S3_S5_one_store_fair_use_and_urgent_requests(api: Api) -> None:
    compared = await compare(api, "xcart-support")
    assert rows(compared, "Plans") == {
        "Price": ["$139", "$99", "from $149"],
        "Allowance": ["1 incident", "1 incident", "Unlimited incidents, under fair use"],
        "Covers": ["Every store", "Every store", "One store"],
        "Urgent requests": ["Yes", "–", "Yes"],
    }
    assert rows(compared, "Times") == {
        "First response": ["1 business day", "1 business day", "1 business day"],
        "First response, urgent": ["2 business hours", "–", "2 business hours"],
        "Resolution": ["Guaranteed", "Guaranteed", "–"],
    }


async def test_A1_A2_A6_packages_without_times(api: Api) -> None:
    compared = await compare(api, "agency")
    assert rows(compared, "Plans")["Allowance"][0] == "40 hours a month"
    assert set(rows(compared, "Plans")["In one week"]) == {"No more than half"}
    assert set(rows(compared, "Plans")["Price"]) == {"By quote"}
    assert [section["title"] for section in compared["sections"]] == ["Plans", "Channels"]
    assert [each["level"] for each in compared["severities"]] == [1, 2, 3, 4]
    assert len(compared["services"]) == 8


class Page(HTMLParser):
    """Collects the text of a page's cells, and everything it would fetch."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.cells: list[str] = []
        self.fetched: list[str] = []
        self._open = False
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.fetched += [
            f"{tag} {value}" for name, value in attrs if name in ("src", "href", "srcset")
        ]
        if tag in ("td", "th"):
            self._open = True
            self.cells.append("")
        if tag in ("script", "link", "img", "iframe", "object"):
            self.fetched.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in ("td", "th"):
            self._open = False

    def handle_data(self, data: str) -> None:
        if self._open:
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
    assert reply.headers["Vary"] == "Accept"
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
    assert rows(compared, "Severity 1 (Urgent)") == {"First response": ["–", "8 business hours"]}
    # The second plan has no offer of its own.
    assert rows(compared, "Plans")["Price"] == ["–", "€99"]
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
    assert say_money(money) == text
