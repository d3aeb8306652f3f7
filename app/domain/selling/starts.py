"""Starts of terms: now, after the present cover, or at an instant; nothing is sold twice."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Literal

from app.domain.access.refusals import Fault, InvalidPayload, Refusal
from app.domain.catalog.catalogs import Catalog
from app.domain.catalog.offers import Offer, OfferKind
from app.domain.catalog.terms import A_MONTH
from app.domain.selling.selling import Sale
from app.domain.selling.sold_terms import TermStart, begin_term, continue_term
from app.domain.time.civil_time import write_end
from app.domain.values import Value, replace

Starts = Literal["now", "after_current"] | datetime


class SiteAlreadyCovered(Refusal):
    """The site, or the account, has this plan for the same time already."""

    kind = "conflict"
    code = "site_already_covered"
    title = "The time is covered already"


class StartsInPast(InvalidPayload):
    """The term would begin before the sale."""

    code = "starts_in_past"
    title = "The term would begin before the sale"


class PackStartsNow(InvalidPayload):
    """A pack of units is good from its sale on: it waits for nothing."""

    code = "pack_starts_now"
    title = "A pack is sold now"


class SoldTerm(Value):
    """A term that an order bought before, of the same catalogue and site; without an end, `ends_at`
    is None.

    `anchor` is from where its months are counted. `region` is the customer's, where it has one.
    """

    order_id: str
    plan: str
    site: str | None
    kind: OfferKind
    unlimited: bool
    starts_at: datetime
    ends_at: datetime | None
    anchor: datetime
    region: str | None = None


def end_term(present: Iterable[SoldTerm], order_id: str, *, at: datetime) -> list[SoldTerm]:
    """Return the terms as they are once an order's has ended; one that has not begun is none."""
    return [
        replace(each, ends_at=at) if each.order_id == order_id else each
        for each in present
        if each.order_id != order_id or each.starts_at < at
    ]


def require_start(offer: Offer, starts: Starts, *, at: datetime) -> None:
    """Refuse with `starts_in_past` a term that would begin before the sale at `at`.

    A pack is refused with `pack_starts_now` whatever else than now it is to wait for.
    """
    if offer.kind == "pack" and starts != "now":
        detail = f"{offer.code} is a pack of units, usable from its sale on: it starts now."
        raise PackStartsNow([Fault("/starts", detail, PackStartsNow.code)])
    if isinstance(starts, datetime) and starts < at:
        detail = "The term would begin before the sale."
        raise StartsInPast([Fault("/starts", detail, StartsInPast.code)])


def decide_start(
    sale: Sale,
    starts: Starts,
    *,
    at: datetime,
    present: Sequence[SoldTerm],
    terms: Catalog,
    end_of: Callable[[TermStart], datetime],
) -> TermStart:
    """Return when a term paid at `at` begins; `end_of` says when it would end.

    `present` are the terms that were bought before. "after_current" queues behind all cover
    among them, whatever its plan. What nobody could use twice is not sold twice for the same
    time: a plan for one site, or one without a count, that would run beside itself is refused
    with `site_already_covered`.
    """
    cover = [each for each in present if each.kind == "term"]
    if starts == "after_current":
        starts_at = max([at, *(each.ends_at for each in cover if each.ends_at is not None)])
    else:
        starts_at = max(at, starts) if isinstance(starts, datetime) else at
    start = _anchor(sale, starts_at, cover, terms)
    if sale.offer.kind == "term":
        _refuse_twice(sale, start, end_of(start), cover, zone=terms.zone)
    return start


def _anchor(
    sale: Sale, starts_at: datetime, cover: Sequence[SoldTerm], terms: Catalog
) -> TermStart:
    """Return the start with the anchor of the term that it continues, if it does one."""
    for each in cover:
        if each.ends_at == starts_at and each.plan == sale.offer.plan:
            return continue_term(starts_at, each.anchor, sale.offer.term or A_MONTH, terms)
    return begin_term(starts_at)


def _refuse_twice(
    sale: Sale, start: TermStart, ends_at: datetime, cover: Sequence[SoldTerm], *, zone: str
) -> None:
    offer = sale.offer
    for each in cover:
        twice = offer.site_bound or (offer.allowance.unlimited and each.unlimited)
        beside = start.at < (each.ends_at or ends_at) and each.starts_at < ends_at
        if twice and beside and each.plan == offer.plan:
            ends = None if each.ends_at is None else write_end(each.ends_at, zone)
            until = "for good" if ends is None else f"until {ends}"
            raise SiteAlreadyCovered(
                f"{each.site or 'The account'} has this plan {until}: let the term start after"
                " the current one (starts: after_current).",
                site=each.site,
                starts_at=each.starts_at,
                ends_at=each.ends_at,
            )
