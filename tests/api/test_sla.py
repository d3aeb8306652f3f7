"""What is owed across tickets: listed, reported, excused, and moved to newer terms."""

from typing import Any

from tests.api.conftest import Api, Clock

# Thursday 19 November 2026, 10:00 in Berlin.
THURSDAY = "2026-11-19T09:00:00Z"


async def gold_ticket(api: Api, account: str, ticket_id: str, at: str, severity: int = 1) -> Any:
    return await api.open(account, ticket_id, severity=severity, at=at)


async def make_gold(api: Api, clock: Clock) -> str:
    clock.move_to("2026-11-19T08:00:00Z")
    account = await api.make_account()
    await api.buy(account, "corporate.gold")
    return account


async def test_deadlines_are_listed_in_the_order_in_which_they_run_out(
    api: Api, clock: Clock
) -> None:
    account = await make_gold(api, clock)
    clock.move_to(THURSDAY)
    await gold_ticket(api, account, "HD-1", THURSDAY, severity=1)
    await gold_ticket(api, account, "HD-2", THURSDAY, severity=3)
    reply = await api.get("/v1/deadlines", params={"status": "running"})
    found = [(row["ticket_id"], row["metric"], row["due_at"]) for row in reply.json()["data"]]
    # First response within 8 business hours of 10:00: seven until 17:00, one on Friday: 10:00.
    # Resolution within 16 for severity 1: a day on; within 7 business days for severity 3.
    assert found == [
        ("HD-1", "first_response", "2026-11-20T09:00:00Z"),
        ("HD-2", "first_response", "2026-11-20T09:00:00Z"),
        ("HD-1", "resolution", "2026-11-23T09:00:00Z"),
        ("HD-2", "resolution", "2026-11-30T09:00:00Z"),
    ]
    soon = await api.get("/v1/deadlines", params={"due_before": "2026-11-21T00:00:00Z"})
    assert [row["metric"] for row in soon.json()["data"]] == ["first_response"] * 2
    first = await api.get("/v1/deadlines", params={"limit": 3})
    rest = await api.get("/v1/deadlines", params={"cursor": first.json()["next_cursor"]})
    walked = first.json()["data"] + rest.json()["data"]
    assert [(row["ticket_id"], row["metric"]) for row in walked] == [row[:2] for row in found]
    assert rest.json()["next_cursor"] is None


async def test_a_clock_past_its_last_instant_is_breached_though_nobody_was_told(
    api: Api, clock: Clock
) -> None:
    account = await make_gold(api, clock)
    clock.move_to(THURSDAY)
    await gold_ticket(api, account, "HD-1", THURSDAY)
    # At 75 % of 8 hours, six: Thursday 16:00 in Berlin.
    clock.move_to("2026-11-19T15:00:00Z")
    at_risk = await api.get("/v1/deadlines", params={"at_risk": True})
    assert [row["metric"] for row in at_risk.json()["data"]] == ["first_response"]
    clock.move_to("2026-11-20T09:00:00Z")
    breached = await api.get("/v1/deadlines", params={"status": "breached"})
    assert breached.json()["data"] == []
    clock.move_to("2026-11-20T09:00:01Z")
    breached = await api.get("/v1/deadlines", params={"status": "breached"})
    assert [(row["metric"], row["status"]) for row in breached.json()["data"]] == [
        ("first_response", "breached")
    ]
    ticket = (await api.get(f"{account}/tickets/HD-1")).json()
    assert ticket["deadlines"][0]["status"] == "breached"
    assert ticket["deadlines"][0]["breached_at"] == "2026-11-20T09:00:00Z"


async def test_what_nothing_breaks_runs_on_late_and_is_listed_before_what_is_to_come(
    api: Api, clock: Clock
) -> None:
    document = (await api.get("/v1/catalogs/corporate")).json()["document"]
    document["plans"]["gold"]["matrix"]["resolution"]["4"] = "best effort 2 h"
    assert (await api.put("/v1/catalogs/corporate", document)).status_code == 201
    account = await make_gold(api, clock)
    clock.move_to(THURSDAY)
    await gold_ticket(api, account, "HD-1", THURSDAY, severity=4)
    clock.move_to("2026-11-19T10:00:00Z")
    await gold_ticket(api, account, "HD-2", "2026-11-19T10:00:00Z", severity=4)
    await gold_ticket(api, account, "HD-3", "2026-11-19T10:00:00Z", severity=3)
    clock.move_to("2026-11-20T09:30:00Z")
    await api.post(f"{account}/tickets/HD-3/replies", {"by": "agent"})
    clock.move_to("2026-11-24T09:30:00Z")

    async def walk(status: str) -> list[tuple[str, str]]:
        """Read what stands so, two a page."""
        asked, found = {"status": status, "limit": "2"}, []
        while True:
            page = (await api.get("/v1/deadlines", params=asked)).json()
            assert {row["status"] for row in page["data"]} <= {status}
            found += [(row["ticket_id"], row["metric"]) for row in page["data"]]
            if page["next_cursor"] is None:
                return found
            asked["cursor"] = page["next_cursor"]

    assert await walk("running") == [
        ("HD-1", "resolution"),  # by Thursday 12:00, if it can be helped
        ("HD-2", "resolution"),
        ("HD-2", "first_response"),  # 24 business hours from Thursday 11:00: Tuesday 11:00
        ("HD-3", "resolution"),
    ]
    assert await walk("breached") == [("HD-1", "first_response")]
    assert await walk("met") == [("HD-3", "first_response")]
    clock.move_to("2026-11-24T10:00:01Z")
    assert await walk("breached") == [("HD-1", "first_response"), ("HD-2", "first_response")]
    assert len(await walk("running")) == 3


async def test_a_breach_is_excused_beside_the_breach(api: Api, clock: Clock) -> None:
    account = await make_gold(api, clock)
    clock.move_to(THURSDAY)
    await gold_ticket(api, account, "HD-1", THURSDAY)
    path = f"{account}/tickets/HD-1/deadlines/first_response/excuse"
    body = {"reason": "The customer's mail server was down.", "actor": "Ada"}
    early = await api.post(path, body)
    assert (early.status_code, early.json()["code"]) == (409, "not_breached")
    clock.move_to("2026-11-20T10:00:00Z")
    excused = (await api.post(path, body)).json()["deadlines"][0]
    assert excused["status"] == "breached"
    assert excused["breached_at"] == "2026-11-20T09:00:00Z"
    assert excused["excused"] == {**body, "at": "2026-11-20T10:00:00Z"}
    report = await api.get(
        "/v1/reports/sla",
        params={"from": "2026-11-01T00:00:00Z", "to": "2026-12-01T00:00:00Z"},
    )
    rows = {row["metric"]: row for row in report.json()["rows"]}
    assert (rows["first_response"]["breached"], rows["first_response"]["excused"]) == (1, 1)


async def test_every_wait_for_a_next_response_counts(api: Api, clock: Clock) -> None:
    document = (await api.get("/v1/catalogs/corporate")).json()["document"]
    document["plans"]["gold"]["matrix"]["next_response"] = {"any": "1 h"}
    assert (await api.put("/v1/catalogs/corporate", document)).status_code == 201
    account = await make_gold(api, clock)
    clock.move_to(THURSDAY)
    await gold_ticket(api, account, "HD-1", THURSDAY)
    replies = f"{account}/tickets/HD-1/replies"
    for by, at in (
        ("agent", "09:10"),
        ("customer", "09:20"),  # waits 30 minutes
        ("agent", "09:50"),
        ("customer", "10:00"),  # waits 90 minutes: breached
        ("agent", "11:30"),
    ):
        clock.move_to(f"2026-11-19T{at}:00Z")
        assert (await api.post(replies, {"by": by})).status_code == 200
    report = await api.get(
        "/v1/reports/sla",
        params={"from": "2026-11-01T00:00:00Z", "to": "2026-12-01T00:00:00Z"},
    )
    rows = {row["metric"]: row for row in report.json()["rows"]}
    waits = rows["next_response"]
    assert (waits["total"], waits["met"], waits["breached"]) == (2, 1, 1)
    assert (waits["p50"]["elapsed_seconds"], waits["p90"]["elapsed_seconds"]) == (1800, 5400)


async def test_open_clocks_keep_their_calendar_until_they_are_re_evaluated(
    api: Api, clock: Clock
) -> None:
    account = await make_gold(api, clock)
    clock.move_to(THURSDAY)
    opened = await gold_ticket(api, account, "HD-1", THURSDAY)
    assert opened["deadlines"][0]["due_at"] == "2026-11-20T09:00:00Z"
    document = (await api.get("/v1/catalogs/corporate")).json()["document"]
    holidays = document["calendars"]["business"]["holidays"]
    holidays.append({"date": "2026-11-20", "name": "Founders' Day"})
    assert (await api.put("/v1/catalogs/corporate", document)).status_code == 201
    kept = (await api.get(f"{account}/tickets/HD-1")).json()
    assert kept["deadlines"] == opened["deadlines"]

    order = {"catalog": "corporate", "reason": "A holiday was missing.", "actor": "Ada"}
    path = "/v1/deadlines/re-evaluation"
    dry = await api.post(path, order, params={"dry_run": True})
    assert dry.headers["Dry-Run"] == "true"
    changed = dry.json()["changed"]
    # Friday is a holiday now: the eighth hour is Monday's first, until 10:00 in Berlin.
    assert [each["ticket_id"] for each in changed] == ["HD-1"]
    assert changed[0]["before"][0]["due_at"] == "2026-11-20T09:00:00Z"
    assert changed[0]["after"][0]["due_at"] == "2026-11-23T09:00:00Z"
    assert (await api.get(f"{account}/tickets/HD-1")).json()["deadlines"] == opened["deadlines"]

    done = await api.post(path, order)
    assert done.json() == dry.json()
    moved = (await api.get(f"{account}/tickets/HD-1")).json()
    assert moved["deadlines"][0]["due_at"] == "2026-11-23T09:00:00Z"
    assert (await api.post(path, order)).json()["changed"] == []


async def test_the_queue_goes_by_what_is_broken_first_then_by_severity(
    api: Api, clock: Clock
) -> None:
    account = await make_gold(api, clock)
    await api.post(
        f"{account}/grants",
        {
            "reference": "g-1",
            "catalog": "corporate",
            "plan": "gold",
            "unit": "incident",
            "amount": 10,
            "reason": "for the test",
            "actor": "Ada",
        },
    )
    clock.move_to(THURSDAY)
    await gold_ticket(api, account, "late-3", "2026-11-19T08:30:00Z", severity=3)
    await gold_ticket(api, account, "early-3", "2026-11-19T08:10:00Z", severity=3)
    await gold_ticket(api, account, "sev-3", THURSDAY, severity=3)
    await gold_ticket(api, account, "sev-1", THURSDAY, severity=1)
    await gold_ticket(api, account, "waiting-1", THURSDAY, severity=1)
    await api.post(f"{account}/tickets/waiting-1/pause", {"waiting_on": "customer"})
    await gold_ticket(api, account, "done", THURSDAY, severity=1)
    await api.post(f"{account}/tickets/done/resolution", {"outcome": "solved"})
    queue = await api.get("/v1/queue")
    assert [ticket["ticket_id"] for ticket in queue.json()["data"]] == [
        "early-3",
        "late-3",
        "sev-1",
        "sev-3",
        "waiting-1",
    ]
    walked, cursor = [], None
    while True:
        params = {"limit": 1} | ({"cursor": cursor} if cursor else {})
        page = (await api.get("/v1/queue", params=params)).json()
        walked += [ticket["ticket_id"] for ticket in page["data"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert walked == ["early-3", "late-3", "sev-1", "sev-3", "waiting-1"]
