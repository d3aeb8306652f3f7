"""What differs between two JSON documents."""

import json
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.access.differences import canonical_digest, diff_documents, diff_requests

documents = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 3) | st.text(max_size=3),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text("a~/", max_size=2), inner, max_size=3)
    ),
    max_leaves=12,
)


def test_the_deepest_places_that_differ_are_named() -> None:
    then = {"name": "A", "lines": [{"amount": 1}, {"amount": 2}], "a/b~c": 1, "same": [1]}
    now = {"name": "B", "lines": [{"amount": 1}, {"amount": 3}, 4], "a/b~c": None, "same": [1]}
    assert diff_documents(then, now) == [
        {"pointer": "/a~1b~0c", "then": 1, "now": None},
        {"pointer": "/lines/1/amount", "then": 2, "now": 3},
        {"pointer": "/lines/2", "then": None, "now": 4},
        {"pointer": "/name", "then": "A", "now": "B"},
    ]


def test_what_is_absent_is_null() -> None:
    assert diff_documents({"a": {"b": 1}}, {"c": 2}) == [
        {"pointer": "/a", "then": {"b": 1}, "now": None},
        {"pointer": "/c", "then": None, "now": 2},
    ]


def test_a_field_given_as_null_is_not_absent() -> None:
    assert diff_documents({}, {"a": None}) == [{"pointer": "/a", "then": None, "now": None}]


def test_of_requests_a_field_that_is_null_is_as_if_it_were_absent() -> None:
    then = {"order_id": "SO-1", "payment": {"status": "paid"}, "lines": [None, 1]}
    now = then | {"site": None, "payment": {"status": "paid", "reference": None}}
    assert diff_requests(then, now) == []
    assert diff_requests(now, then) == []
    assert diff_requests(then, now | {"site": "a.example", "lines": [1]}) == [
        {"pointer": "/lines/0", "then": None, "now": 1},
        {"pointer": "/lines/1", "then": 1, "now": None},
        {"pointer": "/site", "then": None, "now": "a.example"},
    ]


@pytest.mark.parametrize(("then", "now"), [(1, True), (0, False), (1, 1.0), ([], {}), ("1", 1)])
def test_kinds_of_value_differ(then: object, now: object) -> None:
    assert diff_documents(then, now) == [{"pointer": "", "then": then, "now": now}]


@given(documents, documents)
def test_documents_differ_when_their_digests_do(then: Any, now: Any) -> None:
    assert (diff_documents(then, now) == []) == (canonical_digest(then) == canonical_digest(now))


@given(documents)
def test_a_document_is_the_same_again(document: Any) -> None:
    again = json.loads(json.dumps(document, sort_keys=True))
    assert diff_documents(document, again) == []
    assert canonical_digest(document) == canonical_digest(again)


@given(documents, documents)
def test_every_difference_points_at_its_two_values(then: Any, now: Any) -> None:
    for difference in diff_documents(then, now):
        pointer = str(difference["pointer"])
        assert follow(then, pointer) == difference["then"]
        assert follow(now, pointer) == difference["now"]


def test_the_digest_is_of_the_canonical_text() -> None:
    # printf '{"a":[1,"\\u00e9"]}' | sha256sum
    expected = "83a175c500b5b96c13553ef38f7d1acfb22f0f69d64880f0156110554c0b2b0c"
    assert canonical_digest({"a": [1, "é"]}) == expected


def test_a_document_that_json_cannot_hold_has_no_digest() -> None:
    with pytest.raises(ValueError, match="JSON"):
        canonical_digest({"a": math.nan})


def follow(document: Any, pointer: str) -> Any:
    """Return what a pointer leads to; None where there is nothing."""
    for step in pointer.split("/")[1:]:
        name = step.replace("~1", "/").replace("~0", "~")
        if isinstance(document, list):
            document = document[int(name)] if int(name) < len(document) else None
        else:
            document = document.get(name)
    return document
