"""Reads of one statement need no transaction; those that turn out to need more get one."""

from typing import Any

import pytest
from fastapi import FastAPI

from app.db.accounts.accounts import find_account
from app.db.engine.connections import SnapshotNeededError
from app.main import create_app
from app.settings import Settings
from tests.api.conftest import ADMIN_KEY, Api, Clock
from tests.support.brief_reads import statements_of


async def ask(api: Api, account: str) -> list[Any]:
    replies = [
        await api.post(f"{account}/coverage", {"subject": "Checkout fails"}),
        await api.get(f"{account}/balance"),
        await api.get(f"{account}/tickets/HD-1/deadlines"),
    ]
    assert [each.status_code for each in replies] == [200, 200, 200]
    return [each.json() for each in replies]


async def test_what_is_asked_all_day_is_one_statement(api: Api, app: FastAPI) -> None:
    account = await api.make_account()
    await api.buy(account, "livecart.express-1y", quantity=10)
    await api.open(account)
    first = await ask(api, account)  # reads the catalogue, once in this process
    async with statements_of(app) as ran:
        assert await ask(api, account) == first
    assert [each.split()[0] for each in ran] == ["SELECT", "SELECT", "SELECT"]


async def test_a_week_s_cap_takes_more_statements_and_one_snapshot(api: Api, app: FastAPI) -> None:
    account = await api.make_account()
    hours = {"catalog": "agency", "plan": "starter", "unit": "minute", "amount": 2_400}
    grant = hours | {"reference": "november", "reason": "Contract", "actor": "mara"}
    assert (await api.post(f"{account}/grants", grant)).status_code == 201
    async with statements_of(app) as ran:
        reply = await api.get(f"{account}/balance")
        assert reply.json()["caps"] != []
    words = [each.split()[0] for each in ran]
    assert words[:2] == ["SELECT", "BEGIN"]
    assert words[-1] == "COMMIT;"
    assert "REPEATABLE READ READ ONLY" in ran[1]


async def test_through_a_pooler_one_statement_has_a_transaction(
    published_url: str, clock: Clock
) -> None:
    settings = Settings(database_url=published_url, admin_key=ADMIN_KEY, prepared_statements=False)
    app = create_app(settings, clock=clock)
    async with app.router.lifespan_context(app):
        api = Api(app)
        account = await api.make_account()
        await api.get(account)  # whether it is a sandbox is read once in this process
        async with statements_of(app) as ran:
            assert (await api.get(f"{account}/balance")).status_code == 200
    assert [each.split()[0].strip(";") for each in ran] == ["BEGIN", "SELECT", "COMMIT"]


async def test_a_second_statement_is_not_run_outside_a_transaction(app: FastAPI, api: Api) -> None:
    await api.make_account()
    async with app.state.database.one_statement() as db:
        assert (await find_account(db, "c-1")).account_id == "c-1"
        with pytest.raises(SnapshotNeededError):
            await find_account(db, "c-1")
