"""Erasure: afterwards no word of the person is anywhere in the database; every unit still is."""

from typing import Any

import pytest

from tests.api.conftest import Api, Clock
from tests.support.erasure import ASKED, dump_words


@pytest.fixture
async def account(api: Api) -> str:
    """Make an account of a person with tickets, one of them split, all sent with retries' keys."""
    path = "/v1/accounts/c-1"
    person = {
        "name": "Erika Mustermann",
        "email": "erika@nordwind.example",
        "metadata": {"address": "Musterweg 7"},
    }
    await api.put(path, person)
    await api.buy(path, "livecart.express-1y")
    opening = {"ticket_id": "HD-1", "subject": "Prices of Erika's shop"}
    for headers in ({"Idempotency-Key": "open-1"}, {}):
        reply = await api.post(f"{path}/tickets", opening, headers=headers)
        assert reply.status_code in (200, 201), reply.text
    parts = {"tickets": [{"ticket_id": "HD-2", "subject": "Where are Erika's invoices?"}]}
    split = await api.post(
        f"{path}/tickets/HD-1/split", parts, headers={"Idempotency-Key": "split-1"}
    )
    assert split.status_code == 200, split.text
    await api.post(f"{path}/tickets/HD-1/resolution", {"outcome": "solved"})
    return path


async def test_nothing_of_the_person_is_left(api: Api, account: str, published_url: str) -> None:
    assert await dump_words(published_url) == {"accounts", "tickets", "idempotency_keys"}
    reply = await api.post(f"{account}/erasure", ASKED)
    assert reply.status_code == 200, reply.text
    assert await dump_words(published_url) == set()


async def test_units_money_and_times_stay(api: Api, account: str) -> None:
    async def read(path: str) -> Any:
        reply = await api.get(f"{account}{path}")
        assert reply.status_code == 200, reply.text
        return reply.json()

    kept = ("/balance", "/entries", "/purchases/SO-1", "/lots")
    before = [await read(path) for path in kept]
    ticket, was = await read("/tickets/HD-1"), await read("")
    erased = (await api.post(f"{account}/erasure", ASKED)).json()
    assert erased == was | {
        "name": "",
        "email": None,
        "metadata": {},
        "updated_at": "2026-11-24T08:00:00Z",
        "erased_at": "2026-11-24T08:00:00Z",
    }
    assert [await read(path) for path in kept] == before
    assert await read("/tickets/HD-1") == ticket | {"subject": ""}
    assert (await read("/tickets/HD-2"))["subject"] == ""


async def test_erased_again_nothing_changes_until_there_is_something_to_erase(
    api: Api, clock: Clock, account: str
) -> None:
    first = await api.post(f"{account}/erasure", ASKED)
    clock.advance(days=1)
    again = await api.post(f"{account}/erasure", ASKED)
    assert (again.json(), again.headers["ETag"]) == (first.json(), first.headers["ETag"])
    await api.open(account, "HD-3", subject="Erika writes again")
    third = await api.post(f"{account}/erasure", ASKED)
    assert third.json()["erased_at"] == "2026-11-25T08:00:00Z"
    assert (await api.get(f"{account}/tickets/HD-3")).json()["subject"] == ""


async def test_a_retry_after_the_erasure_is_answered_without_the_subject(
    api: Api, account: str
) -> None:
    await api.post(f"{account}/erasure", ASKED)
    opening = {"ticket_id": "HD-1", "subject": "Prices of Erika's shop"}
    reply = await api.post(f"{account}/tickets", opening, headers={"Idempotency-Key": "open-1"})
    assert (reply.status_code, reply.headers["Idempotent-Replayed"]) == (201, "true")
    assert reply.json()["subject"] == ""
    assert (await api.units(account))["used"] == 1


async def test_an_account_that_is_not_there(api: Api) -> None:
    reply = await api.post("/v1/accounts/c-9/erasure", ASKED)
    assert (reply.status_code, reply.json()["code"]) == (404, "account_unknown")
