"""Plans that take so many tickets at once, or so many urgent ones a month."""

from typing import Any

from app.services.catalog.catalogs import packaged_documents
from tests.api.conftest import Api, Clock


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


async def test_fair_use_that_refuses(api: Api, clock: Clock) -> None:
    document = packaged_documents()["livecart"]
    document["plans"]["standard"]["fair_use"] = {"uses": 3, "refuses": True}
    document["offers"]["standard-1y"]["allowance"] = {"unlimited": True, "per": "term"}
    published = await api.put("/v1/catalogs/livecart", document)
    assert published.status_code == 201, published.text
    account = await api.make_account()
    clock.move_to("2026-11-10T09:00:00+00:00")
    await api.buy(account, "livecart.standard-1y")
    clock.move_to("2026-11-24T08:00:00+00:00")
    for number in (1, 2):
        await api.open(account, f"HD-{number}")
    await api.post(f"{account}/tickets/HD-1/resolution", {"outcome": "solved"})
    asked = (await api.post(f"{account}/coverage", {"subject": "Slow"})).json()
    assert asked["remaining"]["cap"] == {
        "period": "month",
        "limit": 3,
        "used": 1,
        "held": 2,
        "resets_at": "2026-12-10T09:00:00Z",
    }
    await api.open(account, "HD-3")
    fourth = await ask(api, account, "HD-4", plan=None)
    assert (fourth.status_code, fourth.json()["code"]) == (402, "cap_reached")
    assert fourth.json()["resets_at"] == "2026-12-10T09:00:00Z"
    assert fourth.json()["trace"][0]["code"] == "cap_reached"
    assert "The month may use 3 incidents" in fourth.json()["detail"]
    assert "livecart.standard-1y" not in [each["offer"] for each in fourth.json()["offers"]]
    more = {"amount": 2, "reason": "Two of them"}
    refused = await api.post(f"{account}/tickets/HD-3/charge/revision", more)
    assert refused.json()["code"] == "cap_reached"
    summary = (await api.get(f"{account}/summary")).json()
    assert summary["plans"][0]["remaining"]["cap"]["limit"] == 3
    assert "cap_reached" in [each["code"] for each in summary["notices"]]
    card = await api.get(f"{account}/summary", headers={"Accept": "text/html"})
    assert "this month" in card.text
    # What is given back makes room, and the next month has its own.
    await api.post(f"{account}/tickets/HD-2/resolution", {"outcome": "duplicate"})
    assert (await ask(api, account, "HD-4", plan=None)).status_code == 201
    clock.move_to("2026-12-10T09:00:00+00:00")
    asked = (await api.post(f"{account}/coverage", {"subject": "Slow"})).json()
    assert asked["covered"], asked
    # A ticket is of the month in which it was opened, however long it takes.
    assert (asked["remaining"]["cap"]["used"], asked["remaining"]["cap"]["held"]) == (0, 1)
    for number in (3, 4):
        await api.post(f"{account}/tickets/HD-{number}/resolution", {"outcome": "solved"})
    for number in (5, 6, 7):
        await api.open(account, f"HD-{number}")
    eighth = await ask(api, account, "HD-8", plan=None)
    assert (eighth.status_code, eighth.json()["code"]) == (402, "cap_reached")
    # What comes back of an earlier month makes no room in this one.
    clock.move_to("2027-01-10T09:00:00+00:00")
    for number in (5, 6):
        await api.post(f"{account}/tickets/HD-{number}/resolution", {"outcome": "withdrawn"})
    for number in (8, 9, 10):
        await api.open(account, f"HD-{number}")
    eleventh = await ask(api, account, "HD-11", plan=None)
    assert (eleventh.status_code, eleventh.json()["used"]) == (402, 3)
    page = await api.get("/v1/catalogs/livecart/comparison", headers={"Accept": "text/html"})
    assert "3 incidents a month at most" in page.text


async def test_parts_of_one_split_count_beside_one_another(api: Api) -> None:
    document = packaged_documents()["livecart"]
    document["plans"]["express"]["open_at_most"] = 2
    assert (await api.put("/v1/catalogs/livecart", document)).status_code == 201
    account = await api.make_account()
    await api.buy(account, "livecart.express-1y")
    await api.open(account, "HD-1")
    parts = [{"ticket_id": f"HD-1-{n}", "subject": "Another question"} for n in (1, 2)]
    split = f"{account}/tickets/HD-1/split"
    refused = await api.post(split, {"tickets": parts})
    assert refused.json()["trace"][0]["code"] == "too_many_open"
    assert (await api.units(account))["held"] == 1
    assert (await api.post(split, {"tickets": parts[:1]})).status_code == 200


async def test_a_ticket_made_urgent_counts_among_urgent_ones(api: Api, clock: Clock) -> None:
    document = packaged_documents()["livecart"]
    document["plans"]["express"] |= {"urgent": True, "urgent_at_most": 1}
    assert (await api.put("/v1/catalogs/livecart", document)).status_code == 201
    account = await api.make_account()
    await api.buy(account, "livecart.express-1y")
    await api.buy(account, "livecart.standard-1y", "SO-2")
    for number in (1, 2):
        await api.open(account, f"HD-{number}", plan="express")
    urgent = {"urgent": True, "reason": "The shop is down"}
    for _ in range(2):  # the second says nothing new
        assert (await api.post(f"{account}/tickets/HD-1/severity", urgent)).status_code == 200
    second = await api.post(f"{account}/tickets/HD-2/severity", urgent)
    assert (second.status_code, second.json()["code"]) == (402, "not_covered")
    assert second.json()["trace"][0]["code"] == "urgent_limit_reached"
    assert second.json()["resets_at"] == "2026-11-30T22:00:00Z"
    assert (await ask(api, account, "HD-3", urgent=True)).status_code == 402
    await api.open(account, "HD-4", plan="standard")
    unserved = await api.post(f"{account}/tickets/HD-4/severity", urgent)
    assert unserved.json()["trace"][0]["code"] == "urgent_not_included"
    clock.move_to("2026-12-01T09:00:00+00:00")
    await api.open(account, "HD-5", plan="express")
    assert (await api.post(f"{account}/tickets/HD-5/severity", urgent)).status_code == 200


async def test_a_month_takes_so_many_of_a_severity(api: Api, clock: Clock) -> None:
    document = packaged_documents()["livecart"]
    document["severities"] = {
        "1": {"name": "Critical", "definition": "The shop is down."},
        "2": {"name": "Other", "definition": "Anything else."},
    }
    document["plans"]["express"]["monthly_limits"] = [
        {"at_most": 1, "severities": [1]},
        {"at_most": 3},
    ]
    del document["examples"]  # which name no severity
    published = await api.put("/v1/catalogs/livecart", document)
    assert published.status_code == 201, published.text
    account = await api.make_account()
    await api.buy(account, "livecart.express-1y")
    unnamed = await api.post(
        f"{account}/tickets", {"ticket_id": "HD-0", "subject": "Down", "plan": "express"}
    )
    assert (unnamed.status_code, unnamed.json()["code"]) == (422, "severity_required")
    assert "What is counted depends on the severity" in unnamed.json()["detail"]
    assert (await ask(api, account, "HD-1", severity=1)).status_code == 201
    second = await ask(api, account, "HD-2", severity=1)
    assert (second.status_code, second.json()["code"]) == (402, "not_covered")
    assert second.json()["trace"][0] == {
        **second.json()["trace"][0],
        "code": "monthly_limit_reached",
        "detail": "On Express 1 ticket of severity Critical is taken within a month.",
    }
    facts = {"asked": 1, "at_most": 1, "severities": [1], "urgent": False}
    assert second.json() | facts == second.json()
    assert second.json()["resets_at"] == "2026-11-30T22:00:00Z"
    assert "livecart.express-1y" not in [each["offer"] for each in second.json()["offers"]]
    assert (await ask(api, account, "HD-2", severity=2)).status_code == 201
    # What would become one too many is refused as such, and what is one already is not.
    worse = {"severity": 1, "reason": "The shop is down"}
    refused = await api.post(f"{account}/tickets/HD-2/severity", worse)
    assert refused.json()["trace"][0]["code"] == "monthly_limit_reached"
    assert (await api.post(f"{account}/tickets/HD-1/severity", worse)).status_code == 200
    assert (await ask(api, account, "HD-3", severity=2)).status_code == 201
    fourth = await ask(api, account, "HD-4", severity=2)
    assert fourth.json()["trace"][0]["detail"] == "On Express 3 tickets are taken within a month."
    assert (await ask(api, account, "HD-5", category="bug")).status_code == 201
    clock.move_to("2026-12-01T09:00:00+00:00")
    assert (await ask(api, account, "HD-4", severity=1)).status_code == 201
    page = await api.get("/v1/catalogs/livecart/comparison", headers={"Accept": "text/html"})
    assert "1 at most (Critical); 3 at most" in page.text
