"""Contacts: the people of a customer, found by any address, asked by, erased."""

from datetime import datetime
from typing import Any

import asyncpg
import pytest

from tests.api.conftest import Api, Clock
from tests.support.erasure import ASKED, dump_words

A = "/v1/accounts/c-1"
C = f"{A}/contacts/u-7"
ERIKA = {"name": "Erika Mustermann", "emails": ["Erika@Nordwind.example"], "named": True}


@pytest.fixture
async def account(api: Api) -> str:
    """Make an account with an incident plan."""
    account = await api.make_account()
    await api.buy(account, "livecart.express-1y")
    return account


async def list_ids(api: Api, **asked: Any) -> list[str]:
    reply = await api.get("/v1/accounts", params=asked)
    assert reply.status_code == 200, reply.text
    return [each["account_id"] for each in reply.json()["data"]]


@pytest.mark.usefixtures("account")
async def test_a_contact_is_put_read_listed_and_removed(api: Api, clock: Clock) -> None:
    made = await api.put(C, ERIKA)
    assert (made.status_code, made.headers["ETag"], made.headers["Location"]) == (201, '"1"', C)
    assert made.json() == ERIKA | {
        "contact_id": "u-7",
        "created_at": "2026-11-24T08:00:00Z",
        "updated_at": "2026-11-24T08:00:00Z",
    }
    again = await api.put(C, ERIKA)
    assert (again.status_code, again.headers["ETag"], again.json()) == (200, '"1"', made.json())
    clock.advance(hours=1)
    changed = await api.put(C, {"name": "Erika M."})
    assert (changed.status_code, changed.headers["ETag"]) == (200, '"2"')
    assert changed.json() == {
        "contact_id": "u-7",
        "name": "Erika M.",
        "emails": [],
        "named": False,
        "created_at": "2026-11-24T08:00:00Z",
        "updated_at": "2026-11-24T09:00:00Z",
    }
    assert (await api.get(C)).json() == changed.json()
    await api.put(f"{A}/contacts/u-1", {"name": "Max"})
    page = (await api.get(f"{A}/contacts?limit=1")).json()
    assert [each["contact_id"] for each in page["data"]] == ["u-1"]
    rest = (await api.get(f"{A}/contacts", params={"cursor": page["next_cursor"]})).json()
    assert ([each["contact_id"] for each in rest["data"]], rest["next_cursor"]) == (["u-7"], None)
    stale = await api.delete(C, headers={"If-Match": '"1"'})
    assert stale.status_code == 412
    gone = await api.delete(C, headers={"If-Match": '"2"'})
    assert (gone.status_code, gone.content, "Content-Type" in gone.headers) == (204, b"", False)
    for method in ("GET", "DELETE"):
        gone = await api.http.request(method, C)
        assert (gone.status_code, gone.json()["code"]) == (404, "contact_unknown")
    events = (await api.get("/v1/events?account_id=c-1")).json()["data"]
    told = [each["data"] for each in events if each["type"] == "contact.changed"]
    assert [(each["contact_id"], each["change"]) for each in told] == [
        ("u-7", "created"),
        ("u-7", "changed"),
        ("u-1", "created"),
        ("u-7", "removed"),
    ]
    assert "Erika" not in str(told)


@pytest.mark.parametrize("emails", [["erika"], ["a b@c.example"], ["a@b\0"], ["@"], ["x@y.z"] * 21])
async def test_addresses_that_are_none_are_refused(api: Api, account: str, emails: Any) -> None:
    reply = await api.put(f"{account}/contacts/u-7", ERIKA | {"emails": emails})
    assert reply.status_code == 422
    assert (await api.get(f"{account}/contacts")).json()["data"] == []


async def test_nothing_of_an_account_that_is_not_there(api: Api) -> None:
    for method, path in (("PUT", C), ("DELETE", C), ("GET", f"{A}/contacts")):
        body = ERIKA if method == "PUT" else None
        reply = await api.http.request(method, path, json=body)
        assert (reply.status_code, reply.json()["code"]) == (404, "account_unknown")


@pytest.mark.usefixtures("account")
async def test_an_account_is_found_by_any_address_in_any_case(api: Api) -> None:
    await api.put("/v1/accounts/c-2", {"name": "Süd GmbH", "email": "Shop@Sued.example"})
    await api.put("/v1/accounts/c-3", {"name": "West", "email": "shop@west.example"})
    await api.put(C, ERIKA | {"emails": ["Erika@Nordwind.example", "@nord.example"]})
    for email, found in {
        "shop@sued.example": ["c-2"],
        "SHOP@SUED.EXAMPLE": ["c-2"],
        "erika@nordwind.EXAMPLE": ["c-1"],
        "anybody@Nord.example": ["c-1"],
        "max@nordwind.example": [],
    }.items():
        assert await list_ids(api, email=email) == found, email
    summary = await api.get("/v1/summary", params={"email": "ERIKA@nordwind.example"})
    assert (summary.status_code, summary.json()["account_id"]) == (200, "c-1")


async def test_accounts_are_found_by_store_licence_and_how_they_begin(api: Api) -> None:
    for account_id, name in (("c-1", "Nordwind"), ("c-2", "NORDSTERN"), ("n-3", "Südwind 100%")):
        await api.put(f"/v1/accounts/{account_id}", {"name": name})
    licence = {"license_id": "L-1", "catalog": "livecart", "product": "LiveCart"}
    await api.post("/v1/accounts/c-2/licenses", licence)
    site = "https://www.shop.example/eu"
    await api.buy("/v1/accounts/n-3", "xcart-support.subscription-1y", site=site)
    for asked, found in (
        ({"license_id": "L-1"}, ["c-2"]),
        ({"license_id": "L-2"}, []),
        ({"site": site}, ["n-3"]),
        ({"site": "https://www.shop.example/eu/admin/login.php"}, ["n-3"]),
        ({"site": "https://www.shop.example/"}, []),
        ({"q": "nord"}, ["c-1", "c-2"]),
        ({"q": "N"}, ["c-1", "c-2", "n-3"]),
        ({"q": "südwind 100%"}, ["n-3"]),
        ({"q": "%"}, []),
        ({"q": "c_1"}, []),
        ({"q": "nord", "license_id": "L-1"}, ["c-2"]),
    ):
        assert await list_ids(api, **asked) == found, asked
    refused = await api.get("/v1/accounts", params={"site": "ftp://shop.example"})
    assert (refused.status_code, refused.json()["code"]) == (422, "invalid_site")


async def test_sandbox_accounts_are_listed_when_asked_for(api: Api) -> None:
    await api.make_account()
    await api.put("/v1/accounts/s-1", {"name": "Trying", "sandbox": True})
    assert await list_ids(api) == ["c-1"]
    assert await list_ids(api, sandbox=True) == ["c-1", "s-1"]


async def test_a_ticket_knows_who_asked_and_the_queue_finds_it(api: Api, account: str) -> None:
    await api.put(C, ERIKA)
    for number, requester in enumerate(
        ("u-7", "erika@nordwind.example", "max@nordwind.example"), 1
    ):
        ticket = await api.open(account, f"HD-{number}", requester=requester)
        assert ticket["requester"] == requester
    assert (await api.open(account, "HD-4"))["requester"] is None

    async def queued(requester: str) -> set[str]:
        reply = await api.get("/v1/queue", params={"requester": requester})
        assert reply.status_code == 200, reply.text
        return {each["ticket_id"] for each in reply.json()["data"]}

    assert await queued("ERIKA@nordwind.example") == {"HD-1", "HD-2"}
    assert await queued("u-7") == {"HD-1"}
    assert await queued("max@nordwind.example") == {"HD-3"}
    assert await queued("nobody@nordwind.example") == set()
    again = await api.post(
        f"{account}/tickets",
        {"ticket_id": "HD-1", "subject": "Checkout fails", "requester": "u-7"},
    )
    assert again.status_code == 200
    other = await api.post(
        f"{account}/tickets",
        {"ticket_id": "HD-1", "subject": "Checkout fails", "requester": "u-8"},
    )
    assert (other.status_code, other.json()["code"]) == (409, "already_exists")


async def test_who_asks_is_an_address_or_a_contact(api: Api, account: str) -> None:
    opening = {"ticket_id": "HD-1", "subject": "Help", "requester": "u-9"}
    refused = await api.post(f"{account}/tickets", opening)
    assert (refused.status_code, refused.json()["code"]) == (422, "unknown_requester")
    assert refused.json()["errors"][0]["pointer"] == "/requester"
    assert (await api.units(account))["available"] == 15


async def test_a_person_is_erased_singly_and_with_the_account(
    api: Api, account: str, published_url: str
) -> None:
    await api.put(C, ERIKA)
    await api.put(f"{A}/contacts/u-8", {"name": "Erika the second", "emails": ["e2@erika.example"]})
    await api.open(account, "HD-1", requester="Erika@nordwind.example")
    await api.open(account, "HD-2", requester="e2@erika.example")
    assert await dump_words(published_url) == {"contacts", "tickets"}
    assert (await api.delete(C)).status_code == 204
    assert (await api.get(f"{account}/tickets/HD-1")).json()["requester"] is None
    assert (await api.get(f"{account}/tickets/HD-2")).json()["requester"] == "e2@erika.example"
    assert (await api.post(f"{account}/erasure", ASKED)).status_code == 200
    assert await dump_words(published_url) == set()
    assert (await api.get(f"{account}/tickets/HD-2")).json()["requester"] is None


async def test_an_account_has_ten_thousand_contacts_at_most(
    api: Api, account: str, published_url: str
) -> None:
    connection = await asyncpg.connect(published_url)
    await connection.execute(
        "INSERT INTO contacts (account_id, contact_id, name, emails, named, version, created_at,"
        " updated_at, folded) SELECT 'c-1', 'n-' || number, 'Somebody', '{}', false, 1, now(),"
        " now(), '{}' FROM generate_series(1, 10000) AS number"
    )
    await connection.close()
    refused = await api.put(C, ERIKA)
    assert (refused.status_code, refused.json()["code"]) == (409, "too_many_contacts")
    changed = await api.put(f"{A}/contacts/n-1", ERIKA)
    assert changed.status_code == 200, changed.text
    assert (await api.get(account)).status_code == 200


async def test_contacts_are_in_the_order_they_were_put_while_a_clock_stands_still(
    api: Api,
) -> None:
    account = await api.make_account()
    ids = ("p-2", "p-10", "p-1")
    for contact_id in ids:
        body = {"name": "Erika", "emails": [f"{contact_id}@shop.example"], "named": True}
        assert (await api.put(f"{account}/contacts/{contact_id}", body)).status_code == 201
    contacts = (await api.get(f"{account}/contacts")).json()["data"]
    by_time = sorted(contacts, key=lambda each: datetime.fromisoformat(each["created_at"]))
    assert [each["contact_id"] for each in by_time] == list(ids)
