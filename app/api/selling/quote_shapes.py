"""Quotes as they are on the wire."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field, StringConstraints

from app.api.http.wire import LARGEST_AMOUNT, Code, Instant, MoneyWire, SiteUrl, Wire, render_money
from app.api.selling.purchase_shapes import (
    ContractMonths,
    LineWire,
    Quantity,
    RegionCode,
    ShareOf,
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
    """A price that is agreed in place of the list's: nothing, or more."""

    amount: Annotated[int, Field(ge=0, le=LARGEST_PRICE, strict=True, examples=[200000])]
    """The agreed amount in the currency's minor unit, such as cents."""
    currency: Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$"), Field(examples=["EUR"])]
    """The catalogue's currency, by its ISO 4217 code."""


class QuoteRequest(Wire):
    """The offer to be quoted, and what is agreed about it."""

    offer: Annotated[Code, Field(examples=["agency.starter"])]
    """The offer to be quoted, by its full code."""
    quantity: Quantity = 1
    """How many of the offer are quoted: what each grants, and costs, is multiplied."""
    contract_months: ContractMonths | None = None
    """The length of the contract in months, a whole number of the offer's terms; left out, one
    term."""
    site: SiteUrl | None = None
    """The store that the quote is for, by its URL, where the offer covers one."""
    region: RegionCode | None = None
    """The customer's region, by whose hours the plan's times go; default the account's."""
    allowance: AgreedAllowance | None = None
    """How many units one of the offer grants for each term or month; needs `ledger:write`.
    Default: the list's."""
    price: AgreedPrice | None = None
    """The price of one of the offer for one term (a month, where the offer names none), before
    discounts; needs `ledger:write`. Default: the list's."""
    share_of: ShareOf | None = None
    """The amount that the price is a share of, where the offer's is one, such as what the licence
    costs."""
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
            document=drop_absent(self.model_dump(mode="json"), "region", "share_of"),
            region=self.region,
            share_of=None if self.share_of is None else self.share_of.as_money(),
        )


class QuotedAllowance(Wire):
    """The units that everything quoted grants together."""

    amount: int | None
    """How many units are granted for each `per`; null when not counted."""
    unlimited: bool
    """Whether there is no limit to the use: uses are still counted."""
    per: Literal["term", "month"]
    """Whether the amount is for the whole term, or for each month of it."""


class QuoteWire(Wire):
    """A price promised until a date. It never changes, whatever the catalogue does."""

    quote_id: UUID
    """The quote's own id, by which an order buys it."""
    account_id: str
    """The account, by the seller's own id of the customer."""
    status: Literal["open", "expired", "bought"]
    """Whether the quote can be bought, has expired, or was bought."""
    kind: Literal["sale", "upgrade"]
    """Whether the quote is a sale, or an upgrade that ends another order."""
    offer: str
    """The offer that is quoted, by its full code."""
    catalog: str
    """The catalogue that the offer is of, by its code."""
    catalog_version: int
    """The version of the catalogue whose terms the quote keeps."""
    plan: str | None
    """The plan that the offer gives; null for cover on top of a plan."""
    quantity: int
    """How many of the offer are quoted together."""
    contract_months: int | None
    """The length of the contract in months; null: one term of the offer."""
    site: str | None
    """The store that the quote is for, by its canonical URL; null where the offer covers no single
    one."""
    region: str | None
    """The customer's region, by whose hours the plan's times go; null where hours depend on
    none."""
    unit: str
    """The unit that is counted: incident, point or minute."""
    allowance: QuotedAllowance
    """The units that everything quoted grants together."""
    share_of: MoneyWire | None
    """The amount that the price is a share of; null where it is none."""
    lines: list[LineWire]
    """The lines of which the total is made: price, discount, credit."""
    total: MoneyWire
    """The price of the quote in all."""
    valid_until: Instant
    """Until when the quote can be bought, itself excluded."""
    upgrades: str | None
    """The order that buying the quote ends, which is upgraded; null where it ends none."""
    adds_to: str | None
    """The order whose subscription buying the quote raises, for the rest of its term; null where it
    raises none."""
    order_id: str | None
    """The order by which the quote was bought; null while it was not."""
    created_at: Instant
    """The instant at which the quote was made."""


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
        share_of=render_money(terms.share_of),
        lines=[render_line(line) for line in terms.lines],
        total=MoneyWire(amount=quote.total_amount, currency=quote.total_currency),
        valid_until=quote.valid_until,
        upgrades=quote.upgraded_order_id,
        adds_to=terms.adds_to,
        order_id=quote.order_id,
        created_at=quote.created_at,
    )
