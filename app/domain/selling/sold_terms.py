"""Sold terms: what a sale grants over time, and the copy of it that an order has."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from app.domain.catalog.amounts import Unit
from app.domain.catalog.catalogs import Catalog
from app.domain.catalog.money import Money
from app.domain.catalog.offers import CarryOver, Offer, OfferKind, Per
from app.domain.catalog.terms import A_MONTH, Term, add_term
from app.domain.ledger.ledger import Lot, Movement
from app.domain.selling.cancellations import Unused
from app.domain.selling.selling import PriceLine, Sale, count_periods
from app.domain.time.civil_time import end_of_day
from app.domain.time.instants import InstantOutOfRange
from app.domain.values import Value, as_dict


class LotTerm(Value):
    """One lot to be granted: its units and its half-open term; None: no count, or no end."""

    granted: int | None
    valid_from: datetime
    expires_at: datetime | None


class Upgrade(Value):
    """The order that a quote replaces, and what it credits for what was unused of it."""

    order_id: str
    credit: int
    unused: Unused


class SoldTerms(Value):
    """The copy of a sale that an order or a quote keeps; it never follows the catalogue.

    `scales` says whether the quantity multiplies what is granted, as it does the price.
    `late_since` is the end that a late renewal goes on from.
    `upgrade` is a quote's own: the order that buying it ends. `region` is the customer's.
    `adds_to` is the order whose subscription it raises, and `share_of` what the price is a
    share of.
    """

    offer: str
    plan: str | None
    unit: Unit
    quantity: int
    contract_months: int | None
    amount: int | None
    unlimited: bool
    per: Per
    term: Term | None
    lines: tuple[PriceLine, ...]
    total: Money
    credit: int
    kind: OfferKind = "term"
    scales: bool = True
    late_since: datetime | None = None
    upgrade: Upgrade | None = None
    region: str | None = None
    adds_to: str | None = None
    share_of: Money | None = None

    @property
    def times(self) -> int:
        """How often the offer's amount is granted: not for each socket of one server."""
        return self.quantity if self.scales else 1


class TermStart(Value):
    """When a term begins, and from where its months are counted: `months` after `anchor`."""

    at: datetime
    anchor: datetime
    months: int = 0


def begin_term(at: datetime) -> TermStart:
    """Return the start of a term that follows no other: its months are counted from there."""
    return TermStart(at, at)


def continue_term(at: datetime, anchor: datetime, term: Term, terms: Catalog) -> TermStart:
    """Return the start of a term at the end of one whose months were counted from `anchor`.

    The anchor is kept, so that twelve months one after another end when a year would
    (docs/concepts.md); unless the two do not follow each other by whole months.
    """
    if not term.days:
        about = 12 * (at.year - anchor.year) + at.month - anchor.month
        for months in (about - 1, about, about + 1):
            if months > 0 and turn(begin_term(anchor), A_MONTH, months, terms) == at:
                return TermStart(at, anchor, months)
    if terms.policies.ending.term_ends == "day":  # `at` is the end of the day before
        return TermStart(at, at - timedelta(microseconds=1))
    return begin_term(at)


def turn(start: TermStart, term: Term, times: int, terms: Catalog) -> datetime:
    """Return when the last of so many terms one after the other ends, `start` being the first's.

    Where the seller's terms end with a day, it is that day's end. Refuses `instant_out_of_range`
    an end after the year 9999.
    """
    if times == 0:
        return start.at
    whole = Term(months=start.months + term.months * times, days=term.days * times)
    if term.days:
        whole = Term(days=term.days * times)
    try:
        end = add_term(start.anchor, whole, terms.zone)
        return end_of_day(end, terms.zone) if terms.policies.ending.term_ends == "day" else end
    except OverflowError:
        raise InstantOutOfRange("The term would end after the year 9999.") from None


def end_of_sale(sale: Sale, start: TermStart, terms: Catalog) -> datetime:
    """Return the end of what is sold, each month counted from the anchor (docs/concepts.md)."""
    return turn(start, sale.offer.term or A_MONTH, sale.periods, terms)


def lot_terms(sale: Sale, start: TermStart, terms: Catalog) -> Iterator[LotTerm]:
    """Yield the lots of a sale: one a term, or one a month, all known at the sale.

    Of a month that carries over, what ends with it and what lasts on are two lots: the one that
    ends sooner burns first, so what is left of the other is the lesser of what is left and of
    the share. It lasts on within the sale, and a renewal carries it on.
    """
    allowance = sale.offer.allowance
    term = sale.offer.term or A_MONTH
    if sale.offer.opens_only:
        return
    if allowance.unlimited:
        yield LotTerm(None, start.at, end_of_sale(sale, start, terms))
        return
    step, count = term, sale.periods
    if allowance.per == "month":
        step, count = A_MONTH, term.months * sale.periods
    granted = (sale.amount or 0) * (sale.quantity if _scales(sale.offer) else 1)
    if sale.offer.without_end:
        yield LotTerm(granted, start.at, None)
        return
    for index in range(count):
        begins, ends = turn(start, step, index, terms), turn(start, step, index + 1, terms)
        carried = sale.offer.carries_over
        if carried is None:
            yield LotTerm(granted, begins, ends)
            continue
        ending, lasting = carried.split(granted)
        if ending:
            yield LotTerm(ending, begins, ends)
        if lasting:
            until = turn(start, step, min(index + 1 + carried.lasts.months, count), terms)
            if carried.lasts.days:
                whole = turn(start, step, count, terms)
                until = min(add_term(ends, carried.lasts, terms.zone), whole)
            yield LotTerm(lasting, begins, until)


def carry_on(
    carried: CarryOver, lots: Sequence[Lot], *, ends_at: datetime, until: datetime, zone: str
) -> Iterator[Movement]:
    """Yield what a renewal until `until` does to the lots of the sale before it.

    What of them lasts on was cut at the end of that sale, `ends_at`: now it has its whole time.
    Each order has lots of its own, those that raised the sale as well.
    """
    for order_id in dict.fromkeys(lot.order_id for lot in lots):
        own = [lot for lot in lots if lot.order_id == order_id]
        yield from _carry_on(carried, own, ends_at=ends_at, until=until, zone=zone)


def _carry_on(
    carried: CarryOver, lots: Sequence[Lot], *, ends_at: datetime, until: datetime, zone: str
) -> Iterator[Movement]:
    begins = sorted({lot.valid_from for lot in lots})
    turns = dict(zip(begins, [*begins[1:], ends_at], strict=True))
    lasting = {lot.valid_from: lot for lot in sorted(lots, key=lambda lot: lot.granted_sequence)}
    for begun, lot in lasting.items():
        _, kept = carried.split(sum(each.granted or 0 for each in lots if each.valid_from == begun))
        last = min(add_term(turns[begun], carried.lasts, zone), until)
        if kept and lot.expires_at == ends_at and last > ends_at:
            yield Movement("extend", lot, 0, expires_at=last)


def _scales(offer: Offer) -> bool:
    return offer.sold_by is None or offer.sold_by.scales


def copy_sale(
    sale: Sale,
    upgrade: Upgrade | None = None,
    *,
    late_since: datetime | None = None,
    region: str | None = None,
    adds_to: str | None = None,
) -> SoldTerms:
    """Return the copy of a sale that an order or a quote keeps."""
    offer = sale.offer
    return SoldTerms(
        offer=offer.code,
        plan=offer.plan,
        unit=offer.unit,
        quantity=sale.quantity,
        contract_months=sale.contract_months,
        amount=sale.amount,
        unlimited=offer.allowance.unlimited,
        per=offer.allowance.per,
        term=offer.term,
        lines=sale.lines,
        total=sale.total,
        credit=sale.credit,
        kind=offer.kind,
        scales=_scales(offer),
        late_since=late_since,
        upgrade=upgrade,
        region=region,
        adds_to=adds_to,
        share_of=sale.share_of,
    )


def describe_sold_terms(terms: SoldTerms) -> dict[str, Any]:
    """Return sold terms as plain JSON."""
    since = terms.late_since
    stored = as_dict(terms) | {"late_since": None if since is None else since.isoformat()}
    if terms.share_of is None:
        del stored["share_of"]
    return stored


def read_sold_terms(stored: Mapping[str, Any]) -> SoldTerms:
    """Return sold terms out of their JSON."""
    term, upgrade, since = stored["term"], stored.get("upgrade"), stored.get("late_since")
    share_of = stored.get("share_of")
    read = {
        "term": None if term is None else Term(**term),
        "lines": tuple(PriceLine(**line) for line in stored["lines"]),
        "total": Money(**stored["total"]),
        "late_since": None if since is None else datetime.fromisoformat(since),
        "share_of": None if share_of is None else Money(**share_of),
        "upgrade": None
        if upgrade is None
        else Upgrade(**{**upgrade, "unused": Unused(**upgrade["unused"])}),
    }
    return SoldTerms(**{**stored, **read})


def read_sale(sold: SoldTerms, terms: Catalog) -> Sale:
    """Return a sale as it was sold, out of its copy; `terms` are those it was sold under."""
    offer = terms.offers[sold.offer]
    return Sale(
        offer=offer,
        quantity=sold.quantity,
        periods=count_periods(offer, sold.contract_months),
        contract_months=sold.contract_months,
        amount=sold.amount,
        lines=sold.lines,
        total=sold.total,
        credit=sold.credit,
        share_of=sold.share_of,
    )
