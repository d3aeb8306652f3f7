"""Hours by the customer's region: one plan, whose hours are those where the customer is."""

from typing import Any

import pytest

from tests.api.conftest import Api, Clock
from tests.support.other_sellers import FOLDER, TOML

LONDON_MONDAY = "2026-11-23T09:00:00+00:00"
SUBSCRIPTION = "seller-1.standard"
# Whoever asks is served: what is tried here is where the customer is.
TERMS = "\n".join(
    line
    for line in (FOLDER / "seller-1.toml").read_text().split("\n")
    if not line.startswith("requesters")
)


@pytest.fixture(autouse=True)
async def _published(api: Api, clock: Clock) -> None:
    clock.move_to(LONDON_MONDAY)
    text = TERMS
    reply = await api.http.put("/v1/catalogs/seller-1", content=text, headers=TOML)
    assert reply.status_code == 201, reply.text


async def make_account(api: Api, region: str | None, account_id: str = "c-1") -> str:
    body = {"name": "Harbour Ltd"} | ({} if region is None else {"region": region})
    assert (await api.put(f"/v1/accounts/{account_id}", body)).status_code == 201
    return f"/v1/accounts/{account_id}"


async def due_of(api: Api, account: str, ticket_id: str, **asked: Any) -> str:
    """Open a ticket of severity 1; when its first response is due."""
    ticket = await api.open(account, ticket_id, severity=1, **asked)
    (due,) = [e["due_at"] for e in ticket["deadlines"] if e["metric"] == "first_response"]
    return str(due)


async def test_an_hour_of_london_whatever_the_first_region_is(api: Api, clock: Clock) -> None:
    account = await make_account(api, "london")
    bought = await api.buy(account, SUBSCRIPTION)
    assert (bought["region"], bought["subscription"]["region"]) == ("london", "london")
    assert await due_of(api, account, "HD-1") == "2026-11-23T10:00:00Z"
    asked = {"subject": "Down", "severity": 1}
    answer = (await api.post(f"{account}/coverage", asked)).json()
    assert answer["coverage"]["region"] == "london"
    assert answer["deadlines"][0]["due_at"] == "2026-11-23T10:00:00Z"
    dry = await api.post(
        f"{account}/tickets", {"ticket_id": "HD-2"} | asked, params={"dry_run": "true"}
    )
    assert dry.json()["deadlines"][0]["due_at"] == "2026-11-23T10:00:00Z"
    explained = await api.get(f"{account}/tickets/HD-1/deadlines", params={"explain": "true"})
    assert explained.json()["deadlines"][0]["due_at"] == "2026-11-23T10:00:00Z"
    # Later events, another severity and an answer, are of the same hours.
    clock.advance(minutes=30)
    change = {"severity": 2, "reason": "A part works"}
    changed = (await api.post(f"{account}/tickets/HD-1/severity", change)).json()
    assert changed["deadlines"][0]["due_at"] == "2026-11-23T13:00:00Z"
    assert changed["coverage"]["region"] == "london"
    summary = (await api.get(f"{account}/summary")).json()
    assert summary["plans"][0]["region"] == "london"


async def test_a_quote_freezes_the_region(api: Api) -> None:
    account = await make_account(api, "singapore")
    quote = (
        await api.post(f"{account}/quotes", {"offer": SUBSCRIPTION, "region": "london"})
    ).json()
    assert quote["region"] == "london"
    moved = await api.patch(account, {"region": "north-america"})
    assert moved.status_code == 200
    order = {"order_id": "SO-1", "quote_id": quote["quote_id"], "payment": {"status": "paid"}}
    other = await api.post(f"{account}/purchases", order | {"region": "north-america"})
    assert (other.status_code, other.json()["code"]) == (422, "fixed_by_quote")
    bought = await api.post(f"{account}/purchases", order)
    assert bought.json()["region"] == "london"
    assert await due_of(api, account, "HD-1") == "2026-11-23T10:00:00Z"
    again = await api.post(f"{account}/purchases/SO-1/renewal", {"order_id": "SO-2"})
    assert again.json()["region"] == "london"


async def test_two_regions_in_one_account(api: Api) -> None:
    account = await make_account(api, "london")
    await api.buy(account, SUBSCRIPTION, "SO-1", region="north-america")
    await api.buy(account, SUBSCRIPTION, "SO-2", quantity=2)
    # The same plan beside itself is of another region, and in one region it is sold once.
    twice = {"order_id": "SO-3", "offer": SUBSCRIPTION, "payment": {"status": "paid"}}
    refused = await api.post(f"{account}/purchases", twice)
    assert (refused.status_code, refused.json()["code"]) == (409, "site_already_covered")
    assert await due_of(api, account, "HD-1") == "2026-11-23T10:00:00Z"
    there = await due_of(api, account, "HD-2", region="north-america")
    assert there == "2026-11-23T15:00:00Z"  # 9 to 10 in New York
    parts = {"tickets": [{"ticket_id": "HD-3", "subject": "And another"}]}
    split = (await api.post(f"{account}/tickets/HD-2/split", parts)).json()
    assert split["tickets"][1]["coverage"]["region"] == "north-america"
    queued = await api.post(
        f"{account}/purchases", twice | {"order_id": "SO-4", "starts": "after_current"}
    )
    assert queued.json()["subscription"]["starts_at"] == "2027-11-23T09:00:00Z"
    spent = (await api.get(f"{account}/balance")).json()
    assert {lot["order_id"]: lot["held"] for lot in spent["lots"] if lot["held"]} == {
        "SO-1": 2,
        "SO-2": 1,
    }


async def test_a_region_has_to_be_known(api: Api) -> None:
    account = await make_account(api, None)
    order = {"order_id": "SO-1", "offer": SUBSCRIPTION, "payment": {"status": "paid"}}
    needed = await api.post(f"{account}/purchases", order)
    assert (needed.status_code, needed.json()["code"]) == (422, "region_required")
    assert [each["value"] for each in needed.json()["choices"]] == [
        "north-america",
        "london",
        "singapore",
    ]
    assert "09:00 to 17:00, Europe/London" in needed.json()["choices"][1]["definition"]
    unknown = await api.post(f"{account}/purchases", order | {"region": "mars"})
    assert (unknown.status_code, unknown.json()["code"]) == (422, "unknown_region")
    assert unknown.json()["errors"][0]["pointer"] == "/region"
    grant = {
        "reference": "G-1",
        "catalog": "seller-1",
        "plan": "premium",
        "unit": "incident",
        "amount": 1,
        "reason": "A trial",
        "actor": "mara",
    }
    assert (await api.post(f"{account}/grants", grant)).json()["code"] == "region_required"
    await api.patch(account, {"region": "london"})
    given = await api.post(f"{account}/grants", grant)
    assert given.json()["subscription"]["region"] == "london", given.text
    asked = {"ticket_id": "HD-1", "subject": "Down", "severity": 1, "region": "mars"}
    assert (await api.post(f"{account}/tickets", asked)).json()["code"] == "unknown_region"


async def test_a_preview_names_the_region(api: Api) -> None:
    asked = {"catalog": "seller-1", "plan": "standard", "severity": 1, "opened_at": LONDON_MONDAY}
    needed = await api.post("/v1/deadlines/preview", asked)
    assert needed.json()["code"] == "region_required"
    there = await api.post("/v1/deadlines/preview", asked | {"region": "london"})
    assert there.json()["deadlines"][0]["due_at"] == "2026-11-23T10:00:00Z"


async def test_pages_show_the_hours_of_each_region(api: Api) -> None:
    page = await api.get("/v1/catalogs/seller-1/comparison", headers={"Accept": "text/html"})
    for hours in ("09:00–18:00, America/New_York", "09:00–17:00, Europe/London"):
        assert hours in page.text
    calendars = (await api.get("/v1/calendars")).json()["data"]
    named = [each["calendar"] for each in calendars if each["calendar"].startswith("seller-1")]
    assert named == ["seller-1/north-america", "seller-1/london", "seller-1/singapore"]
    role = await api.get("/v1/calendars/seller-1/business/status")
    assert role.status_code == 404
    offers = (await api.get("/v1/offers", params={"catalog": "seller-1"})).json()["data"]
    texts = [each["text"] for each in offers[0]["promises"]]
    assert any("within 1 business hour," in text for text in texts)


async def test_re_evaluation_and_who_pays_anew_keep_the_region(api: Api) -> None:
    account = await make_account(api, "london")
    await api.buy(account, SUBSCRIPTION)
    await api.open(account, "HD-1", severity=3)
    text = TERMS.partition("[[examples]]")[0]
    text = text.replace('3 = "1 bd"', '3 = "2 bd"')
    again = await api.http.put("/v1/catalogs/seller-1", content=text, headers=TOML)
    assert again.status_code == 201, again.text
    moved = await api.post(
        "/v1/deadlines/re-evaluation", {"catalog": "seller-1", "reason": "New", "actor": "mara"}
    )
    assert moved.status_code == 200, moved.text
    ticket = (await api.get(f"{account}/tickets/HD-1")).json()
    due = {each["metric"]: each["due_at"] for each in ticket["deadlines"]}
    # Two whole days of London, from Monday at its opening.
    assert due["first_response"] == "2026-11-24T17:00:00Z"
    await api.buy(account, "seller-1.premium", "SO-2")
    anew = await api.post(
        f"{account}/tickets/HD-1/coverage", {"plan": "premium", "reason": "Bought", "actor": "m"}
    )
    due = {each["metric"]: each["due_at"] for each in anew.json()["deadlines"]}
    assert due["first_response"] == "2026-11-23T13:00:00Z"
    assert anew.json()["coverage"]["region"] == "london"
