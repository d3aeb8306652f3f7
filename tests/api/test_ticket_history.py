"""A ticket's history: numbered, struck where it was a mistake, and the clocks that follow from it.

Livecart's support is open from Monday to Friday, 10:00 to 18:00 of its zone; the clock begins on
a Tuesday at 10:00 there.
"""

from datetime import timedelta
from typing import Any

import pytest

from app.services.catalog.catalogs import packaged_documents
from tests.api.conftest import TUESDAY, Api, Clock
from tests.support.notices import look, told, types

MISTAKE = {"reason": "recorded on the wrong ticket", "actor": "maya"}


async def post(api: Api, path: str, **body: Any) -> dict[str, Any]:
    reply = await api.post(path, body)
    assert reply.status_code in (200, 201), reply.text
    answered: dict[str, Any] = reply.json()
    return answered


async def refused(api: Api, path: str, **body: Any) -> tuple[int, str, dict[str, Any]]:
    reply = await api.post(path, body)
    problem: dict[str, Any] = reply.json()
    return reply.status_code, problem["code"], problem


def find(ticket: dict[str, Any], metric: str) -> dict[str, Any]:
    (found,) = (each for each in ticket["deadlines"] if each["metric"] == metric)
    return dict(found)


async def open_express(api: Api) -> str:
    account = await api.make_account()
    await api.buy(account, "livecart.express-1y")
    await api.open(account, catalog="livecart")
    return f"{account}/tickets/HD-1"


async def open_gold(api: Api, **more: Any) -> str:
    account = await api.make_account()
    await api.buy(account, "corporate.gold")
    await api.open(account, catalog="corporate", severity=1, **more)
    return f"{account}/tickets/HD-1"


NEXT = {
    "metric": "next_response",
    "strength": "guaranteed",
    "clauses": [{"within": "PT8H", "calendar": "business"}],
}


async def publish(api: Api, *promises: dict[str, Any], **policies: Any) -> None:
    """Publish the first catalogue again, with more promises on Express and other policies."""
    document = packaged_documents()["livecart"]
    document["plans"]["express"]["promises"] += promises
    document["policies"] |= policies
    reply = await api.put("/v1/catalogs/livecart", document)
    assert reply.status_code in (200, 201), reply.text


class TestStrikes:
    async def test_a_severity_recorded_by_mistake_is_struck_with_its_breach(
        self, api: Api, clock: Clock
    ) -> None:
        ticket = await open_gold(api)
        await post(api, f"{ticket}/replies", by="agent")
        await post(api, f"{ticket}/severity", severity=4, reason="a typo in the form")
        clock.advance(days=20)
        raised = await post(api, f"{ticket}/severity", severity=1, reason="raised by mistake")
        assert find(raised, "resolution")["breach_cause"] == "reclassification"
        struck = await post(api, f"{ticket}/events/3/strike", **MISTAKE)
        assert struck["severity"] == 4
        assert find(struck, "resolution")["breach_cause"] is None
        assert find(struck, "resolution")["status"] == "running"
        events = (await api.get(f"{ticket}/events?order=asc")).json()["data"]
        assert [(each["number"], each["type"]) for each in events] == [
            (1, "agent_reply"),
            (2, "severity"),
            (3, "severity"),
            (4, "strike"),
        ]
        assert events[2]["struck"] == {
            "number": 4,
            "at": events[3]["at"],
            "actor": "maya",
            "reason": "recorded on the wrong ticket",
        }
        assert (events[2]["reason"], events[3]["actor"]) == ("raised by mistake", "maya")
        assert events[3]["data"]["number"] == 3

    async def test_a_reply_struck_was_never_an_answer(self, api: Api, clock: Clock) -> None:
        ticket = await open_express(api)
        clock.advance(minutes=10)
        answered = await post(api, f"{ticket}/replies", by="agent")
        assert find(answered, "first_response")["status"] == "met"
        struck = await post(api, f"{ticket}/events/1/strike", **MISTAKE)
        assert find(struck, "first_response")["status"] == "running"
        clock.advance(days=3)
        await look(api)
        assert await types(api, "deadline") == ["deadline.met", "deadline.breached"]

    async def test_only_what_has_no_correction_of_its_own_is_struck_and_once(
        self, api: Api
    ) -> None:
        ticket = await open_express(api)
        await post(api, f"{ticket}/pause", waiting_on="customer")
        await post(api, f"{ticket}/resolution", outcome="solved")
        strike = f"{ticket}/events/{{}}/strike"
        assert (await refused(api, strike.format(9), **MISTAKE))[:2] == (404, "event_unknown")
        assert (await refused(api, strike.format(2), **MISTAKE))[:2] == (409, "not_strikable")
        await post(api, strike.format(1), **MISTAKE)
        assert (await refused(api, strike.format(1), **MISTAKE))[:2] == (409, "already_struck")
        assert (await refused(api, strike.format(3), **MISTAKE))[:2] == (409, "not_strikable")

    async def test_the_list_is_read_page_by_page_either_way(self, api: Api) -> None:
        ticket = await open_express(api)
        for _ in range(5):
            await post(api, f"{ticket}/replies", by="agent")
        for order, numbers in (("asc", [1, 2, 3, 4, 5]), ("desc", [5, 4, 3, 2, 1])):
            found: list[int] = []
            cursor = None
            while True:
                asked = {"limit": 2, "order": order} | ({"cursor": cursor} if cursor else {})
                page = (await api.get(f"{ticket}/events", params=asked)).json()
                found += [each["number"] for each in page["data"]]
                cursor = page["next_cursor"]
                if cursor is None:
                    break
            assert found == numbers
        missing = await api.get("/v1/accounts/c-1/tickets/HD-9/events")
        assert (missing.status_code, missing.json()["code"]) == (404, "ticket_unknown")


class TestExcuses:
    async def test_any_of_two_broken_waits_is_excused_by_its_instant(
        self, api: Api, clock: Clock
    ) -> None:
        await publish(api, NEXT)
        ticket = await open_express(api)
        for _ in range(2):
            await post(api, f"{ticket}/replies", by="agent")
            await post(api, f"{ticket}/replies", by="customer")
            clock.advance(days=7)
        await post(api, f"{ticket}/replies", by="agent")
        shown = find((await api.get(ticket)).json(), "next_response")
        first, second = [each["breached_at"] or each["missed_at"] for each in shown["spells"]]
        excuse = f"{ticket}/deadlines/next_response/excuse"
        status, code, problem = await refused(
            api, excuse, reason="a storm", actor="maya", breached_at="2026-11-24T08:00:00Z"
        )
        assert (status, code, problem["breached_at"]) == (409, "not_breached", [first, second])
        await post(api, excuse, reason="a storm", actor="maya", breached_at=first)
        assert (await told(api, "deadline.excused"))[0]["spell"] == 0
        shown = find((await api.get(ticket)).json(), "next_response")
        assert [each["excused"] and each["excused"]["reason"] for each in shown["spells"]] == [
            "a storm",
            None,
        ]
        await post(api, excuse, reason="a flood", actor="maya")
        assert [each["spell"] for each in await told(api, "deadline.excused")] == [0, 1]


class TestWaits:
    @pytest.mark.parametrize("cause", ["custommer", "third_party"])
    async def test_a_cause_that_nobody_knows_is_refused_with_those_that_are_known(
        self, api: Api, cause: str
    ) -> None:
        ticket = await open_express(api)
        status, code, problem = await refused(api, f"{ticket}/pause", waiting_on=cause)
        assert (status, code) == (422, "unknown_cause")
        assert [each["value"] for each in problem["choices"]] == ["customer", "vendor"]
        assert (await api.get(ticket)).json()["status"] == "open"

    async def test_a_pause_done_again_is_refused_and_one_for_another_cause_is_not(
        self, api: Api, clock: Clock
    ) -> None:
        ticket = await open_express(api)
        await post(api, f"{ticket}/pause", waiting_on="customer")
        clock.advance(hours=1)
        status, code, problem = await refused(api, f"{ticket}/pause", waiting_on="customer")
        assert (status, code) == (409, "ticket_paused")
        assert problem["detail"] == "The ticket 'HD-1' waits on customer already."
        await post(api, f"{ticket}/pause", waiting_on="vendor")
        assert (await api.get(ticket)).json()["waiting_on"] == "vendor"
        # That it waited before as well may be learned late.
        earlier = clock.now - timedelta(minutes=30)
        clock.advance(hours=1)
        await post(api, f"{ticket}/pause", waiting_on="customer", at=earlier.isoformat())

    async def test_a_message_on_a_resolved_ticket_is_noted_and_waits_once_reopened(
        self, api: Api, clock: Clock
    ) -> None:
        await publish(api, NEXT)
        ticket = await open_express(api)
        await post(api, f"{ticket}/replies", by="agent")
        await post(api, f"{ticket}/resolution", outcome="solved")
        clock.advance(hours=1)
        noted = await post(api, f"{ticket}/replies", by="customer")
        assert noted["status"] == "resolved"
        clock.advance(hours=1)
        reopened = await post(api, f"{ticket}/reopening", reason="not solved after all")
        wait = find(reopened, "next_response")
        assert (wait["status"], wait["started_at"]) == ("running", "2026-11-24T09:00:00Z")

    async def test_a_message_reopens_where_the_catalogue_says_so(
        self, api: Api, clock: Clock
    ) -> None:
        await publish(api, reply_after_resolution="reopen")
        ticket = await open_express(api)
        await post(api, f"{ticket}/resolution", outcome="solved")
        clock.advance(hours=1)
        answered = await post(api, f"{ticket}/replies", by="customer")
        assert (answered["status"], answered["outcome"]) == ("open", None)
        events = (await api.get(f"{ticket}/events?order=asc")).json()["data"]
        assert [each["type"] for each in events] == ["resolution", "customer_reply", "reopening"]


class TestEnds:
    async def test_a_resolution_answers_a_first_response_that_runs(self, api: Api) -> None:
        ticket = await open_express(api)
        solved = await post(api, f"{ticket}/resolution", outcome="solved")
        assert find(solved, "first_response")["status"] == "met"

    @pytest.mark.parametrize("outcome", ["duplicate", "withdrawn"])
    async def test_what_is_no_request_cancels_what_runs(self, api: Api, outcome: str) -> None:
        ticket = await open_express(api)
        ended = await post(api, f"{ticket}/resolution", outcome=outcome)
        assert {each["status"] for each in ended["deadlines"]} <= {"cancelled", "none"}
        assert find(ended, "first_response")["status"] == "cancelled"
        assert await types(api, "deadline") == []

    async def test_a_session_that_begins_answers(self, api: Api, clock: Clock) -> None:
        ticket = await open_express(api)
        await post(
            api,
            f"{ticket}/sessions",
            session_id="S-1",
            kind="chat",
            starts_at=clock.now.isoformat(),
        )
        clock.advance(minutes=5)
        await post(api, f"{ticket}/sessions/S-1/start")
        shown = find((await api.get(ticket)).json(), "first_response")
        assert (shown["status"], shown["met_at"]) == ("met", "2026-11-24T08:05:00Z")


class TestRemedies:
    async def test_a_remedy_in_time_and_a_resolution_late(self, api: Api, clock: Clock) -> None:
        remedy = {"metric": "remedy", "strength": "guaranteed", "clauses": [{"within": "PT8H"}]}
        resolution = {
            "metric": "resolution",
            "strength": "guaranteed",
            "clauses": [{"within": "PT24H"}],
            "starts_on": "answer",
        }
        await publish(api, remedy, resolution)
        ticket = await open_express(api)
        assert find((await api.get(ticket)).json(), "resolution")["status"] == "none"
        clock.advance(hours=1)
        await post(api, f"{ticket}/replies", by="agent")
        clock.advance(hours=4)
        remedied = await post(api, f"{ticket}/remedy", reason="another server took over")
        assert (remedied["status"], find(remedied, "remedy")["status"]) == ("open", "met")
        assert (await refused(api, f"{ticket}/remedy"))[:2] == (409, "already_remedied")
        clock.advance(hours=25)
        solved = await post(api, f"{ticket}/resolution", outcome="solved")
        late = find(solved, "resolution")
        assert (late["started_at"], late["status"]) == ("2026-11-24T09:00:00Z", "breached")
        assert (await refused(api, f"{ticket}/remedy"))[:2] == (409, "ticket_resolved")
        assert (await types(api, "ticket.remedied")) == ["ticket.remedied"]

    async def test_what_begins_with_a_message_is_not_counted_from_an_answer(self, api: Api) -> None:
        document = packaged_documents()["livecart"]
        document["plans"]["express"]["promises"] += [NEXT | {"starts_on": "answer"}]
        reply = await api.put("/v1/catalogs/livecart", document)
        (error,) = reply.json()["errors"]
        assert (reply.status_code, error["code"]) == (422, "conflicting_fields")
        assert error["pointer"].endswith("/starts_on")


class TestParts:
    async def test_a_part_was_asked_when_its_ticket_was(self, api: Api, clock: Clock) -> None:
        ticket = await open_express(api)
        clock.advance(hours=30)
        split = await post(
            api, f"{ticket}/split", tickets=[{"ticket_id": "HD-2", "subject": "And the colour"}]
        )
        part = split["tickets"][1]
        assert part["opened_at"] == TUESDAY.isoformat().replace("+00:00", "Z")
        first = find(part, "first_response")
        assert (first["started_at"], first["status"]) == (part["opened_at"], "breached")
        assert part["charge"]["held"] == 1

    async def test_a_part_of_an_answered_ticket_is_answered(self, api: Api, clock: Clock) -> None:
        ticket = await open_express(api)
        clock.advance(hours=1)
        await post(api, f"{ticket}/replies", by="agent")
        await post(api, f"{ticket}/pause", waiting_on="customer")
        clock.advance(hours=48)
        split = await post(
            api, f"{ticket}/split", tickets=[{"ticket_id": "HD-2", "subject": "And the colour"}]
        )
        part = split["tickets"][1]
        first = find(part, "first_response")
        assert (first["status"], first["met_at"]) == ("met", "2026-11-24T09:00:00Z")
        assert part["status"] == "open"
        again = (await api.get("/v1/accounts/c-1/tickets/HD-2")).json()
        assert again["deadlines"] == part["deadlines"]


PREVIEW = {"catalog": "livecart", "plan": "express", "opened_at": "2026-11-24T08:00:00Z"}
AT = "2026-11-24T09:00:00Z"


class TestPreview:
    @pytest.mark.parametrize(
        ("event", "status", "code"),
        [
            ({"type": "pause", "at": AT}, 422, "invalid_request"),
            ({"type": "pause", "at": AT, "waiting_on": "custommer"}, 422, "unknown_cause"),
            ({"type": "severity", "at": AT}, 422, "invalid_request"),
            ({"type": "reopening", "at": AT}, 409, "ticket_not_resolved"),
            ({"type": "resumption", "at": AT}, 409, "ticket_not_paused"),
            ({"type": "agent_reply", "at": "2026-11-24T07:58:00Z"}, 409, "before_opening"),
        ],
    )
    async def test_a_preview_refuses_what_the_ticket_refuses(
        self, api: Api, event: dict[str, Any], status: int, code: str
    ) -> None:
        asked = PREVIEW | {"events": [event]}
        assert (await refused(api, "/v1/deadlines/preview", **asked))[:2] == (status, code)
        ticket = await open_express(api)
        path, by = event["type"], {}
        if path.endswith("_reply"):
            path, by = "replies", {"by": path.removesuffix("_reply")}
        body = {name: value for name, value in event.items() if name != "type"} | by
        if path in ("severity", "reopening"):
            body |= {"reason": "as it happens"}
        body["at"] = min(body["at"], "2026-11-24T08:00:00Z")
        assert (await refused(api, f"{ticket}/{path}", **body))[:2] == (status, code)

    async def test_two_resolutions_are_one_too_many(self, api: Api) -> None:
        twice = [{"type": "resolution", "at": AT}] * 2
        found = await refused(api, "/v1/deadlines/preview", **PREVIEW, events=twice)
        assert found[:2] == (409, "ticket_resolved")

    async def test_a_reply_seconds_before_the_opening_counts_at_it(self, api: Api) -> None:
        early = "2026-11-24T07:59:58Z"
        asked = PREVIEW | {"events": [{"type": "agent_reply", "at": early}]}
        preview = await post(api, "/v1/deadlines/preview", **asked)
        ticket = await open_express(api)
        real = await post(api, f"{ticket}/replies", by="agent", at=early)
        for shown in (preview, real):
            first = find(shown, "first_response")
            assert (first["status"], first["met_at"]) == ("met", "2026-11-24T08:00:00Z")


async def test_a_ticket_with_too_long_a_history_takes_no_more_but_its_end(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.domain.tickets.ticket_rules.MOST_EVENTS", 4)
    ticket = await open_express(api)
    for _ in range(4):
        await post(api, f"{ticket}/replies", by="agent")
    found = await refused(api, f"{ticket}/replies", by="agent")
    assert found[:2] == (409, "too_many_events")
    await post(api, f"{ticket}/resolution", outcome="solved")
