"""Contacts: the people of a customer, under the seller's own ids of them."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Text, any_, bindparam, delete, exists, func, or_, select
from sqlalchemy.dialects.postgresql import insert

from app.db.engine.compiled import Statement
from app.db.engine.listings import Listing
from app.db.engine.rows import RowType
from app.db.engine.unit_of_work import Db
from app.db.tables import accounts, contacts
from app.domain.access.accounts import Contact, domain_of, fold_address, shares_domain
from app.domain.access.refusals import Refusal
from app.domain.catalog.requesters import Asker

CONTACT = RowType(contacts, Contact)


class ContactUnknown(Refusal):
    """The account has no such contact."""

    kind = "unknown"
    code = "contact_unknown"
    title = "There is no such contact"


_OF_ACCOUNT = contacts.c.account_id == bindparam("account_id")
_FIND = Statement(
    select(*CONTACT.columns).where(_OF_ACCOUNT, contacts.c.contact_id == bindparam("contact_id"))
)
_LIST = Listing(select(*CONTACT.columns).where(_OF_ACCOUNT), contacts.c.contact_id)
_put = insert(contacts)
_PUT = Statement(
    _put.on_conflict_do_update(
        index_elements=[contacts.c.account_id, contacts.c.contact_id],
        set_={
            name: _put.excluded[name]
            for name in ("name", "emails", "named", "version", "updated_at", "folded")
        },
    )
)
_REMOVE = Statement(
    delete(contacts).where(_OF_ACCOUNT, contacts.c.contact_id == bindparam("contact_id"))
)
_MEASURED = Statement(
    select(func.count().label("count"), func.max(contacts.c.created_at).label("newest"))
    .select_from(contacts)
    .where(_OF_ACCOUNT)
)
_PLACES = (
    select(
        contacts.c.contact_id,
        contacts.c.folded,
        func.row_number().over(order_by=(contacts.c.created_at, contacts.c.contact_id)).label("n"),
    )
    .where(_OF_ACCOUNT, contacts.c.named)
    .subquery("places")
)
_FOLDED = bindparam("folded", type_=Text)
_IS_ASKER = or_(contacts.c.contact_id == bindparam("requester"), any_(contacts.c.folded) == _FOLDED)
_ASKER = Statement(
    select(
        accounts.c.email,
        exists().where(_OF_ACCOUNT, _IS_ASKER).label("known"),
        exists()
        .where(_OF_ACCOUNT, bindparam("domain", type_=Text) == any_(contacts.c.folded))
        .label("in_domain"),
        select(func.min(_PLACES.c.n))
        .where(
            or_(
                _PLACES.c.contact_id == bindparam("requester"),
                any_(_PLACES.c.folded) == _FOLDED,
            )
        )
        .scalar_subquery()
        .label("place"),
    ).where(accounts.c.account_id == bindparam("account_id"))
)
_REMOVE_ALL = Statement(delete(contacts).where(_OF_ACCOUNT))


async def find_asker(db: Db, account_id: str, requester: str | None) -> Asker:
    """Return who asks as the account knows them: by an address, or as one of its contacts.

    Of a domain is who writes from that of the account's own address, unless anybody can have an
    address there, or from one that a contact has. The people who are named have their places in
    the order in which they were put.
    """
    if requester is None:
        return Asker(None)
    folded, domain = fold_address(requester), domain_of(requester)
    row = await db.row(
        _ASKER, account_id=account_id, requester=requester, folded=folded, domain=domain
    )
    if row is None:
        return Asker(requester)
    own = row["email"] is not None and fold_address(row["email"])
    return Asker(
        requester,
        registered=row["known"] or own == folded,
        named=row["place"],
        of_domain="@" in requester
        and (row["in_domain"] or (bool(own) and shares_domain(str(own), folded)) or own == folded),
    )


async def find_contact(db: Db, account_id: str, contact_id: str) -> Contact | None:
    """Return a contact, or None."""
    row = await db.row(_FIND, account_id=account_id, contact_id=contact_id)
    return None if row is None else CONTACT.read(row)


async def get_contact(db: Db, account_id: str, contact_id: str) -> Contact:
    """Return a contact, or refuse with `contact_unknown`."""
    found = await find_contact(db, account_id, contact_id)
    if found is None:
        raise ContactUnknown(f"There is no contact {contact_id!r}.")
    return found


async def list_contacts(
    db: Db, account_id: str, *, after: Sequence[str] | None, ascending: bool, limit: int
) -> Sequence[Contact]:
    """Return an account's contacts in the order of their ids, after one id."""
    rows = await _LIST.read(
        db, ascending=ascending, after=after, limit=limit, account_id=account_id
    )
    return [CONTACT.read(row) for row in rows]


async def measure_contacts(db: Db, account_id: str) -> tuple[int, datetime | None]:
    """Return how many contacts an account has, and when the newest was put."""
    row = await db.row(_MEASURED, account_id=account_id)
    return (0, None) if row is None else (row["count"], row["newest"])


async def put_contact(db: Db, contact: Contact) -> None:
    """Write a contact, new or in place of what it was. The account's row is locked."""
    await db.execute(_PUT, **CONTACT.values(contact))


async def remove_contact(db: Db, account_id: str, contact_id: str) -> None:
    """Remove a contact."""
    await db.execute(_REMOVE, account_id=account_id, contact_id=contact_id)


async def remove_contacts(db: Db, account_id: str) -> int:
    """Remove all of an account's contacts, and count them."""
    return await db.execute(_REMOVE_ALL, account_id=account_id)
