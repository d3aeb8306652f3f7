"""Differences between two JSON documents, and digests of them."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from typing import Any

from app.domain.access.pointers import point

Difference = dict[str, object]


def canonical_digest(document: object) -> str:
    """Return the SHA-256, in hexadecimal, of a JSON document written in one way only.

    The order of an object's fields does not matter; everything else does. Raises ValueError
    for what JSON cannot hold (NaN, infinities).
    """
    text = json.dumps(document, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()


def diff_documents(then: object, now: object) -> list[Difference]:
    """Return every place where two JSON documents differ, as `{pointer, then, now}`.

    It goes down into objects by field and into lists by position, and names the deepest places
    that differ, fields in order of name. What is absent on one side is null there. Two
    documents have no differences exactly when their digests are equal.
    """
    return list(_compare(then, now, ""))


def diff_requests(then: object, now: object) -> list[Difference]:
    """Return every place where two requests differ, as `diff_documents` does of documents.

    A field that is null asks for no more than one that is absent: a request that was stored
    before there was such a field is the same as one that leaves it out now.
    """
    return diff_documents(_drop_null(then), _drop_null(now))


def _drop_null(document: object) -> object:
    if isinstance(document, Mapping):
        return {name: _drop_null(each) for name, each in document.items() if each is not None}
    if isinstance(document, list):
        return [_drop_null(each) for each in document]
    return document


def _compare(then: object, now: object, pointer: str) -> Iterator[Difference]:
    if isinstance(then, Mapping) and isinstance(now, Mapping):
        for name in sorted({*then, *now}):
            yield from _compare_at(name, then, now, pointer)
    elif isinstance(then, list) and isinstance(now, list):
        by_position_then, by_position_now = dict(enumerate(then)), dict(enumerate(now))
        for position in range(max(len(then), len(now))):
            yield from _compare_at(position, by_position_then, by_position_now, pointer)
    elif type(then) is not type(now) or then != now:
        yield {"pointer": pointer, "then": then, "now": now}


def _compare_at(
    step: str | int, then: Mapping[Any, object], now: Mapping[Any, object], pointer: str
) -> Iterator[Difference]:
    below = point(pointer, step)
    if step in then and step in now:
        yield from _compare(then[step], now[step], below)
    else:
        yield {"pointer": below, "then": then.get(step), "now": now.get(step)}
