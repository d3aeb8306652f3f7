"""A software licence that a customer has registered, under the storefront's own id."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, slots=True)
class RegisteredLicence:
    """A licence as it is stored; `subscription_id` is what it brought, if anything."""

    account_id: str
    license_id: str
    request: Mapping[str, object]
    catalog: str
    product: str
    subscription_id: UUID | None
    created_at: datetime
