"""Without a plan: refused, served on demand behind the others, or a bug report for free."""

from typing import Any

from tests.api.conftest import Api, Clock


async def ask(api: Api, account: str, ticket_id: str = "HD-1", **more: Any) -> Any:
    body = {"ticket_id": ticket_id, "subject": "Totals are rounded down"} | more
    return await api.post(f"{account}/tickets", body)


async def test_L8_anyone_may_report_a_bug_at_no_cost(api: Api) -> None:
    account = await api.make_account()
    refused = await ask(api, account, catalog="livecart")
    assert (refused.status_code, refused.json()["code"]) == (402, "not_covered")
    assert len(refused.json()["offers"]) == 10
    opened = (await ask(api, account, catalog="livecart", category="bug")).json()
    assert opened["coverage"]["subscription_id"] is None
    assert (opened["charge"]["status"], opened["charge"]["amount"]) == ("none", 0)
    assert opened["deadlines"] == []


async def test_L8_a_bug_costs_nothing_on_a_plan_and_express_ones_go_first(
    api: Api, clock: Clock
) -> None:
    free, standard, express = [
        await api.make_account(name) for name in ("c-free", "c-standard", "c-express")
    ]
    await api.buy(standard, "livecart.standard-1y")
    await api.buy(express, "livecart.express-1y")
    for account in (free, standard, express):
        reply = await ask(api, account, catalog="livecart", category="bug")
        assert reply.json()["charge"]["amount"] == 0
        clock.advance(minutes=1)
    assert (await api.units(express))["available"] == 15
    queue = (await api.get("/v1/queue", params={"catalog": "livecart"})).json()["data"]
    assert [each["account_id"] for each in queue] == ["c-express", "c-standard", "c-free"]
    offers = (await api.get("/v1/offers", params={"catalog": "livecart"})).json()["data"]
    assert {each["plan"] for each in offers if each["expedited_bugs"]} == {"express"}


async def test_A3_support_without_a_package_is_taken_and_packages_go_first(
    api: Api, clock: Clock
) -> None:
    alone, packaged = await api.make_account("c-alone"), await api.make_account("c-packaged")
    price = {"amount": 200000, "currency": "EUR"}
    quote = await api.post(f"{packaged}/quotes", {"offer": "agency.starter", "price": price})
    body = {"order_id": "SO-1", "quote_id": quote.json()["quote_id"]}
    await api.post(f"{packaged}/purchases", body | {"payment": {"status": "paid"}})
    asked = await ask(api, alone, catalog="agency", severity=1)
    assert asked.status_code == 201
    assert asked.json()["coverage"]["subscription_id"] is None
    clock.advance(hours=1)
    covered = (await ask(api, packaged, catalog="agency", severity=4)).json()
    assert covered["coverage"]["plan"] == "starter"
    queue = (await api.get("/v1/queue", params={"catalog": "agency"})).json()["data"]
    # Even a lesser issue that came later, once it is within a package.
    assert [each["account_id"] for each in queue] == ["c-packaged", "c-alone"]


async def test_S8_a_bug_is_free_without_a_promise_and_belongs_in_the_tracker(api: Api) -> None:
    account = await api.make_account()
    site = "https://shop.example"
    await api.buy(account, "xcart-support.subscription-1y", site=site)
    opened = (await ask(api, account, category="bug", site=site)).json()
    assert (opened["charge"]["amount"], opened["deadlines"]) == (0, [])
    catalog = (await api.get("/v1/catalogs/xcart-support")).json()["document"]
    assert catalog["policies"]["bug_report_to"].startswith("The issue tracker")


IN_SCOPE = (
    "store-setup",
    "shipping-payment-tax-language",
    "customer-conversion",
    "php-mysql-errors",
    "html-css-problems",
    "minor-design",
    "minor-php",
    "bugfixes-security-patches",
    "troubleshooting",
)
OUT_OF_SCOPE = (
    "data-migration",
    "custom-development",
    "web-design",
    "template-integration",
    "development-support",
    "third-party-modifications",
    "manual-upgrades",
    "performance-tuning",
    "custom-seo",
)


async def test_S8_nine_topics_are_in_scope_and_nine_are_not(api: Api) -> None:
    account = await api.make_account()
    await api.buy(account, "xcart-support.incident-normal", "SO-1")
    await api.buy(account, "xcart-support.subscription-1y", "SO-2", site="https://shop.example")
    for topic in IN_SCOPE:
        about = {"topic": topic, "subject": "How?"}
        for plan, asked in (
            ("incident-normal", about | {"plan": "incident-normal"}),
            ("incident-normal", about | {"site": "https://another.example"}),
            ("subscription", about | {"site": "shop.example"}),
            ("subscription", about),
        ):
            covered = (await api.post(f"{account}/coverage", asked)).json()
            assert covered["coverage"]["plan"] == plan, topic
    for topic in OUT_OF_SCOPE:
        about = {"topic": topic, "subject": "How?", "site": "https://shop.example"}
        answer = (await api.post(f"{account}/coverage", about)).json()
        assert answer["covered"] is False
        assert {line["code"] for line in answer["refusal"]["trace"]} == {"topic_not_included"}
        assert "additional fee" in answer["refusal"]["detail"]
        assert answer["refusal"]["offers"] == []
    installation = {"topic": "installation", "subject": "Please install"}
    elsewhere = installation | {"site": "https://another.example"}
    refused = (await api.post(f"{account}/coverage", elsewhere)).json()["refusal"]
    assert [offer["plan"] for offer in refused["offers"]] == ["subscription", "subscription"]
    at_store = await api.post(f"{account}/coverage", installation | {"site": "shop.example"})
    assert at_store.json()["coverage"]["plan"] == "subscription"
