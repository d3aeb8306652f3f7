"""Bodies: what the quick reading gives is what the careful one gives, and so are instants."""

import json
from datetime import UTC, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from app.api.http.bodies import JSON, read_body
from app.api.http.refusals.frame_refusals import MalformedJson
from app.api.http.wire import Instant
from app.domain.time.instants import EPOCH

_NAMES = st.sampled_from(["a", "b", 'a":', '":', "a:b", "\\"])
_VALUES = st.recursive(
    st.one_of(st.integers(-5, 5), st.booleans(), st.none(), _NAMES),
    lambda inner: st.lists(inner, max_size=3) | st.lists(st.tuples(_NAMES, inner), max_size=3),
    max_leaves=12,
)


def _write(value: Any, gap: str) -> str:
    """Write pairs as an object, however often a name stands in it."""
    if isinstance(value, list) and value and isinstance(value[0], tuple):
        members = (f"{json.dumps(name)}{gap}:{gap}{_write(each, gap)}" for name, each in value)
        return "{" + ",".join(members) + "}"
    if isinstance(value, list):
        return "[" + ",".join(_write(each, gap) for each in value) + "]"
    return json.dumps(value)


def _has_twice(value: Any) -> bool:
    if not isinstance(value, list):
        return False
    if value and isinstance(value[0], tuple):
        names = [name for name, _ in value]
        return len(set(names)) < len(names) or any(_has_twice(each) for _, each in value)
    return any(map(_has_twice, value))


@settings(max_examples=60, deadline=None)
@given(value=_VALUES, gap=st.sampled_from(["", " ", " \n\t"]))
def test_a_name_that_stands_twice_is_found_whatever_stands_in_texts(value: Any, gap: str) -> None:
    body = f'{{"all"{gap}:{_write(value, gap)}}}'
    if _has_twice(value):
        with pytest.raises(MalformedJson):
            read_body(body.encode(), content_type=JSON, encoding="identity")
    else:
        read = read_body(body.encode(), content_type=JSON, encoding="identity")
        assert read == json.loads(body)


def test_a_body_is_nested_sixty_four_deep_and_no_deeper() -> None:
    def read(depth: int) -> None:
        body = '{"a":' + "[" * (depth - 1) + "1" + "]" * (depth - 1) + "}"
        read_body(body.encode(), content_type=JSON, encoding="identity")

    read(64)
    for deeper in (65, 100, 5_000):
        with pytest.raises(MalformedJson):
            read(deeper)


_OFFSETS = st.integers(-23 * 60, 23 * 60).map(lambda by: timezone(timedelta(minutes=by)))


@settings(max_examples=60, deadline=None)
@given(
    seconds=st.integers(-2_000_000_000, 250_000_000_000),
    micros=st.sampled_from([0, 1, 500_000]),
    offset=_OFFSETS,
    separator=st.sampled_from("T t"),
)
def test_an_instant_is_the_same_however_it_is_written(
    seconds: int, micros: int, offset: timezone, separator: str
) -> None:
    instants = TypeAdapter(Instant)
    at = EPOCH + timedelta(seconds=seconds, microseconds=micros)
    written = at.astimezone(offset).isoformat()
    read = instants.validate_python(written.replace("T", separator))
    assert read == at
    assert read.tzinfo is UTC
    assert instants.validate_python(f"{at.isoformat()[:-6]}Z") == at


@pytest.mark.parametrize(
    "written",
    [
        "2026-02-30T10:00:00Z",
        "2026-11-20T16:30:61Z",
        "2026-11-20T16:30:00+25:00",
        "2026-11-20T16:30:00",
        "1899-12-31T23:59:59Z",
        "9999-12-31T23:59:59-01:00",
        "2026-11-20T16:30:00Z\n",
        "٢٠٢٦-11-20T16:30:00Z",
        "1796056800",
        1796056800,
        None,
    ],
)
def test_what_is_no_instant_is_refused(written: object) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(Instant).validate_python(written)
