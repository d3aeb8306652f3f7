"""Seed 004 through the API: business hours and cover beside them, channels, severities."""

import pytest

from tests.api.conftest import Api, Clock


@pytest.mark.parametrize(
    ("at", "is_open", "holiday"),
    [
        # Tuesday in winter (UTC+1) and in summer (UTC+2): 9:00 and 17:00 in Berlin.
        ("2026-11-24T07:59:59Z", False, None),
        ("2026-11-24T08:00:00Z", True, None),
        ("2026-11-24T15:59:59Z", True, None),
        ("2026-11-24T16:00:00Z", False, None),
        ("2027-07-06T06:59:59Z", False, None),
        ("2027-07-06T07:00:00Z", True, None),
        ("2026-11-28T10:00:00Z", False, None),  # a Saturday
        ("2027-05-17T10:00:00Z", False, "Pentecost Monday"),
        ("2026-12-25T10:00:00Z", False, "Christmas Day"),
        ("2027-08-30T10:00:00Z", True, None),  # a bank holiday in England
    ],
)
async def test_E4_business_hours_are_monday_to_friday_9_to_17_without_holidays(
    api: Api, at: str, is_open: bool, holiday: str | None
) -> None:
    status = await api.get("/v1/calendars/corporate/business/status", params={"at": at})
    assert (status.json()["open"], status.json()["holiday"]) == (is_open, holiday)
    assert status.json()["holidays_until"] == "2030-12-31"


async def test_E4_cover_on_weekends_and_holidays_is_an_offer_by_quote(api: Api) -> None:
    listed = (await api.get("/v1/offers", params={"catalog": "corporate"})).json()["data"]
    (cover,) = [offer for offer in listed if offer["offer"] == "corporate.extended-cover"]
    assert (cover["sold"], cover["price"], cover["plan"]) == ("quote", None, None)
    account = await api.make_account()
    order = {"order_id": "1", "offer": cover["offer"], "payment": {"status": "paid"}}
    refused = await api.post(f"{account}/purchases", order)
    assert (refused.status_code, refused.json()["code"]) == (422, "quote_required")


async def test_E4_cover_adds_its_hours_to_the_promises(api: Api, clock: Clock) -> None:
    clock.move_to("2027-05-14T16:30:00+02:00")  # the Friday before Whit Monday
    account = await api.make_account()
    bought = await api.buy(account, "corporate.gold")
    agreed = await api.post(
        f"{account}/agreements",
        {
            "reference": "cover-1",
            "kind": "extended_cover",
            "subscription_id": bought["subscription"]["id"],
            "reason": "Cover until the release",
            "actor": "m.ozols",
        },
    )
    assert agreed.status_code == 201, agreed.text
    opened = await api.open(account, severity=1)
    first, resolution = opened["deadlines"]
    # 8 hours: half an hour on Friday, 7:30 on Saturday from 9:00 on.
    assert first["due_at"] == "2027-05-15T14:30:00Z"
    # 16 hours: 0:30, 8 on Saturday, 7:30 on Sunday; Whit Monday would count too.
    assert resolution["due_at"] == "2027-05-16T14:30:00Z"


async def test_E5_email_and_chat_in_business_hours_phone_and_video_on_request(api: Api) -> None:
    document = (await api.get("/v1/catalogs/corporate")).json()["document"]
    channels = document["channels"]
    for channel in ("email", "chat"):
        assert channels[channel]["best_effort"] is True
        assert channels[channel]["served_in"] == "business"
    for channel in ("phone", "video"):
        assert channels[channel]["on_request"] is True
    assert any("Professional services" in note for note in document["notes"])
    listed = (await api.get("/v1/offers", params={"catalog": "corporate"})).json()["data"]
    for offer in listed:
        if offer["plan"] is not None:
            assert set(offer["channels"]) >= {"email", "chat", "phone", "video"}


async def test_E5_chat_is_closed_outside_business_hours(api: Api, clock: Clock) -> None:
    account = await api.make_account()
    await api.buy(account, "corporate.gold")
    asked = {"channel": "chat", "severity": 3}
    assert (await api.post(f"{account}/coverage", asked)).json()["covered"] is True
    clock.move_to("2026-11-28T12:00:00+01:00")  # a Saturday
    refused = (await api.post(f"{account}/coverage", asked)).json()
    assert refused["refusal"]["trace"][0]["code"] == "outside_channel_hours"
    by_mail = await api.post(f"{account}/coverage", asked | {"channel": "email"})
    assert by_mail.json()["covered"] is True


async def test_E5_professional_services_are_not_in_the_plans(api: Api) -> None:
    account = await api.make_account()
    await api.buy(account, "corporate.gold")
    for topic in ("custom-development", "consulting", "training"):
        asked = {"topic": topic, "severity": 3}
        refused = (await api.post(f"{account}/coverage", asked)).json()
        assert refused["refusal"]["trace"][0]["code"] == "topic_not_included"


async def test_E6_four_definitions_of_severity(api: Api) -> None:
    severities = (await api.get("/v1/catalogs/corporate")).json()["document"]["severities"]
    assert {level: each["name"] for level, each in severities.items()} == {
        "1": "Urgent",
        "2": "High",
        "3": "Normal",
        "4": "Low",
    }
    defined = {level: each["definition"] for level, each in severities.items()}
    assert "there is no workaround, and the customer's ability to run its business" in defined["1"]
    assert "there is a workaround available" in defined["2"]
    assert defined["2"].endswith("and it is affecting revenue.")
    assert defined["3"].endswith("but it is not affecting revenue.")
    assert "a single user is severely affected" in defined["4"]


async def test_E6_promises_hold_for_the_vendors_own_software_only(api: Api) -> None:
    account = await api.make_account()
    await api.buy(account, "corporate.gold")
    own = await api.open(account, "HD-1", severity=1, topic="own-software")
    other = await api.open(account, "HD-2", severity=1, topic="other-software")
    assert [each["metric"] for each in own["deadlines"]] == ["first_response", "resolution"]
    assert (other["deadlines"], other["charge"]["amount"]) == ([], 1)
