"""Helpers of the tests of coverage answers, shared with others."""

from tests.api.conftest import Api


async def hold_role(api: Api, role: str) -> Api:
    made = await api.post("/v1/api-keys", {"name": role, "role": role})
    assert made.status_code == 201, made.text
    return api.holding(made.json()["secret"])
