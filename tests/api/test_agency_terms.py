"""Seed 003 through the API: severities without times, an account manager, access data."""

from tests.api.conftest import Api

# The levels as the seller defines them, each with its first example.
LEVELS = {
    "1": ("Emergency", "The site is down", 3),
    "2": ("Partial outage", "Not all products in the catalogue are shown", 3),
    "3": ("High", "Secondary features, such as search or filtering, show no results", 2),
    "4": ("Regular", "Small bugs, such as trouble with reviews or wishlists", 5),
}


async def test_A2_four_levels_of_severity_with_their_examples(api: Api) -> None:
    severities = (await api.get("/v1/catalogs/agency")).json()["document"]["severities"]
    assert {
        level: (severity["name"], severity["examples"][0], len(severity["examples"]))
        for level, severity in severities.items()
    } == LEVELS
    assert all(severity["definition"] for severity in severities.values())


async def test_A2_no_times_are_promised(api: Api) -> None:
    account = await api.make_account()
    hours = {"reference": "g-1", "catalog": "agency", "plan": "starter", "unit": "minute"}
    why = {"reason": "40 hours, as agreed", "actor": "m.ozols"}
    await api.post(f"{account}/grants", hours | {"amount": 2400} | why)
    for severity in (1, 2, 3, 4, None):
        opened = await api.open(account, f"HD-{severity}", severity=severity)
        assert (opened["coverage"]["plan"], opened["deadlines"]) == ("starter", [])
        preview = await api.post(
            "/v1/deadlines/preview",
            {
                "catalog": "agency",
                "plan": "starter",
                "severity": severity,
                "opened_at": "2026-11-24T10:00:00Z",
            },
        )
        assert preview.json() == {"deadlines": []}
    offers = (await api.get("/v1/offers", params={"catalog": "agency"})).json()["data"]
    assert [offer["promises"] for offer in offers] == [[], [], [], []]


async def test_A8_an_account_manager_and_the_access_data_that_is_asked_for(api: Api) -> None:
    document = (await api.get("/v1/catalogs/agency")).json()["document"]
    for plan in document["plans"].values():
        (feature,) = (plan if "extends" not in plan else document["plans"][plan["extends"]])[
            "features"
        ]
        assert feature.startswith("An account manager is assigned, who consults")
    assert document["access_data"] == [
        "Admin panel access",
        "FTP access",
        "SSH (shell) access",
    ]
