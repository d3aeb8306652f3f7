"""Contacts: the people of a customer, and the addresses by which a helpdesk knows them."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from app.db.accounts import contacts, erasures
from app.db.accounts.locked_accounts import LockedAccount, lock_account
from app.db.engine.unit_of_work import Db
from app.domain.access.accounts import Contact, fold_address
from app.domain.access.refusals import Fault, InvalidPayload, Refusal
from app.domain.events.account_events import ContactChange, ContactChangedData
from app.domain.values import replace
from app.services.accounts.preconditions import require_match

MOST_CONTACTS = 10_000
_NEXT = timedelta(microseconds=1)


class UnknownRequester(InvalidPayload):
    """The requester is neither an address nor one of the account's contacts."""

    code = "unknown_requester"
    title = "There is no such requester"


class TooManyContacts(Refusal):
    """An account has 10,000 contacts at most."""

    kind = "conflict"
    code = "too_many_contacts"
    title = "The account has too many contacts"


async def put_contact(
    db: Db,
    *,
    account_id: str,
    contact_id: str,
    name: str,
    emails: Sequence[str],
    named: bool,
    if_match: str | None,
    if_none_match: str | None,
) -> tuple[Contact, bool]:
    """Create a contact or replace it; return it, and whether it is new. Recorded as an event."""
    account = await lock_account(db, account_id)
    known = await contacts.find_contact(db, account_id, contact_id)
    version = None if known is None else known.version
    require_match(if_match, version, if_none_match=if_none_match)
    contact = Contact(
        account_id=account_id,
        contact_id=contact_id,
        name=name,
        emails=list(emails),
        named=named,
        version=1 if known is None else known.version + 1,
        created_at=account.now if known is None else known.created_at,
        updated_at=account.now,
        folded=sorted({fold_address(each) for each in emails}),
    )
    if known is not None and _shown(known) == _shown(contact):
        return known, False
    if known is None:
        contact = replace(contact, created_at=await _find_place(db, account))
    await contacts.put_contact(db, contact)
    _record(account, contact_id, "created" if known is None else "changed")
    return contact, known is None


async def _find_place(db: Db, account: LockedAccount) -> datetime:
    """Return when a new contact is put: after all others, though the clock may stand still."""
    count, newest = await contacts.measure_contacts(db, account.account_id)
    if count >= MOST_CONTACTS:
        raise TooManyContacts(f"An account has {MOST_CONTACTS} contacts at most.")
    return account.now if newest is None else max(account.now, newest + _NEXT)


async def require_requester(db: Db, account_id: str, requester: str) -> None:
    """Refuse with `unknown_requester` what is neither an address nor one of the contacts."""
    if "@" in requester or await contacts.find_contact(db, account_id, requester) is not None:
        return
    detail = f"{requester!r} is no address, nor the id of a contact of the account."
    raise UnknownRequester([Fault("/requester", detail, UnknownRequester.code)])


async def remove_contact(db: Db, *, account_id: str, contact_id: str, if_match: str | None) -> None:
    """Remove a contact, name and addresses. Refuses `contact_unknown`. Recorded as an event."""
    account = await lock_account(db, account_id)
    known = await contacts.get_contact(db, account_id, contact_id)
    require_match(if_match, known.version)
    await contacts.remove_contact(db, account_id, contact_id)
    names = [contact_id.lower(), *(each for each in known.folded if not each.startswith("@"))]
    await erasures.blank_requester(db, account_id, names)
    _record(account, contact_id, "removed")


def _shown(contact: Contact) -> tuple[str, tuple[str, ...], bool]:
    return contact.name, tuple(contact.emails), contact.named


def _record(account: LockedAccount, contact_id: str, change: ContactChange) -> None:
    account.record(ContactChangedData(contact_id=contact_id, change=change), at=account.now)
