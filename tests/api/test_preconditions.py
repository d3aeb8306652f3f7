"""ETag and If-Match on accounts, catalogues, tickets and subscriptions: stale is refused."""

from typing import Any

import pytest

from app.services.catalog.catalogs import packaged_documents
from tests.api.conftest import Api
from tests.api.contents import read_contents

A = "/v1/accounts/c-1"
T = f"{A}/tickets/HD-1"
WHY = {"reason": "The invoice is unpaid", "actor": "accounting"}
RENAMED = packaged_documents()["livecart"] | {"title": "LiveCart support"}


@pytest.fixture
async def subscription(api: Api) -> str:
    """Open a ticket on Express; the subscription's address."""
    account = await api.make_account()
    bought = await api.buy(account, "livecart.express-1y")
    await api.open(account)
    return f"{A}/subscriptions/{bought['subscription']['id']}"


async def test_a_stale_tag_is_refused_and_the_present_one_is_not(
    api: Api, subscription: str, published_url: str
) -> None:
    # What is read, how it is changed, and how its tag moves.
    changes: list[tuple[str, str, str, dict[str, Any], str, str]] = [
        (A, "PUT", A, {"name": "Nordwind AG"}, '"1"', '"2"'),
        (A, "PATCH", A, {"name": "Nordwind SE"}, '"2"', '"3"'),
        (subscription, "POST", f"{subscription}/suspension", WHY, '"1"', '"2"'),
        (T, "POST", f"{T}/replies", {"by": "agent"}, '"1"', '"2"'),
        (T, "POST", f"{T}/resolution", {"outcome": "solved"}, '"2"', '"3"'),
        ("/v1/catalogs/livecart", "PUT", "/v1/catalogs/livecart", RENAMED, '"1"', '"2"'),
    ]
    for read, method, write, body, tag, next_tag in changes:
        assert (await api.get(read)).headers["ETag"] == tag
        before = await read_contents(published_url)
        for stale in ('"0"', '"17"', f"W/{tag}", tag.strip('"'), ""):
            refused = await api.http.request(method, write, json=body, headers={"If-Match": stale})
            assert refused.status_code == 412, (write, stale)
            assert refused.json() == {
                "type": "/problems/precondition_failed",
                "title": "The thing has changed since it was read",
                "status": 412,
                "detail": "If-Match names another state of the thing than its present one.",
                "instance": write,
                "code": "precondition_failed",
            }
        assert await read_contents(published_url) == before
        named = {"If-Match": f'"99", {tag}'}
        done = await api.http.request(method, write, json=body, headers=named)
        assert done.status_code in (200, 201), (write, done.text)
        assert done.headers["ETag"] == (await api.get(read)).headers["ETag"] == next_tag


async def test_any_state_will_do_but_none(api: Api) -> None:
    anything = {"If-Match": "*"}
    refused = await api.put(A, {"name": "Nordwind"}, headers=anything)
    assert (refused.status_code, refused.json()["code"]) == (412, "precondition_failed")
    await api.make_account()
    assert (await api.put(A, {"name": "Nordwind"}, headers=anything)).status_code == 200


async def test_the_same_again_keeps_the_tag(api: Api) -> None:
    first = await api.put(A, {"name": "Nordwind"})
    again = await api.put(A, {"name": "Nordwind"})
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.headers["ETag"] == again.headers["ETag"] == '"1"'
    assert first.json() == again.json()


@pytest.mark.usefixtures("subscription")
async def test_a_session_is_booked_on_the_ticket_that_was_read(
    api: Api, published_url: str
) -> None:
    body = {"session_id": "S-1", "kind": "chat", "starts_at": "2026-11-24T09:00:00Z"}
    before = await read_contents(published_url)
    stale = await api.post(f"{T}/sessions", body, headers={"If-Match": '"0"'})
    assert (stale.status_code, stale.json()["code"]) == (412, "precondition_failed")
    assert await read_contents(published_url) == before
    tag = {"If-Match": (await api.get(T)).headers["ETag"]}
    assert (await api.post(f"{T}/sessions", body, headers=tag)).status_code == 201
    # Sent again, whoever lost the reply: the tag is old by what the request itself did.
    assert (await api.post(f"{T}/sessions", body, headers=tag)).status_code == 200
    further = body | {"session_id": "S-2", "starts_at": "2026-11-24T10:00:00Z"}
    assert (await api.post(f"{T}/sessions", further, headers=tag)).status_code == 412


@pytest.mark.usefixtures("subscription")
@pytest.mark.parametrize("path", ["erasure", "move"])
async def test_an_account_ends_only_as_it_was_read(api: Api, published_url: str, path: str) -> None:
    await api.make_account("c-2")
    body = WHY | ({"to_account_id": "c-2"} if path == "move" else {})
    await api.patch(A, {"metadata": {"tier": "A"}})
    before = await read_contents(published_url)
    stale = await api.post(f"{A}/{path}", body, headers={"If-Match": '"1"'})
    assert (stale.status_code, stale.json()["code"]) == (412, "precondition_failed")
    assert await read_contents(published_url) == before
    done = await api.post(f"{A}/{path}", body, headers={"If-Match": '"2"'})
    assert done.status_code == 200, done.text
