"""A seller who wants each request to name its topic: by plan, or for the whole catalogue."""

from typing import Any

from app.services.catalog.catalogs import packaged_documents
from tests.api.conftest import Api


async def ask(api: Api, account: str, **asked: Any) -> Any:
    body = {"ticket_id": "HD-1", "subject": "Help", "site": "https://shop.example"} | asked
    return await api.post(f"{account}/tickets", body)


async def publish(api: Api, **policies: Any) -> str:
    document = packaged_documents()["xcart-support"]
    document["policies"] |= policies
    document["examples"] = []
    document["plans"]["incident-normal"]["topic_required"] = False
    reply = await api.put("/v1/catalogs/xcart-support", document)
    assert reply.status_code == 201, reply.text
    return await api.make_account()


async def test_a_request_without_a_topic_gets_the_choices(api: Api) -> None:
    account = await publish(api, topic_required=True)
    await api.buy(account, "xcart-support.subscription-1y", site="https://shop.example")
    refused = await ask(api, account)
    assert (refused.status_code, refused.json()["code"]) == (422, "topic_required")
    assert refused.json()["errors"][0]["pointer"] == "/topic"
    choices = {each["value"] for each in refused.json()["choices"]}
    assert {"troubleshooting", "store-setup"} <= choices
    preview = await api.post(f"{account}/coverage", {"subject": "Help", "catalog": "xcart-support"})
    assert preview.json()["refusal"]["code"] == "topic_required"
    assert (await ask(api, account, category="bug")).status_code == 201
    named = await ask(api, account, ticket_id="HD-2", topic="troubleshooting")
    assert named.status_code == 201


async def test_a_plan_may_say_otherwise(api: Api) -> None:
    account = await publish(api, topic_required=True)
    await api.buy(account, "xcart-support.incident-normal")
    assert (await ask(api, account)).status_code == 201
