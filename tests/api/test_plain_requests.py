"""What is answered by less is answered the same: a query that changes nothing goes the long way."""

import inspect

import httpx
import pytest

from tests.api.conftest import Api
from tests.support.route_table import EVERY_ROUTE

ACCOUNT = "/v1/accounts/c-1"
NO_DATE = {"subject": "Checkout fails", "at": "tomorrow"}
QUESTIONS = (
    ("GET", ACCOUNT, None, 200),
    ("GET", f"{ACCOUNT}/balance", None, 200),
    ("GET", f"{ACCOUNT}/tickets/HD-1", None, 200),
    ("GET", f"{ACCOUNT}/tickets/HD-1/deadlines", None, 200),
    ("GET", f"{ACCOUNT}/tickets/{'x' * 65}", None, 422),
    ("GET", "/v1/accounts/-", None, 422),
    ("POST", f"{ACCOUNT}/coverage", {"subject": "Checkout fails"}, 200),
    ("POST", f"{ACCOUNT}/coverage", NO_DATE, 422),
    ("POST", f"{ACCOUNT}/coverage", {"subjekt": "Checkout fails"}, 422),
    ("POST", f"{ACCOUNT}/coverage", None, 422),
    ("GET", "/healthz", None, 200),
)


def shown(reply: httpx.Response) -> tuple[int, bytes, dict[str, str]]:
    headers = {name: text for name, text in reply.headers.items() if name != "x-request-id"}
    return reply.status_code, reply.content, headers


@pytest.mark.parametrize(("method", "path", "body", "status"), QUESTIONS)
async def test_a_plain_request_is_answered_as_any_other(
    api: Api, method: str, path: str, body: object, status: int
) -> None:
    account = await api.make_account()
    await api.buy(account, "livecart.express-1y")
    await api.open(account)
    plain = await api.http.request(method, path, json=body)
    long = await api.http.request(method, f"{path}?&", json=body)
    assert plain.status_code == status
    assert shown(plain) == shown(long)


async def test_a_status_and_a_header_that_a_function_sets_are_sent(api: Api) -> None:
    made = await api.put(ACCOUNT, {"name": "Nordwind"})
    again = await api.put(ACCOUNT, {"name": "Nordwind"})
    assert (made.status_code, again.status_code) == (201, 200)
    assert made.headers["ETag"] == again.headers["ETag"]


async def test_a_header_that_an_operation_takes_is_read(api: Api) -> None:
    await api.make_account()
    reply = await api.put(ACCOUNT, {"name": "Other"}, headers={"If-Match": '"7"'})
    assert (reply.status_code, reply.json()["code"]) == (412, "precondition_failed")


def test_what_is_left_out_of_a_plain_request_is_the_function_s_own_default() -> None:
    for route in EVERY_ROUTE:
        parameters = inspect.signature(route.endpoint).parameters
        for field in (*route.dependant.query_params, *route.dependant.header_params):
            if not field.field_info.is_required():
                assert parameters[field.name].default == field.get_default(), (route, field.name)
