"""Requests that somebody sends who means no good: the documented examples, and what is not them."""

import json
import random
from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from tests.fuzz.requests import KEY, VALUES

TEXTS = [
    *("", " ", "\0", "a\0b", "\ud800", "\udfff\ud800", "\u202e", "A" * 100_000, "é" * 3_000, "٣"),
    *("../../etc/passwd", "'; DROP TABLE lots; --", "%s%n%x", "{{7*7}}", "${jndi:ldap://a/b}"),
    *("<script>alert(1)</script>", "\r\nSet-Cookie: a=b", "null", "0x10", "1e309", "NaN", "-0"),
    *("P999999999Y", "PT99999999999999999999H", "-P1D", "P1DT", "PT0.0000000001S", "P1M1M"),
    *("9999-12-31T23:59:59.999999Z", "0001-01-01T00:00:00Z", "2026-02-30T00:00:00Z"),
    *("2026-11-22T10:00:00+99:99", "2026-11-22T10:00:60Z", "1900-01-01T00:00:00Z", "24:00"),
    *("Europe/../../etc/passwd", "http://[::1", "https://xn--a", "a@" * 500, "CET", "livecart/"),
]
NUMBERS = [
    *(0, -1, 1, 2, 1.5, -0.0, 2**31, 2**32, 2**63 - 1, 2**63, -(2**63), 10**18, 10**30, 10**400),
    *(1e308, 5e-324, 1_000_000_000, 1_000_000_001, True, False, None),
]


def nest(value: Any, depth: int, key: str | None) -> Any:
    """Return a value deep in lists, or in objects with one name each."""
    for _ in range(depth):
        value = [value] if key is None else {key: value}
    return value


SHAPES = [
    *([], {}, [[]], ["\0"], [None] * 10_000, {"__proto__": 1}, {"$ref": "#"}, {"\0": 1}),
    *(nest(1, 60, None), nest(1, 200, None), nest(1, 60, "a"), nest("\0", 15, "a")),
]
HOSTILE = [*TEXTS, *NUMBERS, *SHAPES]
BODIES = [
    *(b"", b"{", b"null", b"[]", b'"', b"{}{}", b"\xff\xfe", b"\xef\xbb\xbf{}", b"\0" * 1_000),
    *(b'{"a": 1, "a": 2}', b'{"a": NaN}', b'{"a": 1e999}', b'{"a": "\\ud800"}', b"[" * 100_000),
    *(b'{"a": "\xed\xa0\x80"}', b'{"a": ' + b"9" * 5_000 + b"}", b'{"a":' * 5_000, b"<xml/>"),
]
# Names and values that stand in a request's head; some are no HTTP.
HEADS = [
    *(("Content-Type", each) for each in ("", "text/plain", "application/json; charset=utf-16")),
    *(("Content-Type", each) for each in ("multipart/form-data", "a" * 5_000, "\xff")),
    *(("Content-Encoding", each) for each in ("gzip", "br", "identity, gzip")),
    *(("Accept", each) for each in ("", "*/*;q=a", "text/html", "text/csv", "image/svg+xml,;;")),
    *(("If-Match", each) for each in ("", "*", 'W/"1"', '"' * 300, "\xff", '"1", "2"')),
    *(("Idempotency-Key", each) for each in ("", "a" * 256, "\xff", "the-same", "a\tb")),
    *(("X-Request-Id", each) for each in ("", "a" * 5_000, "a b", "\xff")),
    *(("Authorization", each) for each in ("", "Bearer", "Bearer \xff", "Basic YTpi", "a" * 9_000)),
    *(("Host", each) for each in ("", "evil.example", "a:b:c", "\xff")),
    *(("X-Forwarded-For", each) for each in ("", "127.0.0.1", "::1, \xff", "a" * 3_000)),
    *(("Origin", "null"), ("Expect", "200-ok"), ("Range", "bytes=0-"), ("X" * 9_000, "1")),
]
METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "BREW", "get"]


@dataclass(slots=True)
class Draft:
    """A request that is being made."""

    method: str
    places: dict[str, str]
    path: str
    query: dict[str, str]
    body: Any
    raw: bytes | None = None
    head: dict[str, str] = field(default_factory=dict)

    def write(self) -> bytes:
        """Return its bytes. What its head says of its length is true."""
        path = self.path
        for name, value in self.places.items():
            path = path.replace(f"{{{name}}}", _escape(value))
        asked = "&".join(f"{_escape(name)}={_escape(value)}" for name, value in self.query.items())
        content = b"" if self.body is None else json.dumps(self.body).encode()
        if self.raw is not None:
            content = self.raw
        head = {"Host": "surety.test", "Authorization": f"Bearer {KEY}"}
        if content:
            head["Content-Type"] = "application/json"
        head |= self.head | {"Content-Length": str(len(content))}
        lines = [f"{self.method} {path}{'?' if asked else ''}{asked} HTTP/1.1"]
        lines += [f"{name}: {value}" for name, value in head.items()]
        return "\r\n".join([*lines, "", ""]).encode("latin-1", "replace") + content


def _escape(text: str) -> str:
    return quote(text.encode("utf-8", "surrogatepass"), safe="")


class Author:
    """Writes hostile requests to every operation of a document; the same ones for one seed."""

    def __init__(self, document: dict[str, Any], seed: int) -> None:
        self._random = random.Random(seed)
        self._operations = [
            (method.upper(), path, operation)
            for path, item in document["paths"].items()
            for method, operation in item.items()
        ]
        self._spoilers: list[Callable[[Draft], None]] = [
            *[self._spoil_body] * 6,
            *[self._spoil_query, self._spoil_place] * 2,
            self._spoil_head,
            self._spoil_method,
            self._spoil_content,
        ]

    def write_requests(self) -> Iterator[tuple[str, Draft]]:
        """Yield requests without end, to one operation after the other, with its name."""
        while True:
            for method, path, operation in self._operations:
                draft = self._draft(method, path, operation)
                for _ in range(self._random.choice((0, 1, 1, 1, 2, 3))):
                    self._random.choice(self._spoilers)(draft)
                yield operation["operationId"], draft

    def _draft(self, method: str, path: str, operation: dict[str, Any]) -> Draft:
        """Return a request as it should be, more or less."""
        places, query = {}, {}
        for each in operation.get("parameters", []):
            known = VALUES.get(each["name"], [each["name"]])
            if each["in"] == "path":
                places[each["name"]] = str(self._random.choice(known))
            elif each["in"] == "query" and self._random.random() < 0.3:
                query[each["name"]] = str(self._random.choice([*known, "true", "5"]))
        content = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
        examples = [each["value"] for each in content.get("examples", {}).values()]
        body = deepcopy(self._random.choice(examples)) if examples else None
        return Draft(method, places, path, query, body)

    def _spoil_body(self, draft: Draft) -> None:
        """Put something else in one place of the body, take it out, or add to it."""
        if not isinstance(draft.body, dict):
            return
        holder: Any = draft.body
        while True:
            keys = list(holder) if isinstance(holder, dict) else list(range(len(holder)))
            if not keys:
                return
            key = self._random.choice(keys)
            inner = holder[key]
            if not isinstance(inner, (dict, list)) or not inner or self._random.random() < 0.3:
                break
            holder = inner
        if self._random.random() < 0.1:
            del holder[key]
        elif self._random.random() < 0.1 and isinstance(holder, dict):
            holder[self._random.choice(TEXTS)] = inner
        else:
            holder[key] = deepcopy(self._random.choice(HOSTILE))

    def _spoil_query(self, draft: Draft) -> None:
        name = self._random.choice([*draft.query, "limit", "cursor", "at", "dry_run", "sequence"])
        draft.query[name] = str(self._random.choice([*TEXTS[:7], *TEXTS[8:], *NUMBERS[:-8]]))

    def _spoil_place(self, draft: Draft) -> None:
        if draft.places:
            name = self._random.choice(list(draft.places))
            draft.places[name] = self._random.choice([*TEXTS[:7], *TEXTS[8:], "A" * 5_000])

    def _spoil_head(self, draft: Draft) -> None:
        name, value = self._random.choice(HEADS)
        draft.head[name] = value

    def _spoil_method(self, draft: Draft) -> None:
        draft.method = self._random.choice(METHODS)

    def _spoil_content(self, draft: Draft) -> None:
        draft.raw = self._random.choice(BODIES)
