"""What one question to a calendar may take: it is bounded, and others are not kept waiting."""

import asyncio
import copy
import time
import tomllib
from pathlib import Path
from typing import Any

import pytest

from app.domain.time import compiled_calendars
from app.services.time.calculations import MOST
from tests.api.conftest import Api

SELLER = tomllib.loads(
    (Path(__file__).parents[2] / "app" / "catalogs" / "corporate.toml").read_text()
)
DUE, ELAPSED = "/v1/business-time/due", "/v1/business-time/elapsed"
WEEK = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
EVERY_HOUR: dict[str, Any] = {
    "timezone": "Europe/Berlin",
    "hours": {day: [[f"{hour:02}:00", f"{hour:02}:59"] for hour in range(24)] for day in WEEK},
}
BERLIN: dict[str, Any] = {
    "timezone": "Europe/Berlin",
    "hours": {day: [["09:00", "17:00"]] for day in WEEK[:5]},
}
UNION: dict[str, Any] = {
    "timezone": "Europe/Berlin",
    "hours": {day: [[f"{hour:02}:00", f"{hour:02}:59"] for hour in range(12)] for day in WEEK},
    "union": [
        {
            "timezone": "America/New_York",
            "hours": {
                day: [[f"{hour:02}:00", f"{hour:02}:59"] for hour in range(12)] for day in WEEK
            },
        }
    ],
}


@pytest.mark.parametrize(
    ("path", "body"),
    [
        (DUE, {"calendar": EVERY_HOUR, "start": "1900-01-01T00:00:00Z", "within": "PT99999999H"}),
        (
            DUE,
            {
                "calendar": UNION,
                "start": "1900-01-01T00:00:00Z",
                "within": {"business_days": 100_000},
            },
        ),
        (DUE, {"calendar": UNION, "start": "2090-01-01T00:00:00Z", "within": "-PT99999999H"}),
        (
            ELAPSED,
            {
                "calendar": EVERY_HOUR,
                "start": "1900-01-01T00:00:00Z",
                "end": "2090-01-01T00:00:00Z",
            },
        ),
    ],
    ids=["due", "business days of a union", "back", "elapsed"],
)
async def test_what_takes_too_much_is_refused_with_the_limit_and_keeps_nobody_waiting(
    api: Api, path: str, body: dict[str, Any]
) -> None:
    slowest, done = 0.0, asyncio.Event()

    async def watch() -> None:
        nonlocal slowest
        while not done.is_set():
            began = time.thread_time()
            await asyncio.sleep(0.001)
            slowest = max(slowest, time.thread_time() - began)

    watching = asyncio.create_task(watch())
    reply = await api.post(path, body)
    done.set()
    await watching
    assert (reply.status_code, reply.json()["code"]) == (422, "calculation_too_large")
    assert reply.json()["limit"] == MOST
    assert f"{MOST:,}" in reply.json()["detail"]
    assert slowest < 1


async def test_sixty_heavy_calendars_are_not_all_kept(api: Api) -> None:
    for number in range(60):
        calendar = EVERY_HOUR | {"holidays": [f"20{number + 10}-12-25"]}
        body = {"calendar": calendar, "start": "2026-01-01T00:00:00Z", "within": "PT9000H"}
        assert (await api.post(DUE, body)).status_code == 200
    kept = compiled_calendars._compiled._kept
    assert sum(weight for _, weight in kept.values()) <= compiled_calendars._MOST_KEPT
    intervals = sum(
        len(block.starts)
        for open_time, _ in kept.values()
        for years in (open_time._open, open_time._business)
        for block in (*years.blocks.values(), *years._templates.values())
    )
    assert intervals <= compiled_calendars._MOST_KEPT


async def test_far_away_an_ordinary_calendar_is_answered(api: Api) -> None:
    body = {"calendar": BERLIN, "start": "1900-01-01T00:00:00Z", "end": "2026-11-28T00:00:00Z"}
    reply = await api.post(ELAPSED, body)
    assert reply.status_code == 200, reply.text
    assert reply.json()["seconds"] == reply.json()["business_days"] * 8 * 3600


@pytest.mark.parametrize(
    ("start", "within", "due_at"),
    [
        ("1900-01-01T12:00:00Z", "-PT90M", "1900-01-01T10:30:00Z"),
        ("1900-01-02T09:00:00Z", {"business_days": -1}, "1900-01-01T09:00:00Z"),
        ("2026-11-24T12:00:00+01:00", "-PT90M", "2026-11-24T09:30:00Z"),
        ("2026-11-24T09:30:00+01:00", "-PT90M", "2026-11-23T15:00:00Z"),
    ],
)
async def test_a_time_long_ago_and_a_duration_back_in_time(
    api: Api, start: str, within: Any, due_at: str
) -> None:
    reply = await api.post(DUE, {"calendar": BERLIN, "start": start, "within": within})
    assert (reply.status_code, reply.json()["due_at"]) == (200, due_at)
    items = await api.post(DUE, {"calendar": BERLIN, "items": [{"start": start, "within": within}]})
    assert items.json()["items"][0]["due_at"] == due_at
    explained = await api.post(
        DUE, {"calendar": BERLIN, "start": start, "within": within, "explain": True}
    )
    assert explained.status_code == 200
    segments = explained.json()["explain"]
    assert (segments[0]["from"], segments[-1]["counted"]) == (due_at, True)


@pytest.mark.parametrize("within", ["-PT90M", "-PT99999H", {"business_days": -3}])
async def test_what_ends_before_1900_is_refused(api: Api, within: Any) -> None:
    start = "1900-01-01T08:30:00Z"
    alone = {"calendar": BERLIN, "start": start, "within": within}
    many = {"calendar": BERLIN, "items": [{"start": start, "within": within}]}
    for body in (alone, many):
        reply = await api.post(DUE, body)
        assert (reply.status_code, reply.json()["code"]) == (422, "instant_out_of_range")
        assert "1900" in reply.json()["detail"]


async def test_ten_thousand_items_are_answered(api: Api) -> None:
    items = [
        {"start": f"2026-{1 + n % 12:02}-{1 + n % 28:02}T10:00:00Z", "within": f"PT{1 + n % 40}H"}
        for n in range(10_000)
    ]
    reply = await api.post(DUE, {"calendar": "livecart/business", "items": items})
    assert (reply.status_code, len(reply.json()["items"])) == (200, 10_000)
    alone = await api.post(DUE, {"calendar": "livecart/business"} | items[4711])
    assert reply.json()["items"][4711] == alone.json()
    more = await api.post(DUE, {"calendar": "livecart/business", "items": [*items, items[0]]})
    assert more.status_code == 422
    pairs = [{"start": each["start"], "end": "2026-07-01T00:00:00Z"} for each in items]
    reply = await api.post(ELAPSED, {"calendar": "livecart/business", "items": pairs})
    assert (reply.status_code, len(reply.json()["items"])) == (200, 10_000)
    backwards = [each for each in reply.json()["items"] if each["seconds"] < 0]
    assert backwards
    assert all(each["elapsed"].startswith("-PT") for each in backwards)


async def test_a_preview_is_bounded_as_the_rest_is(api: Api) -> None:
    """Also by the calendar of a catalogue, which a key with `catalogs:write` may publish."""
    document = copy.deepcopy(SELLER)
    document["code"] = "heavy"
    document.pop("examples")
    for calendar in document["calendars"].values():
        calendar.pop("union", None)
        calendar["hours"] = EVERY_HOUR["hours"]
    published = await api.put("/v1/catalogs/heavy", document)
    assert published.status_code == 201, published.text
    question: dict[str, Any] = {
        "catalog": "heavy",
        "plan": "gold",
        "severity": 4,
        "opened_at": "1900-01-02T08:00:00Z",
    }
    slowest, done = 0.0, asyncio.Event()

    async def watch() -> None:
        nonlocal slowest
        while not done.is_set():
            began = time.thread_time()
            await asyncio.sleep(0.001)
            slowest = max(slowest, time.thread_time() - began)

    watching = asyncio.create_task(watch())
    far = await api.post("/v1/deadlines/preview", question | {"at": "9998-01-01T00:00:00Z"})
    done.set()
    await watching
    assert (far.status_code, far.json()["code"]) == (422, "calculation_too_large")
    assert slowest < 1
    near = await api.post("/v1/deadlines/preview", question | {"opened_at": "2026-11-24T08:00:00Z"})
    assert near.status_code == 200, near.text
    assert near.json()["deadlines"]
