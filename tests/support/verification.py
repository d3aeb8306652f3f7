"""Verification of the ledger of an app under test."""

from fastapi import FastAPI

from app.db.engine.database import Database
from app.services.ledger.verification import Verification, verify_ledger


async def verify(app: FastAPI, account_id: str | None = None) -> Verification:
    database: Database = app.state.database
    async with database.transaction(read_only=True) as db:
        return await verify_ledger(db, account_id=account_id)


async def require_clean(app: FastAPI) -> None:
    """Require that the whole ledger of a service in this process verifies."""
    database: Database = app.state.database
    async with database.transaction(read_only=True) as db:
        assert (await verify_ledger(db)).describe() == []
