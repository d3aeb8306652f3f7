"""The customer in one call: by any address, as data and as a card."""

from datetime import timedelta
from typing import Any

import pytest

from tests.api.conftest import Api, Clock
from tests.support.brief_reads import statements_of
from tests.support.customers import list_requests
from tests.support.notices import look
from tests.support.sessions import book, express


async def read(api: Api, account: str, **asked: Any) -> Any:
    reply = await api.get(f"{account}/summary", params=asked)
    assert reply.status_code == 200, reply.text
    return reply.json()


async def test_N7_a_customer_is_told_in_one_call(api: Api) -> None:
    account = await api.make_account()
    bought = await api.buy(account, "livecart.express-3y")
    ticket = await api.open(account)
    (deadline,) = ticket["deadlines"]
    shown = await read(api, account)
    (plan,) = shown["plans"]
    assert plan.pop("promises")
    assert plan == {
        "subscription_id": bought["subscription"]["id"],
        "catalog": "livecart",
        "plan": "express",
        "name": "Express",
        "status": "active",
        "site": None,
        "region": None,
        "quantity": 1,
        "starts_at": "2026-11-24T08:00:00Z",
        "ends_at": "2029-11-24T08:00:00Z",
        "remaining": {
            "unit": "incident",
            "granted": 120,
            "available": 119,
            "held": 1,
            "unlimited": False,
            "text": "119 of 120 incidents",
            "resets_at": None,
            "next_expiry": {"at": "2029-11-24T08:00:00Z", "amount": 119},
            "cap": None,
            "low": False,
        },
        "channels": [
            {
                "channel": channel,
                "included": True,
                "urgent_only": False,
                "open_now": True,
                "opens_at": None,
                "text": text,
            }
            for channel, text in (
                ("ticket", None),
                ("email", None),
                ("chat", "10 minutes an incident"),
                ("phone", "5 minutes an incident"),
            )
        ],
    }
    assert {name: shown[name] for name in shown if name != "plans"} == {
        "account_id": "c-1",
        "name": "Nordwind Handel GmbH",
        "as_of": "2026-11-24T08:00:00Z",
        "sequence": ticket["sequence"],
        "text": "Express until 24 November 2029: 119 of 120 incidents left.",
        "tickets": {
            "open": 1,
            "paused": 0,
            "at_risk": 0,
            "breached": 0,
            "missed": 0,
            "next": [
                {
                    "ticket_id": "HD-1",
                    "subject": "Checkout fails",
                    "status": "open",
                    "next_deadline": {
                        "metric": "first_response",
                        "due_at": deadline["due_at"],
                        "status": "running",
                    },
                    "charge": {"held": 1},
                }
            ],
        },
        "sessions": [],
        "overage": None,
        "disputes": 0,
        "notices": [],
    }


async def test_N7_every_sellers_customer_reads_well(api: Api) -> None:
    texts = {}
    for number, (offer, more) in enumerate(
        (
            ("livecart.standard-1m", {}),
            ("xcart-points.120", {}),
            ("xcart-support.subscription-1y", {"site": "https://shop.example/"}),
            ("corporate.gold", {}),
        )
    ):
        account = await api.make_account(f"c-{number}")
        await api.buy(account, offer, f"SO-{number}", **more)
        shown = await read(api, account)
        texts[offer] = shown["text"]
        reply = await api.get(f"{account}/summary")
        assert len(reply.content) <= 4_096, offer
    assert texts == {
        "livecart.standard-1m": "Standard until 24 December 2026: unlimited incidents.",
        "xcart-points.120": "Support points until 24 November 2028: 120 of 120 points left.",
        "xcart-support.subscription-1y": "Support subscription for shop.example"
        " until 24 November 2027: unlimited incidents.",
        "corporate.gold": "Gold until 24 November 2027: 4 of 4 incidents left.",
    }


@pytest.mark.parametrize(
    ("seller", "left", "notices"),
    [
        ("livecart", "Express until 24 November 2029: 118 of 120 incidents left.", []),
        (
            "xcart-points",
            "Support points until 24 November 2028: 45 of 60 points left.",
            ["dispute_open"],
        ),
        (
            "xcart-support",
            (
                "Support subscription for cafe.example/store until 24 December 2026:"
                " unlimited incidents."
            ),
            ["ends_soon"],
        ),
        ("agency", "Starter until 31 December 2099: 30 of 40 hours left.", []),
        ("corporate", "Gold until 24 November 2027: 0 of 4 incidents left.", ["units_exhausted"]),
    ],
)
async def test_N7_the_sidebar_is_one_call(
    api: Api, seller: str, left: str, notices: list[str]
) -> None:
    account = await api.make_account()
    for path, body in list_requests(seller):
        reply = await api.post(f"{account}/{path}", body)
        assert reply.is_success, reply.text
    reply = await api.get(f"{account}/summary")
    shown = reply.json()
    assert len(reply.content) <= 4_096
    assert shown["text"] == left
    assert [each["code"] for each in shown["notices"]] == notices
    assert shown["plans"][0]["channels"]
    opened = (await api.get(f"{account}/tickets", params={"limit": 200})).json()["data"]
    opened = [each for each in opened if each["status"] != "resolved"]
    assert shown["tickets"]["open"] + shown["tickets"]["paused"] == len(opened)
    assert len(shown["tickets"]["next"]) == min(len(opened), 3)


async def test_a_customer_without_a_plan_has_none(api: Api) -> None:
    shown = await read(api, await api.make_account())
    assert (shown["text"], shown["plans"]) == ("No plan.", [])


async def test_N7_a_customer_is_found_by_any_address(api: Api) -> None:
    await api.put("/v1/accounts/c-1", {"name": "Nordwind", "email": "Shop@Nordwind.example"})
    await api.buy("/v1/accounts/c-1", "xcart-support.subscription-1y", site="https://a.example/x")
    licence = {"license_id": "L-1", "catalog": "xcart-points", "product": "cart"}
    assert (await api.post("/v1/accounts/c-1/licenses", licence)).status_code == 201
    for asked in (
        {"email": "shop@NORDWIND.example"},
        {"site": "https://a.example/x"},
        # A page of the store; and where one store is within another, the inner one's.
        {"site": "http://www.a.example/x/cart?id=7"},
        {"license_id": "L-1"},
    ):
        reply = await api.get("/v1/summary", params=asked)
        assert (reply.status_code, reply.json()["account_id"]) == (200, "c-1"), asked
    await api.put("/v1/accounts/c-2", {"name": "Suedwind"})
    await api.buy("/v1/accounts/c-2", "xcart-support.subscription-1y", site="https://a.example")
    for site, account_id in (("a.example/x/cart", "c-1"), ("a.example/xy", "c-2")):
        reply = await api.get("/v1/summary", params={"site": site})
        assert (reply.status_code, reply.json()["account_id"]) == (200, account_id), site


async def test_who_is_not_found_or_not_named_is_refused(api: Api) -> None:
    for account_id in ("c-1", "c-2"):
        await api.put(f"/v1/accounts/{account_id}", {"name": "Two", "email": "two@example.com"})
    for asked, status, code in (
        ({"email": "nobody@example.com"}, 404, "account_unknown"),
        ({"license_id": "L-9"}, 404, "account_unknown"),
        ({"email": "two@example.com"}, 409, "several_accounts"),
        ({}, 422, "name_one"),
        ({"email": "two@example.com", "license_id": "L-1"}, 422, "name_one"),
        ({"site": "not a site"}, 422, "invalid_site"),
    ):
        reply = await api.get("/v1/summary", params=asked)
        assert (reply.status_code, reply.json()["code"]) == (status, code), asked
    several = (await api.get("/v1/summary", params={"email": "two@example.com"})).json()
    assert several["choices"] == [
        {"value": "c-1", "name": "Two"},
        {"value": "c-2", "name": "Two"},
    ]


async def test_a_sandbox_stands_in_no_customers_way(api: Api) -> None:
    body = {"name": "Two", "email": "two@example.com"}
    for account_id in ("a-box", "b-box"):
        await api.put(f"/v1/accounts/{account_id}", body | {"sandbox": True})
    asked = {"email": "two@example.com"}
    boxes = (await api.get("/v1/summary", params=asked)).json()
    assert [each["value"] for each in boxes["choices"]] == ["a-box", "b-box"]
    await api.put("/v1/accounts/c-1", body)
    assert (await api.get("/v1/summary", params=asked)).json()["account_id"] == "c-1"


async def test_it_says_what_needs_attention(api: Api) -> None:
    account = await api.make_account()
    bought = await api.buy(account, "xcart-points.60")
    await api.open(account, "HD-1", category="mod-medium")
    await api.post(f"{account}/tickets/HD-1/dispute", {"reason": "too dear"})
    low = await read(api, account)
    subscription = bought["subscription"]["id"]
    reply = await api.post(
        f"{account}/subscriptions/{subscription}/suspension", {"reason": "unpaid", "actor": "Ada"}
    )
    assert reply.status_code in (200, 201), reply.text
    suspended = await read(api, account)
    assert [(each["code"], each["text"]) for each in low["notices"]] == [
        ("units_low", "Support points: only 10 of 60 points left."),
        ("dispute_open", "1 disputed charge to decide."),
    ]
    assert suspended["notices"][0]["code"] == "suspended"
    assert suspended["text"] == "Support points is suspended."


async def test_what_is_used_up_is_no_matter_while_more_of_the_same_is_there(api: Api) -> None:
    account = await api.make_account()
    await api.buy(account, "xcart-points.60")
    licence = {"license_id": "L-1", "catalog": "xcart-points", "product": "cart"}
    assert (await api.post(f"{account}/licenses", licence)).status_code == 201
    # An installation is 150 points, and 10 are left of the 160 that were free.
    await api.open(account, "HD-1", category="install")
    await api.open(account, "HD-2", category="level-1")
    shown = await read(api, account)
    assert [each["remaining"]["available"] for each in shown["plans"]] == [60, 0]
    assert shown["notices"] == []
    assert shown["text"] == "Support points until 24 November 2028: 60 of 60 points left."
    await api.open(account, "HD-3", category="level-3")
    shown = await read(api, account)
    assert [each["text"] for each in shown["notices"]] == [
        "Support points: only 20 of 220 points left."
    ]
    await api.open(account, "HD-4", category="other", amount=20)
    shown = await read(api, account)
    assert [each["text"] for each in shown["notices"]] == ["Support points: none left."]


async def test_a_ticket_that_runs_out_of_time_is_counted(api: Api, clock: Clock) -> None:
    account = await api.make_account()
    await api.buy(account, "livecart.express-1y")
    ticket = await api.open(account)
    (deadline,) = ticket["deadlines"]
    clock.move_to(deadline["warn_at"])
    clock.advance(seconds=1)
    tickets = (await read(api, account))["tickets"]
    assert (tickets["at_risk"], tickets["breached"]) == (1, 0)
    clock.move_to(deadline["breaches_after"])
    clock.advance(seconds=1)
    tickets = (await read(api, account))["tickets"]
    assert (tickets["at_risk"], tickets["breached"]) == (0, 1)
    assert tickets["next"][0]["next_deadline"]["status"] == "breached"


async def test_a_summary_of_the_past_and_of_the_future(api: Api, clock: Clock) -> None:
    account = await api.make_account()
    await api.buy(account, "corporate.gold")
    clock.advance(days=40)
    await api.open(account, severity=1)
    before = await read(api, account, at="2026-11-25T00:00:00Z")
    later = await read(api, account, at=(clock.now + timedelta(days=30)).isoformat())
    now = await read(api, account)
    left = [each["plans"][0]["remaining"]["available"] for each in (before, now, later)]
    assert left == [4, 3, 4]


async def test_it_is_one_statement_and_says_when_nothing_changed(api: Api, clock: Clock) -> None:
    account = await api.make_account()
    await api.buy(account, "livecart.express-1y")
    await api.open(account)
    first = await api.get(f"{account}/summary")
    clock.advance(seconds=5)
    again = await api.get(f"{account}/summary", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    await api.post(f"{account}/tickets/HD-1/replies", {"by": "agent"})
    changed = await api.get(f"{account}/summary", headers={"If-None-Match": first.headers["ETag"]})
    assert changed.status_code == 200
    async with statements_of(api.app) as statements:
        await api.get(f"{account}/summary")
    assert len(statements) == 1


async def test_a_name_that_reads_like_its_instant_is_a_part_of_its_tag(
    api: Api, clock: Clock
) -> None:
    account = await api.make_account()
    tags = []
    for name in ('x"as_of":"1",', 'x"as_of":"2",', "as_of"):
        await api.put(account, {"name": name})
        shown = await api.get(f"{account}/summary")
        clock.advance(seconds=5)
        later = await api.get(f"{account}/summary")
        assert (shown.json()["name"], later.headers["ETag"]) == (name, shown.headers["ETag"])
        assert later.json()["as_of"] > shown.json()["as_of"]
        tags.append(shown.headers["ETag"])
    assert len(set(tags)) == 3


async def test_N7_it_is_told_when_it_changes_but_not_by_the_clock(api: Api, clock: Clock) -> None:
    account = await api.make_account()

    async def told(count: int) -> list[Any]:
        events = (await api.get("/v1/events", params={"account_id": "c-1", "limit": 200})).json()
        changed = [each for each in events["data"] if each["type"] == "account.summary_changed"]
        assert len(changed) == count
        # What is told of the same transaction is told before.
        return changed

    async def do(path: str, body: Any) -> None:
        reply = await api.post(account + path, body)
        assert reply.status_code in (200, 201), reply.text

    bought = await api.buy(account, "livecart.express-1y")
    (changed,) = await told(1)
    assert changed["data"] == {"because": ["purchase.activated"], "sequence": 1}
    await api.open(account)
    *_, changed = await told(2)
    assert changed["data"]["because"] == ["ticket.opened", "ticket.charged"]
    await do("/tickets/HD-1/replies", {"by": "agent"})
    await do("/tickets/HD-1/pause", {"waiting_on": "customer"})
    await do("/tickets/HD-1/dispute", {"reason": "too dear"})
    await api.patch(account, {"name": "Nordwind AG"})
    await told(6)
    # What it does not show.
    await do("/quotes", {"offer": "livecart.express-1y"})
    await api.put(f"{account}/contacts/u-7", {"name": "Erika"})
    await api.patch(account, {"metadata": {"tier": "A"}})
    order = {"order_id": "SO-2", "offer": "livecart.express-1y", "payment": {"status": "pending"}}
    await do("/purchases", order)
    again = {"ticket_id": "HD-1", "subject": "Checkout fails"}
    await do("/tickets", again)
    # What the clock brings about.
    clock.move_to(bought["subscription"]["ends_at"])
    await look(api)
    await told(6)
    await do("/purchases/SO-2/payment", {"reference": "pay-1"})
    await told(7)
    await do("/erasure", {"reason": "Asked by the person", "actor": "m.ozols"})
    await told(8)


async def test_N7_a_card_needs_no_script(api: Api) -> None:
    await api.put("/v1/accounts/c-1", {"name": "<script>alert(1)</script>"})
    account = "/v1/accounts/c-1"
    await api.buy(account, "livecart.express-3y")
    await api.open(account, subject="<b>Checkout</b>")
    reply = await api.get(f"{account}/summary", headers={"Accept": "text/html"})
    assert reply.headers["content-type"] == "text/html; charset=utf-8"
    page = reply.text
    assert "119 of 120 incidents left" in page
    assert "<script" not in page
    assert "&lt;b&gt;Checkout" in page
    assert page.count("<main>") == 1


@pytest.mark.parametrize("older", ["standard-1y", "express-1y"])
async def test_a_card_speaks_as_the_newest_version_that_it_shows(api: Api, older: str) -> None:
    """Whichever plan comes last on it: the other one is bought when units have another name."""
    account = await api.make_account()
    offers = ("standard-1y", "express-1y")
    newer = next(each for each in offers if each != older)
    document = (await api.get("/v1/catalogs/livecart")).json()["document"]
    document["branding"] = document.get("branding", {}) | {"language": "de"}
    for offer, name in ((older, "Anliegen"), (newer, "Auftrag")):
        document["names"] = {"unit": [name, name]}
        published = await api.put("/v1/catalogs/livecart", document)
        assert published.status_code == 201, published.text
        await api.buy(account, f"livecart.{offer}", offer)
    reply = await api.get(f"{account}/summary", headers={"Accept": "text/html"})
    assert "Auftrag" in reply.text
    assert "Anliegen" not in reply.text


async def test_units_that_outlast_their_term_are_shown(api: Api, clock: Clock) -> None:
    account = await api.make_account()
    await api.buy(account, "xcart-points.60")
    await api.open(account, "HD-1", category="level-1")
    await api.post(f"{account}/tickets/HD-1/resolution", {"outcome": "solved"})
    clock.advance(days=2 * 366)
    assert await summary_text(api, account) == "No plan."
    refund = {"reason": "Our fault", "actor": "ines", "cause": "vendor_defect"}
    granted = await api.post(f"{account}/tickets/HD-1/refund", refund)
    (back,) = granted.json()["charge"]["returns"]
    shown = (await api.get(f"{account}/summary")).json()
    (plan,) = shown["plans"]
    assert (plan["status"], plan["ends_at"]) == ("active", back["expires_at"])
    assert plan["remaining"]["text"] == "10 of 10 points"
    # Beside a pack that is bought then they are of one pool, and are shown with it.
    await api.buy(account, "xcart-points.120", "SO-2")
    shown = (await api.get(f"{account}/summary")).json()
    (plan,) = shown["plans"]
    assert plan["remaining"]["text"] == "130 of 130 points"
    asked = {"category": "level-0", "catalog": "xcart-points"}
    covered = (await api.post(f"{account}/coverage", asked)).json()
    assert covered["remaining"]["text"] == plan["remaining"]["text"]


async def summary_text(api: Api, account: str) -> str:
    return str((await api.get(f"{account}/summary")).json()["text"])


async def test_what_is_booked_ends_with_its_ticket(api: Api) -> None:
    account, ticket = await express(api)
    booked = await book(api, ticket, starts_at="2026-11-24T09:00:00Z")
    assert booked.status_code == 201, booked.text
    assert [each["session_id"] for each in (await read(api, account))["sessions"]] == ["S-1"]
    resolved = await api.post(f"{ticket}/resolution", {"outcome": "solved"})
    assert resolved.status_code == 200, resolved.text
    assert (await read(api, account))["sessions"] == []


async def test_of_several_stores_each_is_named_those_to_come_too(api: Api) -> None:
    account = await api.make_account()
    year, starts = "xcart-support.subscription-1y", "2027-01-01T08:00:00Z"
    await api.buy(account, year, "SO-1", site="https://a.example")
    held = await api.buy(account, year, "SO-2", site="https://b.example")
    await api.buy(account, year, "SO-3", site="https://c.example", starts=starts)
    await api.buy(account, "livecart.express-1y", "SO-4", starts=starts)
    await api.post(
        f"{account}/subscriptions/{held['subscription']['id']}/suspension",
        {"reason": "unpaid", "actor": "Ada"},
    )
    shown = await read(api, account)
    assert set(shown["text"].removesuffix(".").split(". ")) == {
        "Support subscription for a.example until 24 November 2027: unlimited incidents",
        "Support subscription for b.example is suspended",
        "Support subscription for c.example from 1 January 2027: unlimited incidents",
        "Express from 1 January 2027: 15 incidents",
    }
    coming = [each["remaining"] for each in shown["plans"] if each["status"] == "upcoming"]
    assert {each["text"] for each in coming} == {
        "unlimited incidents from 1 January 2027",
        "15 incidents from 1 January 2027",
    }
    # None of them can be used yet.
    assert {(each["available"], each["unlimited"]) for each in coming} == {(0, False)}
    card = await api.get(f"{account}/summary", headers={"Accept": "text/html"})
    assert "Begins on 1 Jan 2027: unlimited incidents" in card.text
    asked = {"headers": {"Accept": "text/html"}, "params": {"language": "de"}}
    card = await api.get(f"{account}/summary", **asked)
    assert "Beginnt am 1. Jan. 2027: 15 " in card.text


async def test_overage_is_of_the_sellers_month_up_to_and_including_now(
    api: Api, clock: Clock
) -> None:
    document = (await api.get("/v1/catalogs/agency")).json()["document"]
    published = await api.put("/v1/catalogs/agency", document | {"timezone": "America/New_York"})
    assert published.status_code == 201, published.text
    clock.move_to("2026-12-01T03:00:00+00:00")
    account = await api.make_account()
    for ticket_id in ("HD-1", "HD-2"):
        await api.open(account, ticket_id, catalog="agency")

    async def log(work_id: str, minutes: int) -> None:
        body = {"work_id": work_id, "minutes": minutes, "by": "jon"}
        reply = await api.post(f"{account}/tickets/HD-1/work", body)
        assert reply.status_code == 201, reply.text

    async def beyond(**asked: str) -> Any:
        found = (await read(api, account, **asked))["overage"]
        return found and (found["since"], found["minutes"])

    # There it is November still, and what was worked counts at once, though no time has passed.
    await log("W-1", 30)
    assert await beyond() == ("2026-11-01T04:00:00Z", 30)
    wrong = {"minutes": 0, "reason": "Lunch", "actor": "mara"}
    await api.post(f"{account}/tickets/HD-1/work/W-1/correction", wrong)
    assert await beyond() is None
    await log("W-2", 20)
    clock.move_to("2026-12-01T05:00:00+00:00")
    assert await beyond() is None
    await log("W-3", 10)
    assert await beyond() == ("2026-12-01T05:00:00Z", 10)
    assert await beyond(at="2026-12-01T03:00:00Z") == ("2026-11-01T04:00:00Z", 20)
    assert await beyond(at="2026-12-01T04:59:59Z") == ("2026-11-01T04:00:00Z", 20)
    assert await beyond(at="9999-12-31T23:59:59Z") is None


async def test_overage_of_two_sellers_is_of_each_ones_month(api: Api, clock: Clock) -> None:
    document = (await api.get("/v1/catalogs/agency")).json()["document"]
    other = document | {"code": "agency-2", "timezone": "Pacific/Kiritimati"}
    published = await api.put("/v1/catalogs/agency-2", other)
    assert published.status_code == 201, published.text
    clock.move_to("2026-11-30T09:00:00+00:00")
    account = await api.make_account()
    for ticket_id, catalog in (("HD-1", "agency"), ("HD-2", "agency-2")):
        await api.open(account, ticket_id, catalog=catalog)
    # On an island 14 hours ahead December begins at ten; what was worked before is November's.
    for at, minutes in (("2026-11-30T09:00:00Z", 10), ("2026-11-30T10:00:00Z", 20)):
        clock.move_to(at)
        for number, ticket_id in enumerate(("HD-1", "HD-2")):
            body = {"work_id": f"W-{minutes}-{number}", "minutes": minutes, "by": "jon"}
            reply = await api.post(f"{account}/tickets/{ticket_id}/work", body)
            assert reply.status_code == 201, reply.text
    shown = (await read(api, account))["overage"]
    assert (shown["since"], shown["minutes"]) == ("2026-11-01T00:00:00Z", 50)
