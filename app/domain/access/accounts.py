"""Accounts and contacts: the seller's customers, and the people who write for them."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from app.domain.access.mail_services import MAIL_SERVICES
from app.domain.values import Value


class Account(Value):
    """A customer as stored, with how far its entries, kinds of units and events have come."""

    account_id: str
    name: str
    email: str | None
    region: str | None
    metadata: Mapping[str, Any]
    version: int
    sequence: int
    tallies: int
    events: int
    effective_at: datetime
    created_at: datetime
    updated_at: datetime
    erased_at: datetime | None
    erasure: Mapping[str, str] | None
    sandbox_at: datetime | None


class Contact(Value):
    """A person of a customer, with the addresses that they write from.

    An address that begins with `@` is a whole domain. `named`: one of those whom the customer
    named as entitled to ask.
    """

    account_id: str
    contact_id: str
    name: str
    emails: Sequence[str]
    named: bool
    version: int
    created_at: datetime
    updated_at: datetime
    folded: Sequence[str]


def fold_address(address: str) -> str:
    """Return an address as it is compared: in any case it is the same."""
    return address.lower()


def domain_of(address: str) -> str:
    """Return the domain of an address as a contact may have it: `@nordwind.example`."""
    return f"@{fold_address(address).rpartition('@')[2]}"


def shares_domain(address: str, other: str) -> bool:
    """Say whether two addresses are of one domain that is a customer's own.

    That of a mail service is nobody's own: everybody can have an address there. A customer who
    means one all the same has it as a contact's address.
    """
    domain = domain_of(address)
    return domain == domain_of(other) and domain.removeprefix("@") not in MAIL_SERVICES
