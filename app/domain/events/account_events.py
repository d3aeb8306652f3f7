"""Events of contacts, keys and webhooks: what happens beside tickets and units."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal, TypedDict
from uuid import UUID

from app.domain.access.callers import Scope
from app.domain.access.keys import ApiKey
from app.domain.events.event_data import EventData

ContactChange = Literal["created", "changed", "removed"]


class ContactChangedData(EventData, kw_only=True):
    """A person of the customer is new, has other data, or was removed; who it is is not said."""

    contact_id: str
    """The contact, by the seller's own id of the person."""
    change: ContactChange
    """Whether the contact was created, changed, or removed."""


class AccountSummaryChangedData(EventData, kw_only=True):
    """What the account's summary shows has changed, and not by the clock alone; recorded last."""

    because: Sequence[str]
    """The types of the account's other events of the same moment, each once; there may be none."""
    sequence: int
    """The number of the last movement of the account's units."""


class AccountMovedData(EventData, kw_only=True):
    """All that an account had is another's now; recorded for both, and last for the former one."""

    from_account_id: str
    """The account whose content was moved; its addresses answer 410 now."""
    to_account_id: str
    """The account that has all of the content now."""
    sequence: int
    """The number of the last movement of units: for the former account its last, for the other one
    with those that were moved."""


class AccountClockRepairedData(EventData, kw_only=True):
    """The account's clock was far ahead of the present, and an operator has set it back."""

    found_at: datetime
    """The instant that was the account's present until the repair."""
    repaired_at: datetime
    """The instant that is the account's present since the repair."""
    entries: int
    """How many of the account's last entries had been stamped ahead, and take effect at the repair
    now."""
    sequence: int
    """The number of the account's last movement of units, which is the last of those entries."""


class KeyData(EventData, kw_only=True):
    """An API key, without its name and of its secret nothing."""

    key_id: UUID
    """The key's own id, by which it is rotated and revoked."""
    role: str | None
    """The role that the key was made with; null where it was made with scopes."""
    scopes: Sequence[Scope]
    """The scopes of the key: what it may do."""
    account_id: str | None
    """The only account that the key may see and change; null: every account."""
    expires_at: datetime | None
    """Until when the key is valid, itself excluded; null: until it is revoked."""


class KeyCreatedData(KeyData, kw_only=True):
    """A key was made."""


class KeyRotatedData(KeyData, kw_only=True):
    """A key has another secret."""

    previous_valid_until: datetime
    """Until when the secret before the present one is valid, too."""


class KeyRevokedData(KeyData, kw_only=True):
    """A key is not valid any more."""


class PingData(EventData, kw_only=True):
    """A webhook was pinged: nothing happened, and somebody wants to see that it arrives."""

    webhook_id: UUID
    """The webhook's own id, as in its address."""


def describe_new_key(key: ApiKey) -> KeyCreatedData:
    """Return a key that was made: neither its name nor anything of its secret."""
    return KeyCreatedData(**_read_key(key))


def describe_rotation(key: ApiKey, *, previous_valid_until: datetime) -> KeyRotatedData:
    """Return a key that has another secret, and until when the one before is valid."""
    return KeyRotatedData(**_read_key(key), previous_valid_until=previous_valid_until)


def describe_revocation(key: ApiKey) -> KeyRevokedData:
    """Return a key that is not valid any more."""
    return KeyRevokedData(**_read_key(key))


class _KeyFields(TypedDict):
    key_id: UUID
    role: str | None
    scopes: Sequence[Scope]
    account_id: str | None
    expires_at: datetime | None


def _read_key(key: ApiKey) -> _KeyFields:
    return {
        "key_id": key.key_id,
        "role": key.role,
        "scopes": key.scopes,
        "account_id": key.bound_account_id,
        "expires_at": key.expires_at,
    }
