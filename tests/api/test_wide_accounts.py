"""An account that has had more kinds of units than a small number counts."""

from fastapi import FastAPI

from tests.api.conftest import Api


async def test_the_32768th_kind_of_units_is_one_like_any(app: FastAPI, api: Api) -> None:
    account = await api.make_account()
    async with app.state.database.connection() as connection:
        await connection.execute("UPDATE accounts SET tallies = 32767")
    await api.buy(account, "livecart.express-1y")
    assert (await api.units(account))["available"] == 15
    await api.open(account)
    assert (await api.units(account))["available"] == 14
