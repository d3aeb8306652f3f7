"""Offers: what a shop sells, for how much and how long, and what it grants."""

from typing import Literal

from app.domain.catalog.amounts import Unit
from app.domain.catalog.money import Money, percent_off, write_money
from app.domain.catalog.terms import A_MONTH, Term
from app.domain.values import Value

Per = Literal["term", "month"]
Sold = Literal["direct", "included", "quote"]
OfferKind = Literal["term", "pack"]
# How many of an offer are bought at once: subscriptions, seats or cores of a large customer.
MOST_SOLD = 100_000


class Allowance(Value):
    """What an offer grants: `amount` units for each `per`, or without a count when unlimited.

    `amount` is None when unlimited, and when the amount is agreed by quote.
    """

    amount: int | None
    unlimited: bool
    per: Per


class ListPrice(Value):
    """A price as advertised, when it is not what one purchase costs: €1499 a month."""

    money: Money
    per: Literal["month", "year", "hour", "term"]


class PriceShare(Value):
    """A price that is `percent` of something else that is sold, such as the licence, or `least`.

    `of` names it, and each order says how much that is.
    """

    percent: int
    of: str
    least: Money

    def price(self, amount: int) -> Money:
        """Return the price where that which it is a share of is `amount`, in minor units."""
        return Money(max(self.least.amount, percent_off(amount, self.percent)), self.least.currency)

    def describe(self) -> str:
        """Return it in words: "18 percent of the licence's price, at least EUR 500.00"."""
        share = f"{self.percent} percent of {self.of}"
        return f"{share}, at least {write_money(self.least)}" if self.least.amount else share


class SoldBy(Value):
    """What an offer is priced by, besides what it grants: a socket, a seat, a server.

    `scales` says whether the number of them multiplies what is granted, as it does the price.
    """

    name: str
    plural: str
    scales: bool

    def count(self, number: int) -> str:
        return f"{number} {self.name if number == 1 else self.plural}"


class Fee(Value):
    """What is paid once, beside the price: whatever the quantity, or for `each` that is bought."""

    money: Money
    each: bool = False

    def count(self, quantity: int) -> int:
        """Return how many times it is paid with so many."""
        return quantity if self.each else 1

    def of(self, quantity: int) -> int:
        """Return what it comes to with so many, in minor units."""
        return self.money.amount * self.count(quantity)


class CarryOver(Value):
    """What is unused of a month when it turns: a share of its units at most lasts on, so long."""

    share: tuple[int, int] = (1, 1)
    lasts: Term = A_MONTH

    def split(self, granted: int) -> tuple[int, int]:
        """Return which units end with their month, and which last on.

        Those that end sooner burn first, so that what lasts on is what is left, or the share.
        """
        kept = granted * self.share[0] // self.share[1]
        return granted - kept, kept


class Offer(Value):
    """What a shop sells: `code` is the catalogue's code, a dot and the offer's own.

    A `term` offer sells cover for a while; a `pack` sells units that are good for a while from
    the day of purchase (points, single incidents), and is always sold now.

    `price` is what one purchase costs: 0 when included with something else, None when sold by
    quote, or at a `price_share`. `term` None: agreed by quote. `site_bound` offers cover one store
    and need its URL.
    `adds_calendar` is for cover sold on top of a subscription: the calendar whose open time
    its promises gain; such an offer has no plan and grants nothing. `carries_over`
    lets a month's unused units last on when it turns. `includes` are things the price brings
    besides. `needs` names the plans of which a buyer has one already.
    `kind`: cover for a term, which may follow another, or a pack of units, good for the term
    from the sale on. `fee` is paid once, beside the price. `opens_only`: it grants no units, and
    opens what needs its plan. `without_end`: what it grants is good for ever.
    """

    code: str
    plan: str | None
    name: str
    description: str
    sold: Sold
    price: Money | None
    list_price: ListPrice | None
    term: Term | None
    unit: Unit
    allowance: Allowance
    site_bound: bool = False
    adds_calendar: str | None = None
    carries_over: CarryOver | None = None
    kind: OfferKind = "term"
    needs: tuple[str, ...] = ()
    sold_by: SoldBy | None = None
    includes: tuple[str, ...] = ()
    fee: Fee | None = None
    opens_only: bool = False
    without_end: bool = False
    price_share: PriceShare | None = None
    seller_choice: tuple[str, ...] = ()


class Discount(Value):
    """`percent` off the price from so many months of contract, or so many sold, on.

    None: it does not depend on it.
    """

    contract_months: int | None
    percent: int
    from_quantity: int | None = None


class FreeGrant(Value):
    """What the first software licence of a customer brings, once: `amount` units of `plan`.

    `each`: every further licence brings it as well.
    """

    plan: str
    unit: Unit
    amount: int
    term: Term
    each: bool = False
    seller_choice: tuple[str, ...] = ()
