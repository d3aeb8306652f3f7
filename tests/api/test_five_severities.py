"""A scale of five severities, P1 to P5, beside catalogues that name fewer."""

from typing import Any

from app.services.catalog.catalogs import packaged_documents
from tests.api.conftest import Api

FIFTH = {"name": "Wish", "definition": "It would be nice to have."}
LEVELS = [1, 2, 3, 4, 5]


async def publish(api: Api) -> None:
    """Publish seed 004 with a fifth severity, which Gold answers within five business days."""
    document = packaged_documents()["corporate"]
    for plan in document["plans"].values():
        plan["matrix"]["first_response"]["5"] = "5 bd"
        plan["matrix"]["resolution"]["5"] = "none"
    document["severities"] |= {"5": FIFTH}
    published = await api.put("/v1/catalogs/corporate", document)
    assert published.status_code == 201, published.text


async def test_a_fifth_severity_is_one_like_the_others(api: Api) -> None:
    await publish(api)
    listed = (await api.get("/v1/catalogs/corporate/severities")).json()["data"]
    assert [each["level"] for each in listed] == LEVELS
    account = await api.make_account()
    await api.buy(account, "corporate.gold")
    opened = await api.open(account, "HD-5", severity=5)
    assert opened["severity"] == 5
    assert opened["deadlines"][0]["target"] == "5 business days"
    await api.open(account, "HD-4", severity=4)
    graver = {"severity": 4, "reason": "It hurts"}
    assert (await api.post(f"{account}/tickets/HD-5/severity", graver)).status_code == 200
    back = {"severity": 5, "reason": "It does not"}
    changed = await api.post(f"{account}/tickets/HD-5/severity", back)
    assert changed.json()["severity"] == 5
    part = {"ticket_id": "HD-6", "subject": "Another wish", "severity": 5}
    split = await api.post(f"{account}/tickets/HD-4/split", {"tickets": [part]})
    assert [each["severity"] for each in split.json()["tickets"]] == [4, 5]
    for ticket in ("HD-4", "HD-5", "HD-6"):
        await api.post(f"{account}/tickets/{ticket}/replies", {"by": "agent"})
    period = {"from": "2026-11-01T00:00:00Z", "to": "2026-12-31T00:00:00Z", "group_by": "severity"}
    rows = (await api.get("/v1/reports/sla", params=period)).json()["rows"]
    assert {
        each["severity"]: each["met"] for each in rows if each["metric"] == "first_response"
    } == {
        4: 1,
        5: 2,
    }
    only = await api.get("/v1/reports/sla", params=period | {"severity": "5"})
    assert {each["severity"] for each in only.json()["rows"]} == {5}
    page = await api.get("/v1/catalogs/corporate/comparison", headers={"Accept": "text/html"})
    assert "Wish" in page.text


async def test_the_bound_is_the_catalogues_own_list(api: Api) -> None:
    """Where a catalogue names four, a fifth is refused, and what it has is said."""
    account = await api.make_account()
    await api.buy(account, "corporate.gold")
    await api.open(account, severity=1)
    ticket: dict[str, Any] = {"ticket_id": "HD-2", "subject": "How?", "severity": 5}
    path = f"{account}/tickets"
    opening = {"catalog": "corporate", "plan": "gold", "opened_at": "2026-11-24T08:00:00Z"}
    worse = {"type": "severity", "severity": 5, "at": "2026-11-24T09:00:00Z"}
    for where, body in (
        (path, ticket),
        (f"{path}/HD-1/severity", {"severity": 5, "reason": "It may wait"}),
        (f"{path}/HD-1/split", {"tickets": [ticket]}),
        ("/v1/deadlines/preview", opening | {"severity": 5}),
        ("/v1/deadlines/preview", opening | {"severity": 1, "events": [worse]}),
    ):
        refused = await api.post(where, body)
        assert (refused.status_code, refused.json()["code"]) == (422, "unknown_severity"), where
        assert [each["value"] for each in refused.json()["choices"]] == [1, 2, 3, 4]
    answer = (await api.post(f"{account}/coverage", {"severity": 5})).json()
    assert answer["refusal"]["code"] == "unknown_severity"
    document = packaged_documents()["corporate"]
    document["plans"]["gold"]["matrix"]["first_response"]["5"] = "5 bd"
    unknown = await api.put("/v1/catalogs/corporate", document)
    assert [(each["pointer"], each["code"]) for each in unknown.json()["errors"]] == [
        ("/plans/gold/matrix/first_response/5", "unknown_severity")
    ]
