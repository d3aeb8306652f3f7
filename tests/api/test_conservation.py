"""Units come from what was sold, given, or granted again by rule; money back is money paid.

What a fault of the service would mint adds up in every lot, entry and tally: only where units
come from shows that there is one too many.
"""

import pytest
from fastapi import FastAPI

from tests.api.conftest import Api, Clock
from tests.conftest import Connection
from tests.support.verification import verify

MINT = """
WITH minted AS (
    SELECT account_id, lot_id, tally_id, granted_sequence FROM lots
    WHERE source = $1 ORDER BY granted_sequence LIMIT 1
), in_entries AS (
    UPDATE entries SET
        granted = entries.granted + (entries.sequence = minted.granted_sequence)::int,
        amount = entries.amount + (entries.sequence = minted.granted_sequence)::int,
        lot_granted = lot_granted + (entries.lot_id = minted.lot_id)::int,
        tally_granted = tally_granted + 1
    FROM minted
    WHERE entries.account_id = minted.account_id AND entries.tally_id = minted.tally_id
        AND entries.sequence >= minted.granted_sequence
), in_lots AS (
    UPDATE lots SET granted = granted + 1 FROM minted WHERE lots.lot_id = minted.lot_id
)
UPDATE tallies SET granted = granted + 1 FROM minted
WHERE tallies.account_id = minted.account_id AND tallies.tally_id = minted.tally_id
"""


async def live(api: Api, clock: Clock) -> None:
    """Buy, be given, register a licence, join months, cancel, and return units after an end."""
    account = await api.make_account()
    await api.buy(account, "xcart-points.60", "SO-1")
    licence = {"license_id": "LIC-1", "catalog": "xcart-points", "product": "X-Cart Gold"}
    assert (await api.post(f"{account}/licenses", licence)).status_code == 201
    grant = {
        "reference": "goodwill-1",
        "catalog": "livecart",
        "plan": "express",
        "unit": "incident",
        "amount": 2,
        "reason": "Goodwill",
        "actor": "ines",
    }
    assert (await api.post(f"{account}/grants", grant)).status_code == 201
    asked = {
        "offer": "agency.starter",
        "contract_months": 3,
        "price": {"amount": 200_000, "currency": "EUR"},
    }
    quote = await api.post(f"{account}/quotes", asked)
    order = {"order_id": "SO-2", "quote_id": quote.json()["quote_id"]}
    reply = await api.post(f"{account}/purchases", order | {"payment": {"status": "paid"}})
    assert reply.status_code == 201, reply.text
    agreement = {
        "reference": "months-1",
        "kind": "join_months",
        "subscription_id": reply.json()["subscription"]["id"],
        "months": 2,
        "reason": "A launch",
        "actor": "ines",
    }
    assert (await api.post(f"{account}/agreements", agreement)).status_code == 201
    await api.buy(account, "livecart.standard-1y", "SO-3")
    cancel = {"refund": "unused", "reason": "Moved", "actor": "ines"}
    assert (await api.post(f"{account}/purchases/SO-3/cancellation", cancel)).status_code == 200
    opened = await api.open(account, catalog="xcart-points", category="install")
    ends_at = opened["charge"]["allocations"][0]["expires_at"]
    clock.move_to(ends_at.replace("Z", "+00:00"))
    reply = await api.post(f"{account}/tickets/HD-1/resolution", {"outcome": "vendor_defect"})
    assert reply.json()["charge"]["returns"][0]["to"] == "grace"


@pytest.mark.parametrize("source", ["purchase", "grant", "licence", "agreement", "grace"])
async def test_a_minted_unit_is_found_where_all_else_adds_up(
    api: Api, app: FastAPI, clock: Clock, postgres_user: Connection, source: str
) -> None:
    await live(api, clock)
    assert (await verify(app)).describe() == []
    await postgres_user.execute("ALTER TABLE entries DISABLE TRIGGER ALL")
    assert await postgres_user.execute(MINT, source) == "UPDATE 1"
    [told] = (await verify(app)).describe()
    assert any(each in told for each in ("what it granted", "what it was given", "granted again"))


@pytest.mark.parametrize(
    "tampering",
    [
        (
            (
                "UPDATE purchases SET cancellation ="
                " jsonb_set(cancellation, '{refund_amount}', '9901') WHERE order_id = 'SO-3'"
            ),
            "what is paid back and kept of it is 9901, and should be 9900",
        ),
        (
            (
                "UPDATE purchases SET cancellation ="
                " jsonb_set(cancellation, '{payments,0,amount}', '9901') WHERE order_id = 'SO-3'"
            ),
            "what is paid back of it is 9901, and should be 9900",
        ),
        (
            "DELETE FROM purchases WHERE order_id = 'SO-1'",
            "order SO-1: what it granted is 60, and should be 0",
        ),
        (
            (
                "UPDATE purchases SET terms = jsonb_set(terms, '{quantity}', '2')"
                " WHERE order_id = 'SO-1'"
            ),
            "order SO-1: what it granted is 60, and should be 120",
        ),
    ],
)
async def test_money_and_orders_that_do_not_add_up_are_found(
    api: Api, app: FastAPI, clock: Clock, postgres_user: Connection, tampering: tuple[str, str]
) -> None:
    await live(api, clock)
    statement, told = tampering
    await postgres_user.execute(statement)
    assert told in "\n".join((await verify(app)).describe())
