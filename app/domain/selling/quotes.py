"""A quote: a price promised until a date, frozen with the terms that it was made on."""

from collections.abc import Mapping
from datetime import datetime
from typing import Literal
from uuid import UUID

from app.domain.catalog.money import Money
from app.domain.selling.sold_terms import SoldTerms
from app.domain.values import Value

QuoteKind = Literal["sale", "upgrade"]


class Quote(Value):
    """A quote as it is stored; `order_id` is the order by which it was bought."""

    account_id: str
    quote_id: UUID
    kind: QuoteKind
    request: Mapping[str, object]
    catalog: str
    catalog_version: int
    offer: str
    terms: SoldTerms
    site: str | None
    total_amount: int
    total_currency: str
    valid_until: datetime
    upgraded_order_id: str | None
    order_id: str | None
    created_at: datetime

    @property
    def total(self) -> Money:
        """What buying it costs."""
        return Money(self.total_amount, self.total_currency)

    @property
    def is_agreed(self) -> bool:
        """Whether its price or what it grants was agreed in place of the list."""
        return bool(self.request.get("price") or self.request.get("allowance"))

    def status(self, at: datetime) -> Literal["open", "expired", "bought"]:
        """Return whether it can still be bought at `at`."""
        if self.order_id is not None:
            return "bought"
        return "expired" if self.valid_until <= at else "open"
