"""Every type of event is documented with an example, of the form that it is really told in."""

from typing import Any

import jsonschema_rs

from app.domain.events import EVENT_TYPES
from app.domain.webhooks import PING
from app.main import create_app
from tests.api.conftest import Api, Clock
from tests.api.test_notices import GRANT, look

DOCUMENT: dict[str, Any] = create_app().openapi()
WEBHOOKS: dict[str, Any] = DOCUMENT["webhooks"]
WHY = {"reason": "The data centre was down", "actor": "m.ozols"}


async def tell_everything(api: Api, clock: Clock) -> dict[str, dict[str, Any]]:
    """Live through all there is to tell of; the first event of each type."""
    await _ask_and_pay(api, clock)
    await _use_up(api)
    await _change_keys(api)
    await _wait(api, clock)
    found: dict[str, dict[str, Any]] = {}
    after: str | None = None
    while True:
        asked: dict[str, Any] = {"limit": 200} | ({} if after is None else {"after": after})
        page = (await api.get("/v1/events", params=asked)).json()
        for event in page["data"]:
            found.setdefault(event["type"], event)
        if page["next_cursor"] is None:
            return found
        after = page["next_cursor"]


async def _post(api: Api, path: str, body: Any) -> None:
    reply = await api.post(path, body)
    assert reply.status_code in (200, 201), reply.text


async def _ask_and_pay(api: Api, clock: Clock) -> None:
    """Open tickets and settle, return, refund and bill them."""
    account = await api.make_account("c-1042")
    await api.buy(account, "livecart.express-1y", "SO-77")
    clock.advance(minutes=20)
    for number in (1, 2, 3):
        await api.open(account, f"HD-{number}")
    first = f"{account}/tickets/HD-1"
    await _post(api, f"{first}/charge/revision", {"amount": 2, "reason": "Two questions"})
    await _post(api, f"{first}/replies", {"by": "agent"})
    await _post(api, f"{first}/resolution", {"outcome": "solved"})
    refund = {"amount": 1, "cause": "goodwill", "reason": "It took long", "actor": "m.ozols"}
    await _post(api, f"{first}/refund", refund)
    await _post(api, f"{account}/tickets/HD-2/resolution", {"outcome": "vendor_defect"})
    await api.buy(account, "livecart.priority-1y", "SO-78")
    await _post(api, f"{account}/purchases/SO-78/cancellation", {"refund": "unused"} | WHY)
    on_demand = await api.make_account("c-2")
    await api.open(on_demand, "HD-9", catalog="agency")
    work = {"work_id": "W-1", "minutes": 45, "by": "jon"}
    await _post(api, f"{on_demand}/tickets/HD-9/work", work)


async def _use_up(api: Api) -> None:
    """Use all units of one pool, and another without a count more than is fair."""
    account = await api.make_account("c-3")
    await _post(api, f"{account}/grants", GRANT | {"amount": 5})
    for number in range(5):
        await api.open(account, f"HD-{number}")
    shop = await api.make_account("c-4")
    site = "https://shop.example"
    await api.buy(shop, "xcart-support.subscription-1y", site=site)
    for number in range(101):
        await api.open(shop, f"HD-{number}", site=site)


async def _change_keys(api: Api) -> None:
    key = (await api.post("/v1/api-keys", {"name": "shop", "role": "storefront"})).json()
    await _post(api, f"/v1/api-keys/{key['id']}/rotation", {})
    await api.delete(f"/v1/api-keys/{key['id']}")


async def _wait(api: Api, clock: Clock) -> None:
    """Let a promise be broken, and a term end."""
    for hours in (20, 30):
        clock.advance(hours=hours)
        await look(api)
    excuse = "/v1/accounts/c-1042/tickets/HD-3/deadlines/first_response/excuse"
    await _post(api, excuse, WHY)
    for days in (355, 20):
        clock.advance(days=days)
        await look(api)


def test_every_type_is_documented() -> None:
    assert set(WEBHOOKS) == {*EVENT_TYPES, PING}
    for type_, item in WEBHOOKS.items():
        content = item["post"]["requestBody"]["content"]["application/json"]
        example = content["examples"][type_]["value"]
        assert example["type"] == type_
        assert _is_of(content["schema"], example)


async def test_what_is_told_is_as_documented(api: Api, clock: Clock) -> None:
    told = await tell_everything(api, clock)
    assert set(told) == set(EVENT_TYPES)
    for type_, event in told.items():
        content = WEBHOOKS[type_]["post"]["requestBody"]["content"]["application/json"]
        assert _is_of(content["schema"], event), type_
        example = content["examples"][type_]["value"]
        assert _form_of(example) == _form_of(event), type_


def _is_of(schema: dict[str, Any], event: dict[str, Any]) -> bool:
    here = {"components": DOCUMENT["components"], **schema}
    validator = jsonschema_rs.Draft202012Validator(here, validate_formats=True)
    validator.validate(event)
    return True


def _form_of(value: Any) -> Any:
    """Return the names in a document, whatever stands at them."""
    if isinstance(value, dict):
        return {name: _form_of(each) for name, each in value.items()}
    return [_form_of(each) for each in value[:1]] if isinstance(value, list) else None
