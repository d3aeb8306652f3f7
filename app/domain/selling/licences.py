"""A software licence that a customer has registered, under the storefront's own id."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from app.domain.values import Value


class RegisteredLicence(Value):
    """A licence as it is stored; `subscription_id` is what it brought, if anything."""

    account_id: str
    license_id: str
    request: Mapping[str, object]
    catalog: str
    product: str
    subscription_id: UUID | None
    created_at: datetime
