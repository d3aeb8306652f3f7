"""What a request is answered with: who pays, what is lacking, what there is to choose from."""

from typing import Any

from tests.api.conftest import Api, Clock
from tests.support.charge_rules import act, buy_hours
from tests.support.coverage_answers import hold_role

HELPDESK = {"name": "helpdesk", "role": "helpdesk"}


async def ask(api: Api, account: str, **body: Any) -> Any:
    reply = await api.post(f"{account}/coverage", body)
    assert reply.status_code == 200, reply.text
    return reply.json()


async def refuse(api: Api, account: str, ticket_id: str = "HD-9", **body: Any) -> Any:
    """Open a ticket that is refused; the problem, which coverage gives alike."""
    reply = await api.post(f"{account}/tickets", {"ticket_id": ticket_id, "subject": "?"} | body)
    assert reply.status_code in (402, 403, 422), reply.text
    asked = await ask(api, account, **body)
    assert not asked["covered"]
    assert asked["refusal"] == reply.json()
    return reply.json()


def values(problem: Any) -> list[Any]:
    return [each["value"] for each in problem["choices"]]


async def test_P4_what_costs_nothing_is_served_without_points(api: Api) -> None:
    account = await api.make_account()
    for number, category in enumerate(("level-0", "warranty")):
        opened = await api.open(account, f"HD-{number}", catalog="xcart-points", category=category)
        assert opened["coverage"]["subscription_id"] is None
        assert opened["coverage"]["on_demand"] is False
        assert (opened["charge"]["status"], opened["charge"]["amount"]) == ("none", 0)
    await refuse(api, account, catalog="xcart-points", category="level-1")


async def test_an_unknown_category_is_refused_on_every_plan_with_the_choices(api: Api) -> None:
    account = await api.make_account()
    await api.buy(account, "livecart.standard-1y")
    for category in ("bugs", "nonsense"):
        problem = await refuse(api, account, catalog="livecart", category=category)
        assert (problem["status"], problem["code"]) == (422, "unknown_category")
        assert values(problem) == ["bug"]
    await buy_hours(api, account, minutes=2400, order_id="SO-2")
    problem = await refuse(api, account, catalog="agency", severity=4, category="nonsense")
    assert problem["code"] == "unknown_category"
    problem = await refuse(api, account, catalog="livecart", variables={"zz": 3})
    assert (problem["code"], problem["errors"][0]["pointer"]) == (
        "unknown_variable",
        "/variables/zz",
    )


async def test_hours_that_are_used_up_are_covered_as_overage_and_say_so_beforehand(
    api: Api, clock: Clock
) -> None:
    account = await api.make_account()
    await buy_hours(api, account, minutes=60)
    await api.open(account, severity=4)
    await act(api, account, "work", work_id="W-1", minutes=30, by="Ada")
    clock.advance(days=7)
    await act(api, account, "work", work_id="W-2", minutes=30, by="Ada")
    asked = await ask(api, account, severity=4, amount=60)
    assert asked["covered"]
    assert (asked["charge"]["amount"], asked["charge"]["overage"]) == (0, 60)
    assert asked["charge"]["overage_rate"] is None  # which the seller does not publish


async def test_an_amount_below_the_list_needs_the_ledger_wherever_it_is_given(api: Api) -> None:
    account = await api.make_account()
    await api.buy(account, "xcart-points.120")
    await api.open(account, category="level-2")
    helpdesk = await hold_role(api, "helpdesk")
    cheap = {"ticket_id": "HD-2", "subject": "?", "category": "level-2", "amount": 1}
    asked: tuple[tuple[str, dict[str, Any]], ...] = (
        ("tickets", cheap),
        ("tickets/HD-1/charge/revision", {"amount": 0, "reason": "Less"}),
        ("tickets/HD-1/resolution", {"outcome": "solved", "amount": 1}),
        ("tickets/HD-1/split", {"tickets": [cheap]}),
    )
    for action, body in asked:
        reply = await helpdesk.post(f"{account}/{action}", body)
        assert (reply.status_code, reply.json()["code"]) == (403, "scope_missing"), action
        assert reply.json()["required"] == "ledger:write"
    assert (await api.units(account, "point"))["held"] == 25
    # At the list's price of what it turned out to be, or above, it is the helpdesk's own matter.
    changes: tuple[dict[str, Any], ...] = (
        {"category": "level-1"},
        {"amount": 12},
        {"category": "bug"},
    )
    for change in changes:
        revision = change | {"reason": "It turned out so"}
        reply = await helpdesk.post(f"{account}/tickets/HD-1/charge/revision", revision)
        assert reply.status_code == 200, reply.text


async def test_an_incident_below_its_sessions_needs_the_ledger_too(api: Api, clock: Clock) -> None:
    account = await api.make_account()
    await api.buy(account, "livecart.express-1y")
    await api.open(account, channel="chat")
    session: dict[str, Any] = {
        "session_id": "S-1",
        "kind": "chat",
        "starts_at": "2026-11-24T08:00:00Z",
    }
    await act(api, account, "sessions", **session, minutes=30)
    await act(api, account, "sessions/S-1/start")
    clock.advance(minutes=25)
    await act(api, account, "sessions/S-1/end")
    helpdesk = await hold_role(api, "helpdesk")
    body: dict[str, Any] = {"outcome": "solved", "amount": 2}
    reply = await helpdesk.post(f"{account}/tickets/HD-1/resolution", body)
    assert reply.status_code == 403, reply.text
    assert (await act(api, account, "resolution", **body))["charge"]["used"] == 2


async def test_S2_a_page_under_the_store_is_the_store(api: Api) -> None:
    account = await api.make_account()
    await api.buy(account, "xcart-support.subscription-1y", site="https://only.example")
    opened = await api.open(account, site="https://only.example/admin/login.php")
    assert (opened["coverage"]["plan"], opened["site"]) == ("subscription", "only.example")
    problem = await refuse(api, account, site="https://only.example.org/admin")
    assert problem["code"] == "not_covered"
    # The only store need not be named.
    assert (await api.open(account, "HD-2"))["site"] == "only.example"


async def test_S2_of_several_stores_one_has_to_be_named(api: Api) -> None:
    account = await api.make_account()
    for number, site in enumerate(("one.example", "two.example")):
        await api.buy(account, "xcart-support.subscription-1y", f"SO-{number}", site=site)
    problem = await refuse(api, account)
    assert (problem["status"], problem["code"]) == (422, "site_required")
    assert values(problem) == ["one.example", "two.example"]
    await api.open(account, site="http://www.two.example/cart?x=1")
    # A bug report costs nothing, whichever store it is about.
    await api.open(account, "HD-2", category="bug")


async def test_a_refusal_says_what_the_pool_that_came_furthest_lacked(api: Api) -> None:
    account = await api.make_account()
    for number, site in enumerate(("two.example", "one.example")):
        await api.buy(account, "xcart-support.subscription-1y", f"SO-{number}", site=site)
    problem = await refuse(api, account, site="one.example", channel="chat")
    assert problem["detail"] == "Skype live chat is for urgent requests only."
    assert {each["code"] for each in problem["trace"]} == {
        "channel_not_included",
        "site_not_covered",
    }


async def test_a_closed_channel_says_until_when_and_what_serves_meanwhile(
    api: Api, clock: Clock
) -> None:
    account = await api.make_account()
    await api.buy(account, "corporate.gold")
    clock.move_to("2026-11-28T10:00:00+00:00")  # a Saturday
    problem = await refuse(api, account, channel="chat", severity=3)
    assert problem["code"] == "not_covered"
    assert problem["detail"] == (
        "Chat is closed until Monday 30 November 2026, 09:00 (Europe/Berlin)."
        " E-mail, Phone call, Video call and Support tickets take requests now."
    )
    assert problem["opens_at"] == "2026-11-30T08:00:00Z"
    assert [each["offer"] for each in problem["offers"]] == ["corporate.extended-cover"]
    for channel in problem["serving_now"]:
        await api.open(account, f"HD-{channel}", channel=channel, severity=3)


async def test_cover_bought_on_top_opens_the_channel_that_was_closed(
    api: Api, clock: Clock
) -> None:
    account = await api.make_account()
    bought = await api.buy(account, "corporate.gold")
    agreed = await api.post(
        f"{account}/agreements",
        {
            "reference": "weekends",
            "kind": "extended_cover",
            "subscription_id": bought["subscription"]["id"],
            "until": "2026-12-31T00:00:00Z",
            "reason": "Christmas trade",
            "actor": "Ada",
        },
    )
    assert agreed.status_code == 201, agreed.text
    clock.move_to("2026-11-28T10:00:00+00:00")
    await api.open(account, channel="chat", severity=3)


async def test_a_plan_or_a_severity_that_there_is_not_is_refused_with_the_choices(
    api: Api,
) -> None:
    account = await api.make_account()
    await api.buy(account, "livecart.express-1y")
    problem = await refuse(api, account, plan="expres")
    assert (problem["status"], problem["code"]) == (422, "unknown_plan")
    assert values(problem) == ["express", "priority", "standard"]
    assert problem["choices"][0]["name"] == "Express"
    problem = await refuse(api, account, severity=2)
    assert (problem["code"], problem["choices"]) == ("unknown_severity", [])


async def test_a_refusal_for_want_of_a_choice_brings_the_choices(api: Api) -> None:
    account = await api.make_account()
    problem = await refuse(api, account)
    assert problem["code"] == "catalog_required"
    assert len(problem["choices"]) == 5
    assert {"value", "name", "definition"} <= set(problem["choices"][0])
    await api.buy(account, "corporate.gold")
    problem = await refuse(api, account)
    assert (problem["code"], values(problem)) == ("severity_required", [1, 2, 3, 4])
    assert problem["choices"][0]["name"] == "Urgent"
    assert "no workaround" in problem["choices"][0]["definition"]
    problem = await refuse(api, account, severity=3, topic="gardening")
    assert problem["code"] == "unknown_topic"
    assert "own-software" in values(problem)
    points = await api.make_account("c-points")
    await api.buy(points, "xcart-points.60")
    problem = await refuse(api, points)
    assert (problem["code"], len(problem["choices"])) == ("category_required", 23)
    level_2 = next(each for each in problem["choices"] if each["value"] == "level-2")
    assert level_2["name"] == "Level 2: problem-solving on the client's store"
    assert level_2["definition"] == "Issues related to default functionality. It costs 25 points."
    by_code = {each["value"]: each["definition"] for each in problem["choices"]}
    assert by_code["warranty"].endswith(". It costs nothing.")
    assert by_code["install-third-party"] == "Installation services. It costs at least 100 points."
    assert by_code["transfer-sales-n-stats"] == "Transfer services. It costs 80 to 100 points."
    assert by_code["other"].endswith(". Its price is agreed upon request.")
    assert by_code["transfer-aspe"] == (
        "Transfer services. It costs 120 points, and 60 points times the number of stores."
    )
    problem = await refuse(api, points, category="transfer-aspe")
    assert (problem["code"], values(problem)) == ("variable_required", ["stores"])
    assert problem["choices"][0]["name"] == "Number of stores"


async def test_a_catalogue_that_there_is_not_is_refused_with_those_that_there_are(
    api: Api,
) -> None:
    account = await api.make_account()
    body: dict[str, Any] = {"ticket_id": "HD-1", "subject": "x", "catalog": "nobody"}
    refused = [await api.post(f"{account}/tickets", body)]
    question = {"catalog": "nobody", "opened_at": "2026-11-24T08:00:00Z"}
    refused.append(await api.post("/v1/deadlines/preview", question))
    licence = {"license_id": "L-1", "catalog": "nobody", "product": "x"}
    refused.append(await api.post(f"{account}/licenses", licence))
    for reply in refused:
        problem = reply.json()
        assert (reply.status_code, problem["code"]) == (404, "catalog_unknown")
        assert "livecart" in [each["value"] for each in problem["choices"]]
        assert all(each["name"] and each["definition"] for each in problem["choices"])
        assert "there are agency, corporate, livecart" in problem["detail"]
    asked = (await api.post(f"{account}/coverage", body)).json()
    assert asked["refusal"]["choices"] == refused[0].json()["choices"]


async def test_an_end_at_midnight_is_the_end_of_the_day_before(api: Api) -> None:
    account = await api.make_account()
    await api.buy(account, "xcart-points.60")
    asked = {"category": "level-1", "catalog": "xcart-points"}
    answer = (await api.post(f"{account}/coverage", asked)).json()
    assert answer["remaining"]["ends_at"] == "2028-11-24T21:00:00Z"
    assert "left until the end of Friday 24 November 2028." in answer["text"]


async def test_S8_a_topic_for_an_additional_fee_says_so_and_whom_to_ask(api: Api) -> None:
    account = await api.make_account()
    await api.buy(account, "xcart-support.subscription-1y", site="only.example")
    problem = await refuse(api, account, topic="data-migration")
    assert problem["code"] == "not_covered"
    assert "additional fee" in problem["detail"]
    assert "sales@x-cart.com" in problem["detail"]
    assert problem["offers"] == []
    assert problem["additional_fee"]["topic"] == "Data migration"
    emails = [each["email"] for each in problem["additional_fee"]["contacts"]]
    assert "sales@x-cart.com" in emails
    stranger = await api.make_account("c-2")
    problem = await refuse(api, stranger, catalog="xcart-support", topic="data-migration")
    assert "additional fee" in problem["detail"]


async def test_N3_coverage_answers_with_a_sentence_and_what_is_left_afterwards(api: Api) -> None:
    account = await api.make_account()
    await api.buy(account, "livecart.express-1y")
    asked = await ask(api, account)
    assert asked["text"] == (
        "Covered by Express. It costs 1 incident. 14 of 15 incidents left until"
        " Wednesday 24 November 2027, 10:00 (UTC+02:00). The first response is guaranteed by"
        " Tuesday 24 November 2026, 14:00 (UTC+02:00)."
    )
    left = asked["remaining"]
    assert (left["available"], left["granted"], left["held"]) == (14, 15, 1)
    assert (left["text"], left["low"], left["unlimited"]) == ("14 of 15 incidents", False, False)
    assert left["next_expiry"] == {"at": "2027-11-24T08:00:00Z", "amount": 14}
    opened = await api.open(account)
    # Every reply of the ticket says it too.
    assert opened["remaining"] == left
    read = (await api.get(f"{account}/tickets/HD-1")).json()
    assert read["remaining"] == left
    listed = (await api.get(f"{account}/tickets")).json()["data"]
    assert listed[0]["remaining"] == left
    replied = await act(api, account, "replies", by="agent")
    assert replied["remaining"] == left
    resolved = await act(api, account, "resolution", outcome="withdrawn")
    assert resolved["remaining"]["text"] == "15 of 15 incidents"


async def test_few_units_are_low_and_none_are_without_a_number(api: Api) -> None:
    account = await api.make_account()
    await api.buy(account, "xcart-points.60")
    opened = await api.open(account, category="mod-medium")
    assert (opened["remaining"]["text"], opened["remaining"]["low"]) == ("10 of 60 points", True)
    unlimited = await api.make_account("c-2")
    await api.buy(unlimited, "livecart.standard-1m")
    left = (await api.open(unlimited))["remaining"]
    assert (left["granted"], left["available"], left["unlimited"]) == (None, None, True)
    assert left["text"] == "unlimited incidents"


async def test_a_refusal_is_a_sentence_with_what_would_help(api: Api) -> None:
    account = await api.make_account()
    await api.buy(account, "xcart-points.60")
    asked = await ask(api, account, category="level-4")
    assert asked["text"].startswith("It costs 80 points, and 60 points are left.")
    assert "What would cover it: " in asked["text"]
    await api.open(account, "HD-1", category="other", amount=59)
    asked = await ask(api, account, category="level-4")
    assert asked["text"].startswith("It costs 80 points, and 1 point is left.")
    revision = {"amount": 61, "reason": "More to do"}
    refused = await api.post(f"{account}/tickets/HD-1/charge/revision", revision)
    assert refused.json()["detail"] == "It costs 61 points in all, and 1 point is missing."


async def test_S8_a_bug_is_reported_to_the_tracker_as_coverage_and_ticket_say(api: Api) -> None:
    account = await api.make_account()
    await api.buy(account, "xcart-support.subscription-1y", site="only.example")
    asked = await ask(api, account, category="bug")
    assert asked["report_to"].startswith("The issue tracker")
    assert "issue tracker" in asked["text"]
    opened = await api.open(account, category="bug")
    assert opened["report_to"] == asked["report_to"]
    assert (await api.open(account, "HD-2"))["report_to"] is None


async def test_A3_a_revision_of_a_ticket_on_demand_says_what_it_does(api: Api) -> None:
    account = await api.make_account()
    opened = await api.open(account, catalog="agency")
    assert opened["coverage"]["on_demand"]
    revised = await act(api, account, "charge/revision", amount=90, reason="An estimate")
    charge = revised["charge"]
    assert (charge["held"], charge["overage"], charge["expected_overage"]) == (0, 0, 90)
    worked = await act(api, account, "work", work_id="W-1", minutes=60, by="Ada")
    charge = worked["ticket"]["charge"]
    assert (charge["overage"], charge["expected_overage"]) == (60, 30)


async def test_coverage_of_long_ago_needs_the_history_and_has_an_end(api: Api) -> None:
    account = await api.make_account()
    viewer = await hold_role(api, "viewer")
    body = {"catalog": "livecart", "at": "2026-11-20T08:00:00Z"}
    reply = await viewer.post(f"{account}/coverage", body)
    assert (reply.status_code, reply.json()["required"]) == (403, "history:write")
    assert (await api.post(f"{account}/coverage", body)).status_code == 200
    reply = await api.post(f"{account}/coverage", body | {"at": "2022-11-20T08:00:00Z"})
    assert (reply.status_code, reply.json()["code"]) == (422, "at_too_long_ago")


async def test_what_has_ended_or_is_suspended_stays_so_for_who_may_not_write_history(
    api: Api, clock: Clock
) -> None:
    account = await api.make_account()
    bought = await api.buy(account, "livecart.express-1y")
    helpdesk = await hold_role(api, "helpdesk")
    clock.advance(hours=2)
    suspension = {"reason": "Unpaid", "actor": "Ada"}
    subscription = f"{account}/subscriptions/{bought['subscription']['id']}"
    assert (await api.post(f"{subscription}/suspension", suspension)).status_code < 300
    asked = {"at": "2026-11-24T08:30:00Z"}
    refused = (await helpdesk.post(f"{account}/coverage", asked)).json()["refusal"]
    assert refused["trace"][0]["code"] == "suspended"
    assert (await ask(api, account, **asked))["covered"]
    clock.move_to("2027-11-24T09:00:00+00:00")  # an hour after the end
    assert (await api.delete(f"{subscription}/suspension")).status_code < 300
    asked = {"at": "2027-11-24T07:30:00Z"}
    refused = (await helpdesk.post(f"{account}/coverage", asked)).json()["refusal"]
    assert refused["trace"][0]["code"] == "term_ended"
    body = {"ticket_id": "HD-9", "subject": "?"} | asked
    assert (await helpdesk.post(f"{account}/tickets", body)).status_code == 402
    assert (await api.post(f"{account}/tickets", body)).status_code == 201


async def test_units_without_a_count_have_no_number_and_catalogues_are_told_apart(
    api: Api,
) -> None:
    account = await api.make_account()
    await api.buy(account, "livecart.standard-1m", "SO-1")
    units = await api.units(account)
    assert (units["granted"], units["available"], units["unlimited"]) == (None, None, True)
    assert (await api.get(f"{account}/balance")).json()["by_catalog"] is None
    await api.buy(account, "corporate.gold", "SO-2")
    balance = (await api.get(f"{account}/balance")).json()
    by_catalog = balance["by_catalog"]
    assert by_catalog["livecart"]["incident"]["unlimited"] is True
    assert by_catalog["corporate"]["incident"]["available"] == 4
    assert balance["units"]["incident"]["available"] is None


async def test_totals_count_what_was_taken_of_units_without_a_count(api: Api, clock: Clock) -> None:
    account = await api.make_account()
    await api.buy(account, "livecart.standard-1m", "SO-1")
    for number in (1, 2):
        await api.open(account, f"HD-{number}")
    await api.post(f"{account}/tickets/HD-1/resolution", {"outcome": "solved"})
    clock.advance(days=40)
    await api.buy(account, "livecart.standard-1y", "SO-2")
    await api.open(account, "HD-3")
    units = await api.units(account)
    assert (units["granted"], units["available"], units["unlimited"]) == (10, 9, False)
    assert (units["held"], units["used"]) == (2, 1)


async def test_a_plan_that_is_asked_by_topic_wants_one_with_the_choices(api: Api) -> None:
    document = (await api.get("/v1/catalogs/corporate")).json()["document"]
    document["plans"]["gold"]["topic_required"] = True
    document.pop("examples", None)  # which name no topic
    assert (await api.put("/v1/catalogs/corporate", document)).status_code < 300
    account = await api.make_account()
    await api.buy(account, "corporate.gold")
    problem = await refuse(api, account, severity=3)
    assert (problem["status"], problem["code"]) == (422, "topic_required")
    assert "own-software" in values(problem)
    await api.open(account, severity=3, topic="own-software")


async def test_the_sellers_own_words_are_used_wherever_a_person_reads(api: Api) -> None:
    document = (await api.get("/v1/catalogs/livecart")).json()["document"]
    document["names"] = {"unit": ["task ticket", "task tickets"]}
    assert (await api.put("/v1/catalogs/livecart", document)).status_code < 300
    account = await api.make_account()
    await api.buy(account, "livecart.express-1y")
    asked = await ask(api, account)
    assert "It costs 1 task ticket. 14 of 15 task tickets left" in asked["text"]
    assert asked["remaining"]["text"] == "14 of 15 task tickets"
