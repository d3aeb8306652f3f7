"""Keys: read without their secrets, rotated with an overlap, and when they were last used."""

from datetime import timedelta
from typing import Any

import pytest
from fastapi import FastAPI

from app.domain.time.instants import write_instant
from tests.api.conftest import Api, Clock


@pytest.fixture
async def made(api: Api) -> dict[str, Any]:
    """Make a key for a shop."""
    reply = await api.post("/v1/api-keys", {"name": "shop", "role": "storefront"})
    assert reply.status_code == 201, reply.text
    key: dict[str, Any] = reply.json()
    return key


async def works(api: Api, secret: str) -> bool:
    status = (await api.holding(secret).get("/v1/accounts")).status_code
    assert status in (200, 401)
    return status == 200


async def test_a_key_is_read_without_its_secret(api: Api, made: dict[str, Any]) -> None:
    secret = made.pop("secret")
    reply = await api.get(f"/v1/api-keys/{made['id']}")
    assert reply.json() == made
    assert secret not in reply.text
    assert made == {
        "id": made["id"],
        "name": "shop",
        "prefix": secret[:14],
        "role": "storefront",
        "scopes": ["accounts:write", "purchases:write", "read"],
        "account_id": None,
        "created_at": "2026-11-24T08:00:00Z",
        "expires_at": None,
        "revoked_at": None,
        "rotated_at": None,
        "previous_valid_until": None,
        "last_used_at": None,
    }


async def test_both_secrets_work_during_the_overlap(
    api: Api, clock: Clock, made: dict[str, Any]
) -> None:
    clock.advance(hours=1)
    reply = await api.post(f"/v1/api-keys/{made['id']}/rotation", {"overlap": "P7D"})
    rotated = reply.json()
    assert (reply.status_code, reply.headers["Cache-Control"]) == (200, "no-store")
    assert rotated["secret"] != made["secret"]
    assert rotated == made | {
        "secret": rotated["secret"],
        "prefix": rotated["secret"][:14],
        "rotated_at": "2026-11-24T09:00:00Z",
        "previous_valid_until": "2026-12-01T09:00:00Z",
    }
    assert await works(api, made["secret"])
    assert await works(api, rotated["secret"])
    clock.advance(days=7, microseconds=-1)
    assert await works(api, made["secret"])
    clock.advance(microseconds=1)
    assert not await works(api, made["secret"])
    assert await works(api, rotated["secret"])


async def test_an_overlap_is_a_day_unless_another_is_given(
    api: Api, clock: Clock, made: dict[str, Any]
) -> None:
    bodies: list[dict[str, Any] | None] = [{}, None]
    for body in bodies:
        rotated = (await api.post(f"/v1/api-keys/{made['id']}/rotation", body)).json()
        assert rotated["previous_valid_until"] == write_instant(clock.now + timedelta(days=1))


async def test_without_an_overlap_the_old_secret_ends_at_once(
    api: Api, made: dict[str, Any]
) -> None:
    assert await works(api, made["secret"])
    rotated = (await api.post(f"/v1/api-keys/{made['id']}/rotation", {"overlap": "PT0S"})).json()
    assert not await works(api, made["secret"])
    assert await works(api, rotated["secret"])


@pytest.mark.parametrize("overlap", ["P31D", "-PT1S", "P1M", "soon", 60, None])
async def test_an_overlap_is_30_days_at_most(
    api: Api, made: dict[str, Any], overlap: object
) -> None:
    reply = await api.post(f"/v1/api-keys/{made['id']}/rotation", {"overlap": overlap})
    assert (reply.status_code, reply.json()["errors"][0]["pointer"]) == (422, "/overlap")


async def test_rotating_again_ends_the_oldest_secret(api: Api, made: dict[str, Any]) -> None:
    path = f"/v1/api-keys/{made['id']}/rotation"
    second, third = [(await api.post(path, {})).json()["secret"] for _ in range(2)]
    secrets = (made["secret"], second, third)
    assert [await works(api, secret) for secret in secrets] == [False, True, True]


async def test_a_retried_rotation_happens_once_and_its_replay_has_no_secret(
    api: Api, made: dict[str, Any]
) -> None:
    path, headers = f"/v1/api-keys/{made['id']}/rotation", {"Idempotency-Key": "rotate-1"}
    first = (await api.post(path, {}, headers=headers)).json()
    again = await api.post(path, {}, headers=headers)
    assert again.headers["Idempotent-Replayed"] == "true"
    secret = first.pop("secret")
    assert again.json() == first
    assert await works(api, secret)
    assert await works(api, made["secret"])


async def test_revoking_ends_both_secrets_and_there_is_nothing_left_to_rotate(
    api: Api, made: dict[str, Any]
) -> None:
    path = f"/v1/api-keys/{made['id']}"
    rotated = (await api.post(f"{path}/rotation", {})).json()
    await api.delete(path)
    assert [await works(api, each["secret"]) for each in (made, rotated)] == [False, False]
    reply = await api.post(f"{path}/rotation", {})
    assert (reply.status_code, reply.json()["code"]) == (409, "key_ended")


async def test_an_expired_key_is_not_rotated_and_an_overlap_does_not_outlive_it(
    api: Api, clock: Clock
) -> None:
    ends = clock.now + timedelta(hours=1)
    order = {"name": "shop", "role": "viewer", "expires_at": ends.isoformat()}
    made = (await api.post("/v1/api-keys", order)).json()
    await api.post(f"/v1/api-keys/{made['id']}/rotation", {"overlap": "P7D"})
    clock.move_to(ends)
    assert not await works(api, made["secret"])
    reply = await api.post(f"/v1/api-keys/{made['id']}/rotation", {})
    assert reply.json()["code"] == "key_ended"


async def test_a_key_that_is_not_there(api: Api) -> None:
    nobody = "/v1/api-keys/01938a5e-0000-7000-8000-000000000000"
    replies = [await api.get(nobody), await api.post(f"{nobody}/rotation", {})]
    assert [(each.status_code, each.json()["code"]) for each in replies] == [
        (404, "key_unknown")
    ] * 2


async def test_last_use_is_kept_in_memory_and_written_now_and_then(
    app: FastAPI, api: Api, clock: Clock, made: dict[str, Any]
) -> None:
    async def read_last_use() -> Any:
        return (await api.get(f"/v1/api-keys/{made['id']}")).json()["last_used_at"]

    for _ in range(3):
        assert await works(api, made["secret"])
        clock.advance(seconds=20)
    assert await read_last_use() is None
    await app.state.keyring.record_uses(app.state.database)
    assert await read_last_use() == "2026-11-24T08:00:40Z"
    # Another process that saw an earlier use does not take the later one back.
    clock.move_to("2026-11-24T08:00:30+00:00")
    assert await works(api, made["secret"])
    await app.state.keyring.record_uses(app.state.database)
    assert await read_last_use() == "2026-11-24T08:00:40Z"
