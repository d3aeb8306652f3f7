"""`/metrics`: what monitoring reads, after a few requests whose count is known."""

import re

from fastapi import FastAPI

from app.main import create_app
from app.settings import Settings
from tests.api.conftest import ADMIN_KEY, Api, Clock
from tests.support.metrics import read_figures


async def test_requests_refusals_and_tickets_are_counted(api: Api) -> None:
    account = await api.make_account()
    await api.buy(account, "livecart.express-1y")
    await api.open(account, "HD-1")
    await api.open(account, "HD-2")
    body = {"ticket_id": "HD-2", "subject": "Checkout fails"}
    again = await api.post(f"{account}/tickets", body)
    assert again.status_code == 200
    tried = {"ticket_id": "HD-3", "subject": "Checkout fails"}
    await api.post(f"{account}/tickets", tried, params={"dry_run": "true"})
    await api.post(f"{account}/tickets/HD-1/split", {"tickets": [{**body, "ticket_id": "HD-4"}]})
    await api.get(f"{account}/tickets/HD-9")
    await api.get("/nowhere")
    figures = await read_figures(api)
    assert figures['surety_requests_total{operation="open_ticket",status="201"}'] == 3
    assert figures['surety_requests_total{operation="open_ticket",status="200"}'] == 1
    assert figures['surety_request_seconds_count{operation="open_ticket"}'] == 4
    assert figures['surety_requests_total{operation="get_ticket",status="404"}'] == 1
    assert figures['surety_requests_total{operation="none",status="404"}'] == 1
    assert figures['surety_refusals_total{code="ticket_unknown"}'] == 1
    assert figures['surety_refusals_total{code="not_found"}'] == 1
    # HD-1, HD-2 and the part HD-4; not the one seen again, nor the one that was tried.
    assert figures['surety_tickets_opened_total{catalog="livecart",plan="express"}'] == 3


async def test_labels_are_not_the_callers(api: Api) -> None:
    for path in ("/v1/accounts/c-1/tickets/HD-1", "/wp-login.php", "/v1/accounts/c-2"):
        await api.get(path)
    assert not [name for name in await read_figures(api) if "c-1" in name or "wp" in name]


async def test_connections_in_use(app: FastAPI, api: Api) -> None:
    async with app.state.database.connection():
        figures = await read_figures(api)
    working = figures['surety_database_connections{state="working"}']
    assert working == 2  # the one held here, and the one that asks
    assert figures['surety_database_connections{state="waiting"}'] == 0


async def test_clocks_at_risk_and_breached(api: Api, clock: Clock) -> None:
    """Express on a Tuesday at 10:00 is due at 14:00 (L3)."""
    account = await api.make_account()
    await api.buy(account, "livecart.express-1y")
    await api.open(account, "HD-1")

    async def read() -> tuple[float, float]:
        figures = await read_figures(api)
        at_risk = figures['surety_deadlines{state="at_risk"}']
        return at_risk, figures['surety_deadlines{state="breached"}']

    assert await read() == (0, 0)
    clock.advance(hours=3, minutes=59)
    assert await read() == (1, 0)
    clock.advance(minutes=2)
    assert await read() == (0, 1)
    await api.post(f"{account}/tickets/HD-1/replies", {"by": "agent"})
    assert await read() == (0, 0)


async def test_a_sandbox_accounts_deadlines_are_nobodys_alarm(api: Api, clock: Clock) -> None:
    made = await api.put("/v1/accounts/sand", {"name": "Sand", "sandbox": True})
    assert made.status_code == 201, made.text
    await api.buy("/v1/accounts/sand", "livecart.express-1y")
    await api.open("/v1/accounts/sand", "HD-1")
    # Its own clock stands still while the others' goes on past what it owes.
    clock.advance(hours=5)
    figures = await read_figures(api)
    assert figures['surety_deadlines{state="breached"}'] == 0
    assert figures['surety_deadlines{state="at_risk"}'] == 0


async def test_units_held_over_all_accounts(api: Api, clock: Clock) -> None:
    accounts = [await api.make_account(account_id) for account_id in ("c-1", "c-2", "c-3")]
    for account in accounts:
        await api.buy(account, "livecart.express-1y")
        await api.open(account, "HD-1")
    account = accounts[-1]
    await api.buy(account, "xcart-points.60", "SO-9")
    await api.open(account, "HD-2", catalog="xcart-points", category="level-2")
    held = {'surety_units_held{unit="incident"}': 3, 'surety_units_held{unit="point"}': 25}

    async def read() -> dict[str, float]:
        figures = await read_figures(api)
        return {name: value for name, value in figures.items() if "units_held" in name}

    assert await read() == held
    await api.post(f"{account}/tickets/HD-1/resolution", {"outcome": "solved"})
    await api.post(f"{account}/tickets/HD-2/resolution", {"outcome": "withdrawn"})
    # Asked again a quarter of a minute later at the earliest: it is costly.
    clock.advance(seconds=14)
    assert await read() == held
    clock.advance(seconds=1)
    assert await read() == {'surety_units_held{unit="incident"}': 2}


async def test_the_process_itself(api: Api) -> None:
    reply = await api.get("/metrics")
    names = set(re.findall(r"^(\w+)", reply.text, re.MULTILINE))
    assert {"process_resident_memory_bytes", "process_cpu_seconds_total"} <= names
    assert not [name for name in names if name.endswith("_created")]


async def test_every_connection_in_use_is_told_to_a_key_that_is_known(
    published_url: str, clock: Clock
) -> None:
    settings = Settings(database_url=published_url, admin_key=ADMIN_KEY, pool_size=1)
    app = create_app(settings, clock=clock)
    async with app.router.lifespan_context(app):
        admin = Api(app)
        made = [
            {"name": "Prometheus", "role": "viewer"},
            {"name": "Shop", "scopes": ["purchases:write"]},
        ]
        keys = [(await admin.post("/v1/api-keys", each)).json()["secret"] for each in made]
        viewer, shop = (admin.holding(key) for key in keys)
        assert (await viewer.get("/metrics")).status_code == 200
        assert (await shop.get("/metrics")).status_code == 403
        clock.advance(minutes=5)
        async with app.state.database.connection():
            replies = [await each.get("/metrics") for each in (viewer, shop)]
        assert [each.status_code for each in replies] == [200, 503]
        figures = await read_figures(viewer)
        assert figures['surety_refusals_total{code="overloaded"}'] == 1
