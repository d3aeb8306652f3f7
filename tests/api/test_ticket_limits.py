"""Plans that take so many tickets at once, or so many urgent ones a month."""

from typing import Any

from app.services.catalog.catalogs import packaged_documents
from tests.api.conftest import Api


async def ask(api: Api, account: str, ticket_id: str, **asked: Any) -> Any:
    body = {"ticket_id": ticket_id, "subject": "Down", "plan": "express"} | asked
    preview = (await api.post(f"{account}/coverage", body)).json()
    done = await api.post(f"{account}/tickets", body)
    assert preview["covered"] == (done.status_code == 201), done.text
    return done


async def test_so_many_tickets_at_once(api: Api) -> None:
    document = packaged_documents()["livecart"]
    document["plans"]["express"]["open_at_most"] = 2
    assert (await api.put("/v1/catalogs/livecart", document)).status_code == 201
    account = await api.make_account()
    await api.buy(account, "livecart.express-1y")
    await api.buy(account, "livecart.standard-1y", "SO-2")
    for ticket_id in ("HD-1", "HD-2"):
        assert (await ask(api, account, ticket_id)).status_code == 201
    third = await ask(api, account, "HD-3")
    assert (third.status_code, third.json()["code"]) == (402, "not_covered")
    assert third.json()["trace"][0]["code"] == "too_many_open"
    assert (third.json()["open"], third.json()["open_at_most"]) == (2, 2)
    assert "livecart.express-1y" not in [each["offer"] for each in third.json()["offers"]]
    assert (await ask(api, account, "HD-4", category="bug")).status_code == 201
    # Another plan serves it, if none is named; and it moves when there is room again.
    other = await ask(api, account, "HD-3", plan=None)
    assert other.json()["coverage"]["plan"] == "standard"
    move = {"plan": "express", "reason": "Urgent", "actor": "mara"}
    refused = await api.post(f"{account}/tickets/HD-3/coverage", move)
    assert refused.json()["trace"][0]["code"] == "too_many_open"
    await api.post(f"{account}/tickets/HD-1/resolution", {"outcome": "solved"})
    moved = await api.post(f"{account}/tickets/HD-3/coverage", move)
    assert moved.json()["coverage"]["plan"] == "express", moved.text
    # Deciding anew for one that counts already takes no further place.
    assert (await api.post(f"{account}/tickets/HD-3/coverage", move)).status_code == 200
    page = await api.get("/v1/catalogs/livecart/comparison", headers={"Accept": "text/html"})
    assert "Open at once" in page.text
