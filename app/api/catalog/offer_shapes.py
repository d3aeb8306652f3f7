"""An offer as a shop shows it, flat."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Annotated, Literal

from pydantic import Field

from app.api.http.wire import MoneyWire, Wire, render_money
from app.domain.catalog.amounts import Unit
from app.domain.catalog.catalogs import Catalog
from app.domain.catalog.channels import Channel
from app.domain.catalog.offer_texts import describe_allowance, describe_promise, describe_term
from app.domain.catalog.offers import CarryOver, Offer, OfferKind
from app.domain.catalog.terms import format_term
from app.domain.promises.promises import Metric, Promise, Strength


class AllowanceWire(Wire):
    """What an offer grants."""

    amount: int | None
    """Units for each `per`; null when unlimited, and when agreed by quote."""
    unlimited: bool
    """Whether uses are not counted against anything."""
    per: Literal["term", "month"]
    """Whether the amount is for the whole term or anew each month."""


class SoldByWire(Wire):
    """What an offer is priced by, besides what it grants."""

    name: str
    """The name of one, such as socket."""
    plural: str
    """The name of several of them, such as sockets."""
    scales: bool
    """Whether their number multiplies what is granted, as it does the price."""


class ListPriceWire(Wire):
    """A price as it is advertised, where that is not what one purchase costs."""

    amount: int
    """In the currency's minor unit."""
    currency: str
    """An ISO 4217 code."""
    per: Literal["month", "year", "hour", "term"]
    """What it is the price of."""


class PromiseWire(Wire):
    """What a plan promises for one metric, in data and in words."""

    metric: Metric
    """The metric that is promised."""
    severity: int | None
    """Of this severity; null: of any, and of none."""
    urgent: bool | None
    """For urgent requests (true), others (false), or both (null)."""
    strength: Strength
    """Guaranteed, best effort, or none (not offered)."""
    text: str
    """The promise in one plain sentence."""


class CarryOverWire(Wire):
    """What of a month's units lasts on when it turns."""

    share: Annotated[str, Field(examples=["2/5"])]
    """The share of the month's units that lasts on at most."""
    lasts: Annotated[str, Field(examples=["P1M"])]
    """For how long it lasts on (ISO 8601)."""


class OfferWire(Wire):
    """What a shop can sell."""

    offer: str
    """The offer's code, to be bought by."""
    catalog: str
    """The catalogue it is of."""
    plan: str | None
    """The plan it gives; null for cover that is sold on top of a plan."""
    name: str
    """Its name in a shop."""
    description: str
    """What it is, in plain English."""
    kind: OfferKind
    """Cover for a term, or a pack of units that are good for a time from the day of purchase."""
    sold: Literal["direct", "included", "quote"]
    """Directly, included with something else, or by quote."""
    price: MoneyWire | None
    """What one purchase costs; null when sold by quote."""
    list_price: ListPriceWire | None
    """The price as advertised, where it is another."""
    unit_price: MoneyWire | None
    """The price of one unit, rounded half up; null where it cannot be told."""
    term: str | None
    """How long it lasts (ISO 8601); null when agreed by quote, and where it has no end."""
    without_end: bool
    """Whether what it grants is good for ever."""
    term_text: str
    """The term in words."""
    unit: Unit
    """The unit that is counted: incident, point or minute."""
    allowance: AllowanceWire
    """The units that it grants."""
    allowance_text: str
    """The allowance in words."""
    carries_over: bool
    """Whether a month's unused units move into the next one."""
    carry_over: CarryOverWire | None
    """How much of them moves at most, and for how long they last on."""
    needs: list[str]
    """The plans of which a buyer has one already; empty: it needs none."""
    sold_by: SoldByWire | None
    """What its price is for, where that is not what it grants: each socket, each seat."""
    overage: bool
    """Whether more than the allowance is served, and billed: by the time it takes, or each."""
    overage_rate: MoneyWire | None
    """What an hour beyond the allowance costs; null where that is not published."""
    overage_price: MoneyWire | None
    """What each incident or point beyond the allowance costs; null where none is served."""
    site_bound: bool
    """Whether it covers one store only, whose URL the purchase names."""
    channels: list[Channel]
    """Through which the plan serves."""
    urgent: bool
    """Whether the plan serves urgent requests."""
    expedited_bugs: bool
    """Whether bugs reported on the plan are put first."""
    includes: list[str]
    """What the price brings besides."""
    fee: MoneyWire | None
    """What is paid once beside the price, whatever the quantity."""
    opens_only: bool
    """Whether it grants no units, and only opens what needs its plan."""
    adds_calendar: str | None
    """For cover on top of a plan: the calendar whose open time its promises gain."""
    promises: list[PromiseWire]
    """What the plan promises, one for each severity where times depend on it."""


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
        overage_rate=render_money(plan.hourly_rate()) if plan else None,
        overage_price=render_money(plan.overage_price) if plan else None,
        site_bound=offer.site_bound,
        channels=list(plan.channels) if plan else [],
        urgent=plan.urgent if plan else False,
        expedited_bugs=plan.expedited_bugs if plan else False,
        includes=list(offer.includes),
        fee=render_money(offer.fee),
        opens_only=offer.opens_only,
        adds_calendar=offer.adds_calendar,
        promises=_render_promises(catalog, plan.promises) if plan else [],
    )


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
