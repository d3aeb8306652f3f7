"""The document's examples, executed literally in their order on a service that was just started.

`make examples` records what was answered, where it differs from what the document shows.
"""

import json
import os
import re
from pathlib import Path
from typing import Any

import httpx
import jsonschema_rs
import pytest

from app.api.openapi import story
from app.api.openapi.reply_headers import REPLY_HEADERS
from app.api.openapi.story import Step
from app.main import create_app
from tests.api.conftest import Api
from tests.support.closing import close

DOCUMENT: dict[str, Any] = create_app().openapi()
OPERATIONS = {
    operation["operationId"]: (method.upper(), path, operation)
    for path, item in DOCUMENT["paths"].items()
    for method, operation in item.items()
}
REPLIES = Path(story.__file__).parent / "examples" / "replies.json"
# What is made anew each time besides what the story names, and what is shown for it.
UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
SECRET = re.compile(r"(surety_sk|whsec)_[A-Za-z0-9+/=_-]+")
TOKEN = re.compile(r"(/v1/(?:links|statements)/)[A-Za-z0-9._=-]{20,}")
# Examples show so much of a long list, and of a text.
MOST_ITEMS = 3
MOST_LINES = 4
MOST_LETTERS = 400
# What is counted differs each time; its description does not.
LINES_OF_METRICS = 2


async def test_every_example_succeeds_twice_in_order_and_is_answered_as_shown(api: Api) -> None:
    recorded: dict[str, list[dict[str, Any]]] = {}
    values: dict[str, str] = {}
    known: dict[str, str] = {}
    for _ in range(2):
        for step in story.read_steps():
            reply = await _send(api, step, values)
            assert reply.status_code < 300, (step, reply.text)
            _note_made(step, reply, values)
            shown = _show(step, reply, values, known)
            told = recorded.setdefault(step.key, [])
            if shown["status"] not in [each["status"] for each in told]:
                told.append(shown)
    for step in story.read_refused():
        reply = await _send(api, step, values)
        assert reply.json()["code"] == step.example, (step, reply.text)
        recorded[step.key] = [_show(step, reply, values, known)]
    if os.environ.get("SURETY_TEST_WRITE_EXAMPLES"):
        REPLIES.write_text(json.dumps(recorded, indent=1, ensure_ascii=False) + "\n")
    assert recorded == json.loads(REPLIES.read_text()), "see the diff of `make examples`"


def test_every_operation_is_part_of_the_story_and_can_be_executed_as_it_stands() -> None:
    told = {step.operation for step in story.read_steps()}
    assert set(OPERATIONS) == told
    for name in told:
        _, _, operation = OPERATIONS[name]
        for parameter in operation.get("parameters", []):
            if parameter.get("required"):
                assert "example" in parameter or "examples" in parameter, (name, parameter)
        if operation.get("requestBody", {}).get("required"):
            assert operation["requestBody"]["content"]["application/json"]["examples"]


@pytest.mark.parametrize("name", OPERATIONS)
def test_every_success_has_an_example_of_its_form(name: str) -> None:
    _, _, operation = OPERATIONS[name]
    successes = {
        status: response
        for status, response in operation["responses"].items()
        if status.startswith("2")
    }
    assert successes
    for status, response in successes.items():
        assert ("content" in response) == (status != "204")
        for media_type, content in response.get("content", {}).items():
            assert content.get("examples"), (status, media_type)
            for example in content["examples"].values():
                if media_type == "application/json":
                    _validate(content["schema"], example["value"])


def test_the_story_has_no_step_that_the_document_does_not_show() -> None:
    for step in story.read_steps():
        _, _, operation = OPERATIONS[step.operation]
        for parameter in operation.get("parameters", []):
            given = dict(step.path) | dict(step.query)
            if parameter["name"] in given:
                shown = {name: made.shown for name, made in story.read_made().items()}
                value = story.fill(given[parameter["name"]], shown)
                others = [each["value"] for each in parameter.get("examples", {}).values()]
                assert value in [parameter.get("example"), *others], step


async def _send(api: Api, step: Step, values: dict[str, str]) -> httpx.Response:
    method, path, _ = OPERATIONS[step.operation]
    headers = {"Accept": step.accept or "application/json"}
    if step.once is not None:
        headers["Idempotency-Key"] = step.once
    query = {name: json.dumps(v) if v is True else str(v) for name, v in step.query.items()}
    body: Any = story.fill(step.body, values)
    return await api.http.request(
        method,
        path.format(**{name: story.fill(v, values) for name, v in step.path.items()}),
        params=query,
        headers=headers,
        **({} if body is None else {"json": body}),
    )


def _note_made(step: Step, reply: httpx.Response, values: dict[str, str]) -> None:
    """Remember what a reply made; of one kind the latest."""
    if reply.content and _media_type(reply) == "application/json":
        for name, made in story.read_made().items():
            found = made.find(step.operation, reply.json())
            if found is not None:
                values[name] = found


def _show(
    step: Step, reply: httpx.Response, values: dict[str, str], known: dict[str, str]
) -> dict[str, Any]:
    """Return a reply as an example: with what is made anew each time as it is shown."""
    for name, made in story.read_made().items():
        if name in values:
            known[values[name]] = made.shown
    text = reply.text
    for found, stand_in in known.items():
        text = text.replace(found, stand_in)
    text = UUID.sub(lambda match: _number(match[0], known), text)
    text = SECRET.sub(r"\1_shown_once", text)
    text = TOKEN.sub(r"\1the-token-of-another-link", text)
    media_type: str | None = _media_type(reply)
    body: Any = None
    if not text:
        media_type = None
    elif media_type in ("application/json", "application/problem+json"):
        body = _shorten(step, json.loads(text))
    else:
        most = LINES_OF_METRICS if step.operation == "get_metrics" else MOST_LINES
        body = "".join(text.splitlines(keepends=True)[:most])
        body = body if len(body) <= MOST_LETTERS else f"{body[:MOST_LETTERS]}…"
    headers = [name for name in REPLY_HEADERS if name in reply.headers]
    return {
        "status": reply.status_code,
        "media_type": media_type,
        "headers": headers,
        "body": body,
    }


def _number(found: str, known: dict[str, str]) -> str:
    if found.startswith("019ab4c0-0a00-7000-8000-"):
        return found
    numbered = f"019ab4c0-0a00-7000-8000-{len(known) + 0x1000:012x}"
    return known.setdefault(found, numbered)


def _shorten(step: Step, body: Any) -> Any:
    if step.operation == "get_catalog_schema":
        return {name: value for name, value in body.items() if isinstance(value, str)}
    if step.operation == "get_readiness":
        body["checks"]["migrations"]["revision"] = "2026_11_28_the_newest"
    if step.operation == "list_catalogs":
        for each in body["data"]:
            each["published_at"] = "2026-11-24T08:00:00Z"
    return _cut(body)


def _cut(value: Any) -> Any:
    """Return a body with its long lists shortened, and cursors that lead nowhere."""
    if isinstance(value, list):
        return [_cut(each) for each in value[:MOST_ITEMS]]
    if isinstance(value, dict):
        return {
            name: "eyJ…" if name in ("next_cursor", "cursor") and each else _cut(each)
            for name, each in value.items()
        }
    return value


def _validate(schema: dict[str, Any], value: Any) -> None:
    full = {"components": DOCUMENT["components"], **schema}
    jsonschema_rs.Draft202012Validator(full, validate_formats=True).validate(value)


def test_what_is_recorded_is_what_the_story_tells() -> None:
    steps = [*story.read_steps(), *story.read_refused()]
    assert list(story.read_replies()) == list(dict.fromkeys(each.key for each in steps))


def test_every_recorded_problem_has_the_documented_form() -> None:
    closed = close(DOCUMENT["components"])
    assert len(story.read_problems()) >= 19
    for problem in story.read_problems().values():
        shape = "CoverageProblem" if problem["status"] == 402 else "Problem"
        schema = {"components": closed, "$ref": f"#/components/schemas/{shape}"}
        jsonschema_rs.Draft202012Validator(schema, validate_formats=True).validate(problem)


def _media_type(reply: httpx.Response) -> str:
    media_type: str = reply.headers.get("Content-Type", "")
    return media_type.partition(";")[0]
