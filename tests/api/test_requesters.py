"""Who may ask: people that the customer named, registered addresses, or its own domains."""

from typing import Any

import pytest

from app.domain.catalog.requesters import Requesters
from app.services.catalog.catalogs import packaged_documents
from tests.api.conftest import Api

ERIKA = "Erika@Nordwind.example"


async def publish(api: Api, requesters: dict[str, Any], **offer: Any) -> str:
    """Publish LiveCart with a rule of who may ask on Express; an account that has it."""
    document = packaged_documents()["livecart"]
    document["plans"]["express"]["requesters"] = requesters
    document["offers"]["express-1y"] |= offer
    document["examples"] = []
    reply = await api.put("/v1/catalogs/livecart", document)
    assert reply.status_code == 201, reply.text
    account = await api.make_account()
    await api.buy(account, "livecart.express-1y", quantity=251 if offer else 1)
    return account


async def name(api: Api, account: str, contact_id: str, *, named: bool = True, **more: Any) -> None:
    body = {"name": contact_id, "named": named} | more
    assert (await api.put(f"{account}/contacts/{contact_id}", body)).status_code in (200, 201)


async def ask(api: Api, account: str, requester: str | None, **more: Any) -> str | None:
    """Ask what is covered; why the plan refuses it, or None. Opening says the same."""
    body = {"subject": "Down", "requester": requester} | more
    preview = (await api.post(f"{account}/coverage", body)).json()
    opened = await api.post(
        f"{account}/tickets", body | {"ticket_id": "HD-1"}, params={"dry_run": "true"}
    )
    assert preview["covered"] == (opened.status_code == 201), opened.text
    if preview["covered"]:
        return None
    refusal = preview["refusal"]
    assert (refusal["status"], refusal["code"]) == (402, "not_covered")
    assert opened.json()["trace"] == refusal["trace"]
    return str(refusal["trace"][0]["code"])


async def test_at_most_so_many_named_people(api: Api) -> None:
    account = await publish(api, {"named_at_most": 2})
    assert await ask(api, account, None) == "requester_unknown"
    assert await ask(api, account, ERIKA) == "requester_unknown"
    await name(api, account, "u-1", emails=["erika@nordwind.example"])
    await name(api, account, "u-2", named=False, emails=["max@nordwind.example"])
    await name(api, account, "u-3", emails=["ines@nordwind.example"])
    await name(api, account, "u-4", emails=["jan@nordwind.example"])
    assert await ask(api, account, ERIKA) is None
    assert await ask(api, account, "u-1") is None
    assert await ask(api, account, "max@nordwind.example") == "requester_not_named"
    assert await ask(api, account, "ines@nordwind.example") is None
    # Two may be named: the third that was put is one too many, until one of them goes.
    assert await ask(api, account, "u-4") == "requester_not_named"
    assert await ask(api, account, "u-4", category="bug") is None
    await name(api, account, "u-1", named=False)
    assert await ask(api, account, "u-4") is None
    refused = await api.post(
        f"{account}/tickets", {"ticket_id": "HD-1", "subject": "Down", "requester": "u-2"}
    )
    assert refused.json()["named_at_most"] == 2
    assert "livecart.express-1y" not in [each["offer"] for each in refused.json()["offers"]]


@pytest.mark.parametrize(
    ("quantity", "people"), [(1, 20), (250, 20), (251, 40), (1000, 40), (1001, 80), (3000, 120)]
)
def test_by_how_many_there_are(quantity: int, people: int) -> None:
    rule = Requesters(((250, 20), (1000, 40)), further=(1000, 40))
    assert rule.count_named(quantity) == people


async def test_the_quantity_of_the_subscription_counts(api: Api) -> None:
    sold_by = {"name": "seat", "plural": "seats"}
    account = await publish(api, {"named_at_most": [[250, 1], [1000, 2]]}, sold_by=sold_by)
    await name(api, account, "u-1")
    await name(api, account, "u-2")
    await name(api, account, "u-3")
    assert await ask(api, account, "u-2") is None
    assert await ask(api, account, "u-3") == "requester_not_named"


async def test_addresses_of_the_accounts_own_domains(api: Api) -> None:
    account = await publish(api, {"domains": True})
    assert await ask(api, account, ERIKA) == "requester_unknown"
    await name(api, account, "u-1", named=False, emails=["@Nordwind.example"])
    assert await ask(api, account, ERIKA) is None
    assert await ask(api, account, "erika@nordwind.example.evil.example") == "requester_unknown"
    await api.patch(account, {"email": "office@sudwind.example"})
    assert await ask(api, account, "max@sudwind.example") is None
    # Everybody can have an address at a mail service.
    await api.patch(account, {"email": "Sudwind@Gmail.com"})
    assert await ask(api, account, "max@gmail.com") == "requester_unknown"
    assert await ask(api, account, "sudwind@gmail.com") is None
    await name(api, account, "u-2", named=False, emails=["@gmail.com"])
    assert await ask(api, account, "max@gmail.com") is None


async def test_registered_addresses_only(api: Api) -> None:
    account = await publish(api, {"registered": True})
    await api.patch(account, {"email": "Office@Nordwind.example"})
    await name(api, account, "u-1", named=False, emails=["erika@nordwind.example"])
    assert await ask(api, account, ERIKA) is None
    assert await ask(api, account, "office@nordwind.example") is None
    assert await ask(api, account, "max@nordwind.example") == "requester_unknown"
    page = await api.get("/v1/catalogs/livecart/comparison", headers={"Accept": "text/html"})
    assert "Registered addresses" in page.text


async def test_who_pays_anew_is_asked_of_the_same_person(api: Api) -> None:
    account = await publish(api, {"registered": True})
    await api.buy(account, "livecart.standard-1y", "SO-2")
    body = {"ticket_id": "HD-1", "subject": "Down", "requester": "who@else.example"}
    opened = (await api.post(f"{account}/tickets", body)).json()
    assert opened["coverage"]["plan"] == "standard"
    assert opened["coverage"]["trace"][0]["code"] == "requester_unknown"
    why = {"plan": "express", "reason": "Bought", "actor": "mara"}
    refused = await api.post(f"{account}/tickets/HD-1/coverage", why)
    assert refused.json()["trace"][0]["code"] == "requester_unknown", refused.text


@pytest.mark.parametrize(
    ("rule", "pointer", "code"),
    [
        ({}, "/named_at_most", "required"),
        ({"named_at_most": 0}, "/named_at_most", "out_of_range"),
        ({"named_at_most": [[250, 20], [250, 40]]}, "/named_at_most", "out_of_range"),
        ({"named_at_most": [[250]]}, "/named_at_most", "invalid_type"),
        ({"named_at_most": 3, "further": [1000, 40]}, "/further", "conflicting_fields"),
        ({"domain": True}, "/domain", "unknown_field"),
    ],
)
async def test_mistakes_are_named(api: Api, rule: dict[str, Any], pointer: str, code: str) -> None:
    document = packaged_documents()["livecart"]
    document["plans"]["express"]["requesters"] = rule
    refused = await api.put("/v1/catalogs/livecart", document)
    found = {(each["pointer"], each["code"]) for each in refused.json()["errors"]}
    assert (f"/plans/express/requesters{pointer}", code) in found
