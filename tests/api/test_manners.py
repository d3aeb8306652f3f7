"""Manners: conditional reads and creates, merge patches, where things are, compressed replies."""

import gzip
import json
from typing import Any

import pytest

from app.main import create_app
from app.services.catalog.catalogs import packaged_documents
from tests.api.conftest import Api

A = "/v1/accounts/c-1"
T = f"{A}/tickets/HD-1"
WHOLE = {
    "name": "Nordwind",
    "email": "shop@nordwind.example",
    "region": "eu-central",
    "metadata": {"crm": {"id": 7, "owner": "mara"}, "tier": "gold"},
}


async def test_what_the_caller_has_is_not_sent_again(api: Api) -> None:
    account = await api.make_account()
    bought = await api.buy(account, "livecart.express-1y")
    await api.open(account)
    await api.put(f"{A}/contacts/u-7", {"name": "Erika"})
    for path in (
        A,
        T,
        f"{A}/contacts/u-7",
        f"{A}/subscriptions/{bought['subscription']['id']}",
        "/v1/catalogs/livecart",
        "/v1/offers",
        "/openapi.json",
    ):
        first = await api.get(path)
        tag = first.headers["ETag"]
        for named in (tag, f"W/{tag}", f'"zzz", {tag}', "*"):
            again = await api.get(path, headers={"If-None-Match": named})
            assert (again.status_code, again.content) == (304, b""), (path, named)
            assert again.headers["ETag"] == tag
        other = await api.get(path, headers={"If-None-Match": '"zzz"'})
        assert (other.status_code, other.json()) == (200, first.json())
    tag = (await api.get(A)).headers["ETag"]
    await api.patch(A, {"name": "Nordwind SE"})
    assert (await api.get(A, headers={"If-None-Match": tag})).status_code == 200
    # Nobody learns by it of what they may not read.
    assert (await api.holding(None).get(A, headers={"If-None-Match": "*"})).status_code == 401
    assert (await api.get("/v1/accounts/c-9", headers={"If-None-Match": "*"})).status_code == 404


@pytest.mark.parametrize(
    ("path", "body", "other"),
    [
        (A, {"name": "Nordwind"}, {"name": "Another"}),
        (f"{A}/contacts/u-7", {"name": "Erika"}, {"name": "Max"}),
        (
            "/v1/catalogs/more",
            packaged_documents()["livecart"] | {"code": "more"},
            packaged_documents()["livecart"] | {"code": "more", "title": "More"},
        ),
    ],
)
async def test_what_is_to_be_new_is_refused_where_there_is_one(
    api: Api, path: str, body: dict[str, Any], other: dict[str, Any]
) -> None:
    if path != A:
        await api.make_account()
    new = {"If-None-Match": "*"}
    made = await api.put(path, body, headers=new)
    assert (made.status_code, made.headers["Location"]) == (201, path)
    for again in (body, other):
        refused = await api.put(path, again, headers=new)
        assert (refused.status_code, refused.json()["code"]) == (412, "precondition_failed")
    assert (await api.get(path)).headers["ETag"] == made.headers["ETag"]


async def test_put_leaves_what_it_does_not_name(api: Api) -> None:
    await api.put(A, WHOLE)
    kept = (await api.put(A, {"name": "Nordwind SE"})).json()
    assert {name: kept[name] for name in WHOLE} == WHOLE | {"name": "Nordwind SE"}
    emptied = (
        await api.put(A, {"name": "N", "email": None, "region": None, "metadata": {}})
    ).json()
    assert (emptied["email"], emptied["region"], emptied["metadata"]) == (None, None, {})


@pytest.mark.parametrize("digits", [18, 400, 4299, 4300])
async def test_metadata_has_numbers_of_as_many_digits_as_are_taken(api: Api, digits: int) -> None:
    """Whatever reads them back: the account itself, a list, and what is written to it next."""
    number = -int("7" * digits)
    made = await api.put(A, {"name": "N", "metadata": {"n": number}})
    assert (made.status_code, made.json()["metadata"]) == (201, {"n": number})
    listed = (await api.get("/v1/accounts")).json()["data"]
    assert [each["metadata"] for each in listed] == [{"n": number}]
    assert (await api.patch(A, {"name": "M"})).json()["metadata"] == {"n": number}


@pytest.mark.parametrize("media_type", ["application/json", "application/merge-patch+json"])
async def test_a_patch_is_merged_whatever_it_is_called(api: Api, media_type: str) -> None:
    await api.put(A, WHOLE)

    async def patch(changes: Any) -> Any:
        return await api.http.patch(
            A, content=json.dumps(changes), headers={"Content-Type": media_type}
        )

    changed = await patch({"metadata": {"crm": {"owner": None, "since": 2024}, "new": [1, None]}})
    assert changed.json()["metadata"] == {
        "crm": {"id": 7, "since": 2024},
        "tier": "gold",
        "new": [1, None],
    }
    assert changed.json()["email"] == "shop@nordwind.example"
    removed = (await patch({"email": None, "region": None})).json()
    assert (removed["email"], removed["region"], removed["name"]) == (None, None, "Nordwind")
    assert (await patch({"metadata": None})).json()["metadata"] == {}
    refused = await patch({"name": None})
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/name")
    assert (await patch({"metadata": {"key-0": "x" * 9_000}})).status_code == 200
    grown = await patch({"metadata": {"key-1": "x" * 9_000}})
    assert (grown.status_code, grown.json()["code"]) == (422, "metadata_too_large")
    assert list((await api.get(A)).json()["metadata"]) == ["key-0"]


async def test_only_a_patch_is_sent_as_a_patch(api: Api) -> None:
    headers = {"Content-Type": "application/merge-patch+json"}
    reply = await api.http.put(A, content=b'{"name": "N"}', headers=headers)
    assert (reply.status_code, reply.json()["code"]) == (415, "unsupported_media_type")


async def test_what_is_made_says_where_it_is(api: Api) -> None:
    assert (await api.put(A, {"name": "N"})).headers["Location"] == A
    order = {"order_id": "SO:1@x", "offer": "livecart.express-1y", "payment": {"status": "paid"}}
    made: list[tuple[str, dict[str, Any], str]] = [
        (f"{A}/purchases", order, "order_id"),
        (f"{A}/tickets", {"ticket_id": "HD-1", "subject": "Help"}, "ticket_id"),
        (f"{A}/quotes", {"offer": "livecart.express-1y"}, "quote_id"),
        ("/v1/api-keys", {"name": "shop", "role": "viewer"}, "id"),
        ("/v1/webhooks", {"url": "https://helpdesk.example/hook"}, "id"),
    ]
    for path, body, name in made:
        reply = await api.post(path, body, headers={"Idempotency-Key": f"make-{path}"})
        assert reply.status_code == 201, reply.text
        shown = reply.json().get(name, reply.json().get("id"))
        assert reply.headers["Location"] == f"{path}/{shown}"
        assert (await api.get(reply.headers["Location"])).status_code == 200
        again = await api.post(path, body, headers={"Idempotency-Key": f"make-{path}"})
        assert again.headers["Location"] == reply.headers["Location"]
    below = f"{A}/purchases/SO:1@x"
    renewed = await api.post(f"{below}/renewal", {"order_id": "SO-2"})
    upgrade = await api.post(f"{below}/upgrade-quote", {"offer": "livecart.express-3y"})
    where = (f"{A}/purchases/SO-2", f"{A}/quotes/{upgrade.json()['quote_id']}")
    assert (renewed.headers["Location"], upgrade.headers["Location"]) == where
    for path in where:
        assert (await api.get(path)).status_code == 200
    grant = {"reference": "g-1", "catalog": "livecart", "plan": "express", "unit": "incident"}
    reply = await api.post(f"{A}/grants", grant | {"amount": 1, "reason": "R", "actor": "m"})
    assert (reply.status_code, reply.headers["Location"]) == (201, f"{A}/grants")


async def test_a_larger_reply_is_compressed_for_who_asks(api: Api) -> None:
    async def get(path: str, accept: str) -> Any:
        request = api.http.build_request("GET", path, headers={"Accept-Encoding": accept})
        return await api.http.send(request, stream=True)

    for path in ("/v1/catalogs/livecart", "/v1/offers", "/openapi.json"):
        plain = await get(path, "identity")
        whole = b"".join([part async for part in plain.aiter_raw()])
        for _ in range(2):
            packed = await get(path, "gzip, br")
            raw = b"".join([part async for part in packed.aiter_raw()])
            assert packed.headers["Content-Encoding"] == "gzip"
            assert "Accept-Encoding" in packed.headers["Vary"]
            assert len(raw) < len(whole) / 2
            assert gzip.decompress(raw) == whole
            again = await get(path, "identity")
            assert "Content-Encoding" not in again.headers
            assert b"".join([part async for part in again.aiter_raw()]) == whole
    small = await get("/healthz", "gzip")
    assert "Content-Encoding" not in small.headers


@pytest.mark.parametrize(
    ("accept", "packed"),
    [
        ("gzip;q=0", False),
        ("br, gzip; q=0, *", False),
        ("gzip;q=soon", False),
        ("br", False),
        ("", False),
        ("GZIP", True),
        ("*", True),
        ("br;q=1, gzip;q=0.001", True),
    ],
)
async def test_what_is_compressed_is_what_the_caller_takes(
    api: Api, accept: str, packed: bool
) -> None:
    request = api.http.build_request("GET", "/v1/offers", headers={"Accept-Encoding": accept})
    reply = await api.http.send(request)
    assert reply.headers.get("Content-Encoding") == ("gzip" if packed else None)
    assert "Accept-Encoding" in reply.headers["Vary"]
    assert reply.json()["data"]


async def test_replies_are_open_and_requests_closed() -> None:
    document = create_app().openapi()
    schemas = document["components"]["schemas"]

    def reach(value: Any, found: set[str]) -> set[str]:
        if isinstance(value, dict):
            name = str(value.get("$ref", "")).rpartition("/")[2]
            if name in schemas and name not in found:
                found.add(name)
                reach(schemas[name], found)
            for each in value.values():
                reach(each, found)
        elif isinstance(value, list):
            for each in value:
                reach(each, found)
        return found

    operations = [each for item in document["paths"].values() for each in item.values()]
    sent = reach([each.get("requestBody", {}) for each in operations], set())
    answered = reach([each["responses"] for each in operations], set())
    closed = {name for name in schemas if schemas[name].get("additionalProperties") is False}
    assert len(sent) > 30
    assert len(answered) > 60
    assert not answered & closed
    assert {name for name in sent if schemas[name].get("properties")} - closed <= set()
