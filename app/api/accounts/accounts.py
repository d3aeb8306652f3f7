"""Accounts: the seller's customers, under the seller's own ids."""

from typing import Annotated, Any

from fastapi import Query, Response
from pydantic import Field

from app.api.http.routing import IfMatch, RequestDb, operation, router
from app.api.http.wire import (
    AccountId,
    Cursor,
    Email,
    Instant,
    InvalidCursor,
    Limit,
    Metadata,
    Page,
    Text,
    Wire,
    read_cursor,
    write_cursor,
)
from app.db.accounts import accounts as rows
from app.services.accounts import accounts, erasures
from app.services.accounts.accounts import PreconditionFailed, etag_of
from app.services.accounts.sandboxes import SandboxFixed

routes = router("Accounts")


class AccountPut(Wire):
    """A customer, as the seller knows them."""

    name: Annotated[Text, Field(examples=["Nordwind Handel GmbH"])]
    """Who it is."""
    email: Annotated[Email | None, Field(examples=["shop@nordwind.example"])] = None
    """Where they are written to."""
    metadata: Metadata = Field(default_factory=dict)
    """Whatever the seller wants to keep with it; 16 KiB at most."""
    sandbox: bool | None = None
    """Whether it has a clock of its own, moved by hand, for trying things; only when it is made."""


class AccountPatch(Wire):
    """What is to change of a customer; what is left out stays."""

    name: Text | None = None
    """Who it is; cannot be taken away."""
    email: Email | None = None
    """Where they are written to; null takes it away."""
    metadata: Metadata | None = None
    """Replaces what was kept."""


class AccountWire(Wire):
    """A customer, as the seller knows them."""

    account_id: str
    """The seller's own id of it."""
    name: str
    """Who it is."""
    email: str | None
    """Where they are written to."""
    metadata: dict[str, Any]
    """What the seller keeps with it."""
    sequence: int
    """The number of the last movement of the account's units."""
    created_at: Instant
    """When it was first put."""
    updated_at: Instant
    """When its data last changed."""
    erased_at: Instant | None
    """When what was known of the person was last erased, if it was."""
    sandbox: bool
    """Whether it has a clock of its own, for trying things."""
    clock: Instant | None
    """Where a sandbox's own clock stands; null for any other account, whose time is everybody's."""


class Erasure(Wire):
    """What is known of a person is to be erased."""

    reason: Text
    """Why; kept, so without the person's data."""
    actor: Text
    """Who decided it."""


@routes.put("/v1/accounts/{account_id}", summary="Create or replace an account", status_code=200)
@operation("accounts:write", writes=True, refuses=[PreconditionFailed, SandboxFixed])
async def put_account(
    db: RequestDb,
    account_id: AccountId,
    body: AccountPut,
    response: Response,
    if_match: IfMatch = None,
) -> AccountWire:
    """Put a customer under your own id of it: 201 when it is new, 200 when it was there."""
    row, created = await accounts.put_account(
        db,
        account_id=account_id,
        name=body.name,
        email=body.email,
        metadata=body.metadata,
        sandbox=body.sandbox,
        if_match=if_match,
    )
    response.status_code = 201 if created else 200
    return _show(row, response)


@routes.get("/v1/accounts/{account_id}", summary="Read an account")
@operation("read", brief=True)
async def get_account(db: RequestDb, account_id: AccountId, response: Response) -> AccountWire:
    """A customer as put, with the number of the last movement of its units."""
    return _show(await rows.find_account(db, account_id), response)


@routes.patch("/v1/accounts/{account_id}", summary="Change an account")
@operation("accounts:write", writes=True, refuses=[PreconditionFailed])
async def patch_account(
    db: RequestDb,
    account_id: AccountId,
    body: AccountPatch,
    response: Response,
    if_match: IfMatch = None,
) -> AccountWire:
    """Change what is named and leave the rest."""
    changes = body.model_dump(exclude_unset=True)
    for required in ("name", "metadata"):
        if changes.get(required, ...) is None:
            changes.pop(required)
    row = await accounts.patch_account(
        db, account_id=account_id, changes=changes, if_match=if_match
    )
    return _show(row, response)


@routes.post("/v1/accounts/{account_id}/erasure", summary="Erase a person's data")
@operation("admin", writes=True)
async def erase_account(
    db: RequestDb, account_id: AccountId, body: Erasure, response: Response
) -> AccountWire:
    """Blank the name, the e-mail, the metadata, tickets' subjects and sessions' contacts, for good.

    Copies of them kept for retried requests are blanked too. Units, money and times stay, as do
    the account's and the orders' ids, the stores' addresses, and the reasons that people gave
    with what they decided: keep personal data out of those. The account can still be used, and
    erased again; where nothing is left to blank, nothing changes.
    """
    row = await erasures.erase_account(
        db, account_id=account_id, reason=body.reason, actor=body.actor
    )
    return _show(row, response)


@routes.get("/v1/accounts", summary="List accounts")
@operation("read", across=True, refuses=[InvalidCursor], brief=True)
async def list_accounts(
    db: RequestDb,
    email: Annotated[Email | None, Query(description="With this e-mail address only.")] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Page[AccountWire]:
    """Customers by their ids."""
    after = read_cursor(cursor, str)
    found = await rows.list_accounts(
        db, after=after[0] if after else "", limit=limit + 1, email=email
    )
    page = found[:limit]
    return Page(
        data=[_show(row) for row in page],
        next_cursor=write_cursor(page[-1]["account_id"]) if len(found) > limit else None,
    )


def _show(row: Any, response: Response | None = None) -> AccountWire:
    if response is not None:
        response.headers["ETag"] = etag_of(row["version"])
    return AccountWire(
        account_id=row["account_id"],
        name=row["name"],
        email=row["email"],
        metadata=row["metadata"],
        sequence=row["sequence"],
        created_at=row["created_at"],
        updated_at=row["updated_at"],
        erased_at=row["erased_at"],
        sandbox=row["sandbox_at"] is not None,
        clock=row["sandbox_at"],
    )
