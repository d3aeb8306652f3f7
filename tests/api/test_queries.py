"""What stands behind the question mark: unknown parameters and filters of nothing are refused."""

import pytest

from app.main import create_app
from tests.api.conftest import Api

A = "/v1/accounts/c-1"


async def test_every_read_refuses_a_parameter_that_it_does_not_have(api: Api) -> None:
    paths = create_app().openapi()["paths"]
    reads = [path for path, item in paths.items() if path.startswith("/v1/") and "get" in item]
    assert len(reads) > 30
    answered = {}
    for path in reads:
        reply = await api.get(path.replace("{", "").replace("}", ""), params={"nonsense": "1"})
        answered[path] = (
            reply.status_code,
            [each["in"] for each in reply.json().get("errors", [])],
        )
    assert answered == dict.fromkeys(reads, (422, ["query"]))


@pytest.mark.parametrize(
    ("path", "pointer", "hint"),
    [
        ("/v1/accounts?mail=shop@nordwind.example", "/mail", "did you mean email?"),
        ("/v1/deadlines?atrisk=true", "/atrisk", "did you mean at_risk?"),
        ("/v1/queue?cataolg=livecart", "/cataolg", "did you mean catalog?"),
        ("/v1/offers?currrency=USD", "/currrency", "did you mean currency?"),
        (f"{A}/balance?att=2026-11-24T08:00:00Z", "/att", "did you mean at?"),
        (f"{A}?dry_run=true", "/dry_run", "it takes none"),
    ],
)
async def test_a_misspelt_parameter_is_named_with_the_nearest_one(
    api: Api, path: str, pointer: str, hint: str
) -> None:
    reply = await api.get(path)
    assert reply.status_code == 422, reply.text
    assert reply.json()["errors"] == [
        {
            "pointer": pointer,
            "detail": f"there is no such parameter; {hint}",
            "code": "unknown_parameter",
            "in": "query",
        }
    ]


async def test_who_has_no_key_learns_no_parameter(api: Api) -> None:
    assert (await api.holding(None).get("/v1/queue?cataolg=livecart")).status_code == 401


async def test_a_filter_has_to_name_what_exists(api: Api) -> None:
    account = await api.make_account()
    await api.buy(account, "livecart.express-1y")
    await api.open(account)
    for path in ("/v1/queue", "/v1/deadlines", f"{A}/balance", f"{A}/statement"):
        known = await api.get(path, params={"catalog": "livecart"})
        assert known.status_code == 200, known.text
        for _ in range(2):
            refused = await api.get(path, params={"catalog": "livecrat"})
            problem = refused.json()
            assert (refused.status_code, problem["code"]) == (422, "unknown_filter"), path
            assert [each["pointer"] for each in problem["errors"]] == ["/catalog"]
            assert "agency, corporate, livecart" in problem["detail"]
        malformed = await api.get(path, params={"catalog": "live\0cart"})
        assert (malformed.status_code, malformed.json()["code"]) == (422, "invalid_request")


async def test_a_plan_to_filter_by_is_one_that_was_published(api: Api) -> None:
    account = await api.make_account()
    await api.buy(account, "livecart.express-1y")
    await api.open(account)
    for path in ("/v1/queue", "/v1/deadlines", "/v1/subscriptions", f"{A}/tickets"):
        for _ in range(2):
            known = await api.get(path, params={"plan": "express"})
            assert (known.status_code, len(known.json()["data"])) == (200, 1), path
        for asked in ({"plan": "expres"}, {"plan": "express", "catalog": "corporate"}):
            refused = await api.get(path, params=asked)
            assert (refused.status_code, refused.json()["code"]) == (422, "unknown_filter"), path
            assert [each["pointer"] for each in refused.json()["errors"]] == ["/plan"]


async def test_a_report_on_nobody_is_refused(api: Api) -> None:
    reply = await api.get("/v1/reports/sla?account_id=nobody")
    assert reply.status_code == 422
    assert [each["pointer"] for each in reply.json()["errors"]] == ["/account_id"]
