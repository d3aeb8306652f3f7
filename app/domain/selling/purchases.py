"""A purchase: an order under the storefront's own id, with a copy of what it was sold on."""

from collections.abc import Mapping
from datetime import datetime
from typing import Literal
from uuid import UUID

from app.domain.catalog.money import Money
from app.domain.selling.cancellations import Cancellation
from app.domain.selling.sold_terms import SoldTerms
from app.domain.values import Value

# As of an instant: what is active is ended once its term is over.
PurchaseStatus = Literal["pending", "active", "ended", "cancelled"]
StoredStatus = Literal["pending", "active", "cancelled"]


class Purchase(Value):
    """An order as it is stored. `request` is the body that placed it, `terms` what it sells.

    `status` is what was last decided of it: that its term is over is read from the clock.
    """

    account_id: str
    order_id: str
    request: Mapping[str, object]
    status: StoredStatus
    catalog: str
    catalog_version: int
    offer: str
    terms: SoldTerms
    quantity: int
    contract_months: int | None
    site: str | None
    total_amount: int
    total_currency: str
    payment_reference: str | None
    paid_at: datetime | None
    subscription_id: UUID | None
    quote_id: UUID | None
    cancellation: Cancellation | None
    created_at: datetime

    @property
    def is_renewal(self) -> bool:
        """Whether it renews an order, and goes on with what that one sold."""
        return "renews" in self.request

    @property
    def placed_at(self) -> datetime:
        """When it was placed, as its request says; else when it was recorded."""
        said = self.request.get("at")
        return datetime.fromisoformat(said) if isinstance(said, str) else self.created_at

    @property
    def total(self) -> Money:
        """What is paid for it now; what an upgrade credits is paid already."""
        return Money(self.total_amount, self.total_currency)

    @property
    def paid_amount(self) -> int:
        """What was paid for it, in minor units: credit for an order before it too."""
        return self.total_amount + self.terms.credit
