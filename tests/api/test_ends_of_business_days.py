"""Promises "by the end of the next business day", from the document to the page and the clock."""

from typing import Any

import pytest

from app.services.catalog.catalogs import packaged_documents
from tests.api.conftest import Api

# Open from 9:00 to 17:00 UTC; the clock stands at Tuesday 2026-11-24 08:00 UTC.
OPEN = {"timezone": "UTC", "hours": {"mon-fri": [["09:00", "17:00"]]}}


async def publish(api: Api, row: dict[str, Any], **plan: Any) -> Any:
    """Publish seed 004 with what Gold owes as a first response; the reply."""
    document = packaged_documents()["corporate"]
    for name in ("examples", "seller_choice"):
        document.pop(name, None)
    gold = document["plans"]["gold"] | {"matrix": {"first_response": row}} | plan
    calendars = document["calendars"] | {"business": OPEN}
    return await api.put(
        "/v1/catalogs/corporate",
        document | {"calendars": calendars, "plans": document["plans"] | {"gold": gold}},
    )


async def preview(api: Api, opened_at: str, *events: dict[str, Any], **asked: Any) -> Any:
    question = {"catalog": "corporate", "plan": "gold", "opened_at": opened_at, "severity": 1}
    found = await api.post("/v1/deadlines/preview", question | {"events": list(events)} | asked)
    assert found.status_code == 200, found.text
    [first] = [each for each in found.json()["deadlines"] if each["metric"] == "first_response"]
    return first


@pytest.mark.parametrize(
    ("cell", "opened_at", "due_at", "breaches_after"),
    [
        ("end of next bd", "2026-11-24T08:00:00Z", "2026-11-25T17:00:00Z", "2026-11-26T09:00:00Z"),
        ("end of next bd", "2026-11-24T20:00:00Z", "2026-11-25T17:00:00Z", "2026-11-26T09:00:00Z"),
        ("end of next bd", "2026-11-28T10:00:00Z", "2026-11-30T17:00:00Z", "2026-12-01T09:00:00Z"),
        ("end of same bd", "2026-11-27T16:59:00Z", "2026-11-27T17:00:00Z", "2026-11-30T09:00:00Z"),
        ("end of 2 bd", "2026-11-27T16:59:00Z", "2026-12-01T17:00:00Z", "2026-12-02T09:00:00Z"),
    ],
)
async def test_a_promise_ends_with_a_business_day(
    api: Api, cell: str, opened_at: str, due_at: str, breaches_after: str
) -> None:
    published = await publish(api, {"any": cell})
    assert published.status_code == 201, published.text
    found = await preview(api, opened_at)
    assert (found["due_at"], found["breaches_after"]) == (due_at, breaches_after)


async def test_a_ticket_an_offer_and_a_page_say_which_day_it_is(api: Api) -> None:
    assert (await publish(api, {"any": "end of next bd", "warn_at_percent": 75})).status_code == 201
    account = await api.make_account()
    await api.buy(account, "corporate.gold")
    opened = await api.open(account, severity=1)
    [deadline] = opened["deadlines"]
    assert deadline["target"] == "the end of the next business day"
    assert deadline["due_at"] == "2026-11-25T17:00:00Z"
    # Of 16 open hours until then 12 are a share of 75 percent.
    assert deadline["warn_at"] == "2026-11-25T13:00:00Z"
    explained = await api.get(f"{account}/tickets/HD-1/deadlines?explain=true")
    [explanation] = [each["explanation"] for each in explained.json()["deadlines"]]
    assert [
        (each["from"][5:16], each["to"][5:16])
        for each in explanation["segments"]
        if each["counted"]
    ] == [("11-24T09:00", "11-24T17:00"), ("11-25T09:00", "11-25T17:00")]
    offers = (await api.get("/v1/offers?catalog=corporate&plan=gold")).json()["data"]
    texts = {each["text"] for offer in offers for each in offer["promises"]}
    assert any("by the end of the next business day" in text for text in texts), texts
    for language, said in (
        ("en", "End of the next business day"),
        ("de", "Ende des nächsten Werktags"),
        ("ru", "Конец следующего рабочего дня"),
    ):
        page = await api.get(
            f"/v1/catalogs/corporate/comparison?language={language}",
            headers={"Accept": "text/html"},
        )
        assert said.casefold() in page.text.casefold()


async def test_a_pause_moves_the_end_by_the_open_time_that_it_covers(api: Api) -> None:
    assert (
        await publish(api, {"any": "end of next bd", "pauses": ["customer"]})
    ).status_code == 201
    pause = {"type": "pause", "waiting_on": "customer", "at": "2026-11-24T15:00:00Z"}
    resumed = {"type": "resumption", "at": "2026-11-25T11:00:00Z"}
    found = await preview(api, "2026-11-24T10:00:00Z", pause, resumed, at="2026-11-25T12:00:00Z")
    # Two hours of Tuesday and two of Wednesday.
    assert found["due_at"] == "2026-11-26T13:00:00Z"


async def test_another_severity_counts_from_the_opening(api: Api) -> None:
    row = {str(level): "end of next bd" for level in (1, 2, 3)} | {"4": "end of 3 bd"}
    assert (await publish(api, row)).status_code == 201
    graver = {"type": "severity", "severity": 1, "at": "2026-11-25T10:00:00Z"}
    found = await preview(
        api, "2026-11-24T10:00:00Z", graver, severity=4, at="2026-11-25T11:00:00Z"
    )
    assert found["due_at"] == "2026-11-25T17:00:00Z"
    anew = graver | {"policy": "restart_now"}
    found = await preview(api, "2026-11-24T10:00:00Z", anew, severity=4, at="2026-11-25T11:00:00Z")
    assert found["due_at"] == "2026-11-26T17:00:00Z"


async def test_business_time_answers_for_the_end_of_a_day(api: Api) -> None:
    asked = {"calendar": OPEN, "start": "2026-11-24T20:00:00Z"}
    end = {"business_days": 1, "end_of_day": True}
    found = (await api.post("/v1/business-time/due", asked | {"within": end})).json()
    assert found["due_at"] == "2026-11-25T17:00:00Z"
    items = [{"start": asked["start"], "within": end | {"business_days": days}} for days in (0, 2)]
    many = (await api.post("/v1/business-time/due", {"calendar": OPEN, "items": items})).json()
    assert [each["due_at"][:16] for each in many["items"]] == [
        "2026-11-25T17:00",
        "2026-11-26T17:00",
    ]
    back = await api.post("/v1/business-time/due", asked | {"within": end | {"business_days": -1}})
    assert back.status_code == 422


@pytest.mark.parametrize(
    ("within", "pointer", "code"),
    [
        ({"business_days": 0}, "within/business_days", "out_of_range"),
        ({"business_days": 1, "end_of_day": "yes"}, "within/end_of_day", "invalid_type"),
        ({"end_of_day": True}, "within/business_days", "required"),
        ({"business_days": -1, "end_of_day": True}, "within/business_days", "out_of_range"),
    ],
)
async def test_what_is_wrong_with_the_end_of_a_day_is_named(
    api: Api, within: dict[str, Any], pointer: str, code: str
) -> None:
    clause = {"within": within, "calendar": "business"}
    promise = {"metric": "resolution", "strength": "target", "clauses": [clause]}
    refused = await publish(api, {"any": "1 bd"}, promises=[promise])
    assert refused.status_code == 422
    assert [(each["pointer"], each["code"]) for each in refused.json()["errors"]] == [
        (f"/plans/gold/promises/0/clauses/0/{pointer}", code)
    ]


@pytest.mark.parametrize(
    "cell", ["end of 1 h", "next bd", "end of bd", "end of day", "end of same bh"]
)
async def test_a_cell_that_is_no_end_of_a_day_is_refused(api: Api, cell: str) -> None:
    refused = await publish(api, {"any": cell})
    assert [each["code"] for each in refused.json()["errors"]] == ["invalid_duration"]
