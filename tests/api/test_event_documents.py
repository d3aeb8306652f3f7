"""Every type of event: what has to happen for it, and that it is told as the document shows it."""

import json
import re
from typing import Any

import jsonschema_rs
import pytest

from app.domain.events.events import EVENT_TYPES, EventType
from app.domain.events.webhooks import PING
from app.main import create_app
from tests.api.conftest import Api, Clock
from tests.api.event_stories import ACCOUNT, STORIES
from tests.support.closing import close

DOCUMENT: dict[str, Any] = create_app().openapi()
WEBHOOKS: dict[str, Any] = {
    type_: DOCUMENT["components"]["pathItems"][item["$ref"].rpartition("/")[2]]
    for type_, item in DOCUMENT["webhooks"].items()
}
CLOSED: dict[str, Any] = close(DOCUMENT["components"])
UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
# What the stories say of persons, and in their words.
PERSONAL = ("Nordwind", "Checkout fails", "mara", "jon", "shop", "moved to another", "too long")


def _content(type_: str) -> dict[str, Any]:
    content: dict[str, Any] = WEBHOOKS[type_]["post"]["requestBody"]["content"]["application/json"]
    return content


def _example(type_: str) -> dict[str, Any]:
    example: dict[str, Any] = _content(type_)["examples"][type_]["value"]
    return example


def _validate(type_: str, event: dict[str, Any]) -> None:
    """Raise unless an event has the documented form, and nothing besides.

    The document leaves its shapes open, for they may grow: what is there today is all there is.
    """
    schema = {"components": CLOSED, **_content(type_)["schema"]}
    jsonschema_rs.Draft202012Validator(schema, validate_formats=True).validate(event)


def _number_ids(event: dict[str, Any]) -> str:
    """Return an event as text, with its ids told apart but not told."""
    known: dict[str, str] = {}
    text = json.dumps(event, sort_keys=True)
    return UUID.sub(lambda found: known.setdefault(found[0], f"id {len(known)}"), text)


async def _read_all(api: Api) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    after: str | None = None
    while True:
        asked = {"limit": 200} | ({} if after is None else {"after": after})
        page = (await api.get("/v1/events", params=asked)).json()
        found += page["data"]
        after = page["next_cursor"]
        if after is None:
            return found


def test_every_type_is_documented() -> None:
    assert set(WEBHOOKS) == {*EVENT_TYPES, PING}
    assert set(STORIES) == set(EVENT_TYPES)


@pytest.mark.parametrize("type_", [*EVENT_TYPES, PING])
def test_every_type_has_an_example_of_its_form(type_: str) -> None:
    described = WEBHOOKS[type_]["post"]
    assert len(described["summary"].split()) <= 5
    assert described["description"].endswith(".")
    example = _example(type_)
    assert example["type"] == type_
    _validate(type_, example)
    with pytest.raises(jsonschema_rs.ValidationError):
        _validate(type_, example | {"data": example["data"] | {"subject": "Checkout fails"}})


@pytest.mark.parametrize("type_", EVENT_TYPES)
async def test_it_is_told_as_documented(api: Api, clock: Clock, type_: EventType) -> None:
    await STORIES[type_](api, clock)
    events = await _read_all(api)
    # That an account is moved into another is told to both.
    of = (ACCOUNT, "-")
    (told,) = (each for each in events if each["type"] == type_ and each["account_id"] in of)
    _validate(type_, told)
    assert _number_ids(told) == _number_ids(_example(type_))
    # Nothing that an erasure would have to blank.
    text = json.dumps([event["data"] for event in events]).replace("shop.example", "")
    assert not [words for words in PERSONAL if words in text]
