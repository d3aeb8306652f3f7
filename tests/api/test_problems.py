"""What is refused, and how: each refusal one problem, nothing written, one line in the log."""

import ast
import json
import logging
import re
import time
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from fastapi import FastAPI

from app.cli.serving.logs import LineFormatter
from tests.api.conftest import Api, Clock
from tests.api.contents import read_contents
from tests.support.answered_codes import count_problem
from tests.support.problems import problem_of

ACCOUNT = "/v1/accounts/c-1"
TICKETS = f"{ACCOUNT}/tickets"


async def test_an_unknown_address(api: Api) -> None:
    reply = await api.get("/v1/nothing")
    assert reply.status_code == 404
    assert problem_of(reply) == {
        "type": "/problems/not_found",
        "title": "There is nothing at this address",
        "status": 404,
        "detail": "There is nothing at /v1/nothing.",
        "instance": "/v1/nothing",
        "code": "not_found",
    }
    for path in ("/nothing", "/v1", "/v1/accounts/", "/v1/accounts/a%2Fb", "/docs/", "/problems/"):
        assert problem_of(await api.get(path))["code"] == "not_found", path


async def test_a_method_that_the_address_does_not_take(api: Api) -> None:
    reply = await api.delete(ACCOUNT)
    assert reply.status_code == 405
    assert problem_of(reply) == {
        "type": "/problems/method_not_allowed",
        "title": "The address does not take this method",
        "status": 405,
        "detail": "/v1/accounts/c-1 does not take DELETE.",
        "instance": "/v1/accounts/c-1",
        "code": "method_not_allowed",
    }
    assert reply.headers["Allow"] == "GET, HEAD, PUT, PATCH, OPTIONS"
    odd = await api.http.request("BREW", "/healthz")
    assert (odd.status_code, odd.headers["Allow"]) == (405, "GET, HEAD, OPTIONS")


async def test_options_says_what_an_address_takes(api: Api) -> None:
    reply = await api.holding(None).http.options(TICKETS)
    assert (reply.status_code, reply.text) == (204, "")
    assert reply.headers["Allow"] == "GET, HEAD, POST, OPTIONS"
    assert (await api.http.options("/v1/nothing")).status_code == 404


async def test_head_is_get_without_the_body(api: Api) -> None:
    await api.make_account()
    asked, headed = await api.get(ACCOUNT), await api.http.head(ACCOUNT)
    assert (headed.status_code, headed.content) == (200, b"")
    for name in ("ETag", "Content-Type", "Content-Length"):
        assert headed.headers[name] == asked.headers[name]
    assert (await api.holding(None).http.head(ACCOUNT)).status_code == 401


# What is sent, and the refusal: status, code, and the pointers of what is wrong.
BODIES: dict[str, tuple[bytes | str, int, str, list[str]]] = {
    "no body": (b"", 422, "invalid_request", [""]),
    "not JSON": (b'{"name":', 400, "malformed_json", []),
    "two documents": (b'{"name": "A"} {}', 400, "malformed_json", []),
    "another encoding": ('{"name": "A"}'.encode("utf-16"), 400, "malformed_json", []),
    "a byte order mark": (b'\xef\xbb\xbf{"name": "A"}', 400, "malformed_json", []),
    "not UTF-8": (b'{"name": "\xff"}', 400, "malformed_json", []),
    "a raw control character": (b'{"name": "A\x00"}', 400, "malformed_json", []),
    "a name twice": (b'{"name": "A", "name": "B"}', 400, "malformed_json", []),
    "a name twice, deeper": (
        b'{"name": "A", "metadata": {"a": [{"b": 1, "b": 1}]}}',
        400,
        "malformed_json",
        [],
    ),
    "not a number": (b'{"name": "A", "metadata": {"a": NaN}}', 400, "malformed_json", []),
    "infinity": (b'{"name": "A", "metadata": {"a": -Infinity}}', 400, "malformed_json", []),
    "more than a float": (b'{"name": "A", "metadata": {"a": 1e999}}', 400, "malformed_json", []),
    "5000 digits": (
        b'{"name": "A", "metadata": {"a": %s}}' % (b"9" * 5000),
        400,
        "malformed_json",
        [],
    ),
    "65 deep": (b'{"a":' * 64 + b"[]" + b"}" * 64, 400, "malformed_json", []),
    "100000 deep": (b"[" * 100_000, 400, "malformed_json", []),
    "a list": (b"[]", 422, "invalid_request", [""]),
    "a string": (b'"name"', 422, "invalid_request", [""]),
    "null": (b"null", 422, "invalid_request", [""]),
    "a field missing": (b"{}", 422, "invalid_request", ["/name"]),
    "an unknown field": (b'{"name": "A", "nmae": "B"}', 422, "invalid_request", ["/nmae"]),
    "a number for a text": (b'{"name": 5}', 422, "invalid_request", ["/name"]),
    "null for a text": (b'{"name": null}', 422, "invalid_request", ["/name"]),
    "an empty text": (b'{"name": ""}', 422, "invalid_request", ["/name"]),
    "10,000 characters": (b'{"name": "%s"}' % (b"A" * 10_000), 422, "invalid_request", ["/name"]),
    "an escaped NUL": (b'{"name": "A\\u0000"}', 422, "invalid_request", ["/name"]),
    "an escaped control character": (b'{"name": "\\u001b[2J"}', 422, "invalid_request", ["/name"]),
    "half of a pair": (b'{"name": "A\\ud800"}', 422, "invalid_request", ["/name"]),
    "a NUL in a name": (
        b'{"name": "A", "metadata": {"a\\u0000": 1}}',
        422,
        "invalid_request",
        ["/metadata/a�"],
    ),
    "a NUL in a list": (
        b'{"name": "A", "metadata": {"a/b": [1, "\\u0000"]}}',
        422,
        "invalid_request",
        ["/metadata/a~1b/1"],
    ),
    "17 deep in metadata": (
        b'{"name": "A", "metadata": ' + b'{"a":' * 17 + b"1" + b"}" * 18,
        422,
        "invalid_request",
        ["/metadata"],
    ),
    "metadata of 17 KiB": (
        b'{"name": "A", "metadata": {"a": "%s"}}' % (b"A" * 17_000),
        422,
        "invalid_request",
        ["/metadata"],
    ),
    "no e-mail address": (b'{"name": "A", "email": "A"}', 422, "invalid_request", ["/email"]),
    "several at once": (
        b'{"name": "", "email": "A", "x": 1}',
        422,
        "invalid_request",
        ["/name", "/email", "/x"],
    ),
}


async def test_bodies_that_are_refused(
    api: Api, published_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    before = await read_contents(published_url)
    for what, (body, status, code, pointers) in BODIES.items():
        caplog.clear()
        with caplog.at_level(logging.INFO):
            reply = await api.http.put(
                ACCOUNT, content=body, headers={"Content-Type": "application/json"}
            )
        assert (reply.status_code, problem_of(reply)["code"]) == (status, code), what
        assert [fault["pointer"] for fault in reply.json().get("errors", [])] == pointers, what
        lines = [record for record in caplog.records if not record.name.startswith("httpx")]
        assert len(lines) == 1, what
        line = json.loads(LineFormatter().format(lines[0]))
        assert datetime.fromisoformat(line.pop("timestamp")).utcoffset() == timedelta(0)
        assert line.pop("ms") >= 0
        assert line == {
            "level": "INFO",
            "logger": "surety.requests",
            "event": "request",
            "request_id": reply.headers["X-Request-Id"],
            "method": "PUT",
            "path": ACCOUNT,
            "status": status,
            "operation": "put_account",
            "account_id": "c-1",
            "key": "admin",
            "problem": code,
        }
    assert await read_contents(published_url) == before


async def test_a_validation_problem_whole(api: Api) -> None:
    reply = await api.put(ACCOUNT, {"name": "Nordwind", "phone": "123"})
    assert problem_of(reply) == {
        "type": "/problems/invalid_request",
        "title": "The request is not valid",
        "status": 422,
        "detail": "/phone: There is no such field here. It takes name, email, region, metadata,"
        " sandbox.",
        "instance": "/v1/accounts/c-1",
        "code": "invalid_request",
        "errors": [
            {
                "pointer": "/phone",
                "detail": "There is no such field here. It takes name, email, region, metadata,"
                " sandbox.",
                "code": "extra_forbidden",
            }
        ],
        "choices": [
            {"value": name, "name": name}
            for name in ("name", "region", "email", "sandbox", "metadata")
        ],
    }


# What is sent to an order, and what its refusal says of each part that does not fit.
SALE = {"order_id": "SO-1", "offer": "livecart.express-1y", "payment": {"status": "paid"}}
MISFITS: list[tuple[Any, list[tuple[str, str]]]] = [
    (None, [("", "a body is required")]),
    ([], [("", "the body has to be a JSON object")]),
    ({"payment": "paid"}, [("/payment", "an object is required")]),
    ({"payment": {}}, [("/payment/status", "this field is required")]),
    ({"payment": {"status": "soon"}}, [("/payment/status", "one of paid, pending is required")]),
    ({"quantity": "2"}, [("/quantity", "a whole number is required")]),
    ({"site": 5}, [("/site", "a string is required")]),
    ({"quote_id": "77"}, [("/quote_id", "a UUID is required")]),
    ({"quantity": 0}, [("/quantity", "at least 1 is required")]),
    ({"quantity": 100_001}, [("/quantity", "at most 100,000 is taken")]),
    ({"site": ""}, [("/site", "at least 1 character is required")]),
    ({"site": "x" * 2001}, [("/site", "at most 2,000 characters are taken")]),
    (
        {"at": "2026-11-24T10:00:60Z"},
        [("/at", "an instant such as 2026-11-20T16:30:00+01:00 (RFC 3339) is required")],
    ),
    (
        {"expected_total": {"amount": 1, "currency": "eur"}},
        [("/expected_total/currency", "text that fits ^[A-Z]{3}$ is required")],
    ),
    (
        {"starts": "soon"},
        [
            ("/starts", "one of now, after_current is required"),
            (
                "/starts",
                "an instant is a string such as 2026-11-20T16:30:00+01:00 (RFC 3339)",
            ),
        ],
    ),
]


async def test_what_does_not_fit_is_told_what_is_wanted_and_where(api: Api) -> None:
    account = await api.make_account()
    for changed, faults in MISFITS:
        body = SALE | changed if isinstance(changed, dict) else changed
        problem = problem_of(await api.post(f"{account}/purchases", body))
        found = [(each["pointer"], each["detail"]) for each in problem["errors"]]
        assert found == faults, changed
        assert problem["detail"] == "; ".join(
            f"{pointer}: {detail}" if pointer else detail for pointer, detail in faults
        )
    ticket = {"ticket_id": "HD-1", "subject": "Help", "urgent": 1, "variables": {"A": 1}}
    problem = problem_of(await api.post(f"{account}/tickets", ticket))
    assert [each["pointer"] for each in problem["errors"]] == ["/urgent", "/variables/A"]
    assert problem["errors"][0]["detail"] == "true or false is required"
    asked: dict[str, Any] = {"calendar": 5, "items": {}}
    problem = problem_of(await api.post("/v1/business-time/due/items", asked))
    assert [(each["pointer"], each["detail"]) for each in problem["errors"]] == [
        ("/calendar", "a string is required"),
        ("/calendar", "an object is required"),
        ("/items", "a list is required"),
    ]
    asked = {"calendar": "livecart/business", "start": "2026-11-24T10:00:00Z"}
    asked["within"] = {"business_days": 1.5}
    problem = problem_of(await api.post("/v1/business-time/due", asked))
    assert [(each["pointer"], each["detail"]) for each in problem["errors"]] == [
        ("/within/business_days", "a whole number is required")
    ]
    parts: dict[str, list[Any]] = {"tickets": []}
    await api.buy(account, "livecart.express-1y")
    await api.open(account, "HD-1")
    problem = problem_of(await api.post(f"{account}/tickets/HD-1/split", parts))
    assert problem["detail"] == "/tickets: at least 1 item is required"
    parts = {"tickets": [{"ticket_id": f"P-{each}", "subject": "And?"} for each in (1, 2)]}
    parts["tickets"][1]["category"] = "level-9"
    problem = problem_of(await api.post(f"{account}/tickets/HD-1/split", parts))
    assert [each["pointer"] for each in problem["errors"]] == ["/tickets/1/category"]
    problem = problem_of(await api.get("/v1/offers?limit=many"))
    assert problem["errors"] == [
        {
            "pointer": "/limit",
            "detail": "a whole number is required",
            "code": "int_parsing",
            "in": "query",
        }
    ]


async def test_of_very_many_unknown_fields_the_first_hundred_are_listed(api: Api) -> None:
    """What is compared, built and sent does not grow with what nobody takes."""
    unknown: dict[str, Any] = {f"nmae{number:06}": 1 for number in range(200_000)}
    content = json.dumps({"name": "Nordwind", **unknown}).encode()
    headers = {"Content-Type": "application/json"}
    for query in ("", "?dry_run=true"):  # a plain request, and another
        began = time.process_time()
        reply = await api.http.put(ACCOUNT + query, content=content, headers=headers)
        took = time.process_time() - began
        problem = problem_of(reply)
        assert problem["code"] == "invalid_request"
        assert [each["pointer"] for each in problem["errors"]] == [
            f"/nmae{number:06}" for number in range(100)
        ]
        assert problem["errors"][99]["detail"] == (
            "There is no such field here. It takes name, email, region, metadata, sandbox."
        )
        assert problem["detail"].endswith(
            " sandbox. There are 200,000 faults; the first 100 are listed."
        )
        assert problem["choices"][0]["value"] == "name"
        assert len(reply.content) < 20_000
        assert took < 2, took


async def test_unknown_fields_in_any_part_count_together(api: Api) -> None:
    account = await api.make_account()
    many = {f"unknown{number}": "x" * 20 for number in range(600)}
    body = {"order_id": "SO-1", "offer": 5, "payment": {"status": "paid"} | many} | many
    problem = problem_of(await api.post(f"{account}/purchases", body))
    listed = [each["pointer"] for each in problem["errors"]]
    assert listed == ["/offer", *(f"/payment/unknown{number}" for number in range(99))]
    assert problem["detail"].endswith("There are 1,201 faults; the first 100 are listed.")
    # What is free to have any names has them all.
    taken = {f"field{number}": "x" * 300 for number in range(50)}
    reply = await api.put(f"{account}", {"name": "Nordwind", "metadata": taken})
    assert (reply.status_code, reply.json()["metadata"]) == (200, taken)


@pytest.mark.parametrize("count", [50, 51, 5_000])
async def test_of_very_many_faults_the_first_hundred_are_listed(api: Api, count: int) -> None:
    body = {"calendar": "corporate/business", "items": [{"start": "soon"}] * count}
    reply = await api.post("/v1/business-time/due/items", body)
    problem = problem_of(reply)
    assert len(problem["errors"]) == 100
    assert problem["errors"][99]["pointer"] == "/items/49/within"
    told = f" (RFC 3339). There are {2 * count:,} faults; the first 100 are listed."
    assert problem["detail"].endswith(told) == (count > 50)


async def test_of_very_many_unknown_parameters_the_first_hundred_are_listed(api: Api) -> None:
    asked = "&".join(f"catalogue{number:04}=1" for number in range(1000))
    problem = problem_of(await api.get(f"/v1/offers?{asked}"))
    assert [each["pointer"] for each in problem["errors"]] == [
        f"/catalogue{number:04}" for number in range(100)
    ]
    assert problem["detail"].endswith("There are 1,000 faults; the first 100 are listed.")


async def test_a_field_that_is_not_there_is_told_which_are(api: Api) -> None:
    for path, body, pointer, near, detail in (
        (
            f"{ACCOUNT}/tickets",
            {"ticket_id": "HD-1", "subjet": "It fails"},
            "/subjet",
            "subject",
            'There is no such field here. Did you mean "subject"?',
        ),
        (
            f"{ACCOUNT}/purchases",
            {"order_id": "SO-1", "payment": {"statos": "paid"}},
            "/payment/statos",
            "status",
            'There is no such field here. Did you mean "status"?',
        ),
        (
            f"{ACCOUNT}/tickets/HD-1/sessions/S-1/start",
            {"when": "2026-11-24T08:00:00Z"},
            "/when",
            "at",
            "There is no such field here. It takes at.",
        ),
    ):
        reply = await api.post(path, body)
        problem = problem_of(reply)
        assert problem["code"] == "invalid_request", path
        assert problem["choices"][0] == {"value": near, "name": near}, path
        (fault,) = [each for each in problem["errors"] if each["pointer"].endswith(pointer)]
        assert fault["code"] == "extra_forbidden"
        assert fault["detail"] == detail


# A ticket's body, each with one thing wrong, and where.
TICKETS_REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "no zone": ({"at": "2026-11-24T10:00:00"}, "/at"),
    "a date alone": ({"at": "2026-11-24"}, "/at"),
    "a number for an instant": ({"at": 1795510800}, "/at"),
    "digits for an instant": ({"at": "1795510800"}, "/at"),
    "a zone's name": ({"at": "2026-11-24T10:00:00[Europe/Berlin]"}, "/at"),
    "no such day": ({"at": "2026-02-30T10:00:00Z"}, "/at"),
    "before year 1": ({"at": "0001-01-01T00:00:00+14:00"}, "/at"),
    "before 1900": ({"at": "1899-12-31T23:59:59Z"}, "/at"),
    "after the last second": ({"at": "9999-12-31T23:59:59.999999Z"}, "/at"),
    "a slash in an id": ({"ticket_id": "a/b"}, "/ticket_id"),
    "a space in an id": ({"ticket_id": "a b"}, "/ticket_id"),
    "a newline after an id": ({"ticket_id": "HD-1\n"}, "/ticket_id"),
    "an id of 65 characters": ({"ticket_id": "a" * 65}, "/ticket_id"),
    "an id of 10,000 characters": ({"ticket_id": "a" * 10_000}, "/ticket_id"),
    "an empty id": ({"ticket_id": ""}, "/ticket_id"),
    "an id that begins with a dot": ({"ticket_id": "."}, "/ticket_id"),
    "a negative amount": ({"amount": -1}, "/amount"),
    "a fraction": ({"amount": 1.5}, "/amount"),
    "an amount in a text": ({"amount": "1"}, "/amount"),
    "a true amount": ({"amount": True}, "/amount"),
    "more than a billion": ({"amount": 1_000_000_001}, "/amount"),
    "more than 64 bits": ({"amount": 10**30}, "/amount"),
    "severity 0": ({"severity": 0}, "/severity"),
    "severity 6": ({"severity": 6}, "/severity"),
    "a hundred for a truth": ({"urgent": 100}, "/urgent"),
    "a text for a truth": ({"urgent": "yes"}, "/urgent"),
    "no such channel": ({"channel": "fax"}, "/channel"),
    "a catalogue in capitals": ({"catalog": "LiveCart"}, "/catalog"),
    "variables in a list": ({"variables": [1]}, "/variables"),
    "a negative variable": ({"variables": {"stores": -1}}, "/variables/stores"),
    "a site of 10,000 characters": ({"site": "https://a.example/" + "a" * 10_000}, "/site"),
}


async def test_tickets_that_are_refused(api: Api, published_url: str) -> None:
    account = await api.make_account()
    await api.buy(account, "livecart.express-1y")
    before = await read_contents(published_url)
    for what, (wrong, pointer) in TICKETS_REFUSED.items():
        reply = await api.post(TICKETS, {"ticket_id": "HD-1", "subject": "A"} | wrong)
        assert (reply.status_code, problem_of(reply)["code"]) == (422, "invalid_request"), what
        assert [fault["pointer"] for fault in reply.json()["errors"]] == [pointer], what
    assert await read_contents(published_url) == before


async def test_ids_in_addresses(api: Api) -> None:
    await api.make_account()
    for odd in ("a%00b", "a%0Ab", "a%20b", "%2E%2E", "-", "%C3%A9", "%FF", "a" * 10_000):
        for method in ("GET", "PUT", "POST"):
            path = f"/v1/accounts/{odd}" + ("/tickets" if method == "POST" else "")
            reply = await api.http.request(
                method,
                path,
                json=None if method == "GET" else {"name": "A"},
                headers={"Idempotency-Key": f"{method} {len(odd)}"},
            )
            assert reply.status_code == 422, (method, odd[:20], reply.text[:200])
            fault = problem_of(reply)["errors"][0]
            assert (fault["pointer"], fault["in"]) == ("/account_id", "path")
    for path in (f"{TICKETS}/a%00b", f"{ACCOUNT}/purchases/a%00b", "/v1/catalogs/a%00b"):
        assert problem_of(await api.get(path))["status"] == 422
    for path in ("/v1/api-keys/nothing", f"{ACCOUNT}/subscriptions/a%00b"):
        reply = await (api.delete(path) if "api-keys" in path else api.get(path))
        assert problem_of(reply)["status"] == 422


async def test_parameters_that_are_refused(api: Api) -> None:
    account = await api.make_account()
    for path in (
        "/v1/accounts?limit=0",
        "/v1/accounts?limit=201",
        "/v1/accounts?limit=ten",
        "/v1/accounts?email=nobody",
        "/v1/offers?currency=euro",
        "/v1/offers?unit=hour",
        "/v1/offers?catalog=a%00b",
        f"{account}/balance?at=2026-11-24T10:00:00",
        f"{account}/balance?at=2026-11-24",
        f"{account}/balance?at=1795510800",
        f"{account}/balance?sequence=-1",
        f"{account}/balance?site=%00",
        "/v1/catalogs/livecart/versions/0",
        "/v1/catalogs/livecart/versions/99999999999999999999",
    ):
        reply = await api.get(path)
        assert (reply.status_code, problem_of(reply)["code"]) == (422, "invalid_request"), path
        assert reply.json()["errors"][0]["in"] in ("query", "path")


async def test_a_misspelt_parameter_of_a_write_moves_nothing(api: Api, published_url: str) -> None:
    account = await api.make_account()
    before = await read_contents(published_url)
    body = {"order_id": "SO-1", "offer": "livecart.express-1y", "payment": {"status": "paid"}}
    for asked in ("dryrun=true", "dry_run=perhaps", "dry_run="):
        reply = await api.post(f"{account}/purchases?{asked}", body)
        assert (reply.status_code, problem_of(reply)["code"]) == (422, "invalid_request"), asked
    assert await read_contents(published_url) == before


async def test_a_term_past_year_9999_is_refused(api: Api, published_url: str) -> None:
    account = await api.make_account()
    before = await read_contents(published_url)
    order = {"order_id": "SO-1", "offer": "livecart.express-3y", "payment": {"status": "paid"}}
    reply = await api.post(f"{account}/purchases", order | {"starts": "9998-01-01T00:00:00Z"})
    assert problem_of(reply)["status"] == 422
    assert await read_contents(published_url) == before


async def test_zones_that_are_refused(api: Api) -> None:
    for zone in ("Mars/Olympus", "CET", "EST", "GMT+2", "Europe/berlin", "", "\u0000"):
        calendar = {"timezone": zone, "hours": {"mon": [["09:00", "17:00"]]}}
        question = {"calendar": calendar, "start": "2026-11-24T10:00:00Z", "within": "PT8H"}
        problem = problem_of(await api.post("/v1/business-time/due", question))
        assert problem["status"] == 422, zone
        assert problem["errors"][0]["pointer"] == "/calendar/timezone", zone
        assert problem["errors"][0]["detail"], zone


@pytest.mark.parametrize(
    ("sent", "detail"),
    [
        ({"Content-Type": "text/plain"}, "not text/plain."),
        ({"Content-Type": "application/x-www-form-urlencoded"}, "urlencoded."),
        ({"Content-Type": "application/merge-patch+json"}, "merge-patch+json."),
        ({}, "not without a type."),
        ({"Content-Type": "application/json", "Content-Encoding": "gzip"}, "Content-Encoding."),
    ],
)
async def test_only_plain_json_is_taken(api: Api, sent: dict[str, str], detail: str) -> None:
    reply = await api.http.put(ACCOUNT, content=b'{"name": "A"}', headers=sent)
    assert (reply.status_code, problem_of(reply)["code"]) == (415, "unsupported_media_type")
    assert reply.json()["detail"].endswith(detail)


async def test_json_may_name_its_charset(api: Api) -> None:
    headers = {"Content-Type": "application/json; charset=utf-8"}
    reply = await api.http.put(ACCOUNT, content='{"name": "Ö"}'.encode(), headers=headers)
    assert (reply.status_code, reply.json()["name"]) == (201, "Ö")


async def test_four_mebibytes_are_taken_and_no_more(api: Api) -> None:
    headers = {"Content-Type": "application/json"}
    largest = b'{"name": "%s"}' % (b"A" * (4 * 1024 * 1024 - 12))

    async def stream() -> Any:
        for _ in range(5):
            yield b"A" * 1024 * 1024

    for content in (largest + b" ", stream()):  # with a length, and without one
        reply = await api.http.put(ACCOUNT, content=content, headers=headers)
        assert (reply.status_code, problem_of(reply)["code"]) == (413, "body_too_large")
        assert reply.headers["X-Request-Id"]
    reply = await api.http.put(ACCOUNT, content=largest, headers=headers)
    assert problem_of(reply)["code"] == "invalid_request"


async def test_every_reply_has_a_request_id_and_security_headers(api: Api) -> None:
    for path in ("/healthz", "/v1/nothing", "/v1/queue", "/docs", "/problems/not_found"):
        reply = await api.get(path, headers={"X-Request-Id": "shop-17"})
        assert reply.headers["X-Request-Id"] == "shop-17"
        assert reply.headers["X-Content-Type-Options"] == "nosniff"
        assert reply.headers["Referrer-Policy"] == "no-referrer"
        assert reply.headers["X-Frame-Options"] == "DENY"
        assert "default-src 'none'" in reply.headers["Content-Security-Policy"]
    for unusable in ("", "a b", "a" * 129, "é"):
        reply = await api.get("/healthz", headers={"X-Request-Id": unusable.encode()})
        assert re.fullmatch(r"[0-9a-f-]{36}", reply.headers["X-Request-Id"])


async def test_an_error_of_ours_is_a_problem_too(
    api: Api, published_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    """A table is taken away under the service: whatever goes wrong, the reply says no more."""
    connection = await asyncpg.connect(published_url)
    await connection.execute("ALTER TABLE accounts RENAME TO elsewhere")
    await connection.close()
    reply = await api.get(ACCOUNT)
    assert reply.status_code == 500
    assert problem_of(reply) == {
        "type": "/problems/internal_error",
        "title": "Something went wrong on our side",
        "status": 500,
        "detail": "Something went wrong on our side. Nothing was done; the log has the details.",
        "instance": "/v1/accounts/c-1",
        "code": "internal_error",
    }
    assert reply.headers["X-Request-Id"] in caplog.text
    assert reply.headers["X-Content-Type-Options"] == "nosniff"
    assert 'relation "accounts" does not exist' in caplog.text


@pytest.mark.parametrize("hosts", [[], ["surety.test", "surety.test"], ["surety.test", "evil"]])
async def test_a_request_names_one_host(app: FastAPI, hosts: list[str]) -> None:
    async def answer(version: str) -> int:
        sent: list[Any] = []

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": b"", "more_body": False}

        async def send(message: Any) -> None:
            sent.append(message)

        scope = {
            "type": "http",
            "http_version": version,
            "method": "GET",
            "path": "/healthz",
            "query_string": b"",
            "headers": [(b"host", each.encode()) for each in hosts],
        }
        await app(scope, receive, send)
        if sent[0]["status"] == 400:
            count_problem(sent[1]["body"])
            assert json.loads(sent[1]["body"])["code"] == "invalid_host"
        return int(sent[0]["status"])

    assert await answer("1.1") == 400
    assert await answer("1.0") == (400 if hosts else 200)


@pytest.mark.parametrize(
    ("charset", "status"),
    [
        ("utf-8", 201),
        ('"UTF-8"', 201),
        ("utf-16", 415),
        ("latin-1", 415),
        ("utf-8; boundary=x", 201),
        ("iso-8859-1; charset=utf-8", 415),
    ],
)
async def test_a_body_is_utf_8_and_says_nothing_else(api: Api, charset: str, status: int) -> None:
    headers = {"Content-Type": f"application/json; charset={charset}"}
    reply = await api.http.put("/v1/accounts/c-1", content=b'{"name": "N"}', headers=headers)
    assert reply.status_code == status, reply.text


def test_no_sentence_writes_an_instant_by_its_own_form() -> None:
    """An instant in a sentence is the catalogue's civil time, or ends in `Z`: one of two forms."""
    written = [
        f"{path}:{node.lineno}"
        for floor in ("domain", "services", "api")
        for path in sorted(Path("app", floor).rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FormattedValue)
        and any(
            isinstance(each, ast.Attribute) and each.attr == "isoformat" for each in ast.walk(node)
        )
    ]
    # This one writes the other form itself.
    assert [each for each in written if "time/instants.py" not in each] == []


async def test_a_sentence_writes_an_instant_as_the_seller_reads_it(api: Api, clock: Clock) -> None:
    account = await api.make_account()
    await api.buy(account, "livecart.standard-1m")
    body = {"order_id": "SO-2", "offer": "livecart.standard-1m", "payment": {"status": "paid"}}
    twice = await api.post(f"{account}/purchases", body)
    until = "Thursday 24 December 2026, 10:00 (UTC+02:00)"
    assert f"until {until}" in twice.json()["detail"]
    await api.open(account)
    early = {"by": "agent", "at": "2026-11-24T07:58:00Z"}
    refused = await api.post(f"{TICKETS}/HD-1/replies", early)
    assert refused.json()["detail"] == "The ticket was opened at 2026-11-24T08:00:00Z."
    clock.move_to("2026-12-25T08:00:00Z")
    ended = await api.post(TICKETS, {"ticket_id": "HD-2", "subject": "x", "catalog": "livecart"})
    assert ended.json()["detail"] == f"The term lasted until {until}."


NOBODY = "00000000-0000-0000-0000-000000000000"
# What takes no body at all, whether or not what it is about is there.
BODILESS = (
    ("POST", f"{ACCOUNT}/tickets/HD-1/sessions/S-1/no-show"),
    ("POST", f"/v1/webhooks/{NOBODY}/ping"),
    ("POST", f"/v1/webhooks/{NOBODY}/deliveries/{NOBODY}/redelivery"),
    ("DELETE", f"{ACCOUNT}/contacts/u-1"),
    ("DELETE", f"{ACCOUNT}/subscriptions/{NOBODY}/suspension"),
    ("DELETE", f"/v1/webhooks/{NOBODY}"),
    ("DELETE", f"/v1/api-keys/{NOBODY}"),
)


async def test_what_takes_no_body_takes_no_member_of_one(api: Api) -> None:
    for method, path in BODILESS:
        refused = await api.http.request(method, path, json={"minutes": 5, "by": "m.ozols"})
        problem = problem_of(refused)
        assert (refused.status_code, problem["code"]) == (422, "invalid_request"), path
        assert problem["errors"] == [
            {
                "pointer": f"/{name}",
                "detail": "There is no such field here. It takes no body.",
                "code": "extra_forbidden",
            }
            for name in ("minutes", "by")
        ]
        assert "choices" not in problem
        empty: tuple[dict[str, str] | None, ...] = ({}, None)
        for nothing in empty:
            passed = await api.http.request(method, path, json=nothing)
            assert passed.status_code in (204, 404), (path, passed.text)


async def test_every_operation_without_a_body_is_among_those(api: Api) -> None:
    document = (await api.get("/openapi.json")).json()["paths"]
    without = {
        (method.upper(), path)
        for path, operations in document.items()
        for method, operation in operations.items()
        if method in ("post", "put", "patch", "delete") and "requestBody" not in operation
    }
    shapes = {
        (method, re.compile(re.sub(r"\\\{[a-z_]+\\\}", "[^/]+", re.escape(path)) + "$"))
        for method, path in without
    }
    assert len(without) == len(BODILESS)
    assert all(
        any(m == method and shape.match(path) for m, path in BODILESS) for method, shape in shapes
    )
