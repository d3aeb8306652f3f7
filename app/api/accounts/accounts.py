"""Accounts: the seller's customers, under the seller's own ids."""

from typing import Annotated, Any

from fastapi import Query, Response
from pydantic import AfterValidator, Field, StringConstraints

from app.api.http.paging import cut_page
from app.api.http.routing import IfMatch, IfNoneMatch, RequestDb, operation, router
from app.api.http.wire import (
    ID_PATTERN,
    AccountId,
    Cursor,
    Email,
    IdOrder,
    Instant,
    InvalidCursor,
    Limit,
    Metadata,
    Page,
    SiteUrl,
    Text,
    Wire,
    read_cursor,
    require_storable,
)
from app.db.accounts import accounts as rows
from app.db.accounts import search
from app.domain.access.accounts import Account
from app.domain.coverage.sites import InvalidSite, list_stores
from app.services.accounts import accounts, erasures
from app.services.accounts.accounts import MetadataTooLarge, PreconditionFailed, etag_of
from app.services.accounts.sandboxes import SandboxFixed

routes = router("Accounts")

Region = Annotated[
    str, StringConstraints(min_length=1, max_length=64), AfterValidator(require_storable)
]


class AccountPut(Wire):
    """A customer's data, as the seller knows it."""

    name: Annotated[Text, Field(examples=["Nordwind Handel GmbH"])]
    """The name of the customer: of a company, or of a person."""
    email: Annotated[Email | None, Field(examples=["shop@nordwind.example"])] = None
    """The e-mail address that the customer is written to; left out, the address stays as it is."""
    region: Annotated[Region | None, Field(examples=["eu-central"])] = None
    """Where the customer's data is to be, in the seller's own words; left out, the region
    stays as it is."""
    metadata: Metadata = Field(default_factory=dict)
    """Whatever the seller wants to keep with the account, 16 KiB at most; left out, that stays as
    it is."""
    sandbox: bool | None = None
    """Whether the account gets a clock of its own, moved by hand, for trying things; can be set
    only when the account is made."""


class AccountPatch(Wire):
    """What is to change of a customer; what is left out stays."""

    name: Text = Field(default_factory=str)
    """The customer's new name; it can be changed, but not removed."""
    email: Email | None = None
    """The e-mail address that the customer is written to; null removes the address."""
    region: Region | None = None
    """Where the customer's data is to be, in the seller's own words; null removes the region."""
    metadata: Metadata | None = None
    """Members to merge into what the seller keeps: a null member is removed, objects merge; null
    in place of all removes all."""


class AccountWire(Wire):
    """A customer, with the seller's own id and data."""

    account_id: str
    """The account, by the seller's own id of the customer."""
    name: str
    """The name of the customer: of a company, or of a person."""
    email: str | None
    """The e-mail address that the customer is written to; null where none is known."""
    region: str | None
    """Where the customer's data is to be, in the seller's own words; null where nothing is said."""
    metadata: dict[str, Any]
    """Whatever the seller keeps with the account, as JSON members."""
    sequence: int
    """The number of the last movement of the account's units."""
    created_at: Instant
    """The instant at which the account was first put."""
    updated_at: Instant
    """The instant at which the account's data last changed."""
    erased_at: Instant | None
    """The instant at which what was known of the person was last erased; null where it never
    was."""
    sandbox: bool
    """Whether the account is a sandbox, with a clock of its own for trying things."""
    clock: Instant | None
    """The instant at which a sandbox's own clock stands; null for any other account, whose time is
    everybody's."""


class Erasure(Wire):
    """An erasure: what is known of a person is to be removed for good."""

    reason: Text
    """Why the data is erased; the reason is kept, so leave the person's data out of it."""
    actor: Text
    """Who decided on the erasure, as the caller names them."""


@routes.put("/v1/accounts/{account_id}", summary="Create or replace an account", status_code=200)
@operation("accounts:write", writes=True, refuses=[PreconditionFailed, SandboxFixed])
async def put_account(
    db: RequestDb,
    account_id: AccountId,
    body: AccountPut,
    response: Response,
    if_match: IfMatch = None,
    if_none_match: IfNoneMatch = None,
) -> AccountWire:
    """Put a customer under your own id of it: 201 when it is new, 200 when it was there."""
    row, created = await accounts.put_account(
        db,
        account_id=account_id,
        given=body.model_dump(exclude_unset=True, exclude={"sandbox"}),
        sandbox=body.sandbox,
        if_match=if_match,
        if_none_match=if_none_match,
    )
    response.status_code = 201 if created else 200
    return _render(row, response)


@routes.get("/v1/accounts/{account_id}", summary="Read an account")
@operation("read", brief=True)
async def get_account(db: RequestDb, account_id: AccountId, response: Response) -> AccountWire:
    """A customer as put, with the number of the last movement of its units."""
    return _render(await rows.find_account(db, account_id), response)


@routes.patch("/v1/accounts/{account_id}", summary="Change an account")
@operation("accounts:write", writes=True, refuses=[PreconditionFailed, MetadataTooLarge])
async def patch_account(
    db: RequestDb,
    account_id: AccountId,
    body: AccountPatch,
    response: Response,
    if_match: IfMatch = None,
) -> AccountWire:
    """Change what is named and leave the rest, as a JSON merge patch does (RFC 7396)."""
    changes = body.model_dump(exclude_unset=True)
    row = await accounts.patch_account(
        db, account_id=account_id, changes=changes, if_match=if_match
    )
    return _render(row, response)


@routes.post("/v1/accounts/{account_id}/erasure", summary="Erase a person's data")
@operation("admin", writes=True, refuses=[PreconditionFailed])
async def erase_account(
    db: RequestDb,
    account_id: AccountId,
    body: Erasure,
    response: Response,
    if_match: IfMatch = None,
) -> AccountWire:
    """Blank the name, the e-mail, the metadata, tickets' subjects and sessions' contacts, for good.

    Copies of them kept for retried requests are blanked too. Units, money and times stay, as do
    the account's and the orders' ids, the stores' addresses, and the reasons that people gave
    with what they decided: keep personal data out of those. The account can still be used, and
    erased again; where nothing is left to blank, nothing changes.
    """
    row = await erasures.erase_account(
        db, account_id=account_id, reason=body.reason, actor=body.actor, if_match=if_match
    )
    return _render(row, response)


@routes.get("/v1/accounts", summary="List accounts")
@operation("read", across=True, refuses=[InvalidCursor, InvalidSite], brief=True)
async def list_accounts(
    db: RequestDb,
    email: Annotated[
        Email | None,
        Query(
            description="Return only accounts with this e-mail address, in any case: their own, or"
            " a contact's."
        ),
    ] = None,
    site: Annotated[
        SiteUrl | None,
        Query(
            description="Return only accounts with cover for this store, or for the store of this"
            " page."
        ),
    ] = None,
    license_id: Annotated[
        str | None,
        Query(
            pattern=ID_PATTERN,
            description="Return only the account that registered this licence, by the storefront's"
            " id of it.",
        ),
    ] = None,
    q: Annotated[
        Text | None,
        Query(description="Return only accounts whose name or id begins so, in any case."),
    ] = None,
    sandbox: Annotated[
        bool,
        Query(description="Whether sandbox accounts are listed as well; left out, they are not."),
    ] = False,
    order: IdOrder = "asc",
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Page[AccountWire]:
    """Customers in the order of their ids; those that fit all that is asked for."""
    after = read_cursor(cursor, str)
    found = await search.search_accounts(
        db,
        after=after[0] if after else None,
        limit=limit + 1,
        ascending=order == "asc",
        email=email,
        sites=None if site is None else list_stores(site),
        license_id=license_id,
        begins=q,
        sandbox=sandbox,
    )
    return cut_page(found, limit=limit, place=lambda account: (account.account_id,), render=_render)


def _render(account: Account, response: Response | None = None) -> AccountWire:
    if response is not None:
        response.headers["ETag"] = etag_of(account.version)
    return AccountWire(
        account_id=account.account_id,
        name=account.name,
        email=account.email,
        region=account.region,
        metadata=dict(account.metadata),
        sequence=account.sequence,
        created_at=account.created_at,
        updated_at=account.updated_at,
        erased_at=account.erased_at,
        sandbox=account.sandbox_at is not None,
        clock=account.sandbox_at,
    )
