"""An offer as a shop shows it, flat."""

from collections.abc import Iterable
from typing import Annotated, Literal

from pydantic import Field

from app.api.http.wire import MoneyWire, Wire, render_money
from app.domain.catalog.amounts import Unit
from app.domain.catalog.catalogs import Catalog
from app.domain.catalog.channels import Channel
from app.domain.catalog.conditions import WorkedTicket
from app.domain.catalog.offer_texts import describe_allowance, describe_promise, describe_term
from app.domain.catalog.offers import CarryOver, Offer, OfferKind, PriceShare
from app.domain.catalog.terms import format_term
from app.domain.promises.promises import Metric, Promise, Strength
from app.domain.values import replace


class AllowanceWire(Wire):
    """The units that an offer grants, for its term or each month."""

    amount: int | None
    """How many units are granted for each `per`; null when unlimited, and when agreed by quote."""
    unlimited: bool
    """Whether there is no limit to the use: uses are still counted."""
    per: Literal["term", "month"]
    """Whether the amount is for the whole term or anew each month."""


class SoldByWire(Wire):
    """What an offer is priced by, besides what it grants."""

    name: str
    """The name of one of what the price is for, such as socket."""
    plural: str
    """The name of several of them, such as sockets."""
    scales: bool
    """Whether the number of those bought multiplies what is granted, as it does the price."""


class ListPriceWire(Wire):
    """The price of an offer as it is advertised, where one purchase costs another amount."""

    amount: int
    """The advertised price in the currency's minor unit, such as cents."""
    currency: str
    """The currency, by its ISO 4217 code, such as `EUR`."""
    per: Literal["month", "year", "hour", "term"]
    """The time that the advertised price is for: a month, a year, an hour, or the whole term."""


class PromiseWire(Wire):
    """What a plan promises for one metric, in data and in words."""

    metric: Metric
    """The metric that is promised, such as `first_response`."""
    severity: int | None
    """The severity that the promise is for; null: for any, and for none."""
    urgent: bool | None
    """Whether this is for urgent requests (true), for the others (false), or for both (null)."""
    strength: Strength
    """How firmly it is promised: guaranteed, a target, best effort, or none (not offered)."""
    text: str
    """The promise in words, as one plain sentence."""


class CarryOverWire(Wire):
    """What of a month's units lasts on when it turns."""

    share: Annotated[str, Field(examples=["2/5"])]
    """The share of the month's units that lasts on at most."""
    lasts: Annotated[str, Field(examples=["P1M"])]
    """For how long after the month the units that carry over last (ISO 8601)."""


class PriceShareWire(Wire):
    """A price that is a percentage of something else, or a least amount, whichever is more."""

    percent: int
    """The percentage that the price is of the amount that each order says."""
    of: str
    """What the price is a percentage of, in the seller's words."""
    least: MoneyWire | None
    """The least that one purchase costs; null where there is none."""


class OfferWire(Wire):
    """An offer of a shop: a plan for a term or a pack of units, with allowance and price."""

    offer: str
    """The offer's code, by which an order buys it."""
    catalog: str
    """The catalogue that the offer is of, by its code."""
    plan: str | None
    """The plan that the offer gives; null for cover that is sold on top of a plan."""
    name: str
    """The offer's name in a shop."""
    description: str
    """What one purchase of the offer gives, in a sentence."""
    kind: OfferKind
    """Whether the offer is cover for a term, or a pack of units that are good for a time from the
    day of purchase."""
    sold: Literal["direct", "included", "quote"]
    """Whether the offer is sold directly at its price, included with something else, or by
    quote."""
    price: MoneyWire | None
    """What one purchase costs; null when sold by quote."""
    list_price: ListPriceWire | None
    """The price as it is advertised; null where that is what one purchase costs."""
    unit_price: MoneyWire | None
    """The price of one unit, rounded half up; null where none follows from the offer."""
    term: str | None
    """For how long one purchase is good (ISO 8601); null when agreed by quote, and where it has no
    end."""
    without_end: bool
    """Whether what the offer grants is good for ever."""
    term_text: str
    """The term in words, as people read it."""
    unit: Unit
    """The unit that is counted: incident, point or minute."""
    allowance: AllowanceWire
    """The units that the offer grants, for its term or each month."""
    allowance_text: str
    """The allowance in words, as people read it."""
    carries_over: bool
    """Whether a month's unused units move into the next one."""
    carry_over: CarryOverWire | None
    """How much of a month's units moves into the next, and for how long; null where none does."""
    needs: list[str]
    """The plans of which a buyer must have one already; empty: none is needed."""
    sold_by: SoldByWire | None
    """What the price is for each of, such as a socket or a seat; null where that is what is
    granted."""
    overage: bool
    """Whether more than the allowance is served, and billed by the time taken, or for each unit."""
    overage_rate: MoneyWire | None
    """What an hour beyond the allowance costs, at times that have no rate of their own; null where
    that is not published."""
    overage_price: MoneyWire | None
    """What each incident or point beyond the allowance costs; null where none is served."""
    site_bound: bool
    """Whether the offer covers one store only, whose URL the purchase names."""
    channels: list[Channel]
    """The channels through which the plan serves."""
    urgent: bool
    """Whether the plan serves urgent requests, too."""
    expedited_bugs: bool
    """Whether bugs reported on the plan are put first."""
    includes: list[str]
    """What else the price brings, in the seller's words."""
    price_share: PriceShareWire | None
    """What the price is a share of, where an order says how much that is (`share_of`); null where
    it is none."""
    fee: MoneyWire | None
    """The fee that is paid once beside the price."""
    fee_for_each: bool
    """Whether the fee is paid for each that is bought, and not whatever the quantity."""
    opens_only: bool
    """Whether the offer grants no units, and only opens what needs its plan."""
    adds_calendar: str | None
    """For cover on top of a plan, the calendar whose open time the plan's promises gain; null
    otherwise."""
    promises: list[PromiseWire]
    """The promises of the plan, one for each severity where times depend on that."""


def render_offer(catalog: Catalog, offer: Offer) -> OfferWire:
    """Return an offer as it is on the wire."""
    plan = catalog.plans.get(offer.plan or "")
    listed = offer.list_price
    return OfferWire(
        offer=offer.code,
        catalog=catalog.code,
        plan=offer.plan,
        name=offer.name,
        description=offer.description,
        kind=offer.kind,
        sold=offer.sold,
        price=render_money(offer.price),
        list_price=None
        if listed is None
        else ListPriceWire(
            amount=listed.money.amount, currency=listed.money.currency, per=listed.per
        ),
        unit_price=_unit_price(offer),
        term=None if offer.term is None else format_term(offer.term),
        without_end=offer.without_end,
        term_text="without an end" if offer.without_end else describe_term(offer.term),
        unit=offer.unit,
        allowance=AllowanceWire(
            amount=offer.allowance.amount,
            unlimited=offer.allowance.unlimited,
            per=offer.allowance.per,
        ),
        allowance_text=describe_allowance(offer.allowance, offer.unit, catalog.names),
        carries_over=offer.carries_over is not None,
        carry_over=_render_carry_over(offer.carries_over),
        needs=list(offer.needs),
        sold_by=None
        if offer.sold_by is None
        else SoldByWire(
            name=offer.sold_by.name, plural=offer.sold_by.plural, scales=offer.sold_by.scales
        ),
        overage=plan.overage if plan else False,
        overage_rate=render_money(plan.time.hourly_rate(WorkedTicket())) if plan else None,
        overage_price=render_money(plan.overage_price) if plan else None,
        site_bound=offer.site_bound,
        channels=list(plan.channels) if plan else [],
        urgent=plan.urgent if plan else False,
        expedited_bugs=plan.expedited_bugs if plan else False,
        includes=list(offer.includes),
        price_share=_render_price_share(offer.price_share),
        fee=None if offer.fee is None else render_money(offer.fee.money),
        fee_for_each=offer.fee is not None and offer.fee.each,
        opens_only=offer.opens_only,
        adds_calendar=offer.adds_calendar,
        promises=_render_promises(catalog, plan.promises) if plan else [],
    )


def _render_price_share(share: PriceShare | None) -> PriceShareWire | None:
    if share is None:
        return None
    least = render_money(share.least) if share.least.amount else None
    return PriceShareWire(percent=share.percent, of=share.of, least=least)


def _render_carry_over(carried: CarryOver | None) -> CarryOverWire | None:
    if carried is None:
        return None
    return CarryOverWire(
        share=f"{carried.share[0]}/{carried.share[1]}", lasts=format_term(carried.lasts)
    )


def _render_promises(catalog: Catalog, promises: Iterable[Promise]) -> list[PromiseWire]:
    """Return promises one by one: for each severity of its own, where they depend on it."""
    single = [
        replace(promise, severities=frozenset(levels))
        for promise in promises
        for levels in [[level] for level in sorted(promise.severities)] or [[]]
    ]
    return [_render_promise(catalog, each) for each in single]


def _render_promise(catalog: Catalog, promise: Promise) -> PromiseWire:
    (severity,) = promise.severities or (None,)
    return PromiseWire(
        metric=promise.metric,
        severity=severity,
        urgent=promise.urgent,
        strength=promise.strength,
        text=describe_promise(promise, catalog.calendars, plain=catalog.roles),
    )


def _unit_price(offer: Offer) -> MoneyWire | None:
    allowance = offer.allowance
    if offer.price is None or not allowance.amount or offer.term is None:
        return None
    units = allowance.amount
    if allowance.per == "month":
        units *= offer.term.months
    if not units:
        return None
    return MoneyWire(
        amount=(2 * offer.price.amount + units) // (2 * units), currency=offer.price.currency
    )
