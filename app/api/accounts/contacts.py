"""Contacts: the people of a customer, under the seller's own ids of them."""

from typing import Annotated

from fastapi import Path, Response
from pydantic import AfterValidator, Field, StringConstraints

from app.api.http.paging import cut_page
from app.api.http.routing import IfMatch, IfNoneMatch, RequestDb, operation, router
from app.api.http.wire import (
    ID_PATTERN,
    AccountId,
    Cursor,
    IdOrder,
    Instant,
    InvalidCursor,
    Limit,
    Page,
    Text,
    Wire,
    read_cursor,
    require_storable,
)
from app.db.accounts import contacts as rows
from app.db.accounts.accounts import find_account
from app.db.accounts.contacts import ContactUnknown
from app.domain.access.accounts import Contact
from app.services.accounts import contacts
from app.services.accounts.contacts import TooManyContacts
from app.services.accounts.preconditions import PreconditionFailed, etag_of

routes = router("Accounts")

_C = "/v1/accounts/{account_id}/contacts"
ContactId = Annotated[
    str,
    Path(
        pattern=ID_PATTERN,
        description="The contact, by the seller's own id of the person.",
        examples=["u-7"],
    ),
]
Address = Annotated[
    str,
    StringConstraints(max_length=254, pattern=r"^[^@\s]*@[^@\s]+$"),
    AfterValidator(require_storable),
]


class ContactPut(Wire):
    """A person of a customer, as the seller knows them."""

    name: Annotated[Text, Field(examples=["Erika Mustermann"])]
    """The name of the person, as people read it."""
    emails: Annotated[
        list[Address], Field(max_length=20, examples=[["erika@nordwind.example"]])
    ] = Field(default_factory=list)
    """The addresses that the person writes from, 20 at most; `@nordwind.example` stands for
    everybody of that domain."""
    named: bool = False
    """Whether the customer named the person as one who may ask for support."""


class ContactWire(Wire):
    """A person of a customer, who may ask for support."""

    contact_id: str
    """The contact, by the seller's own id of the person."""
    name: str
    """The name of the person, as people read it."""
    emails: list[str]
    """The addresses that the person writes from; one that begins with `@` is a whole domain."""
    named: bool
    """Whether the customer named the person as one who may ask for support."""
    created_at: Instant
    """The instant at which the contact was first put."""
    updated_at: Instant
    """The instant at which the contact was last changed."""


@routes.put(_C + "/{contact_id}", summary="Create or replace a contact", status_code=200)
@operation("accounts:write", writes=True, refuses=[PreconditionFailed, TooManyContacts])
async def put_contact(
    db: RequestDb,
    account_id: AccountId,
    contact_id: ContactId,
    body: ContactPut,
    response: Response,
    if_match: IfMatch = None,
    if_none_match: IfNoneMatch = None,
) -> ContactWire:
    """Put a person of the customer: 201 when it is new, 200 when it was there.

    Accounts are found by any address of theirs, and a ticket's `requester` may be one of them.
    """
    contact, created = await contacts.put_contact(
        db,
        account_id=account_id,
        contact_id=contact_id,
        name=body.name,
        emails=body.emails,
        named=body.named,
        if_match=if_match,
        if_none_match=if_none_match,
    )
    response.status_code = 201 if created else 200
    return _render(contact, response)


@routes.get(_C + "/{contact_id}", summary="Read a contact")
@operation("read", brief=True, refuses=[ContactUnknown])
async def get_contact(
    db: RequestDb, account_id: AccountId, contact_id: ContactId, response: Response
) -> ContactWire:
    """A person of the customer, with the addresses that they write from."""
    return _render(await rows.get_contact(db, account_id, contact_id), response)


@routes.get(_C, summary="List contacts")
@operation("read", refuses=[InvalidCursor])
async def list_contacts(
    db: RequestDb,
    account_id: AccountId,
    order: IdOrder = "asc",
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Page[ContactWire]:
    """The people of a customer, in the order of their ids."""
    await find_account(db, account_id)
    found = await rows.list_contacts(
        db,
        account_id,
        after=read_cursor(cursor, str),
        ascending=order == "asc",
        limit=limit + 1,
    )
    return cut_page(found, limit=limit, place=lambda each: (each.contact_id,), render=_render)


@routes.delete(_C + "/{contact_id}", summary="Remove a contact", status_code=204)
@operation("accounts:write", writes=True, refuses=[ContactUnknown, PreconditionFailed])
async def delete_contact(
    db: RequestDb, account_id: AccountId, contact_id: ContactId, if_match: IfMatch = None
) -> None:
    """Erase a person of the customer: name and addresses go, and so does it as a requester.

    Their tickets stay, without saying whose they were.
    """
    await contacts.remove_contact(
        db, account_id=account_id, contact_id=contact_id, if_match=if_match
    )


def _render(contact: Contact, response: Response | None = None) -> ContactWire:
    if response is not None:
        response.headers["ETag"] = etag_of(contact.version)
    return ContactWire.model_validate(contact)
