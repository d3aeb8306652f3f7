"""Waiting orders of an account, and which of them a new one that is not paid would contend with."""

from datetime import datetime

from app.db.catalog import catalogs
from app.db.engine.unit_of_work import Db
from app.db.selling import purchases
from app.domain.access.refusals import Refusal
from app.domain.catalog.catalogs import Catalog
from app.domain.selling.purchases import Purchase
from app.domain.selling.selling import Sale
from app.domain.selling.sold_terms import TermStart, end_of_sale, read_sale
from app.domain.selling.starts import SoldTerm, is_twice
from app.domain.selling.waiting import refuse_for, waits_until
from app.services.selling.activation import find_start


async def require_none_waiting(
    db: Db, placed: Purchase, sale: Sale, start: TermStart, terms: Catalog, *, at: datetime
) -> None:
    """Refuse with `order_waiting` what could not begin beside an order that waits to be paid.

    `start` is when the term of the order that is `placed` would begin, were it paid at `at`.
    """
    ends_at = end_of_sale(sale, start, terms)
    for each in await _list_waiting(db, placed.account_id, at=at):
        if (each.catalog, each.site) != (placed.catalog, placed.site):
            continue
        term = await _find_term(db, each, at=at)
        if term is None or term.region != placed.terms.region:
            continue
        if is_twice(sale, start, ends_at, term):
            raise refuse_for(each, "is for the same plan and time")


async def require_no_upgrade_waiting(
    db: Db, account_id: str, *, replaced: str, at: datetime
) -> None:
    """Refuse with `order_waiting` an upgrade of what an order that waits upgrades already."""
    for each in await _list_waiting(db, account_id, at=at):
        if await purchases.find_upgraded(db, each) == replaced:
            raise refuse_for(each, f"upgrades the order {replaced!r} too")


async def _list_waiting(db: Db, account_id: str, *, at: datetime) -> list[Purchase]:
    pending = await purchases.load_pending(db, account_id)
    return [order for order in pending if at < waits_until(order)]


async def _find_term(db: Db, order: Purchase, *, at: datetime) -> SoldTerm | None:
    """Return the term of an order that waits, were it paid at `at`; None where it could not be."""
    if order.terms.plan is None or order.terms.adds_to is not None or order.terms.kind != "term":
        return None
    terms = await catalogs.load_catalog(db, order.catalog, order.catalog_version)
    sale = read_sale(order.terms, terms)
    try:
        start = await find_start(db, order.account_id, order, sale, terms, at=at)
    except Refusal:
        return None
    return SoldTerm(
        plan=order.terms.plan,
        site=order.site,
        kind=order.terms.kind,
        unlimited=order.terms.unlimited,
        starts_at=start.at,
        ends_at=end_of_sale(sale, start, terms),
        anchor=start.anchor,
        region=order.terms.region,
    )
