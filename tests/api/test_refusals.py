"""Refusals that no other story tells, each by its code."""

from typing import Any

import pytest

from app.services.catalog.catalogs import packaged_documents
from app.services.reports import statements
from tests.api.conftest import Api, Clock

A = "/v1/accounts/c-1"
T = f"{A}/tickets/HD-1"
WHY = {"reason": "It has to be", "actor": "m.ozols"}
GRANT = {"reference": "g-1", "catalog": "livecart", "unit": "incident", "amount": 1} | WHY
CHAT = {"kind": "chat", "starts_at": "2026-11-24T08:00:00Z"}
DUE = {"start": "2026-11-24T08:00:00Z", "within": "PT8H"}
PHONED = {"catalog": "livecart", "plan": "standard", "channel": "phone"}

# What is asked on an account with an open ticket on Express, the status and code that it gets,
# and the place of what is wrong.
REFUSED: list[tuple[str, str, Any, int, str, str | None]] = [
    ("GET", "/v1/calendars/livecart/nights", None, 404, "calendar_unknown", None),
    (
        "GET",
        "/v1/calendars/livecart/business?from=2026-01-01T00:00:00Z&to=2029-01-01T00:00:00Z",
        None,
        422,
        "range_too_long",
        None,
    ),
    (
        "PUT",
        "/v1/catalogs/other",
        packaged_documents()["livecart"],
        422,
        "catalog_code_differs",
        "/code",
    ),
    ("POST", "/v1/api-keys", {"name": "shop"}, 422, "role_or_scopes", "/role"),
    ("POST", "/v1/business-time/due", {"calendar": {}} | DUE, 422, "invalid_calendar", "/calendar"),
    (
        "POST",
        "/v1/deadlines/preview",
        PHONED | {"opened_at": "2026-11-24T08:00:00Z"},
        422,
        "not_on_plan",
        "/channel",
    ),
    (
        "POST",
        "/v1/business-time/due",
        {"calendar": "livecart/business"} | DUE | {"within": "PT99999999H"},
        422,
        "never_opens",
        None,
    ),
    ("POST", f"{A}/grants", GRANT, 422, "plan_required", "/plan"),
    ("POST", f"{A}/grants", GRANT | {"plan": "gold"}, 422, "unknown_plan", "/plan"),
    (
        "POST",
        f"{A}/grants",
        GRANT | {"plan": "express", "expires_at": "2026-11-24T08:00:00Z"},
        422,
        "ends_in_past",
        "/expires_at",
    ),
    (
        "POST",
        f"{A}/grants",
        GRANT | {"plan": "express", "unit": "point"},
        422,
        "unit_mismatch",
        "/unit",
    ),
    ("POST", f"{T}/reopening", {"reason": "It is back"}, 409, "ticket_not_resolved", None),
    ("POST", f"{T}/refund", WHY, 409, "charge_not_settled", None),
    ("POST", f"{T}/resumption", None, 409, "ticket_not_paused", None),
    ("POST", f"{T}/dispute/decision", {"refund_amount": 0} | WHY, 409, "no_dispute", None),
    ("POST", f"{T}/sessions/S-9/start", None, 404, "session_unknown", None),
    ("POST", f"{T}/work/W-9/correction", {"minutes": 1} | WHY, 404, "work_unknown", None),
    (
        "POST",
        f"{T}/sessions",
        CHAT | {"session_id": "S-1", "starts_at": "2036-11-24T08:00:00Z"},
        422,
        "starts_too_far",
        "/starts_at",
    ),
]


@pytest.fixture
async def account(api: Api) -> str:
    """Open a ticket on Express."""
    account = await api.make_account()
    await api.buy(account, "livecart.express-1y")
    await api.open(account)
    return account


@pytest.mark.usefixtures("account")
async def test_what_is_refused(api: Api) -> None:
    for method, path, body, status, code, pointer in REFUSED:
        reply = await api.http.request(method, path, json=body)
        assert (reply.status_code, reply.json()["code"]) == (status, code), reply.text
        if pointer is not None:
            assert reply.json()["errors"][0]["pointer"].startswith(pointer), code


async def test_an_account_without_plans_has_to_name_a_catalogue(api: Api) -> None:
    account = await api.make_account()
    reply = await api.post(f"{account}/tickets", {"ticket_id": "HD-1", "subject": "Help"})
    assert (reply.status_code, reply.json()["code"]) == (422, "catalog_required")
    assert reply.json()["errors"][0]["pointer"] == "/catalog"
    assert "agency, corporate, livecart" in reply.json()["detail"]


@pytest.mark.usefixtures("account")
async def test_a_charge_is_disputed_once_at_a_time(api: Api) -> None:
    first = await api.post(f"{T}/dispute", {"reason": "It was one question"})
    assert (first.status_code, first.json()["dispute"]["status"]) == (200, "open")
    again = await api.post(f"{T}/dispute", {"reason": "It was one question"})
    assert (again.status_code, again.json()["code"]) == (409, "dispute_open")


async def test_a_severity_that_the_catalogue_does_not_define(api: Api) -> None:
    document = packaged_documents()["agency"]
    del document["severities"]["4"]
    document.pop("examples", None)
    assert (await api.put("/v1/catalogs/agency", document)).status_code == 201
    account = await api.make_account()
    ticket = {"ticket_id": "HD-1", "subject": "Help", "catalog": "agency", "severity": 4}
    reply = await api.post(f"{account}/tickets", ticket)
    assert (reply.status_code, reply.json()["code"]) == (422, "unknown_severity")
    assert reply.json()["errors"][0]["pointer"] == "/severity"


@pytest.mark.usefixtures("account")
async def test_a_statement_is_of_so_many_movements_at_most(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(statements, "MOST_ENTRIES", 1)  # the grant; the ticket's is too many
    reply = await api.get(f"{A}/statement")
    assert (reply.status_code, reply.json()["code"]) == (422, "period_too_long")


@pytest.mark.usefixtures("account")
async def test_one_session_of_a_ticket_runs_at_a_time(api: Api, clock: Clock) -> None:
    for number in (1, 2):
        slot = {"starts_at": f"2026-11-24T{8 + number:02}:00:00Z"}
        booked = await api.post(f"{T}/sessions", CHAT | slot | {"session_id": f"S-{number}"})
        assert booked.status_code == 201, booked.text
    clock.advance(hours=1)
    assert (await api.post(f"{T}/sessions/S-1/start")).status_code == 200
    for path, body, status, code in (
        ("S-2/start", None, 409, "session_running"),
        ("S-1/correction", {"minutes": 1} | WHY, 409, "session_not_ended"),
        ("S-1/end", {"at": "2026-11-24T08:59:00Z"}, 422, "ends_before_start"),
    ):
        reply = await api.post(f"{T}/sessions/{path}", body)
        assert (reply.status_code, reply.json()["code"]) == (status, code)
