"""Calendars through the API: working days that were moved, their names, what is not known yet."""

from typing import Any

from tests.api.conftest import Api, Clock

# Seed 002's engineers in the week in which Russia made Saturday, 28 April 2018 a working day
# for Monday the 30th, with the holidays of 1 and 2 May.
ENGINEERS: dict[str, Any] = {
    "utc_offset": "+03:00",
    "hours": {day: [["06:00", "01:00"]] for day in ("mon", "tue", "wed", "thu", "fri")}
    | {day: [["10:00", "18:00"]] for day in ("sat", "sun")},
    "holidays": ["2018-04-30", "2018-05-01", "2018-05-02"],
}


async def due(api: Api, calendar: dict[str, Any], start: str, **asked: Any) -> Any:
    body = {"calendar": calendar, "start": start} | asked
    reply = await api.post("/v1/business-time/due", body)
    assert reply.status_code == 200, reply.text
    return reply.json()


async def test_a_saturday_made_a_working_day_is_a_business_day_with_its_own_hours(
    api: Api,
) -> None:
    friday, one_day = "2018-04-27T12:00:00+03:00", {"business_days": 1}
    # 13 of Friday's 19 hours are left: 6/19 of a day more. Thursday 3 May has 19 hours from 6:00
    # on, Saturday the 28th its ordinary 8 from 10:00 on: 2:31:34.7 of them.
    ordinary = await due(api, ENGINEERS, friday, within=one_day)
    assert ordinary["due_at"] == "2018-05-03T09:00:00Z"
    moved = ENGINEERS | {"extra_business_days": ["2018-04-28"]}
    working = await due(api, moved, friday, within=one_day)
    assert working["due_at"] == "2018-04-28T09:31:34.736843Z"
    elapsed = await api.post(
        "/v1/business-time/elapsed",
        {"calendar": moved, "start": friday, "end": "2018-04-28T18:00:00+03:00"},
    )
    assert elapsed.json()["business_days"] == 13 / 19 + 1


async def test_an_extra_business_day_without_hours_is_worth_nothing(api: Api) -> None:
    week = {"timezone": "Europe/Berlin", "hours": {"mon": [["09:00", "17:00"]]}}
    named = week | {"business_days": ["mon"], "extra_business_days": ["2026-11-28"]}
    friday = "2026-11-27T12:00:00Z"
    assert (await due(api, named, friday, within={"business_days": 1}))[
        "due_at"
    ] == "2026-11-30T16:00:00Z"
    # An override gives it hours, and makes a holiday of that date a working day.
    given = named | {
        "holidays": ["2026-11-28"],
        "overrides": {"2026-11-28": [["10:00", "12:00"]]},
    }
    assert (await due(api, given, friday, within={"business_days": 1}))[
        "due_at"
    ] == "2026-11-28T11:00:00Z"


async def test_faults_of_extra_business_days_and_of_a_name(api: Api) -> None:
    saturday = "2018-04-28"
    for wrong, pointer, code in (
        (
            {"extra_business_days": [saturday, "28.4.2018"]},
            "/extra_business_days/1",
            "invalid_date",
        ),
        ({"extra_business_days": [saturday] * 2}, "/extra_business_days/1", "duplicate_date"),
        ({"extra_business_days": saturday}, "/extra_business_days", "invalid_type"),
        ({"name": " "}, "/name", "invalid_text"),
    ):
        body = {"calendar": ENGINEERS | wrong, "start": "2018-04-27T12:00:00Z", "within": "PT1H"}
        reply = await api.post("/v1/business-time/due", body)
        assert reply.status_code == 422
        (fault,) = reply.json()["errors"]
        assert (fault["pointer"], fault["code"]) == (f"/calendar{pointer}", code)


async def test_hours_are_named_as_the_seller_names_them(api: Api) -> None:
    document = (await api.get("/v1/catalogs/corporate")).json()["document"]
    names = {None: "4 hours (Monday to Friday)", "duty hours": "4 duty hours", "B": "4 hours (B)"}
    question = {
        "catalog": "corporate",
        "plan": "gold",
        "severity": 1,
        "opened_at": "2026-11-24T10:00:00+01:00",
    }
    del document["examples"], document["plans"]["gold"]["matrix"]
    document["plans"]["gold"]["promises"] = [
        {
            "metric": metric,
            "strength": "guaranteed",
            "severities": [1],
            "clauses": [{"within": within, "calendar": calendar}],
        }
        for metric, within, calendar in (
            ("first_response", "PT4H", "weekdays"),
            ("resolution", "PT16H", "business"),
        )
    ]
    for name, text in names.items():
        day = [["00:00", "24:00"]]
        calendar = {
            "timezone": "Europe/Berlin",
            "hours": dict.fromkeys(("mon", "tue", "wed", "thu", "fri"), day),
        }
        document["calendars"]["weekdays"] = calendar | ({} if name is None else {"name": name})
        assert (await api.put("/v1/catalogs/corporate", document)).status_code == 201
        reply = await api.post("/v1/deadlines/preview", question)
        first, resolution = reply.json()["deadlines"]
        assert (first["target"], resolution["target"]) == (text, "16 business hours")
        assert first["explanation"]["clauses"][0]["target"] == text
        compared = (await api.get("/v1/catalogs/corporate/comparison")).json()
        (urgent,) = [each for each in compared["sections"] if "Urgent" in each["title"]]
        assert urgent["rows"][0]["cells"][2]["text"] == text
        listed = (await api.get("/v1/calendars")).json()["data"]
        assert {each["calendar"]: each["name"] for each in listed}["corporate/weekdays"] == name


async def test_a_deadline_past_the_known_holidays_carries_a_warning(api: Api, clock: Clock) -> None:
    clock.move_to("2030-12-30T09:00:00+01:00")  # a Monday; holidays are known until the 31st
    account = await api.make_account()
    await api.buy(account, "corporate.gold")
    first, resolution = (await api.open(account, severity=3))["deadlines"]
    assert (first["due_at"], first["warnings"]) == ("2030-12-30T16:00:00Z", [])
    (warning,) = resolution["warnings"]
    assert (warning["code"], warning["calendar"]) == ("holidays_unknown", "business")
    assert "2030-12-31" in warning["detail"]


async def test_a_holiday_cuts_the_tail_of_the_night_before_and_an_override_does_not(
    api: Api,
) -> None:
    nights = {
        "utc_offset": "+00:00",
        "hours": {"thu": [["22:00", "06:00"]], "fri": [["22:00", "06:00"]]},
        "holidays": ["2026-12-25"],
    }
    thursday = "2026-12-24T22:00:00Z"
    # Friday the 25th is closed, its early hours too: the third hour is Saturday the... next week.
    closed = await due(api, nights, thursday, within="PT3H")
    assert closed["due_at"] == "2026-12-31T23:00:00Z"
    # With hours of its own the date is no holiday, and the night before runs to its end.
    given = nights | {"overrides": {"2026-12-25": [["12:00", "13:00"]]}}
    open_ = await due(api, given, thursday, within="PT8H30M")
    assert open_["due_at"] == "2026-12-25T12:30:00Z"


async def test_a_target_that_is_never_reached_is_refused(api: Api) -> None:
    monday = {"utc_offset": "+00:00", "hours": {"mon": [["09:00", "10:00"]]}}
    for calendar, within in (
        (monday, "PT999999H"),
        (monday | {"business_days": ["tue"]}, {"business_days": 1}),
    ):
        body = {"calendar": calendar, "start": "2026-11-24T10:00:00Z", "within": within}
        reply = await api.post("/v1/business-time/due", body)
        assert (reply.status_code, reply.json()["code"]) == (422, "never_opens")
    closed = {"utc_offset": "+00:00", "hours": {}}
    body = {"calendar": closed, "start": "2026-11-24T10:00:00Z", "within": "PT1H"}
    reply = await api.post("/v1/business-time/due", body)
    assert (reply.status_code, reply.json()["errors"][0]["code"]) == (422, "never_opens")
