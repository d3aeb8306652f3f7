"""Many targets at once are answered as each of them alone."""

from typing import Any

import pytest

from app.api.time.business_time import DueAnswers
from tests.api.conftest import Api

DUE = "/v1/business-time/due"
ITEMS: list[dict[str, Any]] = [
    {"start": "2026-11-24T10:00:00+02:00", "within": "PT4H"},
    {"start": "2026-11-27T15:00:00Z", "within": "PT30M"},
    {"start": "2026-11-27T15:00:00.000001Z", "within": "PT8H30M"},
    {"start": "2026-12-24T09:00:00Z", "within": "-PT90M"},
    {"start": "2026-11-28T12:00:00Z", "within": {"business_days": 7}},
    {"start": "2026-11-28T12:00:00Z", "within": {"business_days": -2}},
    {"start": "2026-11-28T12:00:00Z", "within": "PT0S"},
]


async def test_many_dues_are_each_what_one_is(api: Api) -> None:
    calendar = {"calendar": "livecart/business"}
    alone = [(await api.post(DUE, calendar | item)).json() for item in ITEMS]
    together = await api.post(DUE, calendar | {"items": ITEMS})
    assert together.status_code == 200
    assert together.headers["Content-Type"] == "application/json"
    assert together.json() == {"items": alone}
    DueAnswers.model_validate(together.json())


@pytest.mark.parametrize(
    "item",
    [
        {"start": "2026-11-24T10:00:00", "within": "PT4H"},
        {"start": "2026-11-24T10:00:00Z", "within": "4 hours"},
        {"start": "2026-11-24T10:00:00Z"},
    ],
)
async def test_one_that_is_wrong_among_many_is_named(api: Api, item: dict[str, Any]) -> None:
    reply = await api.post(DUE, {"calendar": "livecart/business", "items": [*ITEMS, item]})
    assert reply.status_code == 422
    pointers = [each["pointer"] for each in reply.json()["errors"]]
    assert all(each.startswith(f"/items/{len(ITEMS)}/") for each in pointers), pointers
