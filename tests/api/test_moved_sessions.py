"""A booked session whose ticket another catalogue serves by now: no time is sold twice."""

from typing import Any

import pytest

from app.services.catalog.catalogs import packaged_documents
from tests.api.conftest import Api, Clock
from tests.support.sessions import book

pytestmark = pytest.mark.usefixtures("ledger_adds_up")

TEN, ELEVEN = "2026-11-24T10:00:00Z", "2026-11-24T11:00:00Z"


async def open_in_both(api: Api) -> tuple[str, str]:
    """Book a chat at ten in one seller's catalogue, and one at eleven; the tickets' paths.

    The second's ticket is then served by a second catalogue.
    """
    document = packaged_documents()["livecart"] | {"code": "cartlive"}
    document["offers"] = {
        code.replace("livecart.", "cartlive."): each for code, each in document["offers"].items()
    }
    published = await api.put("/v1/catalogs/cartlive", document)
    assert published.status_code == 201, published.text
    tickets = []
    for name, at in (("a", TEN), ("b", ELEVEN)):
        account = await api.make_account(name)
        await api.buy(account, "livecart.express-1y")
        await api.open(account)
        tickets.append(f"{account}/tickets/HD-1")
        assert (await book(api, tickets[-1], starts_at=at)).status_code == 201
    await api.buy("/v1/accounts/b", "cartlive.express-1y", "SO-2")
    taken = await api.patch(f"{tickets[1]}/sessions/S-1", {"starts_at": TEN})
    assert (taken.status_code, taken.json()["reason"]) == (409, "taken")
    anew = {"catalog": "cartlive", "reason": "The other shop", "actor": "Ada"}
    covered = await api.post(f"{tickets[1]}/coverage", anew)
    assert covered.status_code == 200, covered.text
    return tickets[0], tickets[1]


async def read_agenda(api: Api, catalog: str) -> list[tuple[str, str]]:
    day = {"catalog": catalog, "from": "2026-11-24T00:00:00Z", "to": "2026-11-25T00:00:00Z"}
    listed: list[Any] = (await api.get("/v1/sessions", params=day)).json()["data"]
    return [(each["account_id"], each["starts_at"]) for each in listed]


async def test_a_session_that_is_moved_takes_the_time_of_who_serves_it_now(api: Api) -> None:
    _, moved = await open_in_both(api)
    reply = await api.patch(f"{moved}/sessions/S-1", {"starts_at": TEN})
    assert reply.status_code == 200, reply.text
    assert await read_agenda(api, "livecart") == [("a", TEN)]
    assert await read_agenda(api, "cartlive") == [("b", TEN)]
    # Its new time is taken there, and its old one is free.
    others = await api.make_account("d")
    await api.buy(others, "cartlive.express-1y")
    await api.open(others)
    taken = await book(api, f"{others}/tickets/HD-1", starts_at=TEN)
    assert (taken.status_code, taken.json()["reason"]) == (409, "taken")
    third = await api.make_account("e")
    await api.buy(third, "livecart.express-1y")
    await api.open(third)
    assert (await book(api, f"{third}/tickets/HD-1", starts_at=ELEVEN)).status_code == 201


async def test_a_session_that_begins_early_is_at_who_serves_it_now(api: Api, clock: Clock) -> None:
    first, moved = await open_in_both(api)
    clock.move_to(TEN)
    assert (await api.post(f"{first}/sessions/S-1/start")).status_code == 200
    assert (await api.post(f"{moved}/sessions/S-1/start")).status_code == 200
    assert await read_agenda(api, "livecart") == [("a", TEN)]
    assert await read_agenda(api, "cartlive") == [("b", TEN)]
