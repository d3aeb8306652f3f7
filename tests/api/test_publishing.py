"""Publishing: the document as JSON or as it is written, its examples verified, large ones too."""

import asyncio
import time
from pathlib import Path

import asyncpg

from app.documents.files import read_toml
from app.domain.time.instants import write_instant
from tests.api.conftest import Api, Clock
from tests.conftest import Connection
from tests.domain.catalog_examples import small_document
from tests.support import cluster
from tests.support.problems import problem_of
from tests.support.waiting import until

SHOP = Path(__file__).parents[1] / "documents" / "data" / "shop.toml"
TOML = {"Content-Type": "application/toml"}
ADDRESS = "/v1/catalogs/shop"
WAITING = f"""
    SELECT count(*) FROM {cluster.ACTIVITY}
    WHERE wait_event_type = 'Lock' AND datname = current_database()
"""  # noqa: S608


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


async def test_a_version_is_not_published_before_the_one_before(api: Api, clock: Clock) -> None:
    """By a machine whose clock is behind the other's."""
    document = read_toml(SHOP.read_text())
    first = (await api.put(ADDRESS, document)).json()
    clock.advance(seconds=-30)
    second = (await api.put(ADDRESS, document | {"title": "Shop support"})).json()
    assert (second["version"], second["published_at"]) == (2, first["published_at"])
    clock.advance(seconds=31)
    third = (await api.put(ADDRESS, document)).json()
    assert third["published_at"] == write_instant(clock.now)
    listed = (await api.get("/v1/catalogs")).json()["data"]
    (shop,) = [each for each in listed if each["catalog"] == "shop"]
    assert (shop["version"], shop["published_at"]) == (3, third["published_at"])


async def test_what_waited_for_another_publication_is_published_after_it(
    api: Api, clock: Clock, postgres_user: Connection, published_url: str
) -> None:
    document = read_toml(SHOP.read_text())
    await api.put(ADDRESS, document)
    other: Connection = await asyncpg.connect(published_url)
    async with other.transaction():
        await other.execute("SELECT FROM catalogs WHERE catalog = 'shop' FOR UPDATE")
        asked = asyncio.create_task(api.put(ADDRESS, document | {"title": "Shop support"}))
        await until(lambda: postgres_user.fetchval(WAITING))
        clock.advance(seconds=3)
    await other.close()
    reply = await asked
    assert (reply.status_code, reply.json()["published_at"]) == (201, write_instant(clock.now))


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
