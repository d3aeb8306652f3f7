"""All that a sale is decided by of an account, in one statement, taken with its row."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Text, Uuid, and_, any_, bindparam, func, literal_column, or_, select

from app.db.accounts.account_reads import RunningTally
from app.db.accounts.locked_accounts import (
    STATE,
    LockedAccount,
    take_with,
)
from app.db.engine.compiled import Statement
from app.db.engine.row_arrays import RowArray
from app.db.engine.unit_of_work import Db
from app.db.selling.purchases import PURCHASE, WITH_ORDER
from app.db.selling.quotes import QUOTE
from app.db.selling.sold_terms import ENDING_SINCE
from app.db.tables import accounts, catalogs, purchases, quotes, subscriptions, tallies
from app.domain.selling.purchases import Purchase
from app.domain.selling.quotes import Quote
from app.domain.selling.sold_terms import read_sold_terms
from app.domain.selling.starts import SoldTerm
from app.domain.values import Value


class SaleKey(Value):
    """What of an account a sale looks at.

    It is the order's of that id, if there is one, or the quote's; else of `catalog` and of one of
    `stores`, the ways in which the order's site may be written, or of none. `reference` is that of
    the payment. `since`: what was bought counts if it ends then, or later.
    """

    order_id: str
    since: datetime
    catalog: str | None = None
    stores: Sequence[str] = ()
    quote_id: UUID | None = None
    reference: str | None = None


class SaleInputs(Value):
    """What an account has that a sale depends on.

    `order` is the order of that id, `quote` what it buys. `version` is the newest of the
    catalogue that was asked for. `region` is the account's own. `present` are the terms bought of
    the catalogue that end at `since` or later, of every site that was asked for. `paid_by` is
    another order that the payment paid for.
    """

    order: Purchase | None
    quote: Quote | None
    version: int | None
    region: str | None
    present: Sequence[SoldTerm]
    since: datetime
    paid_by: str | None


_CATALOG = func.coalesce(purchases.c.catalog, quotes.c.catalog, bindparam("catalog", type_=Text()))
_STORES = bindparam("stores", type_=ARRAY(Text))


def _is_of_site(site: Any) -> Any:
    """Return the condition for what is of the order's site, or the quote's, or of such a store."""
    own = func.coalesce(purchases.c.site, quotes.c.site)
    return or_(site.is_not_distinct_from(own), site == any_(_STORES))


_sold = purchases.alias("sold")
_PRESENT = RowArray(
    "of_terms",
    select(
        subscriptions.c.order_id,
        subscriptions.c.plan,
        subscriptions.c.site,
        subscriptions.c.starts_at,
        subscriptions.c.ends_at,
        subscriptions.c.anchor_at,
        _sold.c.terms,
    )
    .select_from(
        subscriptions.join(
            _sold,
            and_(
                _sold.c.account_id == bindparam("account_id"),
                _sold.c.order_id == subscriptions.c.order_id,
            ),
        )
    )
    .where(
        subscriptions.c.account_id == bindparam("account_id"),
        subscriptions.c.catalog == _CATALOG,
        _is_of_site(subscriptions.c.site),
        ENDING_SINCE,
    )
    .order_by(subscriptions.c.starts_at)
    .correlate(purchases, quotes),
)
_TALLIES = RowArray(
    "of_tallies",
    select(
        tallies.c.site,
        tallies.c.unit,
        tallies.c.counted,
        tallies.c.tally_id,
        tallies.c.granted,
        tallies.c.held,
        tallies.c.used,
        tallies.c.revoked,
    )
    .where(
        tallies.c.account_id == bindparam("account_id"),
        tallies.c.catalog == _CATALOG,
        _is_of_site(tallies.c.site),
    )
    .correlate(purchases, quotes),
)
_paid = purchases.alias("paid")
_PAID_BY = (
    select(_paid.c.order_id)
    .where(
        _paid.c.account_id == bindparam("account_id"),
        _paid.c.payment_reference == bindparam("reference", type_=Text()),
        _paid.c.order_id != bindparam("order_id"),
        _paid.c.total_amount > literal_column("0"),
    )
    .order_by(_paid.c.created_at)
    .limit(literal_column("1"))
    .scalar_subquery()
    .label("paid_by")
)
_VERSION = (
    select(catalogs.c.version)
    .where(catalogs.c.catalog == bindparam("catalog", type_=Text()))
    .scalar_subquery()
    .label("current_version")
)
_FOUND = (
    select(
        *(column.label(f"order_{column.name}") for column in PURCHASE.columns),
        *(column.label(f"quote_{column.name}") for column in QUOTE.columns),
        accounts.c.region.label("account_region"),
        _VERSION,
        _PAID_BY,
        _PRESENT.column,
        _TALLIES.column,
    )
    .select_from(
        WITH_ORDER.outerjoin(
            quotes,
            and_(
                quotes.c.account_id == bindparam("account_id"),
                quotes.c.quote_id
                == func.coalesce(purchases.c.quote_id, bindparam("quote_id", type_=Uuid())),
            ),
        )
    )
    .where(accounts.c.account_id == bindparam("account_id"))
)
_FIND = Statement(_FOUND)
# Together with the account, as it is read without a lock.
_TAKE = Statement(_FOUND.add_columns(*STATE))
_QUOTE_AT = len(PURCHASE.columns)
_ORDER_ID_AT = PURCHASE.names.index("order_id")
_QUOTE_ID_AT = _QUOTE_AT + QUOTE.names.index("quote_id")


async def take_sale(db: Db, account_id: str, key: SaleKey) -> tuple[LockedAccount, SaleInputs]:
    """Take the account's row, and return what a sale depends on. Refuses `account_unknown`.

    One statement where the row is not locked. The account knows the tallies of the lots that
    might be sold from then on.
    """
    account, record = await take_with(
        db,
        account_id,
        take=_TAKE,
        find=_FIND,
        order_id=key.order_id,
        catalog=key.catalog,
        stores=list(key.stores),
        quote_id=key.quote_id,
        reference=key.reference,
        since=key.since,
    )
    return account, _read(account, key, record)


def _read(account: LockedAccount, key: SaleKey, record: Any) -> SaleInputs:
    order = PURCHASE.read(record) if record[_ORDER_ID_AT] is not None else None
    quote = QUOTE.read(record[_QUOTE_AT:]) if record[_QUOTE_ID_AT] is not None else None
    catalog, site = key.catalog, None
    if order is not None:
        catalog, site = order.catalog, order.site
    elif quote is not None:
        catalog, site = quote.catalog, quote.site
    if catalog is not None:
        _keep_tallies(account, catalog, (site, *key.stores), record[_TALLIES.label])
    return SaleInputs(
        order=order,
        quote=quote,
        version=record["current_version"],
        region=record["account_region"],
        present=[_read_term(row) for row in _PRESENT.rows(record[_PRESENT.label])],
        since=key.since,
        paid_by=record["paid_by"],
    )


def _keep_tallies(
    account: LockedAccount, catalog: str, sites: Sequence[str | None], value: Any
) -> None:
    """Keep all the tallies of these sites, and their running totals."""
    for site in sites:
        account.tally_ids.setdefault((catalog, site), {})
    for site, unit, counted, tally_id, *totals in _TALLIES.rows(value):
        kinds = account.tally_ids.setdefault((catalog, site), {})
        kinds.setdefault((unit, counted), tally_id)
        account.totals.setdefault(tally_id, RunningTally(*totals))


def _read_term(row: list[Any]) -> SoldTerm:
    order_id, plan, site, starts_at, ends_at, anchor_at, terms = row
    sold = read_sold_terms(terms)
    return SoldTerm(
        order_id=order_id,
        plan=plan,
        site=site,
        kind=sold.kind,
        unlimited=sold.unlimited,
        starts_at=starts_at,
        ends_at=ends_at,
        anchor=anchor_at or starts_at,
        region=sold.region,
    )
