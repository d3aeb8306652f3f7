"""Parses what a catalogue sells: offers, their terms, allowances and prices."""

from collections.abc import Collection, Mapping

from app.domain.catalog.catalogs import (
    Allowance,
    FreeGrant,
    Offer,
    OfferKind,
    Per,
    Plan,
    Sold,
    Term,
    Unit,
)
from app.domain.catalog.document_reading import LONGEST_NAME, Table
from app.domain.catalog.money import Money
from app.domain.catalog.money_documents import parse_list_price, parse_money
from app.domain.catalog.plan_documents import UNITS
from app.domain.catalog.terms import LONGEST_DAYS, LONGEST_MONTHS, is_in_range, parse_term

SOLD: tuple[Sold, ...] = ("direct", "included", "quote")
KINDS: tuple[OfferKind, ...] = ("term", "pack")
PER: tuple[Per, ...] = ("term", "month")
MOST_GRANTED = 1_000_000_000

NOTHING = Allowance(amount=0, unlimited=False, per="term")


def parse_offers(
    document: Table,
    *,
    catalog: str,
    currency: str,
    plans: Mapping[str, Plan],
    calendars: Collection[str],
) -> dict[str, Offer]:
    """Return the offers by their full code (`livecart.express-1y`), in the seller's order."""
    known = document.names("plans")
    offers = []
    for code, table in document.named_tables("offers"):
        plan = plans.get(table.reference_or_none("plan", "plan", known) or "")
        offer = _parse_offer(f"{catalog}.{code}", table, plan, currency, calendars)
        if table.sound:
            _check_offer(table, offer, plan)
        offers.append(offer)
    return {offer.code: offer for offer in offers}


def parse_first_licence(document: Table, plans: Mapping[str, Plan]) -> FreeGrant | None:
    """Return what a customer's first software licence brings, if anything."""
    table = document.table_or_none("first_licence")
    if table is None:
        return None
    code = table.reference("plan", "plan", document.names("plans"))
    plan = plans.get(code)
    term = parse_term_field(table, "term")
    if term is None and not table.has("term"):
        table.fault("required", 'The field "term" must be given.', "term")
    return FreeGrant(
        plan=code,
        unit="incident" if plan is None else plan.unit,
        amount=table.integer("amount", low=1, high=MOST_GRANTED),
        term=term or Term(months=1),
        seller_choice=table.end(),
    )


def parse_term_field(table: Table, name: str) -> Term | None:
    """Read a term of 1 to 120 months, or 1 to 3,660 days, if it is given."""
    text = table.text_or_none(name, longest=LONGEST_NAME)
    if not text:
        return None
    try:
        term = parse_term(text)
    except ValueError as reason:
        table.fault("invalid_term", str(reason), name)
        return None
    if not is_in_range(term):
        detail = f"A term is 1 to {LONGEST_MONTHS} months, or 1 to {LONGEST_DAYS:,} days."
        table.fault("out_of_range", detail, name)
    return term


def _parse_offer(
    code: str, table: Table, plan: Plan | None, currency: str, calendars: Collection[str]
) -> Offer:
    sold = table.choice("sold", SOLD)
    adds_calendar = table.reference_or_none("adds_calendar", "calendar", calendars)
    price = parse_money(table, "price", currency=currency)
    if sold == "included" and price is None:
        price = Money(0, currency)
    return Offer(
        code=code,
        plan=None if plan is None else plan.code,
        name=table.text("name", longest=LONGEST_NAME),
        description=table.text("description"),
        sold=sold,
        price=price,
        list_price=parse_list_price(table, "list_price", currency=currency),
        term=parse_term_field(table, "term"),
        unit=_parse_unit(table, plan),
        allowance=_parse_allowance(table, sold),
        site_bound=table.flag("site_bound", default=False),
        adds_calendar=adds_calendar,
        carries_over=table.flag("carries_over", default=False),
        kind=table.choice("kind", KINDS, default="term"),
        includes=table.texts("includes"),
        seller_choice=table.end(),
    )


def _parse_unit(table: Table, plan: Plan | None) -> Unit:
    """Read the unit an offer grants: its plan's, which it may repeat."""
    unit = table.choice("unit", UNITS, default="incident" if plan is None else plan.unit)
    if plan is not None and unit != plan.unit:
        detail = f'The plan "{plan.code}" counts {plan.unit}s, and not {unit}s.'
        table.fault("unit_mismatch", detail, "unit")
    return unit


def _parse_allowance(offer: Table, sold: Sold) -> Allowance:
    """Read what an offer grants; without a number it is unlimited, or agreed by quote."""
    if offer.has("adds_calendar") and not offer.has("plan"):
        if offer.has("allowance"):
            detail = "Cover sold on top of a subscription grants nothing of its own."
            offer.raw("allowance")
            offer.fault("conflicting_fields", detail, "allowance")
        return NOTHING
    table = offer.table("allowance")
    if table is None:
        return NOTHING
    amount = table.integer_or_none("amount", low=1, high=MOST_GRANTED)
    unlimited = table.flag("unlimited", default=False)
    if unlimited and amount is not None:
        detail = "An allowance has an amount or is unlimited: not both."
        table.fault("conflicting_fields", detail, "unlimited")
    if not unlimited and amount is None and sold != "quote":
        detail = "An amount must be given, unless it is unlimited or sold by quote."
        table.fault("required", detail, "amount")
    per = table.choice("per", PER)
    table.end()
    return Allowance(amount=amount, unlimited=unlimited, per=per)


def _check_offer(table: Table, offer: Offer, plan: Plan | None) -> None:
    """Note what the fields of an offer, each sound by itself, contradict in one another."""
    if plan is None and not offer.adds_calendar:
        detail = "An offer sells a plan, or adds a calendar to one: name either."
        table.fault("required", detail, "plan")
    if plan is not None and offer.adds_calendar:
        detail = "An offer that adds a calendar is sold on top of a plan, and names none."
        table.fault("conflicting_fields", detail, "adds_calendar")
    if offer.term is None and offer.sold != "quote":
        table.fault("required", "A term must be given, unless sold by quote.", "term")
    if offer.term is not None and offer.term.days and offer.allowance.per == "month":
        detail = "An allowance for each month needs a term in months."
        table.fault("conflicting_fields", detail, "term")
    if offer.carries_over and offer.allowance.per != "month":
        detail = "Only an allowance for each month can carry over."
        table.fault("conflicting_fields", detail, "carries_over")
    if offer.kind == "pack" and (offer.allowance.per == "month" or offer.allowance.unlimited):
        detail = "A pack sells a number of units at once."
        table.fault("conflicting_fields", detail, "kind")
    _check_price(table, offer)


def _check_price(table: Table, offer: Offer) -> None:
    match offer.sold:
        case "direct" if offer.price is None:
            table.fault("required", "What is sold directly has a price.", "price")
        case "quote" if offer.price is not None:
            detail = "What is sold by quote has no price of its own; it may have a list price."
            table.fault("conflicting_fields", detail, "price")
        case "included" if offer.price is not None and offer.price.amount:
            detail = "What is included with something else costs nothing."
            table.fault("conflicting_fields", detail, "price")
