"""Helpers of the tests of problems, shared with others."""

from typing import Any

import httpx


def problem_of(reply: httpx.Response) -> dict[str, Any]:
    assert reply.headers["Content-Type"] == "application/problem+json"
    problem: dict[str, Any] = reply.json()
    assert problem["status"] == reply.status_code
    assert problem["type"] == f"/problems/{problem['code']}"
    assert set(problem) >= {"title", "detail", "instance"}
    return problem
