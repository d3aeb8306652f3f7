"""Promises for some channels, topics or categories only, in place of the general one."""

from typing import Any

import pytest

from tests.api.conftest import Api


async def publish(api: Api, *more: dict[str, Any]) -> Any:
    """Publish seed 004 with Gold answering in 24 hours, and with more promises."""
    document = (await api.get("/v1/catalogs/corporate")).json()["document"]
    del document["examples"], document["plans"]["gold"]["matrix"]
    general = {"clauses": [{"within": "PT24H"}]}
    document["plans"]["gold"]["promises"] = [
        {"metric": "first_response", "strength": "guaranteed"} | each for each in (general, *more)
    ]
    return await api.put("/v1/catalogs/corporate", document)


BY_CHAT = {"channels": ["chat"], "clauses": [{"within": "PT1H"}]}
ABOUT_OWN = {"topics": ["own-software"], "clauses": [{"within": "PT4H"}]}
BOTH = BY_CHAT | {"topics": ["own-software"], "clauses": [{"within": "PT30M"}]}
BUGS = {"categories": ["bug"], "channels": ["phone"], "clauses": [{"within": "PT2H"}]}


@pytest.mark.parametrize(
    ("asked", "target"),
    [
        ({}, "24 hours"),
        ({"channel": "email"}, "24 hours"),
        ({"channel": "chat"}, "1 hour"),
        ({"channel": "email", "topic": "own-software"}, "4 hours"),
        ({"channel": "chat", "topic": "own-software"}, "30 minutes"),
        ({"channel": "phone", "category": "bug"}, "2 hours"),
    ],
)
async def test_the_promise_that_names_most_of_a_request_is_the_one(
    api: Api, asked: dict[str, str], target: str
) -> None:
    published = await publish(api, BY_CHAT, BOTH, ABOUT_OWN | {"channels": ["email"]}, BUGS)
    assert published.status_code == 201, published.text
    account = await api.make_account()
    await api.buy(account, "corporate.gold")
    covered = (await api.post(f"{account}/coverage", asked)).json()
    opened = await api.open(account, **asked)
    for found in (covered, opened):
        assert [each["target"] for each in found["deadlines"]] == [target]
    read = await api.get(f"{account}/tickets/HD-1/deadlines")
    assert [each["target"] for each in read.json()["deadlines"]] == [target]
    replied = await api.post(f"{account}/tickets/HD-1/replies", {"by": "agent"})
    assert [each["status"] for each in replied.json()["deadlines"]] == ["met"]
    if set(asked) <= {"channel"}:
        question = {"catalog": "corporate", "plan": "gold", "opened_at": opened["opened_at"]}
        preview = await api.post("/v1/deadlines/preview", question | asked)
        assert [each["target"] for each in preview.json()["deadlines"]] == [target]


async def test_two_that_name_as_much_of_one_request_are_refused(api: Api) -> None:
    reply = await publish(api, BY_CHAT, ABOUT_OWN)
    assert reply.status_code == 422
    assert reply.json()["errors"][0]["code"] == "overlapping_promises"
    other = await publish(api, BY_CHAT, BY_CHAT | {"channels": ["email"]})
    assert other.status_code == 201, other.text


@pytest.mark.parametrize(
    ("condition", "code"),
    [
        ({"channels": ["fax"]}, "invalid_choice"),
        ({"topics": ["nonsense"]}, "unknown_topic"),
        ({"categories": ["nonsense"]}, "unknown_category"),
    ],
)
async def test_what_the_document_does_not_define_is_refused(
    api: Api, condition: dict[str, Any], code: str
) -> None:
    reply = await publish(api, BY_CHAT | condition)
    assert reply.status_code == 422
    assert reply.json()["errors"][0]["code"] == code, reply.text


async def test_an_offer_says_for_which_requests_a_promise_is(api: Api) -> None:
    assert (await publish(api, BOTH)).status_code == 201
    listed = (await api.get("/v1/offers", params={"plan": "gold"})).json()["data"]
    assert [each["text"] for each in listed[0]["promises"]] == [
        "First response within 24 hours, guaranteed.",
        "Requests by chat about own software: first response within 30 minutes, guaranteed.",
    ]
