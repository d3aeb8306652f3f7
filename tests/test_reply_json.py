"""Replies written by msgspec are those that pydantic writes, byte by byte."""

import json
from dataclasses import field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

import pytest
from pydantic import Field, PlainSerializer, TypeAdapter

from app.api.http.replies.reply_json import find_writer, is_plain
from app.api.http.routing import Route
from app.api.http.wire import Instant, Wire, reply
from tests.support.route_table import EVERY_ROUTE

DOCUMENT = json.loads((Path(__file__).parents[1] / "openapi/openapi.json").read_text("utf-8"))
# What is asked all day.
OFTEN = {
    *("open_ticket", "reply_to_ticket", "revise_charge", "resolve_ticket", "get_ticket"),
    *("ask_coverage", "get_balance", "get_ticket_deadlines", "get_summary", "read_queue"),
}


class Within(Wire):
    """A model within a plain shape."""

    with_: Annotated[str, Field(alias="with", serialization_alias="with")]
    at: Instant


@reply
class Plain:
    """A shape of every kind of value that a reply has."""

    name: str
    count: int
    on: bool
    id: UUID
    at: Instant
    day: date
    nothing: str | None
    models: list[Within]
    members: dict[str, Any]
    pairs: list[tuple[str, int]] = field(default_factory=list)


@reply
class Renamed:
    """A shape with a field that is not called so on the wire."""

    from_: Annotated[Instant, Field(alias="from", serialization_alias="from")]


@reply
class Serialized:
    """A shape with a field that is written otherwise than it is."""

    amount: Annotated[int, PlainSerializer(str)]


@reply
class Shared:
    """A shape with a field that is left out."""

    secret: Annotated[str, Field(exclude=True)]


@reply
class Measured:
    """A shape with a number that is no whole one."""

    share: float


@reply
class Outer:
    """A shape that has such a one within it."""

    parts: list[Renamed]


PLAIN = [each for each in EVERY_ROUTE if is_plain(each.response_model)]


def test_what_is_asked_all_day_is_plain() -> None:
    assert {each.name for each in PLAIN} >= OFTEN


@pytest.mark.parametrize("route", PLAIN, ids=lambda each: each.name)
def test_a_plain_reply_is_written_as_pydantic_writes_it(route: Route) -> None:
    assert route.methods
    assert route.response_field
    (method,) = route.methods
    status = str(route.status_code or 200)
    described = DOCUMENT["paths"][route.path][method.lower()]["responses"][status]
    (example, *_) = described["content"]["application/json"]["examples"].values()
    shown = TypeAdapter(route.response_model).validate_json(json.dumps(example["value"]))
    write = find_writer(route)
    assert write is not None
    assert write(shown) == route.response_field.serialize_json(shown)
    assert json.loads(write(shown)) == example["value"]


def test_every_kind_of_value_is_written_alike() -> None:
    at = datetime(2026, 11, 24, 8, 0, 0, 703_673, tzinfo=UTC)
    shown = Plain(
        name='Nörd "\\" \u2028 \x7f \x01 <script> 🎟',
        count=-(2**53),
        on=True,
        id=UUID(int=7),
        at=at,
        day=at.date(),
        nothing=None,
        models=[Within.model_validate({"with": "Maria", "at": at.replace(microsecond=0)})],
        members={"a": [1, 2.5, None, {"b": "c"}]},
        pairs=[("a", 1)],
    )
    assert is_plain(Plain)
    adapter = TypeAdapter(Plain)
    assert write(shown) == adapter.dump_json(shown, by_alias=True)


def write(shown: object) -> bytes:
    (route, *_) = PLAIN
    writer = find_writer(route)
    assert writer is not None
    return writer(shown)


@pytest.mark.parametrize(
    "shape", [Renamed, Serialized, Shared, Measured, Outer, list[Renamed], Within, str]
)
def test_what_is_not_plain_is_left_to_pydantic(shape: object) -> None:
    assert not is_plain(shape)


def test_what_no_reply_has_is_an_error_of_ours() -> None:
    with pytest.raises(TypeError, match="complex"):
        write(complex(1))
