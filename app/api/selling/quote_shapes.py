"""Quotes as they are on the wire."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field, StringConstraints

from app.api.http.wire import LARGEST_AMOUNT, Code, Instant, MoneyWire, SiteUrl, Wire
from app.api.selling.purchase_shapes import (
    ContractMonths,
    LineWire,
    Quantity,
    RegionCode,
    drop_absent,
    render_line,
)
from app.domain.catalog.money import Money
from app.domain.selling.selling import Agreed
from app.services.selling.quotes import QuoteOrder, QuoteView

# In minor units: a thousand of it, for the longest contract, is still a number for everybody.
LARGEST_PRICE = 10_000_000_000
AgreedAllowance = Annotated[int, Field(ge=1, le=LARGEST_AMOUNT, strict=True, examples=[2400])]


class AgreedPrice(Wire):
    """A price that is agreed: nothing, or more."""

    amount: Annotated[int, Field(ge=0, le=LARGEST_PRICE, strict=True, examples=[200000])]
    """In the currency's minor unit."""
    currency: Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$"), Field(examples=["EUR"])]
    """The catalogue's: an ISO 4217 code."""


class QuoteRequest(Wire):
    """What is to be quoted."""

    offer: Annotated[Code, Field(examples=["agency.starter"])]
    """The offer, by its full code."""
    quantity: Quantity = 1
    """How many of it; it multiplies what is granted."""
    contract_months: ContractMonths | None = None
    """The length of the contract; a whole number of the offer's terms (months, if it has none)."""
    site: SiteUrl | None = None
    """The store it is for, where the offer covers one."""
    region: RegionCode | None = None
    """The customer's region, by whose hours the plan's times go; default the account's."""
    allowance: AgreedAllowance | None = None
    """What one of it grants for each term or month; needs `ledger:write`. Default: the list's."""
    price: AgreedPrice | None = None
    """The price of one for one term (a month, where the offer names none), before discounts;
    needs `ledger:write`. Default: the list's."""
    valid_until: Instant | None = None
    """Until when the price is promised; default 30 days, a year at most."""

    def as_order(self) -> QuoteOrder:
        """Return the request as a value."""
        return QuoteOrder(
            offer=self.offer,
            quantity=self.quantity,
            contract_months=self.contract_months,
            site=self.site,
            agreed=as_agreed(self.price, self.allowance),
            valid_until=self.valid_until,
            document=drop_absent(self.model_dump(mode="json"), "region"),
            region=self.region,
        )


class QuotedAllowance(Wire):
    """What the quoted units grant together."""

    amount: int | None
    """Units for each `per`; null when not counted."""
    unlimited: bool
    """Whether uses are not counted against anything."""
    per: Literal["term", "month"]
    """Whether the amount is for each term or each month."""


class QuoteWire(Wire):
    """A price promised until a date. It never changes, whatever the catalogue does."""

    quote_id: UUID
    """The quote, to be bought by."""
    account_id: str
    """The customer, by the seller's own id."""
    status: Literal["open", "expired", "bought"]
    """Whether it can be bought."""
    kind: Literal["sale", "upgrade"]
    """A sale, or an upgrade that ends another order."""
    offer: str
    """The offer that is quoted."""
    catalog: str
    """The catalogue that it is of."""
    catalog_version: int
    """On which version of the terms."""
    plan: str | None
    """The plan it gives; null for cover on top of a plan."""
    quantity: int
    """How many the quote is for."""
    contract_months: int | None
    """The length of the contract."""
    site: str | None
    """The store it is for, in canonical form."""
    region: str | None
    """The customer's region that it is for, where hours depend on it."""
    unit: str
    """The unit that is counted: incident, point or minute."""
    allowance: QuotedAllowance
    """The units that it grants."""
    lines: list[LineWire]
    """How the total comes about: price, discount, credit."""
    total: MoneyWire
    """What it costs in all."""
    valid_until: Instant
    """Until when it can be bought, itself excluded."""
    upgrades: str | None
    """The order that buying it ends."""
    adds_to: str | None
    """The order whose subscription buying it raises, for the rest of its term."""
    order_id: str | None
    """The order by which it was bought."""
    created_at: Instant
    """When it was made."""


def as_agreed(price: AgreedPrice | None, allowance: int | None) -> Agreed:
    """Return what is agreed in place of the list."""
    money = None if price is None else Money(price.amount, price.currency)
    return Agreed(money, allowance)


def render_quote(view: QuoteView) -> QuoteWire:
    """Return a quote as it is on the wire."""
    quote, terms = view.quote, view.quote.terms
    amount = terms.amount
    return QuoteWire(
        quote_id=quote.quote_id,
        account_id=quote.account_id,
        status=quote.status(view.now),
        kind=quote.kind,
        offer=quote.offer,
        catalog=quote.catalog,
        catalog_version=quote.catalog_version,
        plan=terms.plan,
        quantity=terms.quantity,
        contract_months=terms.contract_months,
        site=quote.site,
        region=terms.region,
        unit=terms.unit,
        allowance=QuotedAllowance(
            amount=None if amount is None else amount * terms.times,
            unlimited=terms.unlimited,
            per=terms.per,
        ),
        lines=[render_line(line) for line in terms.lines],
        total=MoneyWire(amount=quote.total_amount, currency=quote.total_currency),
        valid_until=quote.valid_until,
        upgrades=quote.upgraded_order_id,
        adds_to=terms.adds_to,
        order_id=quote.order_id,
        created_at=quote.created_at,
    )
