"""Publishing: the document as JSON or as it is written, its examples verified, large ones too."""

import time
from pathlib import Path

from app.documents.files import read_toml
from tests.api.conftest import Api
from tests.domain.catalog_examples import small_document
from tests.support.problems import problem_of

SHOP = Path(__file__).parents[1] / "documents" / "data" / "shop.toml"
TOML = {"Content-Type": "application/toml"}
ADDRESS = "/v1/catalogs/shop"


async def test_a_document_is_published_as_it_is_written(api: Api) -> None:
    text = SHOP.read_text()
    asked = await api.http.put(ADDRESS, content=text, headers=TOML, params={"dry_run": "true"})
    assert (asked.status_code, asked.headers["Dry-Run"]) == (201, "true"), asked.text
    made = await api.http.put(ADDRESS, content=text, headers=TOML)
    assert made.status_code == 201, made.text
    assert made.json()["document"] == read_toml(text)
    again = await api.put(ADDRESS, read_toml(text))
    assert (again.status_code, again.json()["version"]) == (200, 1)
    offers = (await api.get("/v1/offers?catalog=shop")).json()["data"]
    assert [each["offer"] for each in offers] == [
        f"shop.{code}" for code in read_toml(text)["offers"]
    ]


async def test_text_that_is_no_toml_says_where_it_is_not(api: Api) -> None:
    for text, said in (
        ("code = \n", "at line 1"),
        ('code = "a"\ncode = "b"\n', "Cannot overwrite a value (at line 2"),
        ("a = nan", "is no number"),
        (b"a = '\xff'", "UTF-8"),
    ):
        reply = await api.http.put(ADDRESS, content=text, headers=TOML)
        assert (reply.status_code, problem_of(reply)["code"]) == (400, "malformed_toml")
        assert said in reply.json()["detail"]


async def test_toml_is_taken_where_a_document_is_published_and_nowhere_else(api: Api) -> None:
    reply = await api.http.put("/v1/accounts/c-1", content='name = "A"', headers=TOML)
    assert (reply.status_code, problem_of(reply)["code"]) == (415, "unsupported_media_type")
    yaml = {"Content-Type": "application/yaml"}
    reply = await api.http.put(ADDRESS, content="code: shop", headers=yaml)
    assert reply.json()["detail"] == (
        "Send the body as application/json or application/toml, not application/yaml."
    )


async def test_an_example_that_comes_out_otherwise_is_not_published(api: Api) -> None:
    document = read_toml(SHOP.read_text())
    document["examples"][0]["costs"] = 2
    reply = await api.put(ADDRESS, document)
    assert reply.status_code == 422
    assert reply.json()["errors"] == [
        {
            "pointer": "/examples/0/costs",
            "detail": "It costs 1 incident.",
            "code": "example_differs",
        }
    ]
    assert (await api.get(ADDRESS)).status_code == 404


async def test_a_catalogue_of_a_thousand_offers_is_published_within_two_seconds(api: Api) -> None:
    document = small_document()
    gold, offer = document["plans"]["gold"], document["offers"]["gold-1y"]
    for number in range(48):
        document["plans"][f"plan-{number}"] = gold | {"rank": number + 3}
    for number in range(998):
        document["offers"][f"offer-{number}"] = offer | {"plan": f"plan-{number % 48}"}
    begin = time.process_time()
    reply = await api.put(ADDRESS, document)
    assert reply.status_code == 201, reply.text
    assert time.process_time() - begin < 2
    offers = await api.get("/v1/catalogs")
    (shop,) = [each for each in offers.json()["data"] if each["catalog"] == "shop"]
    assert (len(shop["plans"]), len(shop["offers"])) == (50, 1000)
